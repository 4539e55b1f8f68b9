"""Torch modules of snnTorch and Sinabs as network documents, by way of their own NIR exporters.

The exporters lose what is put back here: the neurons' parameters, resets and thresholds (`graphs.reading.modules.snntorch`,
`graphs.reading.modules.sinabs`) and the time step. Connections are those of a run (`graphs.reading.modules.trace`). Both
libraries count time in steps; here a step is 1 ms (NIR files of snnTorch hold Euler steps of 0.1 ms).
"""

import contextlib
import copy
import importlib
import pickle
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install
from costmodel.graphs.reading.dialects import FOR_NIR_ALONE, PLAIN, Dialect
from costmodel.graphs.reading.importers.nir import Arrays, from_nir
from costmodel.graphs.reading.modules.sinabs import neuron as sinabs_neuron
from costmodel.graphs.reading.modules.snntorch import neuron as snntorch_neuron

if TYPE_CHECKING:
    import nir
    import torch

_DT = 1e-3
_SNNTORCH_DT = 1e-4  # the step that snnTorch's exporter assumes
_FILLED = ("alpha", "beta", "threshold", "tau_mem", "spike_threshold")
_SNNTORCH = ("Linear", "Conv2d", "AvgPool2d", "Flatten", "Leaky", "Synaptic", "RLeaky", "RSynaptic")
_SINABS = (
    "Linear",
    "Conv1d",
    "Conv2d",
    "SumPool2d",
    "Flatten",
    "IAF",
    "IAFSqueeze",
    "LIF",
    "LIFSqueeze",
    "ExpLeak",
    "ExpLeakSqueeze",
)
_BY_HAND = "write a network file, or convert it with nirtorch and nir.write and import that"


SUFFIXES = (".pt", ".pth")


def read(path: Path, sample: "torch.Tensor | tuple[int, ...] | None" = None, by: Dialect = PLAIN) -> tuple[dict, Arrays, list[str]]:
    """The network document of a module saved with ``torch.save(module, path)``; it is named after the file.

    Unpickling runs code: read only files that you trust. (torch cannot save snnTorch neurons whose surrogate is a closure,
    as ``surrogate.fast_sigmoid()`` is: hand such a module to `from_torch`, or save it with ``nir.write``.)

    Args:
        path: the ``.pt`` or ``.pth`` file.
        sample: as in `from_torch`; may be left out where the first layer is a ``Linear``.
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
        first = next((layer for layer in module.modules() if getattr(layer, "weight", None) is not None), None)
        if first is None or not isinstance(first, torch.nn.Linear):
            mend = "call costmodel.graphs.reading.importers.torch_module.read with a sample, such as (1, 2, 34, 34)"
            raise InputError("the shape of its input cannot be told", mend=mend, where=where)
        sample = (1, first.in_features)
    try:
        return *from_torch(module, sample, path.stem), []
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
        Spikes are the library's own, step by step; those of a neuron that feeds back to itself start as zeros, as there.

    Raises:
        InputError: a module of another library (Norse included), a layer its NIR exporter does not take or takes another way than
            the module runs it, a neuron with what no node here has, values computed outside of layers, or a missing package.
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

    def convert(clone: Any, sample: Any, name: str, torch: Any) -> "nir.NIRGraph":
        _snntorch_layers(clone, sample, name, torch)
        return _need("snntorch.export_nir").export_to_nir(clone, sample, ignore_dims=[0])

    graph = _exported(convert, module, sample, "module")
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
    kinds = {str(x.dtype) for x in clone.parameters() if x.is_floating_point()} - {"torch.float32"}
    if kinds:
        what = f"its parameters are of type {min(kinds)}, and networks run in torch.float32"
        raise InputError(what, mend="give module.float(), and look whether the accuracy is the same", where=name)
    with torch.no_grad(), warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        try:
            return convert(clone, sample, name, torch)
        except InputError:
            raise
        except (ValueError, TypeError, RuntimeError, AttributeError, LookupError, AssertionError) as error:
            words = " ".join(str(error).split())
            what = f"the {type(module).__name__} runs but does not export to NIR ({type(error).__name__}: {words})"
            raise InputError(what, mend=_BY_HAND, where=name) from None


def _traced(module: "torch.nn.Module", sample: "torch.Tensor", layers: Mapping, name: str, apart: int = 1) -> set[tuple[str, str]]:
    """The connections between the layers that run on the sample, by `graphs.reading.modules.trace.traced`."""
    from costmodel.graphs.reading.modules.trace import traced  # needs torch

    try:
        return traced(module, sample, layers, name, apart)
    except InputError:
        raise
    except (ValueError, TypeError, RuntimeError, AttributeError, LookupError, AssertionError, ArithmeticError) as error:
        words = " ".join(str(error).split())
        what = f"the {type(module).__name__} does not export to NIR: it does not run on {list(sample.shape)}"
        mend = "check the sample's shape, or " + _BY_HAND
        raise InputError(f"{what} ({type(error).__name__}: {words})", mend=mend, where=name) from None


def _connected(graph: "nir.NIRGraph", run: set[tuple[str, str]], name: str) -> "nir.NIRGraph":
    """The exporter's nodes, connected as the module ran: an exporter loses what passes through a copy or a stack of a tensor.

    Args:
        graph: what the exporter made, changed in place; nodes within a layer are called ``layer.node``.
        run: source and target of every connection.
        name: what errors call the module.

    Raises:
        InputError: a layer that ran has no node.
    """
    parts = {key for pair in run for key in pair}
    inner = [pair for pair in graph.edges if pair[0].rpartition(".")[0] == pair[1].rpartition(".")[0] in parts]
    place = {key: key if key in graph.nodes else f"{key}.lif" for key in parts}
    lost = sorted(key for key, node in place.items() if node not in graph.nodes)
    if lost:
        what = "the exporter lost it, for what it receives passes through a copy or a stack"
        raise InputError(what, mend=_BY_HAND, where=f"{name}: layer '{lost[0]}'")
    ends = sorted(parts - {source for source, _ in run})
    graph.edges = inner + [(place[a], place[b]) for a, b in sorted(run)] + [(place[end], "output") for end in ends]
    kept = {key for pair in graph.edges for key in pair}
    graph.nodes = {key: node for key, node in graph.nodes.items() if key in kept}
    return graph


def _need(package: str) -> Any:
    """The package, or an InputError that says how to get it."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        missing = (error.name or package).partition(".")[0]
        mend = install("torch") if missing == "torch" else f"pip install {missing}"
        raise InputError(f"the package '{missing}' is not installed", mend=mend) from None


