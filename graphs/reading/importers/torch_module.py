"""Torch modules as network documents: in memory, or saved whole in a file."""

import importlib
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install
from costmodel.graphs.reading.dialects import FOR_NIR_ALONE, PLAIN, Dialect
from costmodel.graphs.reading.importers.nir import Arrays

if TYPE_CHECKING:
    import torch

    from costmodel.graphs.reading.tracing.traced import Traced

SUFFIXES = (".pt", ".pth")


def read(path: Path, sample: Any = None, by: Dialect = PLAIN) -> tuple[dict, Arrays, list[str]]:
    """The network document of a module saved with ``torch.save(module, path)``; it is named after the file.

    Unpickling runs code: read only files that you trust. (torch cannot save snnTorch neurons whose surrogate is a closure,
    as ``surrogate.fast_sigmoid()`` is: hand such a module to `from_torch`.)

    Args:
        path: the ``.pt`` or ``.pth`` file.
        sample: as in `from_torch`, or the shape of one sample; may be left out where the first layer is a ``Linear``.
        by: no use: a module says itself how its neurons step.

    Raises:
        InputError: a dialect was given, no such file, no saved module, a class that cannot be imported, or a module that
            `from_torch` refuses.
    """
    path, torch = Path(path), _need("torch")
    where = str(path)
    if by != PLAIN:
        raise InputError("a torch module says itself how its neurons step", mend=FOR_NIR_ALONE, where=where)
    if not path.is_file():
        raise InputError("there is no such file", mend="give the path of a module saved with torch.save", where=where)
    try:
        module = torch.load(path, map_location="cpu", weights_only=False)
    except (ModuleNotFoundError, AttributeError) as error:
        mend = "install or put on PYTHONPATH what defines the module's classes"
        raise InputError(f"the module's code cannot be imported ({error})", mend=mend, where=where) from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, IndexError, OSError) as error:
        reason = f"torch cannot read it ({type(error).__name__})"
        raise InputError(reason, mend="save it again with torch.save(module, path)", where=where) from None
    if not isinstance(module, torch.nn.Module):
        what = f"it holds a {type(module).__name__}, not a module"
        raise InputError(what, mend="save the module itself, torch.save(module, path), not its state_dict", where=where)
    if sample is None:
        first = next((layer for layer in torch.nn.Module.modules(module) if getattr(layer, "weight", None) is not None), None)
        if first is None or not isinstance(first, torch.nn.Linear):
            mend = "give --shape, as in --shape 2,34,34, or in Python a sample"
            raise InputError("the shape of its input cannot be told", mend=mend, where=where)
        sample = (1, first.in_features)
    try:
        found = from_torch(module, sample, path.stem)
    except InputError as error:
        raise error.at(where) from None
    return found.document, found.arrays, found.told


def from_torch(
    module: "torch.nn.Module", sample: Any, name: str = "torch", *, over_time: bool = False, measure: bool = False
) -> "Traced":
    """A torch module as it runs on a sample. The module itself is left as it is.

    Args:
        module: the network, of torch's layers and functions and of neurons that are known: those of the libraries in
            `graphs.reading.modules`, and those that were registered. Its ``forward`` may run one time step or many.
        sample: what ``forward`` takes: a tensor or array, batch and time where the module wants them; several of them in a tuple;
            or a shape, of which one of a single number is that of one sample.
        name: name of the network.
        over_time: ``forward`` takes one time step, and the sample's first axis counts time steps.
        measure: whether activity is measured on the sample.

    Raises:
        InputError: no module, a sample that it does not take, values that are not finite, or something that no network does: named,
            with its place in the module and a mend.
    """
    torch = _need("torch")
    if not isinstance(module, torch.nn.Module):
        raise InputError(f"a {type(module).__name__} is no torch module", mend="give a torch.nn.Module", where=name)
    kinds = {str(x.dtype) for x in torch.nn.Module.parameters(module) if x.is_floating_point()} - {"torch.float32"}
    if kinds:
        what = f"its parameters are of type {min(kinds)}, and networks run in torch.float32"
        raise InputError(what, mend="give module.float(), and look whether the accuracy is the same", where=name)
    for key, value in torch.nn.Module.named_parameters(module):
        if not bool(torch.isfinite(value).all()):
            raise InputError(f"parameter '{key}' holds values that are not finite", mend="remove NaN and infinity", where=name)
    from costmodel.graphs.reading.tracing.traced import OverTime, traced

    inputs = tuple(_tensor(x, torch, name) for x in _several(sample))
    return traced(OverTime(module) if over_time else module, inputs, name, measure=measure)


def _several(sample: Any) -> list[Any]:
    """The tensors of a sample, or the shape that stands for one."""
    if isinstance(sample, tuple | list) and not all(isinstance(size, int) for size in sample):
        return list(sample)
    return [sample]


def _tensor(sample: Any, torch: Any, name: str) -> "torch.Tensor":
    """A sample's tensor; zeros of a shape."""
    if isinstance(sample, tuple | list):
        if not sample or any(not isinstance(size, int) or size < 1 for size in sample):
            raise InputError(f"{sample!r} is no shape", mend="give whole numbers of 1 or more, as in (1, 2, 34, 34)", where=name)
        return torch.zeros(tuple(sample) if len(sample) > 1 else (1, *sample))
    if isinstance(sample, np.ndarray):
        sample = torch.as_tensor(sample)
    if not isinstance(sample, torch.Tensor):
        what = f"a sample of type {type(sample).__name__}"
        raise InputError(what, mend="give a tensor, an array, or a shape such as (1, 2, 34, 34)", where=name)
    if sample.is_floating_point() and not bool(torch.isfinite(sample).all()):
        raise InputError("the sample holds values that are not finite", mend="remove NaN and infinity", where=name)
    plain = sample.detach().cpu()
    plain = plain.float() if plain.is_floating_point() or plain.dtype == torch.bool else plain
    return plain[None] if plain.ndim == 1 else plain


def _need(package: str) -> Any:
    """The package, or an InputError that says how to get it."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        missing = (error.name or package).partition(".")[0]
        mend = install("torch") if missing == "torch" else f"pip install {missing}"
        raise InputError(f"the package '{missing}' is not installed", mend=mend) from None
