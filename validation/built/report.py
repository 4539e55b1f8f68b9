"""The report of a network that was made into hardware: for people, as text for a terminal and as Markdown beside the Verilog."""

from costmodel.output import wrapped
from costmodel.rtl.space import Space
from costmodel.tabulating import Table, ready
from costmodel.validation.built.order import Built

Rows = list[tuple[str, ...]]

_READ = {
    "sum": "who sent most",
    "max": "who sent the largest value",
    "last": "who sent most at the last step",
    "first": "who sent first",
}


def text(built: Built) -> str:
    """What a terminal shows, as wide as the output at the most."""
    design = built.design
    parts = [
        f"{design.name} on {built.part.name}: {len(built.files)} files in {built.files[0].parent}",
        _text(_layers(built), drop=("products", "stages", "membrane", "weight")),
        _text(_figures(built), drop=("off by",)),
        *map(wrapped, _sentences(built)),
    ]
    return "\n\n".join(parts)


def markdown(built: Built) -> str:
    """The report's text."""
    design = built.design
    parts = [
        f"# {design.name} on {built.part.title}",
        "Made by `costmodel rtl`. Predicted is what the equations beside the hardware said before anything was simulated or"
        " synthesised.",
        "## Layers",
        _table(_layers(built)),
        "P accumulators are added to in a cycle, R neurons updated. Widths are in bits.",
        *_tabulated(built),
        "## Predicted and measured",
        _table(_figures(built)),
        *_sentences(built),
        "## Tokens",
        _tokens(built),
        "## Files",
        "\n".join(f"- `{path.name}`" for path in built.files),
    ]
    return "\n\n".join(parts) + "\n"


def _layers(built: Built) -> Rows:
    rows: Rows = [("layer", "neurons", "P", "R", "weight", "membrane", "stages", "products")]
    for layer in built.design.layers.values():
        weight = ", ".join(dict.fromkeys(str(port.bits) for port in layer.ports))
        census = layer.datapath.census()
        counts = (layer.space.elements, layer.lanes, layer.units)
        sizes = (weight, layer.accumulator_bits, layer.datapath.depth, len(census.multipliers) * layer.units)
        rows.append((layer.name, *map(str, (*counts, *sizes))))
    return rows


def _tabulated(built: Built) -> list[str]:
    lines = [
        f"- {layer.name}: {table.function} in {table.depth} words of {table.width} bits, off by at most {table.error:.2g}"
        for layer in built.design.layers.values()
        for table in layer.datapath.tables
    ]
    return ["Functions kept as tables:", "\n".join(lines)] if lines else []


def _figures(built: Built) -> Rows:
    predicted, measured, checked = built.predicted, built.measured, built.checked
    rows: Rows = [("", "predicted", "measured", "off by")]
    pairs = [("cycles a sample", checked.predicted, checked.cycles)]
    for name, label in (("luts", "LUTs"), ("ffs", "flip-flops"), ("brams", "memory blocks"), ("dsps", "multipliers")):
        pairs.append((label, getattr(predicted, name), None if measured is None else getattr(measured, name)))
    fastest = None if measured is None or measured.fmax_hz is None else measured.fmax_hz / 1e6
    if predicted.fmax_hz is not None:
        pairs.append(("clock, MHz", predicted.fmax_hz / 1e6, fastest))
    for label, said, found in pairs:
        off = "–" if not found else f"{said / found - 1:+.1%}"
        rows.append((label, f"{said:,.5g}", "–" if found is None else f"{found:,.5g}", off))
    return rows


def _sentences(built: Built) -> list[str]:
    """What the samples showed, and the time and energy of one."""
    checked, estimate, found = built.checked, built.estimate, []
    if built.simulated:
        differ = (
            f"{checked.mismatches:,} answers of the hardware differ" if checked.mismatches else "no answer of the hardware differs"
        )
        found.append(
            f"{checked.samples:,} samples ({built.source}) were simulated clock by clock ({checked.backend}): {differ}"
            f" from the integer model in torch; {checked.unequal} of {checked.timed} samples took other cycles than predicted."
        )
    if checked.accuracy:
        found.append(
            f"Accuracy on {checked.samples:,} {built.source}: {checked.accuracy['hardware']:.2%} as hardware, "
            f"{checked.accuracy['float']:.2%} in floating point."
        )
    clock = built.clock_hz
    seconds = checked.predicted / clock
    found.append(f"At {clock / 1e6:.4g} MHz a sample takes {seconds * 1e6:,.4g} µs.")
    if estimate.energy is not None and estimate.static is not None and estimate.dynamic is not None:
        found.append(
            f"Energy of a sample by the part's constants and the measured activity: {estimate.dynamic * 1e6:.3g} µJ dynamic and "
            f"{estimate.static * 1e6:.3g} µJ static (the chip's idle power and clock tree over the sample); "
            f"{estimate.energy.low * 1e6:.3g} to {estimate.energy.high * 1e6:.3g} µJ together."
        )
    return found


def _tokens(built: Built) -> str:
    design = built.design
    lines = [
        "Streams `events` and `answers` carry one token a transfer (valid and ready). Bits from the lowest:",
        f"- in: {_fields(design.entries, design.value_bits)}",
        f"- out: {_fields(design.answer_space, design.answer_value_bits)}",
        "A step is its events, then a token with `last`. A sample's last step also has `final`: the network starts afresh.",
    ]
    if design.readout is not None:
        lines.append(f"A sample is answered by one event, its class ({_READ[design.readout.kind]}), and its end.")
    elif design.answer_value_bits:
        scale = design.layers[design.output].datapath.scales["value"]
        lines.append(f"A value's least significant bit is worth {scale:.6g}.")
    return "\n".join(lines)


def _fields(space: Space, value_bits: int) -> str:
    fields = [f"{name} {bits}" for name, bits in space.bits.items() if bits]
    return ", ".join([*fields, *([f"value {value_bits} (two's complement)"] if value_bits else []), "last 1", "final 1"])


def _table(rows: Rows) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _text(rows: Rows, drop: tuple[str, ...]) -> str:
    """Headings, then rows; what is dropped where there is no room, first to last."""
    return Table(ready(rows[0], drop=drop), rows[1:]).text()
