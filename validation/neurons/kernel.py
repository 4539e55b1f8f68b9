"""The fused kernel: code over all time steps, forward and backward, compiled once and kept on disk; by numba on CPUs,
by Triton on GPUs."""

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
from typing import Any

import torch

from costmodel.graphs.errors import InputError
from costmodel.validation.kernels.threads import over_threads
from costmodel.validation.neurons.recipe import Recipe
from costmodel.validation.neurons.source import module_source
from costmodel.validation.neurons.triton_source import triton_source


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


UPDATE = 1e-9
"""What a neuron takes for a time step, s, about."""


def _over_tensors(function: Callable[..., None]) -> Callable[..., None]:
    """A function of a range of samples and numpy arrays, the first (T, B, N), as one of torch tensors on the CPU."""

    def run(*tensors: torch.Tensor) -> None:
        arrays, batch = [x.detach().numpy() for x in tensors], tensors[0].shape[1]
        seconds = UPDATE * tensors[0].shape[0] * tensors[0].shape[2]
        over_threads(lambda part: function(part.start, part.stop, *arrays), batch, seconds)

    return run


BLOCK = 128
"""Elements of a Triton program, one for each of its threads: small, so that small layers still fill a GPU."""


def _launched(function: Any) -> Callable[..., None]:
    """A Triton kernel of tensors, the first (T, B, N), as a function of tensors on one GPU."""

    def run(*tensors: torch.Tensor) -> None:
        steps, batch, neurons = tensors[0].shape
        size = batch * neurons
        with torch.cuda.device_of(tensors[0]):
            function[(-(-size // BLOCK),)](*tensors, steps, size, neurons, BLOCK=BLOCK)

    return run


def check_device(device: str) -> None:
    """Refuses a torch device type for which no kernel is generated.

    Raises:
        InputError: it is such a one, or what compiles its kernels is not installed.
    """
    if device not in ("cpu", "cuda"):
        raise InputError(f"there is no neuron kernel for '{device}'", mend="use cpu or cuda")
    if device == "cuda" and importlib.util.find_spec("triton") is None:
        raise InputError("neurons on a GPU are compiled by triton, which is not installed", mend="pip install triton")


@functools.cache
def kernel(recipe: Recipe, dtype: torch.dtype, device: str) -> Kernel:
    """The kernel of a recipe on a torch device type.

    Raises:
        InputError: as `check_device`.
    """
    check_device(device)
    return (triton_kernel if device == "cuda" else numba_kernel)(recipe, dtype)


def numba_kernel(recipe: Recipe, dtype: torch.dtype) -> Kernel:
    """The kernel on CPUs."""
    module = load_source(recipe.neuron.type, module_source(recipe, _name(dtype)))
    return Kernel(*(_over_tensors(function) for function in (module.infer, module.forward, module.backward)))


def triton_kernel(recipe: Recipe, dtype: torch.dtype) -> Kernel:
    """The kernel on GPUs."""
    module = load_source(f"{recipe.neuron.type}_gpu", triton_source(recipe, _name(dtype)))
    return Kernel(*(_launched(function) for function in (module.infer, module.forward, module.backward)))


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


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
