"""Runs a module once and records every function of torch and every neuron layer that works on what came from the sample."""

from collections.abc import Callable, Collection, Iterator, Mapping
from math import prod
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.known import keeps_states
from costmodel.graphs.reading.tracing.axes import Axes, features, fresh, hold
from costmodel.graphs.reading.tracing.calls import Call, Constant, Operand, Operation, Run, Value
from costmodel.graphs.reading.tracing.functions import COMPOSITES, FUNCTIONS, Given, Made, Unknown
from costmodel.graphs.reading.tracing.moves import MOVES, moved

_MARK = "_costmodel_value"
_NO_VALUES = frozenset(
    [
        "zeros_like",
        "ones_like",
        "empty_like",
        "full_like",
        "rand_like",
        "randn_like",
        "new_zeros",
        "new_ones",
        "new_empty",
        "new_full",
        "new_tensor",
        "size",
        "dim",
        "numel",
        "__len__",
        "shape",
        "device",
        "dtype",
        "ndim",
        "requires_grad",
        "is_floating_point",
        "is_contiguous",
        "stride",
        "grad",
        "grad_fn",
        "layout",
        "is_cuda",
        "is_sparse",
        "element_size",
        "get_device",
        "nelement",
        "storage_offset",
        "data_ptr",
        "is_complex",
        "__repr__",
        "__format__",
        "__hash__",
        "dim_order",
        "names",
        "is_quantized",
        "is_meta",
        "__get__",
        "backward",
        "retain_grad",
    ]
)
_BRANCHES = frozenset(
    ["__bool__", "item", "tolist", "__float__", "__int__", "__index__", "equal", "allclose", "numpy", "__array__"]
)


