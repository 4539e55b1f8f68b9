"""Fits what the crossbar's closed forms leave open, against the exact solution.

By ``python -m costmodel.devices.circuits.crossbar_fit``. Two coefficients, of how cells that differ lengthen settling
(`crossbar_settling.settling_time`), by least squares of the logarithm. Residuals of all predictions on the same crossbars are kept
beside them: they are the intervals of what is estimated.
"""

import json
from datetime import UTC, datetime

import numpy as np
from scipy.optimize import least_squares

from costmodel.devices.circuits.crossbar import Crossbar
from costmodel.devices.circuits.crossbar_cases import RANGES, drawn, solved
from costmodel.devices.circuits.crossbar_drop import weight_error
from costmodel.devices.circuits.crossbar_settling import MEASURED, coefficients, settling_terms
from costmodel.devices.circuits.nodal import effective_conductance
from costmodel.graphs.files import write

SEED = 4051
"""Other than the measurement's."""

GRID = {4: 100, 8: 150, 16: 200, 32: 150, 64: 100}
"""Longer side → crossbars."""


def exact(crossbar: Crossbar) -> dict[str, float]:
    """The crossbar's quantities, and the error of its weights, by the nodal equations."""
    found = solved(crossbar)
    cells = crossbar.conductance
    effective = effective_conductance(cells, crossbar.r_wire, crossbar.r_driver, crossbar.r_sense)
    return {
        "settling_time": float(found.settling(crossbar.tolerance).max()),
        "read_energy": found.energy(crossbar.read_time),
        **crossbar.at_rest(found.columns),
        "weight_error": float(np.sqrt(((effective - cells) ** 2).sum() / (cells**2).sum())),
    }


def terms(crossbar: Crossbar) -> tuple[float, float, float]:
    """`settling_terms` of the crossbar."""
    alike, of_rows, of_columns = settling_terms(**crossbar.settles(), **crossbar.line())
    return float(alike), float(of_rows), float(of_columns)


def fitted(crossbars: list[Crossbar], times: np.ndarray) -> dict[str, float]:
    """The coefficients that meet the settling times, s; large deviations count by their size, not its square (soft L1)."""
    alike, *spreads = np.array([terms(crossbar) for crossbar in crossbars]).T
    wanted = np.log(times / alike)

    def left(k: np.ndarray) -> np.ndarray:
        return k @ np.array(spreads) - wanted

    found = least_squares(left, [0.5, 0.5], loss="soft_l1", f_scale=0.03).x
    return {"rows": float(f"{found[0]:.4g}"), "columns": float(f"{found[1]:.4g}")}


def residuals(crossbars: list[Crossbar], truths: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Median, 90th percentile and largest of the relative error of each quantity."""
    predicted = [one.predicted() | {"weight_error": float(weight_error(**one.line()))} for one in crossbars]
    found = {}
    for name in truths[0]:
        error = np.abs([guess[name] / truth[name] - 1 for guess, truth in zip(predicted, truths, strict=True)])
        found[name] = {
            key: float(f"{value:.3g}")
            for key, value in (("median", np.median(error)), ("p90", np.quantile(error, 0.9)), ("worst", error.max()))
        }
    return found


def main() -> None:
    """Fits and writes."""
    sizes = [size for size, number in GRID.items() for _ in range(number)]
    crossbars = [drawn((SEED, case), size) for case, size in enumerate(sizes)]
    truths = [exact(crossbar) for crossbar in crossbars]
    found = fitted(crossbars, np.array([truth["settling_time"] for truth in truths]))
    provenance = {
        "script": "python -m costmodel.devices.circuits.crossbar_fit",
        "against": "the nodal equations solved exactly",
        "date": datetime.now(UTC).date().isoformat(),
        "seed": SEED,
        "sizes": {str(size): number for size, number in GRID.items()},
        "ranges": {name: list(span) for name, span in RANGES.items()},
    }
    kept: dict[str, object] = {"provenance": provenance, "coefficients": found}
    write(MEASURED, json.dumps(kept, indent=1) + "\n")  # what follows predicts with them
    coefficients.cache_clear()
    kept["residuals"] = residuals(crossbars, truths)
    write(MEASURED, json.dumps(kept, indent=1) + "\n")
    print(json.dumps({"coefficients": found, "residuals": kept["residuals"]}, indent=1))


if __name__ == "__main__":
    main()
