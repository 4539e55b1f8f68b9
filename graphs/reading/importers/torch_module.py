"""Torch modules of snnTorch and Sinabs as network documents, by way of their own NIR exporters.

The exporters lose what this file puts back: neuron parameters that are single numbers, the reset, and the time step. Both
libraries count time in steps; here a step is 1 ms, and time constants are those whose exact flow over one step is the
library's own decay (NIR files of snnTorch hold those of an Euler step of 0.1 ms).
"""

import contextlib
import copy
import importlib
import math
import pickle
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install
from costmodel.graphs.reading.importers.nir import Arrays, from_nir

if TYPE_CHECKING:
    import nir
    import torch

_DT = 1e-3
_SNNTORCH_DT = 1e-4  # the step that snnTorch's exporter assumes
_FILLED = ("alpha", "beta", "threshold", "tau_mem", "spike_threshold")
_SNNTORCH = ("Linear", "Conv2d", "AvgPool2d", "Flatten", "Leaky", "Synaptic", "RLeaky", "RSynaptic")
_RESETS = {"subtract": "subtract", "zero": "value", "none": "none"}
_BY_HAND = "write a network file, or convert it with nirtorch and nir.write and import that"


def read_torch(path: Path, sample: "torch.Tensor | tuple[int, ...] | None" = None) -> tuple[dict, Arrays]:
    """The network document of a module saved with ``torch.save(module, path)``; it is named after the file.

    Unpickling runs code: read only files that you trust. (torch cannot save snnTorch neurons whose surrogate is a closure,
    as ``surrogate.fast_sigmoid()`` is: hand such a module to `from_torch`, or save it with ``nir.write``.)

    Args:
        path: the ``.pt`` or ``.pth`` file.
        sample: as in `from_torch`; may be left out where the first layer is a ``Linear``.

    Raises:
        InputError: no such file, no saved module, a class that cannot be imported, or a module that `from_torch` refuses.
    """
    path, torch = Path(path), _need("torch")
    where = str(path)
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
        first = next((layer for layer in module.modules() if getattr(layer, "weight", None) is not None), None)
        if first is None or not isinstance(first, torch.nn.Linear):
            mend = "call costmodel.graphs.reading.importers.torch_module.read_torch with a sample, such as (1, 2, 34, 34)"
            raise InputError("the shape of its input cannot be told", mend=mend, where=where)
        sample = (1, first.in_features)
    try:
        return from_torch(module, sample, path.stem)
    except InputError as error:
        raise error.at(where) from None


def from_torch(module: "torch.nn.Module", sample: "torch.Tensor | tuple[int, ...]", name: str = "torch") -> tuple[dict, Arrays]:
    """The network document of a snnTorch or Sinabs module. The module itself is left as it is.

    Args:
        module: the network. Its ``forward`` may run one time step or many.
        sample: what ``forward`` takes, or its shape, batch first: (batch, *shape), for Sinabs layers without "Squeeze"
            (batch, time, *shape). A shape of one number is taken as that of one sample.
        name: name of the network.

    Returns:
        The document (``dt`` 1 ms; ``timesteps`` is not in a module) and the arrays of each node, as in `from_nir`.
        snnTorch's ``Synaptic`` sends its new synaptic current to the membrane at once, a CubaLIF within the step: as many
        operations, nearly the same potential.

    Raises:
        InputError: a module of another library (Norse included), a layer its NIR exporter does not take, or a missing package.
    """
    convert = {"snntorch": _from_snntorch, "sinabs": _from_sinabs}[_library(module, name)]
    document, arrays = _exported(convert, module, sample, name)
    document["dt"] = _DT
    return document, arrays


def to_nir(module: "torch.nn.Module", sample: "torch.Tensor | tuple[int, ...]") -> "nir.NIRGraph":
    """The NIR graph of a snnTorch module as its own exporter makes it, with ``dt`` (0.1 ms) in the metadata.

    Takes and raises what `from_torch` does.
    """
    if _library(module, "module") != "snntorch":
        raise InputError("this is no snnTorch module", mend="use the library's own exporter, as sinabs.nir.to_nir")
    graph = _exported(lambda clone, sample, name, torch: _snntorch_graph(clone, sample, name, torch)[0], module, sample, "module")
    graph.metadata = {**graph.metadata, "dt": _SNNTORCH_DT}
    return graph


