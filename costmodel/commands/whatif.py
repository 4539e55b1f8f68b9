"""``costmodel whatif``: before, after, and the difference to another device."""

from typing import Annotated

import typer

from costmodel.commands.options import Batch, Json, NetworkArgument, OneDevice, PhaseOption, Rates, Timesteps, phase


def run(
    network: NetworkArgument,
    device: OneDevice,
    set_: Annotated[list[str], typer.Option("--set", metavar="PARAM=VALUE", help="what to change; repeat for more")],
    against: Annotated[str | None, typer.Option("--against", metavar="D2", help="another device to hold it against")] = None,
    phase_: PhaseOption = "inference",
    batch: Batch = None,
    timesteps: Timesteps = None,
    rate: Rates = None,
    json: Json = False,
) -> None:
    """What a change of the network or the device does to the costs."""
    from costmodel.output import console, print_json, print_notes
    from costmodel.request import request
    from costmodel.whatif import whatif
    from devices.part import part

    options = {"phase": phase(phase_), "batch": batch, "timesteps": timesteps, "rate": rate}
    before = request(network, [device], **options)  # type: ignore[arg-type]
    after = request(network, [device], settings=set_, **options)  # type: ignore[arg-type]
    other = None if against is None else part(against)
    print_notes(before.notes)
    words = tuple(word.replace("=", " = ", 1) for word in set_)
    found = whatif(before.workload, after.workload, before.parts[0], after.parts[0], other, words)
    if json:
        print_json(found.to_dict())
        return
    show(found, console())


def show(found, out) -> None:  # noqa: ANN001
    """The table and the sentences."""
    from costmodel.commands.estimate import span
    from costmodel.output import table
    from graphs.units import pretty

    shown = table(
        "",
        "device",
        "latency",
        "90 %",
        "energy",
        "90 % ",
        "power",
        "bound by",
        right=("latency", "90 %", "energy", "90 % ", "power"),
    )
    rows = (("before", found.before), ("after", found.after), ("against", found.against))
    for name, e in rows:
        if e is not None and e.feasible:
            shown.add_row(
                name, e.device, pretty(e.latency.value, "s"), span(e.latency, "s"), pretty(e.energy.value, "J"), span(e.energy, "J"),
                pretty(e.power, "W", 2), e.bound_by,
            )  # fmt: skip
    out.print(shown)
    for name, e in rows:
        if e is not None and not e.feasible:
            reasons = "; ".join(f"{v.limit}: needs {v.needs}, has {v.has} (try {', '.join(v.levers)})" for v in e.violations)
            out.print(f"{name}: {e.device} does not fit. {reasons}", markup=False)
    for sentence in found.sentences():
        out.print(sentence, markup=False)
