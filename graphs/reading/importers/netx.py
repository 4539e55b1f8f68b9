"""Networks that lava-dl wrote for its NetX (``.net``, HDF5): groups ``layer/0``, ``layer/1`` and so on, in whole numbers of Loihi.

A neuron of Loihi keeps whole numbers, in units of 1/64 of weights and thresholds, and rounds towards zero:
u ← u (4096 − iDecay) / 4096 + Σ w;  v ← v (4096 − vDecay) / 4096 + u + bias;  spike where v > vThMant;  v ← 0.
(lava-dl, lib/dl/netx/hdf5.py and slayer/neuron/dynamics/leaky_integrator.py: layouts and the step.) Here it is the same step
without the rounding, which the reader says: below 0.5 % of spikes differ. There every layer is a step late, here none.
"""

from pathlib import Path
from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.dialects import PLAIN, Dialect
from costmodel.graphs.reading.importers.nir import Arrays

SUFFIXES = (".net",)
UNIT = 2.0**-6
"""Of a membrane, in units of weights and thresholds: above a threshold is at least one of it more."""
ONE = 4096
"""The decay that leaves nothing."""
ROUNDED = "Loihi's neurons round to whole numbers and these do not: below 0.5 % of neurons and steps spike otherwise"


def read(path: Path, sample: tuple[int, ...] | None = None, by: Dialect = PLAIN) -> tuple[dict, Arrays, list[str]]:
    """The network document of a NetX file, named after the file.

    Args:
        path: the file.
        sample: the shape of one sample, where the first layer is a convolution and no input layer says it.
        by: no use: the step is Loihi's.

    Returns:
        The document, the arrays of its nodes, and what was taken for granted, in words.

    Raises:
        InputError: no such file, not a whole HDF5 file, or a layer that is damaged or not known; it is named.
    """
    import h5py

    del by
    path, where = Path(path), str(path)
    if not path.is_file():
        raise InputError("there is no such file", mend="give the path of a NetX file, as export_hdf5 makes it", where=where)
    try:
        with h5py.File(path, "r") as file:
            layers = [_values(file[f"layer/{i}"]) for i in range(len(file["layer"]))]
    except (OSError, RuntimeError, TypeError, KeyError, ValueError, MemoryError, AttributeError) as error:
        what = f"it is no readable NetX file ({type(error).__name__})"
        raise InputError(what, mend="write it again with export_hdf5", where=where) from None
    made = _Made()
    for i, layer in enumerate(layers):
        place = f"{where}: layer {i}"
        try:
            _put(made, layer, i, sample, place)
        except InputError:
            raise
        except (KeyError, ValueError, TypeError, IndexError) as error:
            what = f"it is damaged ({type(error).__name__}: {error})"
            raise InputError(what, mend="write it again with export_hdf5", where=place) from None
    if not made.nodes:
        raise InputError("it holds no layers", mend="write it again with export_hdf5", where=where)
    document = {"name": path.stem, "nodes": made.nodes, "provenance": f"Imported from the NetX file {path.name} of lava-dl."}
    return document, made.arrays, [ROUNDED]


class _Made:
    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.arrays: Arrays = {}

    def put(self, key: str, fields: dict[str, Any], **own: np.ndarray) -> None:
        self.nodes.append({"id": key, **fields})
        if own:
            self.arrays[key] = own


def _values(group: Any) -> dict[str, Any]:
    """An HDF5 group as nested dicts of arrays and texts."""
    return {key: _values(item) if hasattr(item, "keys") else item[()] for key, item in group.items()}


def _text(value: Any) -> str:
    held = np.asarray(value).flat[0]
    return held.decode() if isinstance(held, bytes) else str(held)


