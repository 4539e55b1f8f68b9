"""libngspice through PySpice, in this process: one deck after another.

PySpice 1.5 knows ngspice up to version 34 and warns of later ones on every start; the vectors that are read here have not changed
since, so its log is silenced once. A call of the library that fails may leave it unusable: `devices.spice.batch` runs sessions in
processes that can be thrown away.
"""

import logging
from functools import cache

import numpy as np

from costmodel.devices.spice import library
from costmodel.devices.spice.job import Job, Waves
from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install

TELLING = ("error", "timestep", "singular", "abort", "unknown", "no such")
"""What a line of SPICE's says that is worth quoting."""


class SpiceError(Exception):
    """SPICE did not finish; its words in one line."""


@cache
def session():
    """The library, loaded and started.

    Raises:
        InputError: PySpice or libngspice is missing.
    """
    path = library.find()
    try:
        from PySpice.Spice.NgSpice.Shared import NgSpiceShared
    except ImportError as error:
        mend = install("spice")
        raise InputError(f"{error.name} is needed to simulate circuits, and not installed", mend=mend) from None
    logging.getLogger("PySpice").setLevel(logging.CRITICAL + 1)
    NgSpiceShared.LIBRARY_PATH = path
    try:
        return NgSpiceShared.new_instance()
    except OSError as error:
        raise InputError(f"'{path}' cannot be loaded ({error})", mend=library.INSTALL) from None


def simulate(job: Job) -> Waves:
    """Runs a job.

    Raises:
        SpiceError: the deck is at fault, or a transient did not converge or stopped early.
        InputError: PySpice or libngspice is missing.
    """
    spice = session()
    loading = ""
    try:
        spice.load_circuit(job.text())
        loading = _words(spice)
        spice.run()
    except NameError as error:  # all of PySpice's own errors are NameErrors; the library's words are what counts
        raise SpiceError(loading or _words(spice) or str(error) or "it says nothing") from None
    plot = spice.plot(None, spice.last_plot)
    values = {_name(name): np.array(vector.to_waveform(to_real=True), float) for name, vector in plot.items()}
    spice.destroy()
    spice.remove_circuit()
    missing = [name for name in job.saved if name.lower() not in values]
    if missing:
        raise SpiceError(f"no vector {', '.join(missing)}")
    time = values.get("time", np.zeros(1))
    if job.end and (len(time) < 2 or time[-1] < job.end * (1 - 1e-6)):
        raise SpiceError(_words(spice) or f"it stopped at {time[-1] if len(time) else 0:g} s of {job.end:g} s")
    return Waves(time, values)


def _name(raw: str) -> str:
    low = raw.lower()
    if low == "time" or "(" in low:
        return low
    return f"i({low.removesuffix('#branch')})" if low.endswith("#branch") else f"v({low})"


def _words(spice) -> str:
    """What it says of an error; nothing where it says none."""
    lines = (line.strip() for line in (spice.stdout + "\n" + spice.stderr).splitlines())
    telling = [line for line in lines if any(word in line.lower() for word in TELLING)]
    return " | ".join(dict.fromkeys(telling))[:300]
