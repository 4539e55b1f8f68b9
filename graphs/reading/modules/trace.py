"""What a torch module really runs: its layers' calls, and between which of them values pass, by hooks and by every function call.

NIR exporters see layers alone, and tell what passes between two by the identity of a tensor: what is computed between layers, or a
layer that is called a second time, is lost to them or becomes a loop. The trace is what their graphs are held against.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from costmodel.graphs.errors import InputError

SAMPLE = "input"
"""What stands for the sample among the sources of a layer."""

_NO_VALUES = {"zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "new_zeros", "new_ones", "new_empty"}
_NO_VALUES |= {"new_full", "new_tensor", "size", "dim", "numel", "__len__"}
_MOVES = {
    "view",
    "reshape",
    "flatten",
    "unflatten",
    "squeeze",
    "unsqueeze",
    "stack",
    "expand",
    "repeat",
    "unbind",
    "chunk",
    "split",
}
_MOVES |= {"detach", "detach_", "clone", "contiguous", "to", "cpu", "float", "type", "requires_grad_", "view_as", "__getitem__"}
_MOVES |= {"select", "narrow", "reshape_as", "expand_as", "type_as", "data", "__setitem__"}
_TIME = {"cat", "concat", "permute", "transpose", "movedim", "swapaxes", "t", "flip"}
_READ = {
    "sum",
    "mean",
    "max",
    "amax",
    "argmax",
    "min",
    "softmax",
    "log_softmax",
    "sigmoid",
    "topk",
    "div",
    "truediv",
    "__truediv__",
}
_READ |= {
    "mul",
    "__mul__",
    "__rmul__",
    "neg",
    "log",
    "exp",
    "cumsum",
    "item",
    "tolist",
    "numpy",
    "__eq__",
    "eq",
    "ge",
    "gt",
    "__bool__",
}
_WORDS = {"add": "an addition", "iadd": "an addition", "radd": "an addition", "add_": "an addition"}
_WORDS |= {"sub": "a subtraction", "rsub": "a subtraction", "mul": "a product", "rmul": "a product", "imul": "a product"}


@dataclass(frozen=True)
class _Origin:
    """Where a tensor's values come from: the calls (layer, number) behind it, and the first function that was no mere move."""

    calls: frozenset[tuple[str, int]]
    function: str | None = None
    state: bool = False

    def layers(self) -> list[str]:
        return sorted({layer for layer, _ in self.calls})


@dataclass(frozen=True)
class _Call:
    """A call of a layer: what it received, and the shape of that."""

    received: _Origin | None
    shape: tuple[int, ...]


def traced(
    module: nn.Module, sample: torch.Tensor, layers: Mapping[nn.Module, str], where: str, apart: int = 1
) -> set[tuple[str, str]]:
    """Runs the module once; which layer receives from which, the sample being called "input".

    Args:
        module: the network.
        sample: what its ``forward`` takes.
        layers: its layers and their names; what they do inside is their own.
        where: what errors call the module.
        apart: leading axes that are no neurons': batch, and time where layers take all steps at once.

    Raises:
        InputError: something that no graph of layers tells: values computed between layers or from membranes, a layer that is
            called on different things, that runs more often than what it receives from, or that takes from a step before.
    """
    tracer = _Tracer(sample, layers, where)
    hooks = []
    for layer in layers:
        hooks += [layer.register_forward_pre_hook(tracer.enter, with_kwargs=True), layer.register_forward_hook(tracer.leave)]
    try:
        with tracer:
            result = module(sample)
    finally:
        for hook in hooks:
            hook.remove()
    tracer.check_result(result)
    return tracer.edges(apart)


