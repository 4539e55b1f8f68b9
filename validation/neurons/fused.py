"""The kernel as a torch function of all time steps."""

from typing import Any

import torch

from costmodel.validation.neurons.kernel import Kernel
from costmodel.validation.neurons.recipe import Recipe


def infer(
    inputs: torch.Tensor, state: torch.Tensor, constants: torch.Tensor, kernel: Kernel, recipe: Recipe
) -> tuple[torch.Tensor, torch.Tensor]:
    """All steps without a way back: what is sent (T, B, N), and the state after the last step (S, B, N)."""
    inputs, after = inputs.contiguous(), state.clone(memory_format=torch.contiguous_format)
    out = fresh(inputs, recipe)
    kernel.infer(inputs, after, spread(constants, inputs), out)
    return out, after


def trace(
    inputs: torch.Tensor, state: torch.Tensor, constants: torch.Tensor, kernel: Kernel, recipe: Recipe
) -> tuple[torch.Tensor, torch.Tensor]:
    """All steps without a way back: what is sent (T, B, N), and the states after each step (S, T, B, N)."""
    inputs, after = inputs.contiguous(), state.clone(memory_format=torch.contiguous_format)
    out = fresh(inputs, recipe)
    kept = inputs.new_empty((state.shape[0], len(inputs) * recipe.repeats, *inputs.shape[1:]))
    kernel.forward(inputs, after, spread(constants, inputs), out, kept)
    return out, torch.cat([kept[:, recipe.repeats :: recipe.repeats], after.unsqueeze(1)], dim=1)


def fresh(like: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Where results go: zeros only where substeps add to them, for touching memory once more costs as much as the kernel."""
    return torch.empty_like(like) if recipe.repeats == 1 else torch.zeros_like(like)


def spread(constants: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """Constants (C, N) of every neuron."""
    return constants.expand(-1, inputs.shape[2]).contiguous()


def of_constants(grads: torch.Tensor, constants: torch.Tensor, recipe: Recipe, names: tuple[str, ...]) -> torch.Tensor | None:
    """The gradient of the constants (C, N) or (C, 1), from that of the trained ones in every sample (B, K, N)."""
    if not recipe.trained:
        return None
    whole = grads.new_zeros((constants.shape[0], grads.shape[2]))
    whole[[names.index(name) for name in recipe.trained]] = grads.sum(dim=0)
    return whole.sum(dim=1, keepdim=True) if constants.shape[1] == 1 else whole


class Fused(torch.autograd.Function):
    """inputs (T, B, N), state (S, B, N), constants (C, N) → what is sent (T, B, N), and the state after the last step."""

    @staticmethod
    def forward(
        ctx: Any,
        inputs: torch.Tensor,
        state: torch.Tensor,
        constants: torch.Tensor,
        kernel: Kernel,
        recipe: Recipe,
        names: tuple[str, ...],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Runs all steps; keeps the states before each for the way back. ``names`` are those of the constants."""
        steps, batch, neurons = inputs.shape
        inputs, after = inputs.contiguous(), state.clone(memory_format=torch.contiguous_format)
        out = fresh(inputs, recipe)
        kept = inputs.new_empty((state.shape[0], steps * recipe.repeats, batch, neurons))
        kernel.forward(inputs, after, spread(constants, inputs), out, kept)
        ctx.save_for_backward(inputs, constants, kept)
        ctx.kernel, ctx.recipe, ctx.names = kernel, recipe, names
        return out, after

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Runs all steps backward."""
        inputs, constants, kept = ctx.saved_tensors
        grad_out, grad_state = grads[0].contiguous(), grads[1].clone(memory_format=torch.contiguous_format)
        grad_inputs = fresh(inputs, ctx.recipe)
        grad_constants = inputs.new_zeros((inputs.shape[1], len(ctx.recipe.trained), inputs.shape[2]))
        ctx.kernel.backward(grad_out, grad_state, kept, inputs, spread(constants, inputs), grad_inputs, grad_constants)
        return grad_inputs, grad_state, of_constants(grad_constants, constants, ctx.recipe, ctx.names), None, None, None
