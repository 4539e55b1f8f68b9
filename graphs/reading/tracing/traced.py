"""A torch module as a network document, by one run of it."""

import copy
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import torch
from torch import nn

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules import known
from costmodel.graphs.reading.modules.layer import Layer, Time
from costmodel.graphs.reading.tracing.answer import answers
from costmodel.graphs.reading.tracing.axes import leaves
from costmodel.graphs.reading.tracing.calls import Run
from costmodel.graphs.reading.tracing.document import Arrays, Document, document, needed_for
from costmodel.graphs.reading.tracing.folding import Folded, Folder
from costmodel.graphs.reading.tracing.loops import loops
from costmodel.graphs.reading.tracing.measuring import COUNTED, measured
from costmodel.graphs.reading.tracing.recorder import record
from costmodel.graphs.reading.tracing.recurrence import retime, settle
from costmodel.graphs.reading.tracing.roles import assign

_DT = 1e-3


@dataclass(frozen=True)
class Traced:
    """What a run of a module says.

    Attributes:
        document: the network document.
        arrays: of its nodes.
        told: what was taken for granted, in words.
        elements: activity as `graphs.lowering.measurement` has it; empty where it was not measured.
    """

    document: dict
    arrays: Arrays
    told: list[str]
    elements: dict[str, np.ndarray]


class OverTime(nn.Module):
    """A module that takes one time step, over all steps of a sample (time, batch, …)."""

    def __init__(self, step: nn.Module) -> None:
        super().__init__()
        self.step = step

    def forward(self, *inputs: torch.Tensor) -> list:
        """What the module returns at every step."""
        return [self.step(*now) for now in zip(*(x.unbind(0) for x in inputs), strict=True)]


def traced(module: nn.Module, sample: tuple[torch.Tensor, ...], name: str, *, measure: bool = False) -> Traced:
    """The network document of a module, its arrays, and what was taken for granted. The module itself is left as it is.

    Args:
        module: the network.
        sample: what its ``forward`` takes.
        name: of the network.
        measure: whether activity is measured on the sample.

    Raises:
        InputError: something that no node does, a sample that the module does not take, or a loop that no network holds.
    """
    clone = _clone(module)
    names = _names(clone)
    layers = _layers(names, name)
    dt = _step({part: names[part] for part in layers}, name)
    run = _run(clone, sample, names, layers, name, keep=COUNTED if measure else ())
    described = {
        call.layer: known.described(call.layer, call.shape, dt, f"{name}: layer '{call.name}'")
        for call in run.calls
        if call.layer is not None
    }
    times: dict[nn.Module, Time] = {part: layer.time for part, layer in described.items()}
    assign(run, described, name)
    folded = Folder(run, times, name).folded()
    outputs, over = answers(folded)
    if not outputs:
        raise InputError("what it returns does not come from its sample", mend="return what the last layer sends", where=name)
    needed = needed_for(folded, outputs)
    retime(folded, needed, loops(folded, needed, name), name)
    made = document(folded, _numbered(folded, described), outputs, dt, name)
    settle(made)
    told = [text for layer in described.values() for text in layer.told]
    elements = measured(made, run) if measure else {}
    if measure:
        _rate(made, elements, run)
        _encode(made, run)
    told += _silent(made, elements)
    return Traced(_document(made, folded, name, dt, over), made.arrays, _told(told, run), elements)


def _rate(made: Document, elements: dict[str, np.ndarray], run: Run) -> None:
    """Gives neurons and inputs the mean of what was measured of them."""
    batch = [leaf.size for leaf in leaves(run.inputs[0][0]) if leaf.role == "batch"]
    source = f"measured as the module ran on {prod(batch)} sample{'s' * (prod(batch) > 1)}"
    firing = {made.sent[n][0] for n, node in enumerate(made.folded.nodes) if node.call.layer is not None and n in made.sent}
    for node in made.nodes:
        if node["id"] in elements and (node["type"] == "input" or node["id"] in firing):
            node["rate"] = {"mean": float(elements[node["id"]].mean()), "kind": "measured", "source": source}


def _silent(made: Document, elements: dict[str, np.ndarray]) -> list[str]:
    """The neurons that never fired, in words."""
    layers = [made.sent[n][0] for n, node in enumerate(made.folded.nodes) if node.call.layer is not None and n in made.sent]
    silent = [name for name in layers if name in elements and not elements[name].any()]
    return [f"{', '.join(silent)} never fired on the sample"] if silent else []


def _encode(made: Document, run: Run) -> None:
    """Inputs of a sample that holds values rather than spikes send values."""
    for index, sample in enumerate(run.samples):
        if (names := made.sent.get(-1 - index)) and not bool(((sample == 0) | (sample == 1)).all()):
            next(node for node in made.nodes if node["id"] == names[0])["encoder"] = {"type": "direct"}


def _document(made: Document, folded: Folded, name: str, dt: float, over: str | None) -> dict:
    whole: dict[str, Any] = {"name": name, "dt": dt}
    if folded.timesteps is not None:
        whole["timesteps"] = folded.timesteps
    whole |= {"nodes": made.nodes, "edges": [list(edge) for edge in made.edges], "provenance": "Imported from a torch module."}
    if over is not None and (readout := _readout(made, over)) is not None:
        whole["readout"] = {"type": readout}
    return whole