def _library(module: Any, name: str) -> str:
    """Whose neurons the module is made of: "snntorch" or "sinabs"."""
    if not isinstance(module, _need("torch").nn.Module):
        raise InputError(f"a {type(module).__name__} is no torch module", mend="give a torch.nn.Module", where=name)
    libraries = {type(part).__module__.partition(".")[0] for part in module.modules()}
    for library in ("snntorch", "sinabs"):
        if library in libraries:
            return library
    what = "Norse 1.0.0 has no NIR exporter" if "norse" in libraries else "the module holds no snnTorch or Sinabs neurons"
    raise InputError(what, mend=_BY_HAND, where=name)


def _exported(convert: Callable, module: "torch.nn.Module", sample: Any, name: str) -> Any:
    """What ``convert`` makes of a copy of the module; what the exporters print goes to standard error."""
    torch = _need("torch")
    if not isinstance(sample, torch.Tensor):
        sample = torch.zeros(tuple(sample))
    sample = sample[None] if sample.ndim == 1 else sample
    clone = _clone(module, torch)
    with torch.no_grad(), warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        try:
            return convert(clone, sample, name, torch)
        except InputError:
            raise
        except (ValueError, TypeError, RuntimeError, AttributeError, LookupError, AssertionError) as error:
            what = f"the {type(module).__name__} does not export to NIR ({type(error).__name__}: {error})"
            raise InputError(what, mend="check the sample's shape, or " + _BY_HAND, where=name) from None


def _need(package: str) -> Any:
    """The package, or an InputError that says how to get it."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        missing = (error.name or package).partition(".")[0]
        mend = install("torch") if missing == "torch" else f"pip install {missing}"
        raise InputError(f"the package '{missing}' is not installed", mend=mend) from None


def _clone(module: "torch.nn.Module", torch: Any) -> "torch.nn.Module":
    """A copy in evaluation mode, on the CPU, without dropout and in a container if it is a single layer."""
    # Hidden states left by an earlier run are part of a graph and refuse to be copied.
    held: list[Any] = [value for part in module.modules() for value in (*vars(part).values(), *part._buffers.values())]
    memo = {id(value): value.detach().clone() for value in held if isinstance(value, torch.Tensor) and value.grad_fn is not None}
    clone = copy.deepcopy(module, memo).cpu().eval()
    for part in list(clone.modules()):
        for key, child in list(part._modules.items()):
            if isinstance(child, torch.nn.modules.dropout._DropoutNd):
                del part._modules[key]
                vars(part)[key] = lambda x: x
    return clone if next(clone.children(), None) is not None else torch.nn.Sequential(clone)


def _fill(neurons: list, sample: "torch.Tensor", torch: Any, forward: Any) -> None:
    """Gives every neuron of a layer its own parameters: the exporters read the layer's size off them."""

    def fill(part, arguments, _):
        lead = 2 if hasattr(part, "tau_mem") and "Squeeze" not in type(part).__name__ else 1
        for name in _FILLED:
            value: Any = getattr(part, name, None)
            if isinstance(value, torch.Tensor):
                delattr(part, name)
                full = torch.ones(arguments[0].shape[lead:]) * value.detach()
                setattr(part, name, torch.nn.Parameter(full, requires_grad=False))

    hooks = [part.register_forward_hook(fill) for part in neurons]
    forward(sample)
    for hook in hooks:
        hook.remove()


def _snntorch_graph(module: "torch.nn.Module", sample: "torch.Tensor", name: str, torch: Any) -> tuple["nir.NIRGraph", dict]:
    """snnTorch's own NIR graph, and the neuron layers by node name."""
    snn, exporter = _need("snntorch"), _need("snntorch.export_nir")
    parts = {key.replace(".", "_"): part for key, part in module.named_modules()}
    neurons = {key: part for key, part in parts.items() if isinstance(part, snn.SpikingNeuron)}
    inside = {id(child) for part in neurons.values() for child in part.modules() if child is not part}
    for key, part in parts.items():
        leaf = key in neurons or (next(part.children(), None) is None and id(part) not in inside)
        if leaf and type(part).__name__ not in _SNNTORCH:
            what = f"snnTorch's NIR exporter does not take {type(part).__name__}"
            raise InputError(what, mend=_BY_HAND, where=f"{name}: layer '{key}'")
    _fill([part for part in neurons.values() if isinstance(part, snn.Leaky | snn.Synaptic)], sample, torch, module)
    return exporter.export_to_nir(module, sample, ignore_dims=[0]), neurons


