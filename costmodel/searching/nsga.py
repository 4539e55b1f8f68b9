"""NSGA-II over real and whole numbers (pymoo), and what it found that nothing else beats."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.searching.candidates import Candidates, Point
from costmodel.sweeping.program import COLUMNS
from costmodel.sweeping.space import Range


@dataclass(frozen=True)
class Design:
    """A point of the front.

    Attributes:
        device: name of the part.
        point: parameter → value.
        costs: objective → value.
    """

    device: str
    point: Point
    costs: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """As in ``pareto --json``."""
        costs = {COLUMNS.get(name, name): value for name, value in self.costs.items()}
        return {"device": self.device, "point": dict(self.point), **costs}


def search(candidates: Candidates, evaluations: int, seed: int = 0) -> list[Design]:
    """The front of one part: all that was looked at, fits, and is beaten by nothing else.

    Args:
        candidates: with their costs.
        evaluations: candidates to look at.
        seed: of the search.
    """
    from pymoo.core.mixed import MixedVariableGA
    from pymoo.core.problem import Problem
    from pymoo.operators.survival.rank_and_crowding import RankAndCrowding
    from pymoo.optimize import minimize

    seen: dict[tuple[float, ...], np.ndarray] = {}
    names = [over.name for over in candidates.ranges]

    class Costs(Problem):
        """What pymoo asks: a population at a time."""

        def _evaluate(self, x: Any, out: dict[str, Any], *args: object, **kwargs: object) -> None:
            points = [{over.name: _value(over, row[over.name]) for over in candidates.ranges} for row in x]
            costs, fits = candidates.costs(points)
            for point, of, fit in zip(points, costs, fits, strict=True):
                if fit:
                    seen[tuple(point[name] for name in names)] = of
            out["F"], out["G"] = np.where(fits[:, None], costs, 1e300), np.where(fits, -1.0, 1.0)[:, None]

    variables = {over.name: _variable(over) for over in candidates.ranges}
    problem = Costs(vars=variables, n_obj=len(candidates.objectives), n_ieq_constr=1)
    size = max(4, min(100, math.isqrt(evaluations)))
    algorithm = MixedVariableGA(pop_size=size, survival=RankAndCrowding())
    minimize(problem, algorithm, ("n_eval", evaluations), seed=seed, verbose=False)
    points = list(seen)
    best = unbeaten(np.array([seen[point] for point in points])) if points else []
    of = candidates.objectives
    return [
        Design(
            candidates.on.name, dict(zip(names, points[i], strict=True)), dict(zip(of, map(float, seen[points[i]]), strict=True))
        )
        for i in best
    ]


def unbeaten(costs: np.ndarray) -> list[int]:
    """Rows that no other beats in one objective and equals or beats in all; of equal rows the first.

    Args:
        costs: (rows, objectives).
    """
    order = np.lexsort(costs.T[::-1])
    kept: list[int] = []
    front = np.empty((0, costs.shape[1]))
    for i in order:  # whoever beats a row comes before it
        if not (front <= costs[i]).all(axis=1).any():
            kept.append(int(i))
            front = np.vstack([front, costs[i]])
    return kept


def merged(fronts: Sequence[list[Design]]) -> list[Design]:
    """The front over several parts, by the first objective."""
    designs = [design for front in fronts for design in front]
    if not designs:
        return []
    return [designs[i] for i in unbeaten(np.array([list(design.costs.values()) for design in designs]))]


def _variable(over: Range) -> Any:
    """A range as a variable of pymoo; logarithmic ones are searched by their logarithm."""
    from pymoo.core.variable import Integer, Real

    if over.log:
        return Real(bounds=(math.log(over.low), math.log(over.high)))
    return Integer(bounds=(int(over.low), int(over.high))) if over.whole else Real(bounds=(over.low, over.high))


def _value(over: Range, variable: float) -> float:
    value = min(max(math.exp(variable), over.low), over.high) if over.log else float(variable)
    return float(round(value)) if over.whole else value