class _Tracer(TorchFunctionMode):
    def __init__(self, sample: torch.Tensor, layers: Mapping[nn.Module, str], where: str) -> None:
        super().__init__()
        self.names, self.where, self.inside = layers, where, 0
        self.calls: dict[str, list[_Call]] = {}
        self.shapes: dict[str, tuple[int, ...]] = {SAMPLE: tuple(sample.shape)}
        self.kept: list[torch.Tensor] = []
        self.origins: dict[int, _Origin] = {}
        self._know(sample, _Origin(frozenset({(SAMPLE, 0)})))

    def __torch_function__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Every function of torch: what it makes comes from where its arguments came from."""
        out = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", str(func))
        name = getattr(func.__self__, "__name__", name) if name == "__get__" else name  # of x.T and x.data
        if self.inside or name in _NO_VALUES:
            return out
        taken = list(_tensors((args, kwargs or {})))
        given = [origin for x in taken if (origin := self.origins.get(id(x))) is not None]
        if given:
            moves = name in _MOVES and not any(isinstance(x, nn.Parameter) for x in taken)
            function = next((o.function for o in given if o.function), None if moves else name)
            origin = _Origin(frozenset().union(*(o.calls for o in given)), function, any(o.state for o in given))
            for x in _tensors(taken[:1] if name == "__setitem__" else out):
                self._know(x, origin)
        return out

    def _know(self, x: torch.Tensor, origin: _Origin) -> None:
        self.kept.append(x)  # so that no later tensor has its id
        self.origins[id(x)] = origin

    def enter(self, layer: nn.Module, args: tuple, kwargs: dict) -> None:
        """Before a layer runs: what it receives, and whether its states are its own."""
        self.inside += 1
        if self.inside > 1:
            return
        name = self.names[layer]
        received, *states = [*args, *kwargs.values()]
        origin = self.origins.get(id(received))
        if origin is not None and origin.state:
            told = f"'{name}' receives the state of {_several(origin.layers())}, not what it sends"
            raise self._refused(told, "let layers pass spikes alone", name)
        for state in states:
            own = self.origins.get(id(state))
            if own is not None and (own.layers() != [name] or own.function):
                told = f"the state that '{name}' is given is computed outside of it ({_function(own.function, own.layers())})"
                raise self._refused(told, "give it back what the layer returned, unchanged", name)
        shape = tuple(received.shape) if isinstance(received, torch.Tensor) else ()
        self.calls.setdefault(name, []).append(_Call(origin, shape))

    def leave(self, layer: nn.Module, args: tuple, out: Any) -> None:
        """After a layer has run: what it sends is its own; states behind that are told apart."""
        self.inside -= 1
        if self.inside:
            return
        name = self.names[layer]
        origin = _Origin(frozenset({(name, len(self.calls[name]) - 1)}))
        sent, *states = out if isinstance(out, tuple) else (out,)
        self._know(sent, origin)
        self.shapes[name] = tuple(sent.shape)
        for x in _tensors(states):
            if x is not sent:
                self._know(x, replace(origin, state=True))

    def check_result(self, result: Any) -> None:
        """What the module returns may be read out (summed over time, scaled, compared), not computed from several layers."""
        for x in _tensors(result):
            origin = self.origins.get(id(x))
            if origin is None or origin.function is None:
                continue
            if len(origin.layers()) > 1 or origin.function.strip("_") not in {name.strip("_") for name in _READ | _TIME}:
                told = f"what it returns is {_function(origin.function, origin.layers())}, outside of any layer"
                raise self._refused(told, "make it a layer, or leave it to what reads the network's answer")

    def edges(self, apart: int) -> set[tuple[str, str]]:
        """Source and target of every connection."""
        found = set()
        for name, calls in self.calls.items():
            sources = [self._sources(name, call) for call in calls]
            different = sorted(set(sources), key=sources.index)
            if len(different) > 1:
                told = f"it is called {_times(len(calls))}, on what " + " and on what ".join(_sent(one) for one in different[:2])
                raise self._refused(told, "give every place in the network a layer of its own", name)
            before = different[0]
            self._in_step(name, before, calls)
            neurons, shape = self.shapes[before][apart:], calls[0].shape
            if neurons and shape[-len(neurons) :] != neurons:
                told = f"what {_sent(before)}, {neurons} per sample, reaches it in shape {shape}"
                raise self._refused(told, "let nn.Flatten, a layer, change shapes", name)
            found.add((before, name))
        return found

    def _sources(self, name: str, call: _Call) -> str:
        origin = call.received
        if origin is None:
            raise self._refused("it receives something that comes from neither the sample nor a layer", "leave it out", name)
        if origin.function is not None or len(origin.layers()) > 1:
            told = f"it receives {_function(origin.function or 'stack', origin.layers())}, outside of any layer"
            raise self._refused(told, "write a network file: an exporter sees layers alone", name)
        return origin.layers()[0]

    def _in_step(self, name: str, before: str, calls: list[_Call]) -> None:
        """Layers in a loop over time steps run as often as what they receive from, each call on the call of the same step."""
        made = len(self.calls.get(before, ()))
        if before == SAMPLE or made == 1:
            return
        for number, call in enumerate(calls):
            taken = {k for _, k in call.received.calls} if call.received else set()
            whole = len(calls) == 1 and taken in ({made - 1}, set(range(made)))
            if not whole and (len(calls) != made or taken != {number}):
                times = f"it is called {_times(len(calls))}, '{before}', from which it receives, {_times(made)}"
                told = times if len(calls) != made else f"it receives what '{before}' sent at another step"
                raise self._refused(told, "call every layer once a step, in the order in which values pass", name)

    def _refused(self, what: str, mend: str, layer: str | None = None) -> InputError:
        return InputError(what, mend=mend, where=self.where if layer is None else f"{self.where}: layer '{layer}'")


def _tensors(values: Any) -> Iterable[torch.Tensor]:
    """The tensors in nested lists, tuples and dicts."""
    if isinstance(values, torch.Tensor):
        yield values
    elif isinstance(values, dict):
        yield from _tensors(list(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _tensors(value)


def _function(name: str | None, layers: list[str]) -> str:
    plain = (name or "").strip("_")
    return f"{_WORDS.get(plain, f'{plain}, a function')} of {_several(layers)}"


def _several(layers: list[str]) -> str:
    return " and ".join("the sample" if layer == SAMPLE else f"'{layer}'" for layer in layers)


def _sent(layer: str) -> str:
    return "the sample holds" if layer == SAMPLE else f"'{layer}' sends"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
