"""A core compiled with its driver to a shared library, kept under its content, and run in this process."""

import ctypes
import hashlib
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.rtl.simulation.job import Job, Trace

HERE = Path(__file__).parent
FINISHED, FULL, STUCK = range(3)  # what core_run returns


class _Run(ctypes.Structure):
    """The struct Run of driver.cc."""

    _fields_ = [
        ("tokens", ctypes.c_void_p),
        ("taken", ctypes.c_void_p),
        ("count", ctypes.c_uint64),
        ("at", ctypes.c_uint64),
        ("answers", ctypes.c_void_p),
        ("given", ctypes.c_void_p),
        ("room", ctypes.c_uint64),
        ("filled", ctypes.c_uint64),
        ("offers", ctypes.c_void_p),
        ("offers_length", ctypes.c_uint64),
        ("accepts", ctypes.c_void_p),
        ("accepts_length", ctypes.c_uint64),
        ("final_mask", ctypes.c_uint64),
        ("finals", ctypes.c_uint64),
        ("patience", ctypes.c_uint64),
        ("cycle", ctypes.c_uint64),
        ("idle", ctypes.c_uint64),
        ("offered", ctypes.c_uint64),
    ]


class CompiledCore:
    """A core that is machine code. Runs share nothing and keep no lock: threads run it side by side.

    Args:
        library: the shared library.
        contents: what memories hold at first, as `rtl.simulation.contents` lays it out.
    """

    parallel = True

    def __init__(self, library: Path, contents: np.ndarray) -> None:
        self._contents = np.ascontiguousarray(contents, np.uint32)
        self._code = ctypes.CDLL(str(library))
        self._code.core_new.argtypes, self._code.core_new.restype = [ctypes.c_void_p], ctypes.c_void_p
        self._code.core_run.argtypes, self._code.core_run.restype = [ctypes.c_void_p, ctypes.c_void_p], ctypes.c_int
        self._code.core_delete.argtypes, self._code.core_delete.restype = [ctypes.c_void_p], None

    def run(self, job: Job) -> Trace:
        """Runs from the initial state.

        Raises:
            InputError: a deadlock.
            MemoryError: the core does not fit into memory.
        """
        core = self._code.core_new(self._contents.ctypes.data)
        if not core:
            raise MemoryError("the simulated core does not fit into memory")
        try:
            return self._run(core, job)
        finally:
            self._code.core_delete(core)

    def _run(self, core: int, job: Job) -> Trace:
        taken = np.zeros(len(job.tokens), np.uint64)
        answers, given = (np.zeros(max(1024, len(job.tokens)), np.uint64) for _ in range(2))
        run = _Run(
            tokens=job.tokens.ctypes.data,
            taken=taken.ctypes.data,
            count=len(job.tokens),
            offers=job.offers.ctypes.data,
            offers_length=len(job.offers),
            accepts=job.accepts.ctypes.data,
            accepts_length=len(job.accepts),
            final_mask=job.final_mask,
            finals=job.finals,
            patience=job.patience,
        )
        outcome = FULL
        while outcome == FULL:
            if run.filled == len(answers):
                answers, given = (np.concatenate([full, np.zeros_like(full)]) for full in (answers, given))
            run.answers, run.given, run.room = answers.ctypes.data, given.ctypes.data, len(answers)
            outcome = self._code.core_run(core, ctypes.addressof(run))
        if outcome == STUCK:
            raise job.deadlock(run.cycle, run.at, run.filled, run.finals)
        return Trace(
            answers[: run.filled].copy(), taken[: run.at].astype(np.int64), given[: run.filled].astype(np.int64), run.cycle
        )


def default_folder() -> Path:
    """Where libraries are kept if nobody says: with the user's other caches."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "costmodel" / "simulators"


def build(folder: Path, name: str, sources: Mapping[str, str], made_with: str, make: Callable[[Path], Path]) -> Path:
    """A file of ``folder`` that is made once from ``sources``.

    Args:
        folder: where it is kept; made if need be.
        name: what its name begins with; its ending too ("cxxrtl.so").
        sources: file name → text, written to the folder that ``make`` gets.
        made_with: all else that it depends on: commands, versions.
        make: makes the file in a folder of its own and returns its path.
    """
    content = repr((sorted(sources.items()), made_with, platform.machine()))
    stem, ending = name.split(".")
    folder = folder.resolve()
    path = folder / f"{stem}_{hashlib.sha256(content.encode()).hexdigest()[:24]}.{ending}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            for file, text in sources.items():
                (Path(work) / file).write_text(text, encoding="utf-8")
            os.replace(make(Path(work)), path)
    return path


def call(command: Sequence[str], where: Path, environment: Mapping[str, str] | None = None) -> None:
    """Runs a tool in a folder, in its own environment if it has one.

    Raises:
        InputError: it fails; the first line in which it says "error" is quoted.
    """
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        lines = (done.stderr + done.stdout).splitlines() or ["it says nothing"]
        quoted = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise InputError(f"{Path(command[0]).name} fails: {quoted[:300]}", mend="choose another simulator with backend=")


def driver() -> dict[str, str]:
    """The sources that all compiled cores have in common."""
    return {"driver.cc": (HERE / "driver.cc").read_text(encoding="utf-8")}
