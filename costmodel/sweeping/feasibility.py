"""Which design points fit the part: a part's limits are decisions over numbers, so they are asked point by point.

Only some of the axes matter to them. Which ones shows when they are read: the limits are asked over the grid of those that were
read so far, until no other is. What no limit reads cannot change its answer, so this is exact.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from costmodel.estimating import Estimator, Workload
from costmodel.sweeping.program import Recorder
from costmodel.sweeping.space import Space, is_network_parameter
from costmodel.tables import counted
from devices.device import Facts, Limit
from devices.part import Part
from graphs.errors import InputError
from graphs.recording import Recorded, Recording

MOST = 20_000
"""Combinations that limits are asked for: a second, for FPGAs two minutes."""


def feasible(workload: Workload, on: Part, space: Space) -> np.ndarray:
    """Whether each point fits: booleans that broadcast over the space's shape, of length 1 along axes that do not matter.

    Raises:
        InputError: no point fits, or too many combinations of what limits read.
    """
    limits = Limits(workload, on, space.names)
    by_name = [limit for limit in Estimator(workload, on).violations(on.device(on.values)) if isinstance(limit.needs, str)]
    if by_name:  # a neuron type or a learning rule: no number changes that
        raise _refused(on, by_name)
    matter: list[int] = []
    while True:
        shape = tuple(space.shape[i] if i in matter else 1 for i in range(len(space.axes)))
        if math.prod(shape) > MOST:
            told = ", ".join(space.names[i] for i in matter)
            what = f"whether '{on.name}' fits depends on {math.prod(shape):,} combinations of {told}"
            raise InputError(what, mend=f"give them fewer values, {MOST:,} combinations at most", where="--over")
        values = [axis.values() if i in matter else axis.values(0, 1) for i, axis in enumerate(space.axes)]
        found = limits.ask(values)
        new = [i for i, name in enumerate(space.names) if name in limits.read and i not in matter]
        if not new:
            break
        matter += new
    if not found.any():
        raise _refused(on, limits.last)
    return found.reshape(shape)


def _refused(on: Part, limits: Sequence[Limit]) -> InputError:
    lacks = "; ".join(f"{limit.limit}: needs {counted(limit.needs)}, has {counted(limit.has)}" for limit in limits)
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
    """

    def __init__(self, workload: Workload, on: Part, names: Sequence[str]) -> None:
        recorder = Recorder(workload, on, names)
        self.recording, self.names, self.on = recorder.recording, names, on
        self.read: set[str] = set()
        self.last: list[Limit] = []
        keeps = on.device.keeps_given_bits
        self.widest = (workload.bits or workload.table.lowering.widest) if keeps else None
        self.facts = recorder.facts()
        self.depends = {field.name: _depends(getattr(self.facts, field.name)) for field in fields(Facts)}
        if keeps and "bits" in names:
            self.depends["widest"] = {"bits"}
        self.device, self.seen_facts = _watched(on.device), _watched(Facts)

    def ask(self, values: Sequence[np.ndarray]) -> np.ndarray:
        """Whether each point of a grid fits.

        Args:
            values: of each parameter.
        """
        points = [dict(zip(self.names, point, strict=True)) for point in itertools.product(*(map(float, v) for v in values))]
        columns = {name: np.array([point[name] for point in points]) for name in self.names}
        known = {name: _evaluated(self.recording, getattr(self.facts, name), columns) for name in self.depends if self.depends[name] and name != "widest"}
        return np.array([self._fits(point, {name: of[i] for name, of in known.items()}) for i, point in enumerate(points)])

    def _fits(self, point: Mapping[str, float], known: Mapping[str, Any]) -> bool:
        widest = point["bits"] if self.depends["widest"] else self.widest
        plain = replace(self.facts, **{**known, "widest": widest})
        found = self.seen_facts(**{field.name: getattr(plain, field.name) for field in fields(Facts)})
        values = {**self.on.values, **{name: value for name, value in point.items() if not is_network_parameter(name)}}
        device = self.device(values)
        device.read.clear()
        found.read.clear()
        wrong = device.contradiction()
        limits = [Limit("contradiction", wrong[0], "–", (wrong[1],))] if wrong else device.limits(found)
        self.read |= {name for name in device.read if name in self.names}
        self.read |= set().union(*(self.depends[name] for name in found.read if name in self.depends))
        self.last = limits or self.last
        return not limits


def _watched(of: type) -> Any:
    """A subclass whose instances note in ``read`` which attributes are read."""

    class Watched(of):
        read: set[str] = set()

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


