"""A population as a torch module."""

import math
from collections.abc import Mapping
from typing import Literal

import sympy
import torch
from torch import nn
from torch.nn.utils import parametrize

from costmodel.graphs.equations.adjoint import SURROGATES
from costmodel.graphs.equations.discretise import substeps
from costmodel.graphs.equations.neuron import Neuron
from costmodel.graphs.errors import InputError, nearest
from costmodel.validation.neurons import recurrent
from costmodel.validation.neurons.bounded import Bounded
from costmodel.validation.neurons.constants import step_constants
from costmodel.validation.neurons.equations import step_equations, surrogate_constants
from costmodel.validation.neurons.fused import Fused, infer, trace
from costmodel.validation.neurons.kernel import kernel
from costmodel.validation.neurons.recipe import Recipe
from costmodel.validation.neurons.twin import twin

Backend = Literal["fused", "torch"]


class NeuronLayer(nn.Module):
    """Neurons of one type over all time steps of a batch.

    Args:
        neuron: the neuron.
        parameters: its parameters, SI: numbers, or tensors of one value per neuron, or per channel of as many neurons each;
            missing ones take their default.
        dt: length of a time step, s; a neuron whose integrator needs shorter steps takes several.
        reset: name of a reset; None is the neuron's default.
        surrogate: derivative put in place of the spike's.
        steepness: constants of the surrogate (``k_surrogate``), where they should differ from the usual.
        apart: states whose reset is not differentiated.
        trained: names of parameters that are trained, within their bounds.
        backend: "fused" for one generated kernel over all time steps, on CPUs and GPUs; "torch" for its twin in plain
            operations, wherever torch runs.

    Raises:
        InputError: an unknown parameter or surrogate, or a parameter without a value.
    """

    start: torch.Tensor

    def __init__(
        self,
        neuron: type[Neuron],
        parameters: Mapping[str, float | torch.Tensor],
        dt: float,
        *,
        reset: str | None = None,
        surrogate: str = "fast-sigmoid",
        steepness: Mapping[str, float] | None = None,
        apart: frozenset[str] = frozenset(),
        trained: frozenset[str] = frozenset(),
        backend: Backend = "fused",
    ) -> None:
        super().__init__()
        for name in (*parameters, *trained):
            if name not in neuron.params:
                raise InputError(f"'{neuron.type}' has no parameter '{name}'", mend=nearest(name, neuron.params))
        if surrogate not in SURROGATES:
            raise InputError(f"there is no surrogate '{surrogate}'", mend=nearest(surrogate, SURROGATES))
        self.neuron, self.dt, self.trained, self.backend = neuron, dt, trained, backend
        self.steepness = dict(steepness or {})
        zero = {name for name in neuron.params if self._take(name, parameters)}
        step = step_equations(neuron, reset, frozenset(zero))
        plain = Recipe(neuron, reset, frozenset(zero), surrogate, apart, substeps(neuron, dt))
        self.names = (*step.constants, *surrogate_constants(plain))
        self.recipe = Recipe(neuron, reset, plain.zero, surrogate, apart, plain.repeats, step.constants if trained else ())
        self.register_buffer("start", self._starts(), persistent=False)
        self._fixed: dict[tuple[torch.dtype, torch.device, int], torch.Tensor] = {}

    def _starts(self) -> torch.Tensor:
        """The states before the first step, (S, 1, N), or (S, 1, 1) where they are the same for all neurons."""
        held = {sympy.Symbol(name, real=True): getattr(self, name).detach().double() for name in self.neuron.params}
        found = []
        for state in self.neuron.states.values():
            initial = sympy.sympify(state.initial)
            used = [symbol for symbol in held if symbol in initial.free_symbols]
            value = sympy.lambdify(used, initial, "math" if not used else "numpy")(*(held[symbol].numpy() for symbol in used))
            found.append(torch.as_tensor(value, dtype=torch.get_default_dtype()).reshape(-1))
        longest = max((len(value) for value in found), default=1)
        return torch.stack([value.expand(longest) for value in found]).unsqueeze(1) if found else torch.zeros((0, 1, 1))

    def _take(self, name: str, parameters: Mapping[str, float | torch.Tensor]) -> bool:
        """Registers a parameter; whether it is 0 for all neurons and stays so."""
        param = self.neuron.params[name]
        value = parameters.get(name, param.default)
        if value is None:
            raise InputError(f"'{self.neuron.type}' needs '{name}'", mend=f"give it, in {param.unit}")
        # In double precision, so that exp(−dt/τ) is the decay that τ was made from, to the last bit.
        tensor = torch.as_tensor(value, dtype=torch.float64).clone()
        if name not in self.trained:
            self.register_buffer(name, tensor)
            return not tensor.any()
        self.register_parameter(name, nn.Parameter(tensor.to(torch.get_default_dtype())))
        if param.low is not None or param.high is not None:
            parametrize.register_parametrization(self, name, Bounded(param.low, param.high))
        return False

    def constants(self, like: torch.Tensor) -> torch.Tensor:
        """Constants of the step for the neurons of ``like`` (…, N), in its precision: (C, N), or (C, 1) where all share them.

        They follow from the parameters as they are now; those of parameters that are not trained are computed once.
        """
        key = (like.dtype, like.device, like.shape[-1])
        if key in self._fixed:
            return self._fixed[key]
        values = {name: _each(getattr(self, name), like.shape[-1]).double() for name in self.neuron.params}
        found = like.new_zeros((0, 1))
        if self.names:
            found = step_constants(
                self.neuron, values, self.dt / self.recipe.repeats, self.names, self.recipe.surrogate, self.steepness
            )
        found = found.to(like)
        if not self.trained:
            self._fixed[key] = found
        return found

    def each(self, name: str, shape: tuple[int, ...]) -> torch.Tensor:
        """A parameter of every neuron, of the population's shape."""
        value = _each(getattr(self, name), math.prod(shape))
        return value.expand(math.prod(shape)).reshape(shape)

    def changed(self) -> None:
        """Forgets constants that were computed from parameters which somebody has set since."""
        self._fixed.clear()

    def initial_state(self, like: torch.Tensor) -> torch.Tensor:
        """The state before the first step for inputs ``like`` (T, batch, N): (S, batch, N)."""
        return self.start.to(like).expand(-1, *like.shape[1:]).clone()

    def forward(
        self, inputs: torch.Tensor, state: torch.Tensor | None = None, across: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """All time steps.

        Args:
            inputs: (T, batch, *shape) weighted sums of what arrives at each step.
            state: (S, batch, neurons) to go on from; None starts afresh.
            across: weights (neurons, neurons) by which the neurons receive, besides, what they sent at the step before.

        Returns:
            What is sent, of the shape of ``inputs``; and the state after the last step.
        """
        order = _memory_order(inputs) if state is None else None
        laid = inputs if order is None else inputs.permute(order)
        flat = laid.reshape(*inputs.shape[:2], -1)
        start = self.initial_state(flat) if state is None else state
        constants = self.constants(flat)
        if order is not None and constants.shape[1] > 1:
            constants = _reordered(constants, inputs.shape[2:], order)
        if self.backend == "torch":
            out, after = self._unrolled(flat, start, constants, across)
        else:
            run = kernel(self.recipe, flat.dtype, flat.device.type)
            if across is not None and not torch.is_grad_enabled():
                out, after = recurrent.infer(flat, start, constants, across, run, self.recipe)
            elif across is not None:
                out, after = recurrent.Recurrent.apply(flat, start, constants, across, run, self.recipe, self.names)
            elif torch.is_grad_enabled():
                out, after = Fused.apply(flat, start, constants, run, self.recipe, self.names)
            else:
                out, after = infer(flat, start, constants, run, self.recipe)
        out = out.reshape(laid.shape)
        if order is None:
            return out, after
        back = [order.index(axis) for axis in range(len(order))]
        return out.permute(back), _reordered(after, laid.shape[2:], back)

    def trace(self, inputs: torch.Tensor, state: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """What is sent, of the shape of ``inputs`` (T, batch, *shape), and the states after each step, (S, T, batch, neurons).

        There is no way back through it.
        """
        flat = inputs.reshape(*inputs.shape[:2], -1)
        start = self.initial_state(flat) if state is None else state
        run = kernel(self.recipe, flat.dtype, flat.device.type)
        out, states = trace(flat, start, self.constants(flat), run, self.recipe)
        return out.reshape(inputs.shape), states

    def _unrolled(
        self, inputs: torch.Tensor, state: torch.Tensor, constants: torch.Tensor, across: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        step = twin(self.recipe)
        states, values, sent = list(state.unbind()), list(constants.unbind()), []
        for current in inputs.unbind():
            received = current if across is None or not sent else current + sent[-1] @ across.t()
            ones = []
            for _ in range(self.recipe.repeats):
                one, states = step(received, states, values)
                ones.append(one)
            sent.append(_any(ones))
        return torch.stack(sent), torch.stack(states) if states else state


def _memory_order(inputs: torch.Tensor) -> list[int] | None:
    """The axes of (T, batch, C, H, W) in the order in which channels-last memory holds them; None where they lie in order."""
    if inputs.ndim != 5 or inputs.is_contiguous() or not inputs.permute(0, 1, 3, 4, 2).is_contiguous():
        return None
    return [0, 1, 3, 4, 2]


def _reordered(values: torch.Tensor, shape: torch.Size, order: list[int]) -> torch.Tensor:
    """Values of every neuron (…, N), the neurons' axes reordered as those behind time and batch are in ``order``."""
    axes = [0, *(axis - 1 for axis in order[2:])]
    if values.ndim == 3:
        axes = [0, 1, *order[2:]]
    return values.unflatten(-1, shape).permute(axes).flatten(len(axes) - len(shape))


def _each(value: torch.Tensor, neurons: int) -> torch.Tensor:
    """A parameter as a number, or one value per neuron: those of a channel follow one another."""
    if value.ndim == 0 or len(value) in (1, neurons):
        return value
    return value.repeat_interleave(neurons // len(value))


def _any(sent: list[torch.Tensor]) -> torch.Tensor:
    """What a step sends: the first of what its substeps do. Every substep gets its gradient, for any of them could have spiked."""
    if len(sent) == 1:
        return sent[0]
    first, total = sent[0].detach(), torch.stack(sent).sum(dim=0)
    for one in sent[1:]:
        first = torch.where(first != 0, first, one.detach())
    return first + total - total.detach()
