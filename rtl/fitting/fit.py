"""Coefficients: non-negative, with the least squared relative error over what was measured; and how far off a row is left
out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from scipy.optimize import nnls

from costmodel.graphs import files
from costmodel.rtl.cost import clock, luts
from costmodel.rtl.cost.fitted import FILE
from costmodel.rtl.cost.pieces import Piece, delay, drop_final, flatten, fork, max_pool, queue, readout, shrink
from costmodel.rtl.cost.sizes import CoreSizes, core_sizes
from costmodel.rtl.fitting.measured import FAMILIES, load
from costmodel.rtl.fitting.pieces import readout_of, steps_of
from costmodel.rtl.fitting.shapes import Shape, layer_of
from costmodel.rtl.space import Space

DIGITS = 4
"""Significant digits that are kept of a coefficient."""


@dataclass(frozen=True)
class Problem:
    """A quantity that is linear in terms: measured − counted = Σ coefficient · term.

    Attributes:
        names: of the terms.
        terms: (rows, terms).
        counted: what is not fitted.
        measured: the whole.
    """

    names: tuple[str, ...]
    terms: np.ndarray
    counted: np.ndarray
    measured: np.ndarray

    def fit(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Coefficients for some rows."""
        scale = self.measured[rows]
        return nnls(self.terms[rows] / scale[:, None], (scale - self.counted[rows]) / scale)[0]

    def errors(self, coefficients: np.ndarray) -> np.ndarray:
        """Predicted over measured, less 1."""
        return (self.terms @ coefficients + self.counted) / self.measured - 1

    def left_out(self) -> np.ndarray:
        """The error of each row by coefficients that the others give."""
        places = np.arange(len(self.measured))
        return np.array([self.errors(self.fit(places != i))[i] for i in places])


def core_rows(part: str) -> list[dict[str, Any]]:
    """Cores that fitted the part."""
    return [row for row in load(part)["cores"] if "refused" not in row]


def piece_rows(part: str) -> list[dict[str, Any]]:
    """Queues and stages."""
    return [row for row in load(part)["blocks"] if "refused" not in row]


def sizes_of(row: Mapping[str, Any]) -> CoreSizes:
    """The numbers of a measured core."""
    return core_sizes(layer_of(Shape(**row["shape"])))


def piece_of(block: Mapping[str, Any], family: str) -> Piece:
    """The equations of a measured queue or stage."""
    space = Space(*block["space"]) if "space" in block else Space(1)
    match block["kind"]:
        case "queue":
            return queue(family, block["address_bits"] + block["value_bits"] + 2, block["depth"])
        case "flatten":
            return flatten(family, space)
        case "shrink":
            return shrink(space, block["rows"], block["columns"])
        case "max_pool":
            return max_pool(family, space)
        case "delay":
            steps = steps_of(dict(block))
            alike = isinstance(steps, int)
            return delay(family, space, (steps if alike else max(steps)) + 1, int(not alike))
        case "fork":
            return fork(block["ways"])
        case "readout":
            return readout(family, readout_of(block))
    return drop_final()


def problems(part: str) -> dict[str, Problem]:
    """All equations of a part's family that are fitted."""
    family = FAMILIES[part]
    rows, blocks = core_rows(part), piece_rows(part)
    sizes = [sizes_of(row) for row in rows]
    pieces = [piece_of(row["block"], family) for row in blocks]
    packed = [piece.memory_luts + (piece.ffs if family == "ice40" else 0) for piece in pieces]
    some = [i for i, row in enumerate(blocks) if row["luts"] and row["luts"] > packed[i]]
    found = {
        "core luts": _problem(
            [luts.terms(s, family) for s in sizes], [luts.fixed(s, family) for s in sizes], [row["luts"] for row in rows]
        ),
        "piece luts": _problem(
            [pieces[i].terms for i in some], [packed[i] for i in some], [float(blocks[i]["luts"]) for i in some]
        ),
    }
    if any(row["fmax_hz"] for row in rows):
        timed = [i for i, row in enumerate(blocks) if row["fmax_hz"] and pieces[i].times]
        found["core period"] = _problem(
            [clock.terms(s, family) for s in sizes], [0] * len(rows), [1e9 / row["fmax_hz"] for row in rows]
        )
        found["piece period"] = _problem(
            [pieces[i].times for i in timed], [0] * len(timed), [1e9 / blocks[i]["fmax_hz"] for i in timed]
        )
    return found


def _problem(terms: Sequence[Mapping[str, Any]], counted: Sequence[Any], measured: Sequence[float]) -> Problem:
    names = tuple(dict.fromkeys(name for row in terms for name in row))
    table = np.array([[float(row.get(name, 0)) for name in names] for row in terms])
    return Problem(names, table, np.array(counted, float), np.array(measured, float))


def rounded(value: float) -> float:
    """To `DIGITS` significant digits."""
    return float(f"{value:.{DIGITS}g}")


def fitted(part: str) -> dict[str, Any]:
    """Coefficients of a part's family, their provenance and errors."""
    found: dict[str, Any] = {}
    errors = {}
    for name, problem in problems(part).items():
        solution = problem.fit()
        found[name] = {term: rounded(c) for term, c in zip(problem.names, solution, strict=True) if c > 0}
        errors[name] = {"rows": len(problem.measured), "fit": _spread(problem.errors(solution))}
        if name.startswith("core"):
            errors[name]["left out"] = _spread(problem.left_out())
    return {"provenance": {**load(part)["provenance"], "fitted": date.today().isoformat(), "errors": errors}, **found}


def _spread(errors: np.ndarray) -> dict[str, float]:
    size = np.abs(errors)
    found = {"median": np.median(size), "mean": size.mean(), "worst": size.max()}
    return {name: round(float(value), 4) for name, value in found.items()}


def write() -> None:
    """Fits all families and writes the coefficients."""
    text = json.dumps({FAMILIES[part]: fitted(part) for part in FAMILIES}, indent=1, ensure_ascii=False)
    files.write(FILE, text + "\n")
