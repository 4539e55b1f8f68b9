"""A memristor crossbar with wires, solved exactly: Kirchhoff's current law at its 2MN nodes.

Row i is driven at its left end through r_driver, and has a node at each of its N cells; column j has a node at each of
its M cells and ends, below the last row, in r_sense to a virtual ground. Every node is one r_wire behind the node before
it on its line (the first node of a row behind the driver, the last node of a column before r_sense). Cell (i, j) joins
the two nodes at (i, j).
"""

from functools import cached_property

import numpy as np
from scipy.sparse import coo_matrix, csc_matrix
from scipy.sparse.linalg import SuperLU, splu

from costmodel.graphs.errors import InputError

LEAF = 8
"""Grid points below which dissection stops: SuperLU eliminates so few in any order as fast."""


def dissection(rows: int, columns: int) -> np.ndarray:
    """The grid points in the order of nested dissection (George, SIAM J. Numer. Anal. 10:345, 1973): both halves of the
    grid, then the line between them, over and over. Fill is O(n log n) and work O(n^1.5) for n points.

    Returns:
        (rows · columns,) numbers of the points, row by row counted.
    """
    order: list[np.ndarray] = []

    def halve(top: int, bottom: int, left: int, right: int) -> None:
        if (bottom - top) * (right - left) <= LEAF:
            order.append((np.arange(top, bottom)[:, None] * columns + np.arange(left, right)).ravel())
        elif bottom - top >= right - left:
            middle = (top + bottom) // 2
            halve(top, middle, left, right)
            halve(middle + 1, bottom, left, right)
            order.append(middle * columns + np.arange(left, right))
        else:
            middle = (left + right) // 2
            halve(top, bottom, left, middle)
            halve(top, bottom, middle + 1, right)
            order.append(np.arange(top, bottom) * columns + middle)

    halve(0, rows, 0, columns)
    return np.concatenate(order)


class Nodal:
    """The nodal equations A x = b of one crossbar, factored once.

    Args:
        conductance: (M, N) of the cells, S.
        r_wire: of a line from cell to cell, Ω.
        r_driver, r_sense: at the start of each row and the end of each column, Ω; 0 is allowed.

    Raises:
        InputError: a conductance or resistance is negative or not finite, or r_wire is 0.
    """

    def __init__(self, conductance: np.ndarray, r_wire: float, r_driver: float, r_sense: float) -> None:
        self.conductance = np.asarray(conductance, float)
        if self.conductance.ndim != 2 or not self.conductance.size:
            what = f"conductance has the shape {self.conductance.shape}"
            raise InputError(what, mend="give (rows, columns)", where="crossbar")
        if not np.isfinite(self.conductance).all() or (self.conductance < 0).any():
            raise InputError("a conductance is negative or not finite", mend="give 0 S or more", where="crossbar")
        if not (0 < r_wire < np.inf and 0 <= r_driver < np.inf and 0 <= r_sense < np.inf):
            what = f"r_wire, r_driver, r_sense are {r_wire!r}, {r_driver!r}, {r_sense!r} ohm"
            raise InputError(what, mend="give r_wire above 0, and the others 0 or more", where="crossbar")
        self.rows, self.columns = self.conductance.shape
        self.g_wire = 1 / r_wire
        self.g_in, self.g_out = 1 / (r_wire + r_driver), 1 / (r_wire + r_sense)

    @property
    def nodes(self) -> int:
        """How many: those of all rows, row by row, then those of all columns, again row by row."""
        return 2 * self.rows * self.columns

    @property
    def first(self) -> np.ndarray:
        """(M,) the node at the driven end of each row."""
        return np.arange(self.rows) * self.columns

    @property
    def last(self) -> np.ndarray:
        """(N,) the node at the sensed end of each column."""
        return self.nodes - self.columns + np.arange(self.columns)

    @cached_property
    def matrix(self) -> csc_matrix:
        """(2MN, 2MN) A, symmetric and positive definite, S."""
        row = np.arange(self.nodes // 2).reshape(self.rows, self.columns)
        column = row + self.nodes // 2
        joined = [
            (row[:, :-1], row[:, 1:], self.g_wire),
            (column[:-1], column[1:], self.g_wire),
            (row, column, self.conductance),
        ]
        starts = np.concatenate([a.ravel() for a, _, _ in joined])
        ends = np.concatenate([b.ravel() for _, b, _ in joined])
        weights = np.concatenate([np.broadcast_to(g, a.shape).ravel() for a, _, g in joined])
        diagonal = np.bincount(starts, weights, self.nodes) + np.bincount(ends, weights, self.nodes)
        diagonal[self.first] += self.g_in
        diagonal[self.last] += self.g_out
        every = np.arange(self.nodes)
        places = np.concatenate([starts, ends, every]), np.concatenate([ends, starts, every])
        return coo_matrix((np.concatenate([-weights, -weights, diagonal]), places)).tocsc()

    @cached_property
    def _order(self) -> np.ndarray:
        points = dissection(self.rows, self.columns)
        return np.stack([points, points + self.nodes // 2], axis=1).ravel()

    @cached_property
    def _factors(self) -> SuperLU:
        # Diagonal pivots are safe in a positive definite matrix, and keep both the order and the symmetry.
        place = np.argsort(self._order)
        here = self.matrix.tocoo()
        ordered = coo_matrix((here.data, (place[here.row], place[here.col])), here.shape).tocsc()
        return splu(ordered, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True})

    def solve(self, injected: np.ndarray) -> np.ndarray:
        """Node voltages, V, for currents into the nodes, A: (2MN,) or (2MN, k), as ``injected`` is."""
        voltages = np.empty_like(injected, float)
        voltages[self._order] = self._factors.solve(np.asarray(injected[self._order], float))
        return voltages

    def voltages(self, sources: np.ndarray) -> np.ndarray:
        """(2MN,) node voltages, V, for the voltages (M,) of the row sources."""
        injected = np.zeros(self.nodes)
        injected[self.first] = self.g_in * np.asarray(sources, float)
        return self.solve(injected)

    def column_currents(self, sources: np.ndarray) -> np.ndarray:
        """(N,) currents into the virtual grounds, A, for the voltages (M,) of the row sources."""
        return self.g_out * self.voltages(sources)[self.last]

    def effective(self) -> np.ndarray:
        """(M, N) G_eff, S, of I = V G_eff. A is symmetric, so each solve gives a row of G_eff from its row source, or as
        well a column from its sense end (the adjoint): one factorisation and min(M, N) solves."""
        from_rows = self.rows <= self.columns
        fed, read = (self.first, self.last) if from_rows else (self.last, self.first)
        found = np.empty((len(fed), len(read)))
        for start in range(0, len(fed), 32):
            some = fed[start : start + 32]
            injected = np.zeros((self.nodes, len(some)))
            injected[some, np.arange(len(some))] = 1
            found[start : start + 32] = self.solve(injected)[read].T
        return self.g_in * self.g_out * (found if from_rows else found.T)


def column_currents(
    sources: np.ndarray,
    conductance: np.ndarray,
    r_wire: float,
    r_driver: float,
    r_sense: float,
) -> np.ndarray:
    """(N,) currents of the columns, A, for the voltages (M,) of the row sources, V; otherwise as `Nodal`."""
    return Nodal(conductance, r_wire, r_driver, r_sense).column_currents(sources)


def effective_conductance(conductance: np.ndarray, r_wire: float, r_driver: float, r_sense: float) -> np.ndarray:
    """(M, N) G_eff, S, with which I = V G_eff holds exactly, wires and all; arguments as `Nodal`."""
    return Nodal(conductance, r_wire, r_driver, r_sense).effective()
