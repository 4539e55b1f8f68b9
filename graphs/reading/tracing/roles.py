"""Which axes of the sample count samples and which time steps: as neuron layers take them, or as a loop goes through them."""

from collections.abc import Mapping, Sequence

from torch import nn

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Layer, Time
from costmodel.graphs.reading.tracing.axes import Axes, Role, hold, leaves
from costmodel.graphs.reading.tracing.calls import Call, Operand, Run, Value

_LEADS: dict[Time, tuple[Role, ...]] = {"step": ("batch",), "first": ("time", "batch"), "second": ("batch", "time")}


def assign(run: Run, layers: Mapping[nn.Module, Layer], where: str) -> None:
    """Gives the axes of a run their roles.

    Args:
        run: the run.
        layers: of each neuron layer, how its tensors hold time.
        where: what errors call the module.

    Raises:
        InputError: an axis is one thing here and another there; or a sample without a batch.
    """
    _joined_again(run)
    for call in run.calls:
        if call.layer is not None:
            try:
                _of_layer(call, layers[call.layer])
            except InputError as error:
                raise error.at(f"{where}: layer '{call.name}'") from None
    _of_loops(run, layers)
    for axes, shape in run.inputs:
        if len(shape) > 1 and not any(leaf.lead for leaf in leaves(axes)):
            hold(axes[:1], "batch")


def _of_layer(call: Call, layer: Layer) -> None:
    if layer.time == "joined":
        _divide(call.axes, layer)
        hold(call.axes[1:], "feature")
        return
    leads = _LEADS[layer.time]
    if len(call.axes) <= len(leads):
        wanted = {1: "(batch, neurons)", 2: "with a batch and a time axis"}[len(leads)]
        raise InputError(f"it receives shape {list(call.shape)}", mend=f"give a sample from which it receives one {wanted}")
    for axis, role in zip(call.axes, leads, strict=False):
        hold([axis], role)
    hold(call.axes[len(leads) :], "feature")


def _divide(axes: Axes, layer: Layer) -> None:
    """The first axis as samples, then steps."""
    parts = leaves(axes[:1])
    samples = layer.samples or (parts[0].size // layer.steps if len(parts) == 1 and layer.steps else None)
    if len(parts) == 1 and samples and parts[0].size % samples == 0:
        parts = list(parts[0].divide(samples))
    for part, role in zip(parts, ("batch", "time") if len(parts) == 2 else ("time",) * len(parts), strict=True):
        part.be(role)


def _of_loops(run: Run, layers: Mapping[nn.Module, Layer]) -> None:
    """A part of which the n-th call of a layer takes the n-th element counts time steps."""
    calls: dict[nn.Module, list[int]] = {}
    for number, call in enumerate(run.calls):
        if call.layer is not None and layers[call.layer].time == "step":
            calls.setdefault(call.layer, []).append(number)
    for numbers in calls.values():
        if len(numbers) < 2:
            continue
        taken = [dict(_picked(run, number)) for number in numbers]
        for part in set.intersection(*(set(one) for one in taken)):
            if [one[part] for one in taken] == [{n} for n in range(len(taken))]:
                part.be("time")


def _joined_again(run: Run) -> None:
    """What is taken apart, element by element, and joined again in order keeps its axis."""
    for number, call in enumerate(run.calls):
        if call.operation.kind != "join" or len(call.operands) < 2:
            continue
        taken = [_picked(run, number, [operand]) for operand in call.operands]
        axis = call.operation.dims["axis"]
        joined = leaves([call.axes[axis]]) if isinstance(axis, int) else []
        for part in set.intersection(*(set(one) for one in taken)):
            if [one[part] for one in taken] == [{n} for n in range(len(taken))] and [leaf.size for leaf in joined] == [part.size]:
                part.join(joined[0])


def _picked(run: Run, number: int, operands: Sequence[Operand] | None = None) -> dict:
    """Part → the elements of it that a call depends on, or some of its operands, without those behind another neuron layer."""
    found: dict = {}
    waiting, seen = [number], set()
    while waiting:
        here = waiting.pop()
        for operand in operands if here == number and operands is not None else run.calls[here].operands:
            if not isinstance(operand, Value):
                continue
            for part, index in operand.picked:
                found.setdefault(part, set()).add(index)
            if operand.call >= 0 and operand.call not in seen and run.calls[operand.call].layer is None:
                seen.add(operand.call)
                waiting.append(operand.call)
    return found
