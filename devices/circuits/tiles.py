"""A matrix of conductances laid out on crossbars of limited size, each with the resistances of its lines."""

import numpy as np

from costmodel.devices.circuits.nodal import effective_conductance


def on_tiles(
    conductance: np.ndarray, tile_rows: int, tile_columns: int, r_wire: float, r_driver: float, r_sense: float
) -> np.ndarray:
    """(M, N) effective conductances, S: I = V G_eff, the currents of tiles below one another being added.

    A tile that is not full is used from its drivers and its amplifiers on; what lies beyond draws no current.

    Args:
        conductance: (M, N), S; rows are inputs.
        tile_rows, tile_columns: of one crossbar.
        r_wire, r_driver, r_sense: of a line from cell to cell, at the start of a row, at the end of a column, Ω.
    """
    if r_wire == r_driver == r_sense == 0:
        return conductance.copy()
    effective = np.empty_like(conductance)
    solved = effective_conductance if r_wire > 0 else _ideal_lines
    for top in range(0, conductance.shape[0], tile_rows):
        for left in range(0, conductance.shape[1], tile_columns):
            tile = np.s_[top : top + tile_rows, left : left + tile_columns]
            effective[tile] = solved(conductance[tile], r_wire, r_driver, r_sense)
    return effective


def _ideal_lines(conductance: np.ndarray, r_wire: float, r_driver: float, r_sense: float) -> np.ndarray:
    """Without resistance between cells, so that each row and each column is one node.

    Rows: u = P (V + r_driver G c); columns: c = r_sense Q Gᵀ u; I = Q Gᵀ u, also where r_sense is 0.
    P = 1 / (1 + r_driver Σ_j G), Q = 1 / (1 + r_sense Σ_i G).
    """
    del r_wire
    rows = 1 / (1 + r_driver * conductance.sum(axis=1))
    columns = 1 / (1 + r_sense * conductance.sum(axis=0))
    back = r_driver * r_sense * (rows[:, None] * conductance) @ (columns * conductance).T
    voltages = np.linalg.solve(np.eye(len(rows)) - back, np.diag(rows))
    return voltages.T @ (conductance * columns)
