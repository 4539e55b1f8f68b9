"""ST-MNIST: digits written by 23 people on a tactile sensor of 10 × 10 taxels.

(See, Lim, Li, Yao, Cheng, Soh & Tee, "ST-MNIST – the spiking tactile MNIST neuromorphic dataset", 2020, arXiv:2005.04319.)

tonic 1.7 has no loader for it any more. What the files hold is known from its former one, ``tonic/prototype/datasets/stmnist.py``
of github.com/neuromorphs/tonic at 4c7160b: in ``data_submission/DIGIT/*.mat`` an array ``spiketrain`` (101, columns), whose first
100 rows are −1, 0 or 1 for each taxel and whose last row is the time, s; taxel i is at column i mod 10 of row i div 10; 6,953
recordings in all.
"""

import zlib
from pathlib import Path

import numpy as np
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install
from costmodel.validation.benchmarks.benchmark import Benchmark
from costmodel.validation.benchmarks.recordings import Events, Recordings
from costmodel.validation.benchmarks.split import stratified

SIDE = 10
"""Taxels of the sensor's side."""

TAXELS = SIDE**2

TICK = 1e-6
"""Resolution to which times are kept, s."""

LATEST = 2**31 * TICK
"""Times must be below it, s."""

FETCH = (
    "ask for the archive at https://scholarbank.nus.edu.sg/handle/10635/168106 (a form has to be filled in), unpack it so that "
    "PATH/data_submission/0 … 9 hold .mat files, and give --data PATH"
)


def load(seed: int, folder: Path | None) -> Benchmark:
    """Recordings of about 2 s, shape (2, 10, 10): a fifth of each digit's is the test set, drawn once under seed 0.

    ``folder`` holds the folders 0 … 9, or ``data_submission`` with them, or a folder with that. ``seed`` changes nothing.

    Raises:
        InputError: the files are not there, or scipy is not installed.
    """
    if folder is None:
        raise InputError("ST-MNIST's recordings are needed", mend=FETCH)
    places = [folder, folder / "data_submission", *sorted(folder.glob("*/data_submission"))]
    files = next(filter(None, map(_files, places)), None)
    if files is None:
        raise InputError("there are no .mat files in folders 0 … 9 here", mend=FETCH, where=str(folder))
    labels = np.array([int(path.parent.name) for path in files])
    train, test = (_part([files[i] for i in chosen]) for chosen in stratified(labels, round(len(files) / 5)))
    source = (
        f"ST-MNIST (See et al. 2020), stratified split drawn under seed 0, {len(train):,} train and {len(test):,} test recordings, "
        f"from {folder}"
    )
    return Benchmark("st-mnist", train, test, 10, source)


def _files(folder: Path) -> list[Path]:
    """The recordings in the folders 0 … 9; the table of addresses that may lie there, LUT.mat, is none."""
    return [path for digit in range(10) for path in sorted((folder / str(digit)).glob("*.mat")) if "LUT" not in path.name]


def _part(files: list[Path]) -> Recordings:
    labels = torch.tensor([int(path.parent.name) for path in files])
    return Recordings(lambda indexes: [read(files[i]) for i in indexes], labels, (2, SIDE, SIDE), TICK)


def read(path: Path) -> Events:
    """The events of one file.

    Raises:
        InputError: it is damaged, or scipy is not installed.
    """
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError as error:
        raise InputError("ST-MNIST's files are read by scipy, which is missing", mend=install("torch")) from error
    try:
        table = np.asarray(loadmat(path, variable_names=["spiketrain"])["spiketrain"], dtype=float)
    # what scipy raises for one flipped byte or another; each is told as the file's fault
    except (OSError, ValueError, TypeError, LookupError, NotImplementedError, zlib.error, MatReadError) as error:
        raise InputError(f"no 'spiketrain' can be read ({error})", mend="unpack it again", where=str(path)) from error
    if table.ndim != 2 or len(table) != TAXELS + 1:
        what = f"'spiketrain' is {table.shape}, and {TAXELS} taxels and the time are needed, ({TAXELS + 1}, columns)"
        raise InputError(what, mend="unpack it again", where=str(path))
    taxels, columns = table[:-1].nonzero()
    times = table[-1, columns]
    if not np.all((times >= 0) & (times < LATEST)):
        raise InputError(f"a time is negative, not a number, or above {LATEST:.0f} s", mend="unpack it again", where=str(path))
    return Events(np.rint(times / TICK).astype(np.int32), (taxels + TAXELS * (table[taxels, columns] > 0)).astype(np.int16))