def _from_snntorch(module: "torch.nn.Module", sample: "torch.Tensor", name: str, torch: Any) -> tuple[dict, Arrays]:
    graph, neurons = _snntorch_graph(module, sample, name, torch)
    for node in graph.nodes.values():
        if type(node).__name__ == "LIF":
            node.tau, node.r = _exact(node.tau)
        elif type(node).__name__ == "CubaLIF":
            node.tau_mem, node.r = _exact(node.tau_mem)
            node.tau_syn, node.w_in = _exact(node.tau_syn)
    document, arrays = from_nir(graph, name)
    document["provenance"] = "Imported from a snnTorch module."
    for index, node in enumerate(document["nodes"]):
        layer, _, role = node["id"].rpartition(".")
        part = neurons.get(layer or role)
        if part is not None and "reset" in node:
            node["reset"] = _RESETS[part.reset_mechanism]
        elif part is not None and role == "w_rec" and not part.all_to_all:
            # Each neuron feeds back to itself alone; the exporter writes a diagonal matrix.
            own = np.diag(arrays.pop(node["id"])["weight"])
            document["nodes"][index] = {"id": node["id"], "type": "scale", "scale": float(own.mean())}
            arrays[node["id"]] = {"scale": own}
    return document, arrays


def _exact(tau: Any) -> tuple[np.ndarray, np.ndarray]:
    """(time constant, gain) so that one exact step of 1 ms is v ← β v + x, for a τ of snnTorch's exporter."""
    beta = np.round(1 - _SNNTORCH_DT / np.asarray(tau, dtype=np.float64), 7)  # what float32 holds of it
    beta = np.clip(beta, 1e-9, 1 - 1e-9)
    return (-_DT / np.log(beta)).astype(np.float32), (1 / (1 - beta)).astype(np.float32)


def _from_sinabs(module: "torch.nn.Module", sample: "torch.Tensor", name: str, torch: Any) -> tuple[dict, Arrays]:
    layers, exporter = _need("sinabs.layers"), _need("sinabs.nir")
    parts = {key.replace(".", "_"): part for key, part in module.named_modules()}
    neurons = {key: part for key, part in parts.items() if isinstance(part, layers.LIF)}
    for key, part in neurons.items():
        if part.tau_syn_calculated is not None:
            what = "Sinabs' NIR exporter drops the synaptic time constant"
            raise InputError(what, mend=_BY_HAND, where=f"{name}: layer '{key}'")
    _fill(list(neurons.values()), sample, torch, module)
    document, arrays = from_nir(exporter.to_nir(module, sample), name)
    document["provenance"] = "Imported from a Sinabs module."
    timed = any("Squeeze" not in type(part).__name__ for part in neurons.values())
    for node in document["nodes"]:
        part, own = parts.get(node["id"]), arrays.get(node["id"], {})
        if node["type"] == "input" and timed:
            node["shape"] = list(sample.shape[2:])
        elif node["type"] == "flatten" and timed:
            # The exporter takes off the batch axis; here there is a time axis too.
            node |= {key: node[key] - (node[key] > 0) for key in ("start_dim", "end_dim")}
        elif node["type"] == "linear" and getattr(part, "bias", None) is None:
            node["bias"] = False
            own.pop("bias", None)
        elif node["id"] in neurons:
            _sinabs_neuron(node, own, part)
    return document, arrays


def _sinabs_neuron(node: dict, own: dict, part: Any) -> None:
    """From steps to seconds: v ← α v + g x with α = exp(−1/τ) and g = 1 − α, or 1 where the input is not normalised."""
    if node["type"] == "if":
        node["r"] = 1 / _DT
    else:
        for place in (node, own):
            if "tau" in place:
                steps = place["tau"]
                place["tau"] = steps * _DT
                if not part.norm_input:
                    place["r"] = -1 / (math.expm1(-1 / steps) if place is node else np.expm1(-1 / steps))
    if "reset" in node:
        node["reset"] = "value" if type(part.reset_fn).__name__ == "MembraneReset" else "subtract"
