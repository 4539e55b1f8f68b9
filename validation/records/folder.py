"""A run's folder: what was run, with what, and what came out. Every file in it is whole or not there."""

import io
import json
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.files import write, write_bytes
from costmodel.graphs.installing import DISTRIBUTION
from costmodel.graphs.lowering import measurement
from costmodel.graphs.lowering.measurement import Elements, Measurement
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.node import Rate
from costmodel.graphs.reading.writing import as_text

PACKAGES = (DISTRIBUTION, "torch", "numpy", "numba", "triton", "scipy")


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run.

    ``run.json``: network, settings, seed, versions, commit, when. ``checkpoint.pt``: the model and all that going on needs, after
    the last whole epoch. ``epochs.json``: metrics of every epoch. ``result.json``: what the trained network does.
    ``network.json`` and ``weights.npz``: the trained network. ``elements.npz``: how often each element sent something in the test.
    """

    path: Path

    def start(self, config: Mapping[str, Any]) -> None:
        """Makes the folder, and writes what is about to be run.

        Raises:
            InputError: there is a run in it already, or it cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot be made ({error.strerror})", mend="choose another folder", where=str(self.path)) from None
        if (self.path / "run.json").exists():
            raise InputError("holds a run already", mend="go on with --resume, or choose another folder", where=str(self.path))
        self._write("run.json", {**config, **surroundings()})

    def config(self) -> dict[str, Any]:
        """What was run.

        Raises:
            InputError: this is no run's folder.
        """
        return self._read("run.json")

    def network(self) -> Network:
        """The network that was run, as it was to be trained.

        Raises:
            InputError: this is no run's folder.
        """
        return Network.from_document(self.config()["network"], where=str(self.path))

    def save(self, state: Mapping[str, Any], epochs: list[dict[str, Any]]) -> None:
        """Keeps all that going on after this epoch needs."""
        import torch

        temporary = self.path / ".checkpoint.pt"
        torch.save({**state, "epochs": epochs}, temporary)
        temporary.replace(self.path / "checkpoint.pt")
        self._write("epochs.json", epochs)

    def load(self) -> dict[str, Any] | None:
        """What `save` kept, with its epochs; None where no epoch was finished.

        Raises:
            InputError: the checkpoint is damaged.
        """
        import torch

        path = self.path / "checkpoint.pt"
        if not path.exists():
            return None
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except (OSError, RuntimeError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise InputError(f"is damaged ({type(error).__name__})", mend="start the run again", where=str(path)) from None

    def finish(
        self, result: Mapping[str, Any], network: Mapping[str, Any], arrays: Mapping[str, np.ndarray], elements: Elements
    ) -> None:
        """Writes what came out: results, the trained network with its weights, and the activity of each element."""
        stream, known = io.BytesIO(), dict(arrays)
        np.savez(stream, allow_pickle=False, **known)
        write_bytes(self.path / "weights.npz", stream.getvalue())
        write(self.path / "network.json", as_text(network))
        measurement.write(self.elements, elements)
        self._write("result.json", result)

    def result(self) -> dict[str, Any]:
        """What came out.

        Raises:
            InputError: the run has not ended.
        """
        return self._read("result.json")

    @property
    def elements(self) -> Path:
        """The file of the activity of each element (`graphs.lowering.measurement`)."""
        return self.path / "elements.npz"

    def measured(self) -> Measurement:
        """The activity on the test set; of each element where the run kept it, which older ones did not.

        Raises:
            InputError: the run has not ended, or a file is damaged.
        """
        rates = {name: Rate(**rate) for name, rate in self.result()["measured"].items()}
        file = self.elements
        return Measurement(rates, measurement.read(file), file) if file.exists() else Measurement(rates)

    def epochs(self) -> list[dict[str, Any]]:
        """Metrics of every epoch so far.

        Raises:
            InputError: there are none.
        """
        return self._read("epochs.json")

    def _read(self, name: str) -> Any:
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            what = "holds no run" if name == "run.json" else f"has no {name}: its run has not got that far"
            raise InputError(what, mend="give the folder that 'run --out' wrote", where=str(self.path)) from None
        except (OSError, ValueError) as error:
            what = f"{name} cannot be read ({type(error).__name__})"
            raise InputError(what, mend="start the run again", where=str(self.path)) from None

    def _write(self, name: str, document: Any) -> None:
        write(self.path / name, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def surroundings() -> dict[str, Any]:
    """Versions of what a run rests on, the commit of the code, and the time."""
    return {"versions": versions(), "commit": commit(), "started": datetime.now(UTC).isoformat(timespec="seconds")}


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    found = {"python": python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """The commit of the code, with "+" where files differ from it; None outside a repository."""
    here = Path(__file__).parent
    try:
        told = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=True)
        changed = subprocess.run(["git", "status", "--porcelain"], cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return told.stdout.strip() + ("+" if changed.stdout.strip() else "")
