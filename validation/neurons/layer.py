"""A population as a torch module."""

from collections.abc import Mapping
from typing import Literal

import sympy
import torch
from torch import nn

from graphs.adjoint import SURROGATES
from graphs.discretise import substeps
from graphs.errors import InputError, nearest
from graphs.neuron import Neuron
from validation.neurons.constants import step_constants
from validation.neurons.equations import step_equations
from validation.neurons.kernel import Fused, infer, kernel, trace
from validation.neurons.source import surrogate_constants
from validation.neurons.twin import twin


class NeuronLayer(nn.Module):
    """Neurons of one type over all time steps of a batch.

    Args:
        neuron: the neuron.
        parameters: its parameters: numbers, or tensors of one value per neuron, SI; missing ones take their default.
        dt: length of a time step, s; a neuron whose integrator needs shorter steps takes several.
        reset: name of a reset; None is the neuron's default.
        surrogate: derivative put in place of the spike's.
        steepness: constants of the surrogate (``k_surrogate``), where they should differ from the usual.
        trained: names of parameters that are trained.
        backend: "numba" for the fused kernel, "torch" for its twin in plain operations.

    Raises:
        InputError: an unknown parameter or surrogate, or a parameter without a value.
    """

    def __init__(
        self,
        neuron: type[Neuron],
        parameters: Mapping[str, float | torch.Tensor],
        dt: float,
        *,
        reset: str | None = None,
        surrogate: str = "fast-sigmoid",
        steepness: Mapping[str, float] | None = None,
        trained: frozenset[str] = frozenset(),
        backend: Literal["numba", "torch"] = "numba",
    ) -> None:
        super().__init__()
        for name in (*parameters, *trained):
            if name not in neuron.params:
                raise InputError(f"'{neuron.type}' has no parameter '{name}'", mend=nearest(name, neuron.params))
        if surrogate not in SURROGATES:
            raise InputError(f"there is no surrogate '{surrogate}'", mend=nearest(surrogate, SURROGATES))
        self.neuron, self.dt, self.reset, self.surrogate, self.backend = neuron, dt, reset, surrogate, backend
        self.repeats = substeps(neuron, dt)
        self.steepness = dict(steepness or {})
        zero = set()
        for name, param in neuron.params.items():
            value = parameters.get(name, param.default)
            if value is None:
                raise InputError(f"'{neuron.type}' needs '{name}'", mend=f"give it, in {param.unit}")
            tensor = torch.as_tensor(value, dtype=torch.get_default_dtype())
            if name in trained:
                self.register_parameter(name, nn.Parameter(tensor.clone()))
            else:
                self.register_buffer(name, tensor)
                if not tensor.any():
                    zero.add(name)
        self.zero, self.trained = frozenset(zero), trained
        self.equations = step_equations(neuron, reset, self.zero)
        self.extra = surrogate_constants(neuron, surrogate, reset, self.zero)
        self._fixed: torch.Tensor | None = None
        known = {name: float(getattr(self, name).detach().mean()) for name in neuron.params}
        starts = (sympy.sympify(state.initial).subs(known) for state in neuron.states.values())
        self._start = torch.tensor([float(start) for start in starts]).reshape(-1, 1, 1)

    def constants(self) -> torch.Tensor:
        """Constants of the step, (C, N) or (C, 1), as they follow from the parameters now."""
        if self._fixed is not None:
            return self._fixed
        values = {name: getattr(self, name) for name in self.neuron.params}
        names = (*self.equations.constants, *self.extra)
        found = torch.zeros((0, 1))
        if names:
            found = step_constants(self.neuron, values, self.dt / self.repeats, names, self.steepness)
        if not self.trained:
            self._fixed = found
        return found

    def initial_state(self, batch: int, neurons: int) -> torch.Tensor:
        """The state before the first step, (S, batch, neurons)."""
        return self._start.expand(-1, batch, neurons).clone()

    def forward(self, inputs: torch.Tensor, state: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """All time steps.

        Args:
            inputs: (T, batch, *shape) weighted sums of what arrives at each step.
            state: (S, batch, neurons) to go on from; None starts afresh.

        Returns:
            What is sent, of the shape of ``inputs``; and the state after the last step.
        """
        flat = inputs.reshape(*inputs.shape[:2], -1)
        start = self.initial_state(flat.shape[1], flat.shape[2]).to(flat.dtype) if state is None else state
        constants = self.constants().to(flat.dtype)
        if self.backend == "torch":
            out, after = self._unrolled(flat, start, constants)
        else:
            names = tuple(self.equations.constants) if self.trained else ()
            module = kernel(self.neuron, self.surrogate, self.reset, self.zero, flat.dtype, self.repeats, names)
            if torch.is_grad_enabled():
                out, after = Fused.apply(flat, start, constants, module, self.repeats, tuple(range(len(names))))
            else:
                out, after = infer(flat, start, constants, module, self.repeats)
        return out.reshape(inputs.shape), after

    def trace(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What is sent, of the shape of ``inputs`` (T, batch, *shape), and the states after each step, (S, T, batch, neurons).

        There is no way back through it.
        """
        flat = inputs.reshape(*inputs.shape[:2], -1)
        module = kernel(self.neuron, self.surrogate, self.reset, self.zero, flat.dtype, self.repeats, ())
        start = self.initial_state(flat.shape[1], flat.shape[2]).to(flat.dtype)
        out, states = trace(flat, start, self.constants().to(flat.dtype), module, self.repeats)
        return out.reshape(inputs.shape), states

    def _unrolled(self, inputs: torch.Tensor, state: torch.Tensor, constants: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        step = twin(self.neuron, self.surrogate, self.reset, self.zero, self.extra)
        states, values, sent = list(state.unbind()), list(constants.unbind()), []
        for current in inputs.unbind():
            ones = []
            for _ in range(self.repeats):
                one, states = step(current, states, values)
                ones.append(one)
            sent.append(_any(ones))
        return torch.stack(sent), torch.stack(states) if states else state


def _any(sent: list[torch.Tensor]) -> torch.Tensor:
    """What a step sends: the first of what its substeps do. Every substep gets its gradient, for any of them could have spiked."""
    if len(sent) == 1:
        return sent[0]
    first, total = sent[0].detach(), torch.stack(sent).sum(dim=0)
    for one in sent[1:]:
        first = torch.where(first != 0, first, one.detach())
    return first + total - total.detach()