def _clone(module: "torch.nn.Module", torch: Any) -> "torch.nn.Module":
    """A copy in evaluation mode, on the CPU, without dropout and identities and in a container if it is a single layer."""
    # Hidden states left by an earlier run are part of a graph and refuse to be copied.
    held: list[Any] = [value for part in module.modules() for value in (*vars(part).values(), *part._buffers.values())]
    memo = {id(value): value.detach().clone() for value in held if isinstance(value, torch.Tensor) and value.grad_fn is not None}
    clone = copy.deepcopy(module, memo).cpu().eval()
    for part in list(clone.modules()):
        for key, child in list(part._modules.items()):
            if isinstance(child, torch.nn.modules.dropout._DropoutNd | torch.nn.Identity):
                del part._modules[key]
                vars(part)[key] = lambda x: x
    return clone if next(clone.children(), None) is not None else torch.nn.Sequential(clone)


def _fill(neurons: list, sample: "torch.Tensor", torch: Any, forward: Any) -> None:
    """Gives every neuron of a layer its own parameters: the exporters read the layer's size off them."""

    def fill(part, arguments, _):
        lead = 2 if hasattr(part, "tau_mem_calculated") and "Squeeze" not in type(part).__name__ else 1
        if getattr(part, "train_alphas", False):
            part.tau_mem = part.tau_mem_calculated.detach()
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


def _checked_layers(parts: Mapping[str, Any], neurons: Mapping[str, Any], known: tuple[str, ...], library: str, name: str) -> dict:
    """The layers, each a whole to its exporter, and their names.

    Raises:
        InputError: one that the exporter does not take, or takes without some of what it does.
    """
    inside = {id(child) for part in neurons.values() for child in part.modules() if child is not part}
    layers = {}
    for key, part in parts.items():
        if key not in neurons and (next(part.children(), None) is not None or id(part) in inside):
            continue
        where, kind = f"{name}: layer '{key}'", type(part).__name__
        if kind not in known:
            raise InputError(f"{library}'s NIR exporter does not take {kind}", mend=_BY_HAND, where=where)
        lost = {
            f"padding_mode='{getattr(part, 'padding_mode', '')}'": getattr(part, "padding_mode", "zeros") != "zeros",
            "ceil_mode=True": getattr(part, "ceil_mode", False),
            "padding": "Pool" in kind and np.any(getattr(part, "padding", 0)),
            "divisor_override": getattr(part, "divisor_override", None) is not None,
            "start_dim=0, which joins samples": kind == "Flatten" and part.start_dim == 0,
        }
        for what, found in lost.items():
            if found:
                raise InputError(f"{library}'s NIR exporter drops the {kind}'s {what}", mend=_BY_HAND, where=where)
        layers[part] = key
    return layers


def _snntorch_layers(
    module: "torch.nn.Module", sample: "torch.Tensor", name: str, torch: Any
) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """The neuron layers by name, their parameters as large as they are, and the connections between all layers as they run."""
    snn = _need("snntorch")
    parts = {key.replace(".", "_"): part for key, part in module.named_modules()}
    neurons = {key: part for key, part in parts.items() if isinstance(part, snn.SpikingNeuron)}
    run = _traced(module, sample, _checked_layers(parts, neurons, _SNNTORCH, "snnTorch", name), name)
    _fill([part for part in neurons.values() if isinstance(part, snn.Leaky | snn.Synaptic)], sample, torch, module)
    return neurons, run


