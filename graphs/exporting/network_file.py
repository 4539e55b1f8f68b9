"""Network files (``.json``), with their arrays and their measured activity in ``.npz`` files beside them."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from costmodel.graphs.network import Network
from costmodel.graphs.reading.writing import as_text, document


def contents(network: Network, path: Path) -> tuple[dict[Path, bytes], list[str]]:
    """The network file; where the network has arrays an .npz of its name that holds them, keyed ``NODE.array``; and where its
    activity was measured NAME.activity.npz, which it names."""
    weights = path.with_suffix(".npz")
    arrays = {node: own for node, own in network.arrays.items() if own}
    activity = path.with_suffix(".activity.npz")
    whole = document(network, {}, weights.name if arrays else None, arrays)
    whole = {**whole, "activity": activity.name} if network.elements else whole
    text = as_text(whole)
    files = {path: text.encode("utf-8")}
    if arrays:
        stream = io.BytesIO()
        stored: dict[str, Any] = {f"{node}.{name}": array for node, own in arrays.items() for name, array in own.items()}
        np.savez_compressed(stream, **stored)
        files[weights] = stream.getvalue()
    if network.elements:
        stream = io.BytesIO()
        np.savez_compressed(stream, allow_pickle=False, **dict(network.elements))
        files[activity] = stream.getvalue()
    return files, []
