"""Arguments of ``compile_neuron``, checked."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from costmodel.graphs.equations.neuron import Neuron
from costmodel.graphs.errors import InputError, nearest
from costmodel.rtl.datapath.compiling.widths import Range


def whole_numbers(bias: ArrayLike | None) -> np.ndarray | int:
    """The bias: one integer for all neurons, or an array with one for each.

    Raises:
        InputError: it is neither.
    """
    if bias is None:
        return 0
    array = np.atleast_1d(np.asarray(bias))
    if array.ndim != 1 or not array.size or not np.issubdtype(array.dtype, np.integer):
        raise InputError(f"bias is of type {array.dtype} and shape {array.shape}, integers, one per neuron, are needed")
    return int(array[0]) if np.all(array == array[0]) else array.astype(np.int64)


def check(neuron: type[Neuron], input_scale: float, bounds: tuple[int, int], ranges: Mapping[str, Range], form: str | None) -> None:
    """Refuses what makes no sense.

    Raises:
        InputError: the first argument at fault.
    """
    if not (np.isfinite(input_scale) and input_scale > 0):
        raise InputError(f"input_scale is {input_scale}, a number above 0 is needed")
    if len(bounds) != 2 or any(b != int(b) for b in bounds) or bounds[0] > bounds[1]:
        raise InputError(f"bounds are {bounds}, the lowest and the highest sum of a step, whole numbers, are needed")
    if form not in (None, "membrane", "input"):
        raise InputError(f"form is '{form}'", mend="take 'membrane', 'input' or None")
    for name, ends in ranges.items():
        if name not in neuron.states:
            raise InputError(f"neuron '{neuron.type}' has no state '{name}'", mend=nearest(name, neuron.states))
        if len(ends) != 2 or not np.all(np.isfinite(ends)) or not ends[0] < ends[1]:
            raise InputError(f"range of '{name}' is {ends}, lowest < highest, both finite, are needed")
