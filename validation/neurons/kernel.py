"""The fused kernel: numba code over all time steps, forward and backward, compiled once and kept on disk."""

import functools
import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import torch

from validation.neurons.recipe import Recipe
from validation.neurons.source import module_source
from validation.threads import over_threads


@dataclass(frozen=True)
class Kernel:
    """What every backend offers, over contiguous tensors that are filled in place. T: time steps, B: batch, N: neurons, S: states.

    Attributes:
        infer: (inputs (T, B, N), state (S, B, N), constants (C, N), out (T, B, N)): fills out, and state by that after the steps.
        forward: (inputs, state, constants, out, kept (S, T · repeats, B, N)): keeps the states before each substep as well.
        backward: (grad_out, grad_state, kept, inputs, constants, grad_inputs, grad_constants (B, K, N)): fills grad_inputs, and
            grad_state by the adjoint before the first step; adds to grad_constants.
    """

    infer: Callable[..., None]
    forward: Callable[..., None]
    backward: Callable[..., None]


WORTH_THREADS = 2**20
"""Updates of a neuron by a time step from which on several threads share them: a millisecond's work."""


def _over_tensors(function: Callable[..., None]) -> Callable[..., None]:
    """A function of a range of samples and numpy arrays, the first (T, B, N), as one of torch tensors on the CPU."""

    def run(*tensors: torch.Tensor) -> None:
        arrays, batch = [x.detach().numpy() for x in tensors], tensors[0].shape[1]
        if tensors[0].numel() < WORTH_THREADS:
            function(0, batch, *arrays)
        else:
            over_threads(lambda part: function(part.start, part.stop, *arrays), batch)

    return run


@functools.cache
def kernel(recipe: Recipe, dtype: torch.dtype) -> Kernel:
    """The kernel of a recipe on the CPU."""
    source = module_source(recipe, str(dtype).removeprefix("torch."))
    module = load_source(recipe.neuron.type, source)
    return Kernel(*(_over_tensors(function) for function in (module.infer, module.forward, module.backward)))


def load_source(name: str, source: str) -> ModuleType:
    """The module of a generated source, kept on disk under its content, where numba finds what it compiled before."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "costmodel" / "kernels"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.replace('-', '_')}_{hashlib.sha256(source.encode()).hexdigest()[:16]}.py"
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
