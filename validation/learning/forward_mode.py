"""Forward-mode learning: the influence of every parameter on every state is carried forward, step by step.

    M ← A M + D,  A = ∂s'/∂s,  D = ∂s'/∂w;   ∂L/∂w = Σ_t ∂L/∂o_t (∂o_t/∂s M + ∂o_t/∂w)

with s the states of the whole network and o what its nodes send. (Williams & Zipser, "A learning algorithm for continually running
fully recurrent neural networks", Neural Computation 1, 1989.) A loss over counts or maxima is known only at the end of a sample, so
the errors ∂L/∂o_t come from a first pass, without gradients.
"""

from collections.abc import Collection, Mapping
from typing import Any

import torch
from torch import nn

from costmodel.graphs.nodes.boundary import Input
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.parts import Sent
from costmodel.validation.runner.response import counted
from costmodel.validation.runner.stepping import Stepper


class ForwardModel(NetworkModel):
    """A network whose gradients are found forward in time; it keeps nothing of the steps that are past."""

    def forward(self, inputs: Mapping[str, torch.Tensor] | torch.Tensor, keep: Collection[str] | None = None) -> Sent:
        """As `NetworkModel.forward`, with gradients by `_Influence`."""
        with torch.no_grad():
            sent = super().forward(inputs, keep)
        if not torch.is_grad_enabled():
            return sent
        wanted = [n for n in dict.fromkeys([*self.network.outputs, *counted(self.network)]) if n not in self.network.inputs]
        trained = [p for p in self.parts.parameters() if p.requires_grad]
        found = _Influence.apply(self, self.checked(inputs), wanted, *(sent[name] for name in wanted), *trained)
        return {**sent, **dict(zip(wanted, found, strict=True))}


class _Influence(torch.autograd.Function):
    """Passes on what was sent; backward, runs the network once more, with its influence."""

    @staticmethod
    def forward(ctx: Any, model: ForwardModel, given: Sent, wanted: list[str], *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        ctx.model, ctx.given, ctx.wanted = model, given, wanted
        return tuple(tensor.clone() for tensor in tensors[: len(wanted)])

    @staticmethod
    def backward(ctx: Any, *errors: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        found = gradients(ctx.model, ctx.given, dict(zip(ctx.wanted, errors, strict=True)))
        return None, None, None, *(None for _ in ctx.wanted), *found


def gradients(model: NetworkModel, given: Sent, errors: Mapping[str, torch.Tensor]) -> list[torch.Tensor]:
    """∂L/∂w of the trained parameters, in their order.

    Args:
        model: the network, its neurons in plain torch operations.
        given: what the inputs send, (T, B, *shape).
        errors: node → ∂L/∂o, (T, B, *shape).
    """
    one = _OneStep(model, list(given), list(errors))
    example = next(iter(given.values()))
    values = {name: p.detach() for name, p in one.named_parameters() if p.requires_grad}
    sizes = [value.numel() for value in values.values()]

    def shaped(flat: torch.Tensor) -> dict[str, torch.Tensor]:
        parts = flat.split(sizes)
        return {name: part.reshape(value.shape) for (name, value), part in zip(values.items(), parts, strict=True)}

    def step(weights: torch.Tensor, state: torch.Tensor, *known: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        after = torch.func.functional_call(one, shaped(weights), (state, *known))
        return after, after

    jacobians = torch.func.vmap(torch.func.jacrev(step, argnums=(0, 1), has_aux=True), in_dims=(None, 0, *(0 for _ in given)))
    weights, state = torch.cat([value.flatten() for value in values.values()]), one.start(example)
    total, size = torch.zeros_like(weights), state.shape[1]
    influence = example.new_zeros((len(state), size, len(weights)))
    for t in range(len(example)):
        (by_weight, by_state), after = jacobians(weights, state, *(sent[t] for sent in given.values()))
        whole = by_state @ influence + by_weight
        influence, state = whole[:, :size], after[:, :size]
        error = torch.cat([e[t].flatten(1) for e in errors.values()], dim=1)
        total += torch.einsum("bo,bop->p", error, whole[:, size:])
    return list(shaped(total).values())


class _OneStep(nn.Module):
    """One step of one sample: (states, inputs…) → states and what is sent, all as one vector."""

    def __init__(self, model: NetworkModel, inputs: list[str], outputs: list[str]) -> None:
        super().__init__()
        network = model.network
        self.parts, self.inputs, self.outputs = model.parts, inputs, outputs
        names = [name for name in network.shapes if not isinstance(network.nodes[name], Input)]
        self.stepper = Stepper(network, model.parts, names)
        edges = [(a, b) for b in names for a in network.graph.pred[b]]
        self.late = sorted({a for a, b in edges if self.stepper.waits(a, b)})
        self.shapes: list[torch.Size] = []

    def start(self, like: torch.Tensor) -> torch.Tensor:
        """The states before the first step, (B, states), for inputs ``like`` (T, B, …)."""
        now, memory = self.stepper.start(like)
        parts = [*(now[name] for name in self.late), *memory.values()]
        self.memories = list(memory)
        self.shapes = [torch.Size((part.shape[0], 1, *part.shape[2:])) for part in parts]
        return torch.cat([part.movedim(1, 0).flatten(1) for part in parts], dim=1)

    def forward(self, state: torch.Tensor, *known: torch.Tensor) -> torch.Tensor:
        """The step."""
        parts = [p.reshape(shape) for p, shape in zip(state.split([s.numel() for s in self.shapes]), self.shapes, strict=True)]
        now, memory = dict(zip(self.late, parts, strict=False)), dict(zip(self.memories, parts[len(self.late) :], strict=True))
        outside = {name: sent.reshape(1, 1, *sent.shape) for name, sent in zip(self.inputs, known, strict=True)}
        sent, after = self.stepper.step(outside, now, memory)
        told = [
            *(sent[name] for name in self.late),
            *(after[name] for name in self.memories),
            *(sent[name] for name in self.outputs),
        ]
        return torch.cat([part.flatten() for part in told])
