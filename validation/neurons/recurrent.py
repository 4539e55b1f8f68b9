"""Neurons that excite themselves through one weight matrix: the loop over time and its way back without autograd in between."""

from typing import Any

import torch

from costmodel.validation.neurons.fused import fresh, of_constants, spread
from costmodel.validation.neurons.kernel import Kernel
from costmodel.validation.neurons.recipe import Recipe


def infer(
    inputs: torch.Tensor, state: torch.Tensor, constants: torch.Tensor, weight: torch.Tensor, kernel: Kernel, recipe: Recipe
) -> tuple[torch.Tensor, torch.Tensor]:
    """As `Recurrent`, without a way back: of what was received only the latest step is kept."""
    inputs, after = inputs.contiguous(), state.clone(memory_format=torch.contiguous_format)
    out, received = fresh(inputs, recipe), torch.empty_like(inputs[:1])
    known, across = spread(constants, inputs), weight.t()
    for t in range(len(inputs)):
        now = inputs[t : t + 1]
        if t:
            torch.addmm(inputs[t], out[t - 1], across, out=received[0])
            now = received
        kernel.infer(now, after, known, out[t : t + 1])
    return out, after


class Recurrent(torch.autograd.Function):
    """inputs (T, B, N), state (S, B, N), constants (C, N), weight (N, N) → what is sent (T, B, N), and the state after.

    At step t the neurons receive inputs[t] + weight · out[t − 1].
    """

    @staticmethod
    def forward(
        ctx: Any,
        inputs: torch.Tensor,
        state: torch.Tensor,
        constants: torch.Tensor,
        weight: torch.Tensor,
        kernel: Kernel,
        recipe: Recipe,
        names: tuple[str, ...],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Runs all steps; keeps for each what was received and the states before."""
        steps, batch, neurons = inputs.shape
        received = inputs.clone(memory_format=torch.contiguous_format)
        after, out = state.clone(memory_format=torch.contiguous_format), fresh(inputs.contiguous(), recipe)
        kept = inputs.new_empty((steps, state.shape[0], recipe.repeats, batch, neurons))
        known, across = spread(constants, inputs), weight.t()
        for t in range(steps):
            if t:
                received[t].addmm_(out[t - 1], across)
            kernel.forward(received[t : t + 1], after, known, out[t : t + 1], kept[t])
        ctx.save_for_backward(received, constants, weight, kept, out)
        ctx.kernel, ctx.recipe, ctx.names = kernel, recipe, names
        return out, after

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Runs all steps backward; what a step received of the last one's spikes gives them their gradient."""
        received, constants, weight, kept, out = ctx.saved_tensors
        steps, batch, neurons = received.shape
        grad_out = grads[0].clone(memory_format=torch.contiguous_format)
        grad_state = grads[1].clone(memory_format=torch.contiguous_format)
        delta, known = fresh(received, ctx.recipe), spread(constants, received)
        grad_constants = received.new_zeros((batch, len(ctx.recipe.trained), neurons))
        for t in range(steps - 1, -1, -1):
            if t < steps - 1:
                grad_out[t].addmm_(delta[t + 1], weight)
            last = slice(t, t + 1)
            ctx.kernel.backward(grad_out[last], grad_state, kept[t], received[last], known, delta[last], grad_constants)
        grad_weight = delta[1:].flatten(0, 1).t() @ out[:-1].flatten(0, 1)
        of_names = of_constants(grad_constants, constants, ctx.recipe, ctx.names)
        return delta, grad_state, of_names, grad_weight, None, None, None
