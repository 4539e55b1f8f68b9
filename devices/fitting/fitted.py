"""A part with the hardware in it that is designed for a network."""

from dataclasses import replace
from functools import lru_cache

from costmodel.devices.fitting.made import Made, counted_sizes, made_sizes
from costmodel.devices.fitting.planned import Planned, planned
from costmodel.devices.fitting.widths import family_of
from costmodel.devices.part import Constant, Part
from costmodel.graphs.lowering.table import NOT_MADE, Table

AS_PLANNED = {"lanes": 8, "units": 1}
"""P and R of a plan for which nobody has chosen, as of `rtl.planning.Options`."""

MOST_BITS = 8e6
"""Weights that take more, and more than the part's memory, cannot fit and need not be planned for."""

LEAST_LUTS = 100
"""Fewer no layer takes: a part with less for each need not be planned for."""


def fitted(on: Part, table: Table, bits: int | None) -> Part:
    """A part whose hardware is designed for each network (`Device.chosen`), with that for a network; any other as it is.

    P and R that nobody has given are those that ``costmodel rtl`` takes: the fastest that fit the part, at the activity of the
    network file. Its class is then one of its own, that of this hardware. Given again with the network at other rates or over
    other steps, the part keeps it; for another network there is other hardware with the same P and R.

    Args:
        on: the part.
        table: the network, lowered.
        bits: of all weights; None: those of the file, or the part's.
    """
    if not on.device.chosen or on.device.made.suits(table):
        return on
    if on.device.made is not NOT_MADE:
        on = replace(on, device=on.device.__bases__[0])
    values = on.values
    plan = _planned(on, table, bits)
    widths = {name: values[name] for name in AS_PLANNED}
    missing = [name for name, value in widths.items() if value is None]
    if missing:
        widths |= {name: value for name, value in _chosen(on, plan, widths).items() if name in missing}
    constants = dict(on.constants)
    for name in missing:
        note = "the fastest that fits the part, as costmodel rtl takes it" if plan else "as costmodel rtl plans without a choice"
        constants[name] = Constant(widths[name], widths[name], widths[name], "derived", on.constants[name].source, note)
    return replace(on, device=_made(on.device, plan, table, bits), constants=constants)


def _planned(on: Part, table: Table, bits: int | None) -> Planned | None:
    """The hardware, where it has some, and the part could hold it at all."""
    values, chips = on.values, on.values["chips"] or 1
    synapses = table.fixed.get("synapses")
    stored = 0.0 if synapses is None else float((synapses["rows"] * synapses["columns"] * synapses["groups"]).sum())
    width = bits or table.lowering.widest or values["weight_bits"] or 1
    if table.rule is not None or stored * width > max(MOST_BITS, chips * (values["brams"] or 0) * (values["bram_bits"] or 0)):
        return None
    if LEAST_LUTS * len(table.layer_names) > chips * (values["luts"] or 0):
        return None
    own = None if table.lowering.widest is not None else int(values["weight_bits"] or 8)
    return planned(table.network, bits or own, int(values["state_bits"] or 0))


def _chosen(on: Part, plan: Planned | None, widths: dict[str, float | None]) -> dict[str, float]:
    """P and R, what is given of them as it is."""
    lanes, units = widths["lanes"], widths["units"]
    if plan is None or lanes is not None:
        return {name: float(value) for name, value in AS_PLANNED.items()}
    every = plan.widths(None if units is None else int(units))
    found = every.chosen[every.fastest(family_of(on.values["bram_bits"] or 0), on.values)]
    return dict(zip(AS_PLANNED, map(float, found), strict=True))


@lru_cache(maxsize=128)
def _made(device: type, plan: Planned | None, table: Table, bits: int | None) -> type:
    """The class of a device that is this hardware."""
    if plan is None:
        return type(device.__name__, (device,), {"made": counted_sizes(table), "hardware": None})
    return type(device.__name__, (device,), {"made": made_sizes(plan, table), "hardware": Made.of(plan, table, bits)})
