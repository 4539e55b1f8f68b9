"""Which design points fit the part: a part's limits are decisions over numbers, so they are asked point by point.

Only some of the axes matter to them. Which ones shows when they are read: limits are asked over the grid of those that were read
so far, until no other is. What no limit reads cannot change its answer, so this is exact.
"""

import itertools
import math
import time
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import fields
from typing import Any, ClassVar

import numpy as np

from costmodel.devices.device import Facts, Limit
from costmodel.devices.part import Part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.estimates.tables import counted
from costmodel.graphs.equations.recording import Recorded, Recording
from costmodel.graphs.errors import InputError
from costmodel.sweeping.program import Recorder
from costmodel.sweeping.space import Space, is_network_parameter

LONGEST = 60.0
"""Seconds that asking may take."""

LARGEST = 10**8
"""Combinations whose answers are kept, a byte each."""


def feasible(workload: Workload, on: Part, space: Space) -> np.ndarray:
    """Whether each point fits: booleans that broadcast over the space's shape, of length 1 along axes that do not matter.

    Raises:
        InputError: no point fits, or too many combinations of what limits read.
    """
    estimator = Estimator(workload, on)
    device = estimator.part.device(estimator.part.values)
    by_name = [limit for limit in estimator.violations(device) if isinstance(limit.needs, str)]
    if by_name:  # a neuron type or a learning rule: no number changes that
        raise _refused(on, by_name)
    limits = Limits(workload, on, space.names)
    consistent, fitting = (_answered(ask, limits, space) for ask in (limits.consistent, limits.fit))
    if np.broadcast(consistent, fitting).size > LARGEST:
        raise InputError(f"whether '{on.name}' fits depends on too many combinations", mend="give fewer values", where="--over")
    found = consistent & fitting
    if not found.any():
        raise _refused(on, limits.last)
    return found


def _answered(ask: Callable[[int, Mapping[str, float]], bool], limits: "Limits", space: Space) -> np.ndarray:
    """The answers to a question over the grid of those axes that it reads."""
    matter: list[int] = []
    while True:
        values = [axis.values() if i in matter else axis.values(0, 1) for i, axis in enumerate(space.axes)]
        count = math.prod(map(len, values))
        grids = (grid.ravel() for grid in np.meshgrid(*values, indexing="ij"))
        limits.begin(dict(zip(space.names, grids, strict=True)))
        found = np.empty(count, dtype=bool)
        start = time.perf_counter()
        for i, point in enumerate(itertools.product(*(v.tolist() for v in values))):
            found[i] = ask(i, dict(zip(space.names, point, strict=True)))
            if i == 100 and (seconds := (time.perf_counter() - start) * count / 100) > LONGEST:
                told = " × ".join(f"{space.axes[k].count} of {space.names[k]}" for k in matter)
                what = f"asking whether each of {told} fits '{limits.on.name}' would take {seconds / 60:.0f} minutes"
                raise InputError(what, mend="give them fewer values", where="--over")
        new = [i for i, name in enumerate(space.names) if name in limits.read and i not in matter]
        if not new:
            return found.reshape([len(v) for v in values])
        matter += new


def _refused(on: Part, limits: Sequence[Limit]) -> InputError:
    lacks = "; ".join(
        f"{limit.limit}: needs {counted(limit.needs)}, has {counted(limit.has)}" if limit.needs else limit.limit for limit in limits
    )
    levers = ", ".join(dict.fromkeys(lever for limit in limits for lever in limit.levers))
    return InputError(f"no design point fits '{on.name}'. {lacks}", mend=f"try {levers}" if levers else "sweep other values")


class Limits:
    """The limits of a part over design points, and which parameters they read.

    Args:
        workload: the network as it is run.
        on: the part.
        names: the parameters that vary.

    Attributes:
        read: those of them that mattered so far.
        last: what the last point that does not fit lacks.
        device, facts: they note which of their attributes are read.
        known: fact → its value at every point.
    """

    def __init__(self, workload: Workload, on: Part, names: Sequence[str]) -> None:
        recorder = Recorder(workload, on, names)
        self.recording, self.names, self.varying, self.on = recorder.recording, names, frozenset(names), recorder.on
        self.read: set[str] = set()
        self.last: list[Limit] = []
        self.recorded = recorder.facts()
        self.depends = {field.name: _depends(getattr(self.recorded, field.name)) for field in fields(Facts)}
        keeps = self.on.device.keeps_given_bits
        self.depends["widest"] = {"bits"} if keeps and "bits" in names else set()
        widest = (workload.bits or workload.table.lowering.widest) if keeps else None
        plain = {field.name: getattr(self.recorded, field.name) for field in fields(Facts)}
        self.facts = _watched(Facts)(**{**plain, "widest": widest})
        self.device = _watched(self.on.device)(self.on.values)
        self.known: dict[str, list[Any]] = {}

    def begin(self, points: Mapping[str, np.ndarray]) -> None:
        """Forgets what was read, and computes the facts that vary over some points."""
        self.read = set()
        varying = [name for name, needs in self.depends.items() if needs and name != "widest"]
        self.known = {name: _evaluated(self.recording, getattr(self.recorded, name), points) for name in varying}

    def consistent(self, number: int, point: Mapping[str, float]) -> bool:
        """Whether the part's parameters can be together at a point."""
        del number
        wrong = self._set(point).contradiction()
        self._note(self.device.read)
        if wrong:
            self.last = [Limit(wrong[0], "", "", (wrong[1],))]
        return wrong is None

    def fit(self, number: int, point: Mapping[str, float]) -> bool:
        """Whether the part holds the network at a point, by the point's number among them."""
        for name, values in self.known.items():
            object.__setattr__(self.facts, name, values[number])
        if self.depends["widest"]:
            object.__setattr__(self.facts, "widest", point["bits"])
        self.facts.read.clear()
        limits = self._set(point).limits(self.facts)
        self._note(self.device.read)
        self._note(set().union(*(self.depends.get(name, ()) for name in self.facts.read)))
        self.last = limits or self.last
        return not limits

    def _set(self, point: Mapping[str, float]) -> Any:
        for name, value in point.items():
            if not is_network_parameter(name):
                setattr(self.device, name, value)
        self.device.read.clear()
        return self.device

    def _note(self, names: Set[str]) -> None:
        self.read |= names & self.varying


def _watched(of: type) -> Any:
    """A subclass whose instances note in ``read`` which attributes are read."""

    class Watched(of):
        read: ClassVar[set[str]] = set()

        def __getattribute__(self, name: str) -> Any:
            if name != "read":
                Watched.read.add(name)
            return super().__getattribute__(name)

    return Watched


def _depends(value: Any) -> set[str]:
    """The parameters that a recorded fact depends on."""
    found = value.flat if isinstance(value, np.ndarray) and value.dtype == object else [value]
    return set().union(*(one.free_symbols for one in found if isinstance(one, Recorded)))


def _evaluated(recording: Recording, value: Any, columns: Mapping[str, np.ndarray]) -> list[Any]:
    """A recorded fact at every point: numbers, or float arrays of its shape."""
    count = len(next(iter(columns.values())))
    flat = list(value.flat) if isinstance(value, np.ndarray) else [value]
    found = np.array([np.broadcast_to(one, count) for one in recording.evaluate(flat, columns)], dtype=float)
    return list(found.T.reshape(count, *value.shape)) if isinstance(value, np.ndarray) else list(found[0])