def _from_snntorch(module: "torch.nn.Module", sample: "torch.Tensor", name: str, torch: Any) -> tuple[dict, Arrays]:
    neurons, run = _snntorch_layers(module, sample, name, torch)
    nodes = {key: snntorch_neuron(part, f"{name}: layer '{key}'") for key, part in neurons.items()}
    for part in neurons.values():
        for decay in ("alpha", "beta"):
            if hasattr(part, decay):
                getattr(part, decay).data.fill_(0.5)  # for the exporter, which divides by 1 − β
    exporter = _need("snntorch.export_nir")
    graph = exporter.export_to_nir(module, sample, ignore_dims=[0])
    document, arrays, _ = from_nir(_connected(graph, run, name), name)
    document["provenance"] = "Imported from a snnTorch module."
    for index, node in enumerate(document["nodes"]):
        layer, _, role = node["id"].rpartition(".")
        part = neurons.get(layer or role)
        if part is not None and "v_threshold" in node:
            fields, arrays[node["id"]] = nodes[layer or role]
            document["nodes"][index] = {"id": node["id"], **fields}
        elif part is not None and role == "w_rec" and not part.all_to_all:
            # Each neuron feeds back to itself alone; the exporter writes a diagonal matrix.
            own = np.diag(arrays.pop(node["id"])["weight"]).copy()
            document["nodes"][index] = {"id": node["id"], "type": "scale", "scale": float(own.mean())}
            arrays[node["id"]] = {"scale": own}
        elif part is not None and role == "w_rec":
            _bias_to_the_layer_before(document, arrays, layer, f"{name}: layer '{layer}'")
    return document, arrays


def _bias_to_the_layer_before(document: dict, arrays: Arrays, layer: str, where: str) -> None:
    """Moves the bias of a layer's own recurrence to what feeds the layer: there it acts at the first step too, as in snnTorch.

    Raises:
        InputError: nothing weighted, or something else besides, feeds the layer alone.
    """
    nodes, back = {node["id"]: node for node in document["nodes"]}, f"{layer}.w_rec"
    if "bias" not in arrays.get(back, {}) or not arrays[back]["bias"].any():
        return
    before = [source for source, target in document["edges"] if target == f"{layer}.lif" and source != back]
    after = [target for source, target in document["edges"] if source in before]
    if len(before) != 1 or len(after) != 1 or nodes[before[0]]["type"] != nodes[back]["type"]:
        what = "its recurrent bias acts from the first step on, here from the second"
        raise InputError(what, mend="set the bias of its recurrence to 0, or put a linear layer before it", where=where)
    feeds, bias = arrays[before[0]], arrays[back]["bias"]
    if nodes[before[0]]["bias"]:
        arrays[back]["bias"] = np.zeros_like(bias)
    else:
        nodes[before[0]]["bias"], nodes[back]["bias"] = True, False
        del arrays[back]["bias"]
    feeds["bias"] = feeds.get("bias", np.zeros_like(bias)) + bias


def _from_sinabs(module: "torch.nn.Module", sample: "torch.Tensor", name: str, torch: Any) -> tuple[dict, Arrays]:
    layers, exporter = _need("sinabs.layers"), _need("sinabs.nir")
    parts = {key.replace(".", "_"): part for key, part in module.named_modules()}
    neurons = {key: part for key, part in parts.items() if isinstance(part, layers.LIF)}
    known = _checked_layers(parts, neurons, _SINABS, "Sinabs", name)
    timed = any("Squeeze" not in type(part).__name__ for part in neurons.values())
    run = _traced(module, sample, known, name, apart=2 if timed else 1)
    _fill(list(neurons.values()), sample, torch, module)
    document, arrays, _ = from_nir(_connected(exporter.to_nir(module, sample), run, name), name)
    document["provenance"] = "Imported from a Sinabs module."
    for node in document["nodes"]:
        part, own = parts.get(node["id"]), arrays.setdefault(node["id"], {})
        if node["type"] == "input" and timed:
            node["shape"] = list(sample.shape[2:])
        elif node["type"] == "flatten" and timed:
            # The exporter takes off the batch axis; here there is a time axis too.
            node |= {key: node[key] - (node[key] > 0) for key in ("start_dim", "end_dim")}
        elif node["type"] == "linear" and getattr(part, "bias", None) is None:
            node["bias"] = False
            own.pop("bias", None)
        elif part is not None and node["id"] in neurons:
            sinabs_neuron(part, _DT, node, own, f"{name}: layer '{node['id']}'")
    return document, arrays
