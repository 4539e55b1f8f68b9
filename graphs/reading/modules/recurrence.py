"""What brings a layer's spikes back to it, where a layer of torch does."""

from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError


def recurrent(part: Any, where: str) -> tuple[dict, dict[str, np.ndarray]]:
    """The fields and arrays of the node of a linear or convolutional recurrence.

    Args:
        part: the layer of torch.
        where: what errors call the neurons.

    Raises:
        InputError: it is neither.
    """
    arrays = {name: value.detach().cpu().numpy().copy() for name, value in part.named_parameters()}
    if type(part).__name__ == "Linear":
        return {"type": "linear", "features": part.out_features, "bias": "bias" in arrays}, arrays
    if type(part).__name__ == "Conv2d" and part.padding_mode == "zeros":
        padding = part.padding if isinstance(part.padding, str) else list(part.padding)
        fields = {"type": "conv2d", "features": part.out_channels, "kernel": list(part.kernel_size), "padding": padding}
        return {**fields, "groups": part.groups, "bias": "bias" in arrays}, arrays
    what = f"its recurrence is a {type(part).__name__} that no node is"
    raise InputError(what, mend="let it be a Linear, or a Conv2d padded with zeros", where=where)