def record(
    module: nn.Module,
    sample: tuple[torch.Tensor, ...],
    names: Mapping[nn.Module, str],
    layers: Collection[nn.Module],
    *,
    keep: Collection[str],
    where: str,
) -> Run:
    """Runs the module on the sample.

    Args:
        module: the network, in evaluation mode; it is left with no trace of the run.
        sample: what its ``forward`` takes.
        names: of its parts.
        layers: its neuron layers, each a whole.
        keep: kinds of operations of which it is kept what they send.
        where: what errors call the module.

    Raises:
        InputError: what the module does next depends on a value, or an axis is samples here and neurons there.
    """
    inputs = [x.detach().clone() for x in sample]
    run = Run([(fresh(x.shape), tuple(x.shape)) for x in inputs], inputs)
    for index, (x, (axes, _)) in enumerate(zip(inputs, run.inputs, strict=True)):
        setattr(x, _MARK, Value(-1 - index, axes))
    recorder = _Recorder(run, {part: names[part] for part in layers}, keep, where)
    hooks = []
    for part, name in names.items():
        hooks.append(part.register_forward_pre_hook(recorder.enter(name), with_kwargs=True))
        hooks.append(part.register_forward_hook(recorder.leave, with_kwargs=True))
    try:
        with recorder:
            result = module(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    for answer in (_outside_dicts(result), result):  # records and states come in dictionaries
        run.results = run.results or [value for x in _tensors(answer) if (value := getattr(x, _MARK, None)) is not None]
    return run


def _outside_dicts(values: Any) -> Any:
    """Nested lists and tuples without the dictionaries in them."""
    if isinstance(values, list | tuple):
        return [_outside_dicts(value) for value in values if not isinstance(value, dict)]
    return [] if isinstance(values, dict) else values


class _Recorder(TorchFunctionMode):
    def __init__(self, run: Run, layers: Mapping[nn.Module, str], keep: Collection[str], where: str) -> None:
        super().__init__()
        self.run, self.layers, self.keep, self.where = run, layers, keep, where
        self.path: list[str] = []
        self.within: nn.Module | None = None
        self.last: dict[nn.Module, int] = {}

    def __torch_function__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Every function of torch."""
        words = kwargs or {}
        name = getattr(func, "__name__", str(func))
        if name in COMPOSITES and self.within is None and any(hasattr(x, _MARK) for x in _tensors((args, words))):
            with self:
                return COMPOSITES[name](*args, **words)
        out = func(*args, **words)
        if name in ("__get__", "__set__"):
            name = getattr(getattr(func, "__self__", None), "__name__", name)
        if self.within is not None or name in _NO_VALUES:
            return out
        taken = [x for x in _tensors((args, words)) if hasattr(x, _MARK)]
        if not taken:
            return out
        if name in _BRANCHES:
            what = f"what it does next depends on a value ({name.strip('_')})"
            raise InputError(what, mend="let the same functions run whatever the values are", where=self._place())
        if name == "__iter__":
            out = list(out)
        self._record(name, func, args, words, taken, out)
        return iter(out) if name == "__iter__" else out

    def _record(self, name: str, func: Callable, args: tuple, words: dict, taken: list[torch.Tensor], out: Any) -> None:
        first = args[0] if args else next(iter(words.values()))
        if name == "__setitem__":
            self._written(args[0], args[1], args[2])
        elif name in MOVES and getattr(first, _MARK, None) is not None:
            value = getattr(first, _MARK)
            for x, kept in zip(_tensors(out), moved(name, func, value, first, args, words, out), strict=False):
                setattr(x, _MARK, kept)
        else:
            made = self._made(name, args, words, taken, out)
            for x, value in zip(_tensors(out), self._call(name, made, out), strict=False):
                setattr(x, _MARK, value)
            if made.operation.kind == "matmul" and "matmul" in self.keep:
                active = [(x != 0).float() for x in args[:2]]
                self.run.calls[-1].joint = active[0] * active[1].mean(-1).unsqueeze(-2)

    def _made(self, name: str, args: tuple, words: dict, taken: list[torch.Tensor], out: Any) -> Made:
        """What a function that computes does, by its file in `functions`; else an unknown one, which only an answer may pass."""
        plain = name.strip("_")
        handler = FUNCTIONS.get(plain) or FUNCTIONS.get(plain.removesuffix("_"))
        tensor = next(iter(_tensors(out)), None)
        if handler is not None and tensor is not None:
            try:
                return handler(Given(self._operand, tensor, self._place()), *args, **words)
            except Unknown as unknown:
                plain = str(unknown)
        operands = tuple(self._operand(x) for x in taken)
        axes = next((v.axes for v in operands if isinstance(v, Value) and tensor is not None and len(v.axes) == tensor.ndim), None)
        if axes is None or tensor is None or not _fits(axes, tensor):
            axes = fresh(tensor.shape if tensor is not None else ())
        return Made(Operation("unknown", {"function": plain}), operands, axes)

    def _call(self, name: str, made: Made, out: Any) -> Iterator[Value]:
        membrane = tuple(dict.fromkeys(m for v in made.operands if isinstance(v, Value) for m in v.membrane))
        within = self.path[-1] if self.path else ""
        named = within if made.leaf else ".".join(filter(None, (within, name.strip("_"))))
        for x in list(_tensors(out))[:1]:
            call = Call(named or name.strip("_"), made.operation, made.operands, made.axes, tuple(x.shape))
            call.sent = (x != 0).detach() if made.operation.kind in self.keep else None
            self.run.calls.append(call)
            yield Value(len(self.run.calls) - 1, made.axes, membrane=membrane)

    def _written(self, target: torch.Tensor, index: Any, x: Any) -> None:
        """A part of a tensor that is filled step by step: as if all that is written were stacked."""
        value = getattr(x, _MARK, None) if isinstance(x, torch.Tensor) else None
        held = getattr(target, _MARK, None)
        if value is None:
            if held is not None:
                self._overwritten(target, "a constant is written into it")
            return
        if not isinstance(index, int) or (held is not None and self.run.calls[held.call].operation.kind != "join"):
            self._overwritten(target, "elements are written into it")
            return
        earlier = self.run.calls[held.call].operands if held is not None else ()
        axes: Axes = (fresh([len(earlier) + 1])[0], *value.axes)
        operation = Operation("join", {"stacked": True}, dims={"axis": 0})
        self.run.calls.append(Call("stack", operation, (*earlier, value), axes, (len(earlier) + 1, *x.shape)))
        setattr(target, _MARK, Value(len(self.run.calls) - 1, axes, membrane=value.membrane))

    def _overwritten(self, target: torch.Tensor, why: str) -> None:
        operation = Operation("unknown", {"function": f"setitem: {why}"})
        held = getattr(target, _MARK, None)
        operands = (held,) if held is not None else ()
        self.run.calls.append(Call("setitem", operation, operands, fresh(target.shape), tuple(target.shape)))
        setattr(target, _MARK, Value(len(self.run.calls) - 1, self.run.calls[-1].axes))

    def _operand(self, x: Any) -> Operand:
        """A value, or a constant by what it is: a parameter by itself, all else by what it holds."""
        if (value := getattr(x, _MARK, None)) is not None:
            return value
        if isinstance(x, torch.Tensor):
            held = x.detach().cpu().numpy()
            if isinstance(x, nn.Parameter):
                return Constant(held, id(x))
            held = held.copy()  # it may be written over later in the run
            return Constant(held, (held.shape, held.tobytes()))
        held = torch.as_tensor(x, dtype=torch.get_default_dtype()).numpy()
        return Constant(held, float(held))

    def enter(self, name: str) -> Callable:
        """Before a module of that name runs."""

        def hook(part: nn.Module, args: tuple, kwargs: dict) -> None:
            self.path.append(name)
            if self.within is None and part in self.layers:
                self.within = part
                self._received(part, [*args, *kwargs.values()])

        return hook

    def leave(self, part: nn.Module, args: tuple, kwargs: dict, out: Any) -> None:
        """After a module has run: of a neuron layer what it sends is a value, and what else it returns are its states."""
        self.path.pop()
        if self.within is not part:
            return
        self.within = None
        received = next(iter([*args, *kwargs.values()]))
        value = getattr(received, _MARK, None)
        sent, *states = out if isinstance(out, tuple) else (out,)
        operand = self._operand(received) if value is None else value
        axes = value.axes if value is not None and _fits(value.axes, sent) else self._widened(value, sent)
        operation = Operation("neurons")
        call = Call(self.layers[part], operation, (operand,), axes, tuple(sent.shape), part)
        call.sent = (sent != 0).detach() if "neurons" in self.keep else None
        self.run.calls.append(call)
        self.last[part] = number = len(self.run.calls) - 1
        setattr(sent, _MARK, Value(number, axes))
        for x in _tensors(states):
            if x is not sent:
                setattr(x, _MARK, Value(number, fresh(x.shape), membrane=(self.layers[part],)))

    def _widened(self, value: Value | None, sent: torch.Tensor) -> Axes:
        """Axes of a layer that sends other neurons than it receives: all but the last are kept."""
        if value is None:
            return fresh(sent.shape)
        hold(value.axes[-1:], "feature")
        return (*value.axes[: sent.ndim - 1], *features(sent.shape[len(value.axes[: sent.ndim - 1]) :]))

    def _received(self, part: nn.Module, arguments: list) -> None:
        """A layer receives no membranes, and its states are those that it returned last, or zeros."""
        place = f"{self.where}: layer '{self.layers[part]}'"
        received, *states = arguments
        value = getattr(received, _MARK, None)
        if value is not None and value.membrane:
            told = f"it receives the state of {_several(value.membrane)}, not what it sends"
            raise InputError(told, mend="let layers pass spikes alone", where=place)
        given, later = list(_tensors(states)), self.last.get(part) is not None
        if later and not given and not keeps_states(part):
            told = "it is called again without the state that it returned, and starts anew"
            raise InputError(told, mend="give it back what the layer returned", where=place)
        for x in given:
            own = getattr(x, _MARK, None)
            if (own is None and later) or (own is not None and (own.moves or own.call != self.last.get(part))):
                source = _several(own.membrane) if own is not None and own.membrane else "not from a layer"
                told = f"the state that it is given is computed outside of it ({source})"
                raise InputError(told, mend="give it back what the layer returned, unchanged", where=place)
            if own is None and x.is_floating_point() and bool(x.any()):
                raise InputError("it starts with a state of its own", mend="start it with zeros", where=place)

    def _place(self) -> str:
        return f"{self.where}: layer '{self.path[-1]}'" if self.path and self.path[-1] else self.where


def _fits(axes: Axes, x: torch.Tensor) -> bool:
    return len(axes) == x.ndim and all(prod(p.size for p in a) == n for a, n in zip(axes, x.shape, strict=True))


def _several(names: tuple[str, ...]) -> str:
    return " and ".join(f"'{name}'" for name in names)


def _tensors(values: Any) -> Iterator[torch.Tensor]:
    """The tensors in nested lists, tuples and dicts."""
    if isinstance(values, torch.Tensor):
        yield values
    elif isinstance(values, dict):
        yield from _tensors(list(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _tensors(value)
