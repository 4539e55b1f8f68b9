"""The simulators to choose from, fastest first, and a core prepared for one of them."""

import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from amaranth.lib import wiring
from numpy.typing import ArrayLike

from costmodel.graphs.errors import InputError, nearest
from costmodel.rtl.simulation import compiled, cxxrtl, interpreted, verilator
from costmodel.rtl.simulation.job import PATIENCE, Pattern, Trace, check_core, make_job
from costmodel.rtl.simulation.tools import find

# Cycles a second of a core with 784 inputs, 128 neurons and 16 lanes: 6.8 million, 3.5 million, 3 thousand.
BACKENDS = {"verilator": verilator, "cxxrtl": cxxrtl, "amaranth": interpreted}
SLOWER = 1000


class Simulation:
    """A core that is ready to run, any number of times.

    Args:
        core: a component with the streams ``events`` and ``answers`` of :class:`rtl.token.Token`. It is elaborated again and
            again, which must be possible.
        backend: a name in ``BACKENDS``.
        folder: where compiled cores are kept.

    Raises:
        InputError: the core has no such streams, or the compiler fails.
    """

    def __init__(self, core: wiring.Component, backend: str, folder: Path) -> None:
        check_core(core)
        self.core, self.backend = core, backend
        self._prepared = BACKENDS[backend].prepare(core, folder)

    def run(
        self,
        tokens: ArrayLike,
        *,
        finals: int | None = None,
        patience: int = PATIENCE,
        offers: Pattern = None,
        accepts: Pattern = None,
    ) -> Trace:
        """Offers tokens as fast as the core takes them, from its initial state, until samples have ended.

        Args:
            tokens: packed payloads, in order.
            finals: samples (answers with ``last`` and ``final``) after which it is over; None: as many as are in ``tokens``.
            patience: cycles in which nothing is taken or given, after which it is a deadlock.
            offers: in which cycles a new token may be offered, round and round; None: in all. What was offered stays.
            accepts: in which cycles an answer is accepted, round and round; None: in all.

        Raises:
            InputError: an argument is at fault, or a deadlock.
        """
        return self._prepared.run(make_job(self.core, tokens, finals, patience, offers, accepts))

    def run_many(self, lists: Iterable[ArrayLike], *, jobs: int = 2, patience: int = PATIENCE) -> list[Trace]:
        """Runs lists of tokens, each from the initial state, ``jobs`` at a time (Amaranth's simulator: one by one).

        Raises:
            InputError: an argument is at fault, or a deadlock.
        """
        if jobs < 1:
            raise InputError(f"jobs is {jobs}, 1 or more is needed")
        asked = [make_job(self.core, tokens, None, patience, None, None) for tokens in lists]
        if not self._prepared.parallel or jobs == 1:
            return [self._prepared.run(job) for job in asked]
        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(self._prepared.run, asked))


def prepare(core: wiring.Component, *, backend: str | None = None, folder: Path | None = None) -> Simulation:
    """A core ready to run; compiled where there is a compiler, else with a warning that says how slow it will be.

    Args:
        core: as in :class:`Simulation`.
        backend: "verilator", "cxxrtl" or "amaranth"; None: the fastest that is installed.
        folder: where compiled cores are kept; None: with the user's other caches. A core that differs from one of them only
            in what its memories hold is not compiled again.

    Raises:
        InputError: the backend is unknown or not installed, or as :class:`Simulation`.
    """
    return Simulation(core, _usable(backend), folder or compiled.default_folder())


def run(
    core: wiring.Component,
    tokens: ArrayLike,
    *,
    backend: str | None = None,
    folder: Path | None = None,
    finals: int | None = None,
    patience: int = PATIENCE,
    offers: Pattern = None,
    accepts: Pattern = None,
) -> Trace:
    """`prepare`, then `Simulation.run`."""
    ready = prepare(core, backend=backend, folder=folder)
    return ready.run(tokens, finals=finals, patience=patience, offers=offers, accepts=accepts)


def run_many(
    core: wiring.Component,
    lists: Iterable[ArrayLike],
    *,
    jobs: int = 2,
    backend: str | None = None,
    folder: Path | None = None,
    patience: int = PATIENCE,
) -> list[Trace]:
    """`prepare`, then `Simulation.run_many`."""
    return prepare(core, backend=backend, folder=folder).run_many(lists, jobs=jobs, patience=patience)


def _usable(backend: str | None) -> str:
    if backend is None:
        backend = next(name for name, simulator in BACKENDS.items() if all(map(find, simulator.NEEDS)))
        if backend == "amaranth":
            slow = f"falling back to Amaranth's simulator, which is about {SLOWER} times slower"
            warnings.warn(f"g++ was not found: {slow}; install g++", stacklevel=4)
    if backend not in BACKENDS:
        raise InputError(f"there is no simulator '{backend}'", mend=nearest(backend, BACKENDS))
    for tool in BACKENDS[backend].NEEDS:
        if find(tool) is None:
            raise InputError(f"{tool} was not found", mend=f"install {tool}, or choose another simulator than '{backend}'")
    return backend
