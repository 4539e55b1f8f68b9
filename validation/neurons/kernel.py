"""The fused kernel as a torch function: numba code over all time steps, forward and backward, compiled once and kept on disk."""

import functools
import hashlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from graphs.neuron import Neuron
from validation.neurons.source import module_source


@functools.cache
def kernel(
    neuron: type[Neuron],
    surrogate: str,
    reset: str | None,
    zero: frozenset[str],
    dtype: torch.dtype,
    repeats: int,
    trained: tuple[str, ...],
) -> ModuleType:
    """The compiled module of a neuron: ``infer``, ``forward`` and ``backward`` as `module_source` describes."""
    source = module_source(neuron, surrogate, reset, zero, str(dtype).removeprefix("torch."), repeats, trained)
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "costmodel" / "kernels"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{neuron.type.replace('-', '_')}_{hashlib.sha256(source.encode()).hexdigest()[:16]}.py"
    if not path.exists():
        handle, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(source)
        os.replace(temporary, path)
    spec = importlib.util.spec_from_file_location(f"costmodel_kernel_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path}: cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where numba looks for what it has compiled before
    spec.loader.exec_module(module)
    return module


def infer(
    inputs: torch.Tensor, state: torch.Tensor, constants: torch.Tensor, module: ModuleType, repeats: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """All steps without a way back: what is sent (T, B, N), and the state after the last step (S, B, N)."""
    inputs, after = inputs.contiguous(), state.clone(memory_format=torch.contiguous_format)
    out = _fresh(inputs, repeats)
    spread = constants.expand(-1, inputs.shape[2]).contiguous()
    module.infer(*(x.detach().numpy() for x in (inputs, after, spread, out)))
    return out, after


def trace(
    inputs: torch.Tensor, state: torch.Tensor, constants: torch.Tensor, module: ModuleType, repeats: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """All steps without a way back: what is sent (T, B, N), and the states after each step (S, T, B, N)."""
    inputs, after = inputs.contiguous(), state.clone(memory_format=torch.contiguous_format)
    out, spread = _fresh(inputs, repeats), constants.expand(-1, inputs.shape[2]).contiguous()
    kept = inputs.new_empty((state.shape[0], len(inputs) * repeats, *inputs.shape[1:]))
    module.forward(*(x.detach().numpy() for x in (inputs, after, spread, out, kept)))
    return out, torch.cat([kept[:, repeats::repeats], after.unsqueeze(1)], dim=1)


def _fresh(like: torch.Tensor, repeats: int) -> torch.Tensor:
    """Where results go: zeros only where substeps add to them, for touching memory once more costs as much as the kernel."""
    return torch.empty_like(like) if repeats == 1 else torch.zeros_like(like)


class Fused(torch.autograd.Function):
    """inputs (T, B, N), state (S, B, N), constants (C, N) → what is sent (T, B, N), and the state after the last step."""

    @staticmethod
    def forward(
        ctx: Any,
        inputs: torch.Tensor,
        state: torch.Tensor,
        constants: torch.Tensor,
        module: ModuleType,
        repeats: int,
        trained: tuple[int, ...],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Runs all steps; keeps the states before each for the way back."""
        steps, batch, neurons = inputs.shape
        spread = constants.expand(-1, neurons).contiguous()
        inputs, after = inputs.contiguous(), state.clone(memory_format=torch.contiguous_format)
        out = _fresh(inputs, repeats)
        kept = inputs.new_empty((state.shape[0], steps * repeats, batch, neurons))
        module.forward(*(x.detach().numpy() for x in (inputs, after, spread, out, kept)))
        ctx.save_for_backward(inputs, spread, kept)
        ctx.module, ctx.repeats, ctx.trained, ctx.shared = module, repeats, trained, constants.shape[1] == 1
        return out, after

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Runs all steps backward."""
        inputs, spread, kept = ctx.saved_tensors
        grad_out, grad_state = grads[0].contiguous(), grads[1].clone(memory_format=torch.contiguous_format)
        grad_inputs = _fresh(inputs, ctx.repeats)
        batch, neurons = inputs.shape[1:]
        grad_constants = inputs.new_zeros((batch, len(ctx.trained), neurons))
        arrays = (grad_out, grad_state, kept, inputs, spread, grad_inputs, grad_constants)
        ctx.module.backward(*(x.detach().numpy() for x in arrays))
        whole = None
        if ctx.trained:
            whole = torch.zeros_like(spread)
            whole[list(ctx.trained)] = grad_constants.sum(dim=0)
            whole = whole.sum(dim=1, keepdim=True) if ctx.shared else whole
        return grad_inputs, grad_state, whole, None, None, None
