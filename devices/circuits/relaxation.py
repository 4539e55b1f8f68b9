"""How a crossbar settles after its rows are stepped: C dx/dt = b − A x from x = 0, exactly but for modes too fast to matter.

All 2MN nodes have the same capacitance c, so x(t) = x∞ − exp(−A t / c) x∞ needs only c A⁻¹, which is symmetric. Lanczos'
method (J. Res. NBS 45:255, 1950) on it, from x∞, gives an orthonormal basis Q and a small tridiagonal T with x(t) ≈ x∞ −
|x∞| Q exp(−T⁻¹ t) e₁: it matches the first k moments of every waveform, and slow modes converge first (Pillage and
Rohrer, IEEE Trans. CAD 9:352, 1990, for moment matching; Feldmann and Freund, 14:639, 1995, for Lanczos).
"""

from dataclasses import dataclass

import numpy as np

from costmodel.devices.circuits.nodal import Nodal

MODES = 24
"""Lanczos vectors: settling times to 1e-4 of 16 × 16 cells are then right to 1e-9."""


@dataclass(frozen=True)
class Relaxation:
    """The currents of the columns and of the row sources as sums of modes.

    Attributes:
        tau: (k,) time constants, s.
        columns: (N,) final column currents, A; column_modes: (N, k) their amplitudes: I_j(t) = I_j∞ − Σ_k a_jk exp(−t/τ_k).
        sources: (M,) final source currents, A; source_modes: (M, k), likewise.
        voltages: (M,) of the row sources, V.
    """

    tau: np.ndarray
    columns: np.ndarray
    column_modes: np.ndarray
    sources: np.ndarray
    source_modes: np.ndarray
    voltages: np.ndarray

    def currents(self, time: np.ndarray) -> np.ndarray:
        """(T, N) column currents, A, at times (T,), s."""
        return self.columns - np.exp(-np.asarray(time)[:, None] / self.tau) @ self.column_modes.T

    def settling(self, tolerance: float) -> np.ndarray:
        """(N,) the time after which each column's current stays within ``tolerance`` of its final value, s: A is an
        M-matrix, so all currents rise monotonically and halving finds the one crossing."""
        low, high = np.zeros(len(self.columns)), np.full(len(self.columns), 100 * self.tau.max())
        for _ in range(60):
            middle = (low + high) / 2
            left = (np.exp(-middle[:, None] / self.tau) * self.column_modes).sum(axis=1)
            late = left <= tolerance * self.columns
            low, high = np.where(late, low, middle), np.where(late, middle, high)
        return high

    def energy(self, time: float) -> float:
        """Energy that the row sources have given after ``time``, J: ∫ Σ v_i i_i dt."""
        charge = self.sources * time - self.source_modes @ (self.tau * -np.expm1(-time / self.tau))
        return float(self.voltages @ charge)


def relaxation(crossbar: Nodal, sources: np.ndarray, c_wire: float, modes: int = MODES) -> Relaxation:
    """Steps the rows from 0 to ``sources``.

    Args:
        crossbar: its nodal equations.
        sources: (M,) voltages of the row sources, V.
        c_wire: capacitance of every node to ground, F.
        modes: Lanczos vectors.
    """
    sources = np.asarray(sources, float)
    final = crossbar.voltages(sources)
    size = float(np.linalg.norm(final))
    basis = [final / size]
    alpha: list[float] = []
    beta: list[float] = []
    while True:
        image = c_wire * crossbar.solve(basis[-1])
        alpha.append(float(image @ basis[-1]))
        known = np.stack(basis)
        for _ in range(2):  # once leaves what rounding has brought back of the basis
            image = image - known.T @ (known @ image)
        norm = float(np.linalg.norm(image))
        if len(alpha) == min(modes, crossbar.nodes) or norm <= 1e-12 * alpha[0]:
            break
        beta.append(norm)
        basis.append(image / norm)
    tau, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    kept = tau > 1e-9 * tau.max()
    amplitudes = size * vectors * vectors[0]
    at_end, at_start = (known[:, nodes].T @ amplitudes for nodes in (crossbar.last, crossbar.first))
    return Relaxation(
        tau=tau[kept],
        columns=crossbar.g_out * final[crossbar.last],
        column_modes=crossbar.g_out * at_end[:, kept],
        sources=crossbar.g_in * (sources - final[crossbar.first]),
        source_modes=-crossbar.g_in * at_start[:, kept],
        voltages=sources,
    )
