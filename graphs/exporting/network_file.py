"""Network files (``.json``), with their arrays in an ``.npz`` beside them."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from costmodel.graphs.network import Network
from costmodel.graphs.reading.writing import as_text, document


def contents(network: Network, path: Path) -> tuple[dict[Path, bytes], list[str]]:
    """The network file, and where the network has arrays an .npz of its name that holds them, keyed ``NODE.array``."""
    weights = path.with_suffix(".npz")
    arrays = {node: own for node, own in network.arrays.items() if own}
    text = as_text(document(network, {}, weights.name if arrays else None, arrays))
    files = {path: text.encode("utf-8")}
    if arrays:
        stream = io.BytesIO()
        stored: dict[str, Any] = {f"{node}.{name}": array for node, own in arrays.items() for name, array in own.items()}
        np.savez_compressed(stream, **stored)
        files[weights] = stream.getvalue()
    return files, []