def _put(made: _Made, layer: dict[str, Any], i: int, sample: tuple[int, ...] | None, where: str) -> None:
    """Adds the nodes of one layer."""
    kind, key = _text(layer["type"]), f"layer{i}"
    if kind not in ("input", "flatten", "dense", "conv"):
        raise InputError(f"a layer of type '{kind}' is not known", mend="known are input, flatten, dense and conv", where=where)
    if "delay" in layer and np.any(layer["delay"]):
        raise InputError("its delays are not known here", mend="export it without", where=where)
    shape = [int(n) for n in np.ravel(layer["shape"])] if "shape" in layer else []
    if not made.nodes and kind in ("input", "dense", "conv"):
        first = shape if kind == "input" else list(sample or ()) if kind == "conv" else [int(layer["inFeatures"])]
        if not first:
            raise InputError("the shape of its input cannot be told", mend="give --shape, as in --shape 2,34,34", where=where)
        values = {"encoder": {"type": "direct"}} if kind == "input" and "neuron" in layer else {}
        made.put("input", {"type": "input", "shape": first, **values})
    if kind == "flatten":
        made.put(key, {"type": "flatten"})
        return
    if kind == "input":
        if "neuron" not in layer:
            return
        if len(shape) != 3:
            raise InputError("an input with neurons has no image's shape", mend="let the first layer weigh it", where=where)
        gain, offset = (float(np.ravel(layer.get(name, default))[0]) for name, default in (("weight", 64), ("bias", 0)))
        each = {"weight": np.full((shape[0], 1, 1, 1), gain), "bias": np.full(shape[0], offset)}
        fields = {"type": "conv2d", "features": shape[0], "kernel": 1, "groups": shape[0], "bias": True}
        made.put(f"{key}_weight", fields, **each)
    else:
        _weigh(made, layer, kind, key)
    made.put(key, _neuron(layer.get("neuron"), made.arrays[f"{key}_weight"].get("bias"), where))


def _weigh(made: _Made, layer: dict[str, Any], kind: str, key: str) -> None:
    """Adds the weights of a dense layer or a convolution, with its biases if any is not 0."""
    weight = np.asarray(layer["weight"], dtype=np.float64)
    size = int(layer["outChannels" if kind == "conv" else "outFeatures"])
    bias = np.ravel(np.asarray(layer.get("bias", 0.0), dtype=np.float64))
    own = {"bias": np.broadcast_to(bias, (size,)).copy()} if bias.any() else {}
    fields: dict[str, Any] = {"bias": bool(own)}
    if kind == "dense":
        own["weight"] = weight.reshape(size, -1)
        fields |= {"type": "linear", "features": len(own["weight"])}
    else:
        own["weight"] = weight.reshape(weight.shape[:4])
        fields |= {"type": "conv2d", "features": len(weight), "kernel": [int(n) for n in weight.shape[2:4]]}
        for name in ("stride", "padding", "dilation"):
            both = [int(n) for n in np.ravel(layer[name])]
            fields[name] = both if len(both) == 2 else both[0]
        fields["groups"] = int(layer["groups"])
    made.put(f"{key}_weight", fields, **own)


def _neuron(given: dict[str, Any] | None, bias: np.ndarray | None, where: str) -> dict[str, Any]:
    """The node of a layer's neurons, without its id."""
    if given is None:
        raise InputError("it has no neurons", mend="export it with neurons", where=where)
    kind = _text(given["type"])
    if kind not in ("LOIHI", "CUBA"):
        raise InputError(f"a neuron of type '{kind}' is not known", mend="known are CUBA and LOIHI", where=where)
    if bool(given.get("gradedSpike", False)) or int(given.get("refDelay", 1)) != 1:
        raise InputError("graded spikes and refractory delays above 1 are not known", mend="export it without", where=where)
    current, voltage = (np.unique(given[name]) for name in ("iDecay", "vDecay"))
    if len(current) != 1 or len(voltage) != 1:
        raise InputError("its neurons have decays of their own", mend="export it with shared_param=True", where=where)
    if bias is not None and bias.any() and current[0] != ONE:
        raise InputError("it has a bias behind a current that decays", mend="export it without bias", where=where)
    alpha, beta = 1 - float(current[0]) / ONE, 1 - float(voltage[0]) / ONE
    threshold = float(np.ravel(given["vThMant"])[0]) + UNIT
    return {"type": "synaptic-undelayed", "alpha": alpha, "beta": beta, "v_threshold": threshold, "reset": "zero"}
