"""The error of a network on its benchmark, measured once: the same network, training and seed are not run again."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.noise.noise import Noise
from costmodel.graphs.noise.weight_quantisation import WeightQuantisation
from costmodel.validation.runs.run import config, prepared, run


def measured_error(
    training: dict[str, object],
    noise: Sequence[Noise] = (),
    benchmark: str | None = None,
    seed: int = 0,
    data: Path | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Callable[[Network, int | None], float]:
    """A function that trains a network with weights of so many bits (None: of full precision), and gives its error.

    Args:
        training: keys of the file's ``training`` that are replaced; those that are None stay.
        noise: noises besides the file's.
        benchmark: the task; None: the file's.
        seed: of the runs.
        data: where the benchmark's files are.
        told: told of each run in words.
    """

    def error(network: Network, bits: int | None) -> float:
        # One bit has no level above 0; two are the least.
        rounding = [] if bits is None else [WeightQuantisation(type="weight-quantisation", bits=max(bits, 2))]
        asked = prepared(network.without_weights(), training, benchmark, [*noise, *rounding])
        kept = _folder() / f"{_key(asked, seed, data)}.json"
        if kept.exists():
            return json.loads(kept.read_text())["error"]
        accuracy = run(asked, seed=seed, data=data).evaluation.accuracy
        if accuracy is None:
            what = f"the benchmark '{asked.settings.benchmark}' has no accuracy"
            raise InputError(what, mend="leave error out of --minimise, or give --benchmark", where=asked.where)
        found = 1 - accuracy
        told(f"{asked.name}, T = {asked.timesteps}, {bits or 'full'} bits: error {100 * found:.1f} %")
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps({"error": found, "seed": seed}))
        part.replace(kept)
        return found

    return error


def _folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "costmodel" / "errors"


def _key(network: Network, seed: int, data: Path | None) -> str:
    """All that a run depends on, as a hash: the network's document and arrays, and the seed."""
    found = hashlib.sha256(json.dumps([config(network, seed, str(data)), network.timesteps], sort_keys=True, default=str).encode())
    for node, arrays in sorted(network.arrays.items()):
        for name, array in sorted(arrays.items()):
            found.update(f"{node}.{name}{array.shape}".encode() + array.tobytes())
    return found.hexdigest()
