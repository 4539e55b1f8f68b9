"""Inputs from a file: an array of every time step and sample for each input node."""

from pathlib import Path

import numpy as np
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network


def read(network: Network, path: Path) -> dict[str, torch.Tensor]:
    """The input arrays of a file, (T, batch, *shape) for each input node, as numbers of torch's default type.

    Raises:
        InputError: no such file, or an array that is missing, not finite, or of the wrong shape.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, TypeError, KeyError, EOFError) as error:
        raise InputError(f"no .npz of arrays ({type(error).__name__})", mend="write it with numpy.savez", where=str(path)) from None
    if "input" in arrays and len(network.inputs) == 1:
        arrays = {network.inputs[0]: arrays["input"]}
    for name in network.inputs:
        shape = network.shapes[name][1]
        wanted = f"(T, batch, {', '.join(map(str, shape))})"
        if name not in arrays:
            raise InputError(f"holds no array 'input' or '{name}'", mend=f"give it one of shape {wanted}", where=str(path))
        array = arrays[name]
        if (
            array.ndim != len(shape) + 2
            or tuple(array.shape[2:]) != shape
            or array.dtype.kind not in "fiub"
            or not np.isfinite(array).all()
        ):
            what = f"the input of '{name}' is {array.dtype} of shape {array.shape}"
            raise InputError(what, mend=f"finite numbers of shape {wanted} are needed", where=str(path))
    return {name: torch.as_tensor(arrays[name]).to(torch.get_default_dtype()) for name in network.inputs}
