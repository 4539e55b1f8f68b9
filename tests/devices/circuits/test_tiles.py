"""Matrices of conductances on crossbars of limited size, against Kirchhoff's law resistor by resistor."""

import numpy as np
import pytest

from costmodel.devices.circuits.tiles import on_tiles

R_DRIVER, R_SENSE = 1e3, 100.0


def dense(conductance: np.ndarray, r_wire: float, r_driver: float, r_sense: float) -> np.ndarray:
    """G_eff by Kirchhoff's current law at every node of a crossbar, resistor by resistor, and a dense solve."""
    m, n = conductance.shape
    a, fed = np.zeros((2 * m * n, 2 * m * n)), np.zeros((2 * m * n, m))

    def resistor(i: int, j: int | None, g: float) -> None:
        a[i, i] += g
        if j is not None:
            a[j, j] += g
            a[i, j] -= g
            a[j, i] -= g

    for i in range(m):
        for j in range(n):
            row, column = i * n + j, m * n + i * n + j
            resistor(row, column, conductance[i, j])
            resistor(row, row - 1 if j else None, 1 / r_wire if j else 1 / (r_wire + r_driver))
            resistor(column, column + n if i < m - 1 else None, 1 / r_wire if i < m - 1 else 1 / (r_wire + r_sense))
        fed[i * n, i] = 1 / (r_wire + r_driver)
    return (np.linalg.solve(a, fed)[-n:] / (r_wire + r_sense)).T


@pytest.mark.parametrize("tile", [(4, 6), (3, 4), (100, 100), (2, 1)])
def test_lines_take_what_a_dense_solve_says(tile):
    conductance = np.random.default_rng(1).uniform(1e-6, 1e-4, (8, 12))
    lines = 5.0, R_DRIVER, R_SENSE
    found = on_tiles(conductance, *tile, *lines)
    for top in range(0, 8, tile[0]):
        for left in range(0, 12, tile[1]):
            here = np.s_[top : top + tile[0], left : left + tile[1]]
            assert found[here] == pytest.approx(dense(conductance[here], *lines), rel=1e-9)


@pytest.mark.parametrize(("r_driver", "r_sense"), [(R_DRIVER, R_SENSE), (R_DRIVER, 0.0), (0.0, R_SENSE), (0.0, 0.0)])
def test_lines_without_resistance_are_the_limit_of_lines_with_little(r_driver, r_sense):
    conductance = np.random.default_rng(2).uniform(1e-6, 1e-4, (6, 9))
    assert on_tiles(conductance, 4, 5, 0.0, r_driver, r_sense) == pytest.approx(
        on_tiles(conductance, 4, 5, 1e-5, r_driver, r_sense), rel=1e-6
    )