def _readout(made: Document, over: str) -> str | None:
    """The readout that does over time what the module does."""
    last = [made.folded.nodes[n] for n in made.outputs]
    spikes = all(node.call.layer is not None for node in last)
    return ("count" if over in ("sum", "mean") else None) if spikes else over if over in ("mean", "max") else None


def _numbered(folded: Folded, described: Mapping[nn.Module, Layer]) -> dict[int, Layer]:
    return {i: described[node.call.layer] for i, node in enumerate(folded.nodes) if node.call.layer is not None}


def _told(told: list[str], run: Run) -> list[str]:
    membranes = [v for v in run.results if getattr(v, "membrane", ())]
    if membranes and len(membranes) == len(run.results):
        told.append("the module returns membranes alone: the answer here is what their neurons send")
    return list(dict.fromkeys(told))


def _run(
    clone: nn.Module,
    sample: tuple[torch.Tensor, ...],
    names: Mapping[nn.Module, str],
    layers: list[nn.Module],
    name: str,
    keep: Collection[str],
) -> Run:
    shapes = " and ".join(str(list(x.shape)) for x in sample)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return record(clone, sample, names, layers, keep=keep, where=name)
        except InputError:
            raise
        except (ValueError, TypeError, RuntimeError, AttributeError, LookupError, AssertionError, ArithmeticError) as error:
            words = " ".join(str(error).split())
            what = f"the {type(clone).__name__} does not run on {shapes} ({type(error).__name__}: {words})"
            raise InputError(what, mend=f"check the sample's shape{_wanted(clone)}", where=name) from None


def _wanted(module: nn.Module) -> str:
    """What the first layer with weights takes, where that is easily said."""
    for name, part in nn.Module.named_modules(module):
        if isinstance(part, nn.Linear):
            return f"; '{name or 'it'}', its first layer, takes (batch, {part.in_features})"
        if isinstance(part, nn.modules.conv._ConvNd):
            sizes = ", ".join(("length",) if isinstance(part, nn.Conv1d) else ("height", "width"))
            return f"; '{name or 'it'}', its first layer, takes (batch, {part.in_channels}, {sizes})"
    return ""


def _names(module: nn.Module) -> dict[nn.Module, str]:
    """The parts of a module, and what its document calls them."""
    inner = module.step if isinstance(module, OverTime) else module
    return {part: key.replace(".", "_") for key, part in nn.Module.named_modules(inner)}


def _layers(names: Mapping[nn.Module, str], where: str) -> list[nn.Module]:
    """The neuron layers; those inside another are part of that."""
    found: list[nn.Module] = []
    inside: set[int] = set()
    for part, key in names.items():
        if id(part) in inside:
            continue
        try:
            neurons = known.is_neurons(part)
        except InputError as error:
            raise error.at(f"{where}: layer '{key}'" if key else where) from None
        if neurons:
            found.append(part)
            inside |= {id(child) for child in nn.Module.modules(part)}
    return found


def _step(layers: Mapping[nn.Module, str], name: str) -> float:
    """The length of a time step that layers state; 1 ms where none does.

    Raises:
        InputError: they state different ones.
    """
    stated = {step: key for part, key in layers.items() if (step := known.step(part)) is not None}
    if len(stated) > 1:
        (one, first), (two, second) = list(stated.items())[:2]
        what = f"layer '{first}' takes steps of {one:g} s and layer '{second}' of {two:g} s"
        raise InputError(what, mend="give all layers one dt", where=name)
    return next(iter(stated), _DT)


def _copies_itself(kind: type) -> bool:
    """Whether a class of a library has its own way of being copied."""
    return hasattr(kind, "__deepcopy__") and not kind.__module__.startswith("torch.")


def _clone(module: nn.Module) -> nn.Module:
    """A copy in evaluation mode, on the CPU, its neurons at rest."""
    # Hidden states left by an earlier run are part of a graph and refuse to be copied.
    held: list[Any] = [value for part in nn.Module.modules(module) for value in (*vars(part).values(), *part._buffers.values())]
    here = (value for value in nn.Module.parameters(module) if value.device.type == "cpu")
    memo: dict[int, Any] = {id(value): value for value in here}  # nothing changes them: they need no copy
    memo |= {id(value): value.detach().clone() for value in held if isinstance(value, torch.Tensor) and value.grad_fn is not None}
    # A library's own way of copying may forget what it was built with: Sinabs' ALIF its norm_input.
    own = [part for part in nn.Module.modules(module) if _copies_itself(type(part))]
    memo |= {id(part): type(part).__new__(type(part)) for part in own}
    for part in own:
        memo[id(part)].__dict__.update(copy.deepcopy(vars(part), memo))
    clone = copy.deepcopy(module, memo).cpu().eval()
    for part in nn.Module.modules(clone):
        try:
            known.reset(part)
        except InputError:
            continue  # not known: refused where it is met, by name
    return clone
