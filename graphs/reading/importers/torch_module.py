"""Torch modules as network documents: in memory, or saved whole in a file."""

import importlib
import importlib.util
import pickle
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install
from costmodel.graphs.reading.dialects import PLAIN, Dialect
from costmodel.graphs.reading.importers.nir import Arrays

if TYPE_CHECKING:
    import torch

    from costmodel.graphs.reading.tracing.traced import Traced

SUFFIXES = (".pt", ".pth")


def read(path: Path, sample: Any = None, by: Dialect = PLAIN) -> tuple[dict, Arrays, list[str]]:
    """Refuses: a saved module is code, and runs as it is read. `saved` reads it, once somebody says that it may.

    Raises:
        InputError: always.
    """
    del sample, by
    raise _untrusted(str(path))


def saved(
    path: Path, sample: Any = None, *, trust: bool = False, model: str | None = None, over_time: bool = False, measure: bool = False
) -> "Traced":
    """The network of a module saved with ``torch.save(module, path)``, or of its state dict; it is named after the file.

    (torch cannot save snnTorch neurons whose surrogate is a closure, as ``surrogate.fast_sigmoid()`` is: save their state dict.)

    Args:
        path: the ``.pt`` or ``.pth`` file.
        sample: as in `from_torch`; may be left out where the first layer is a ``Linear``.
        trust: whether a module may be unpickled, which runs code of the file's writer. A state dict is read without.
        model: of a state dict: ``FILE.py:NAME``, a function or class that makes the module without arguments; the file is run.
        over_time, measure: as in `from_torch`.

    Raises:
        InputError: no such file, nothing that torch saved, a module that nobody trusts, a state dict without a model, or of
            another, or a module that `from_torch` refuses.
    """
    path, torch = Path(path), need("torch")
    where = str(path)
    if not path.is_file():
        raise InputError("there is no such file", mend="give the path of what torch.save wrote", where=where)
    module = _with_state(path, model, torch) if model is not None else _module(path, torch, trust=trust)
    if sample is None:
        first = next((layer for layer in torch.nn.Module.modules(module) if getattr(layer, "weight", None) is not None), None)
        if first is None or not isinstance(first, torch.nn.Linear):
            raise InputError("the shape of its input cannot be told", mend="give --shape, as in --shape 2,34,34", where=where)
        sample = (1, first.in_features)
    try:
        return from_torch(module, sample, path.stem, over_time=over_time, measure=measure)
    except InputError as error:
        raise error.at(where) from None


def _module(path: Path, torch: Any, *, trust: bool) -> Any:
    """A module saved whole."""
    where = str(path)
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, IndexError, AttributeError, OSError) as error:
        if "weights_only" not in str(error).lower() and "unsupported" not in str(error).lower():
            raise _unreadable(error, where) from None
        held = None
    if held is not None:
        what = f"it holds a {type(held).__name__}, not a module"
        raise InputError(what, mend="give --model FILE.py:NAME, which makes the module that it is the state dict of", where=where)
    if not trust:
        raise _untrusted(where)
    try:
        module = torch.load(path, map_location="cpu", weights_only=False)
    except (ModuleNotFoundError, AttributeError) as error:
        mend = "install or put on PYTHONPATH what defines the module's classes"
        raise InputError(f"the module's code cannot be imported ({error})", mend=mend, where=where) from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, IndexError, OSError) as error:
        raise _unreadable(error, where) from None
    if not isinstance(module, torch.nn.Module):
        what = f"it holds a {type(module).__name__}, not a module"
        raise InputError(what, mend="save the module itself, torch.save(module, path)", where=where)
    return module


def _with_state(path: Path, model: str, torch: Any) -> Any:
    """The module that a function of a file makes, with a state dict's values."""
    file, _, name = model.rpartition(":")
    if not file or not name or not Path(file).is_file():
        raise InputError(f"'{model}' names no function of a file", mend="write FILE.py:NAME", where="--model")
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    if spec is None or spec.loader is None:
        raise InputError(f"'{file}' is no Python file", mend="write FILE.py:NAME", where="--model")
    code = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(code)
    if not callable(getattr(code, name, None)):
        raise InputError(f"'{file}' has no function '{name}'", mend="name what makes the module", where="--model")
    module = getattr(code, name)()
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        module.load_state_dict(state)
    except (pickle.UnpicklingError, EOFError, OSError) as error:
        raise _unreadable(error, str(path)) from None
    except (RuntimeError, TypeError, AttributeError, ValueError, KeyError) as error:
        what = f"it is no state dict of '{name}' ({' '.join(str(error).split())[:200]})"
        raise InputError(what, mend="give the model that it was saved of", where=str(path)) from None
    return module


def _untrusted(where: str) -> InputError:
    mend = "give --trust if you know who wrote it, or save its state dict and give --model FILE.py:NAME"
    return InputError("a saved module is a pickle, which runs its writer's code as it is read", mend=mend, where=where)


def _unreadable(error: Exception, where: str) -> InputError:
    return InputError(f"torch cannot read it ({type(error).__name__})", mend="save it again with torch.save", where=where)


def stored(path: Path) -> tuple[np.ndarray, ...]:
    """The arrays of an .npz or .npy, in their order, as a sample.

    Raises:
        InputError: there is no such file, or it holds no plain arrays.
    """
    try:
        held = np.load(path, allow_pickle=False)
        return (held,) if isinstance(held, np.ndarray) else tuple(held[name] for name in held.files)
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"no file of arrays ({type(error).__name__})", mend="write it with numpy.savez", where=str(path)) from None


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
        InputError: no module, a sample that it does not take or that is not finite, or something that no network does: named,
            with its place in the module and a mend.
    """
    torch = need("torch")
    if not isinstance(module, torch.nn.Module):
        raise InputError(f"a {type(module).__name__} is no torch module", mend="give a torch.nn.Module", where=name)
    kinds = {str(x.dtype) for x in torch.nn.Module.parameters(module) if x.is_floating_point()} - {"torch.float32"}
    if kinds:
        what = f"its parameters are of type {min(kinds)}, and networks run in torch.float32"
        raise InputError(what, mend="give module.float(), and look whether the accuracy is the same", where=name)
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


def need(package: str) -> Any:
    """The package, or an InputError that says how to get it."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        missing = (error.name or package).partition(".")[0]
        mend = install("torch") if missing == "torch" else f"pip install {missing}"
        raise InputError(f"the package '{missing}' is not installed", mend=mend) from None
