"""How long a memristor crossbar takes to settle, in closed form; see `devices.circuits.crossbar_drop` for what is meant
by g."""

import json
from functools import cache
from pathlib import Path

from costmodel.devices.circuits.crossbar_drop import column_attenuation
from costmodel.devices.circuits.lines import slowest
from costmodel.graphs.equations.algebra import Value, exp, log, maximum, named, sqrt

MEASURED = Path(__file__).parents[1] / "measured" / "crossbar.json"
"""The fitted coefficients: where from, and how well they hold."""

ROUNDS = 3
"""Fixed-point rounds of the settling time; each divides what is left by ln(1/tolerance) or more."""


@cache
def coefficients() -> dict[str, float]:
    """The fitted coefficients by name; see `settling_time`."""
    return json.loads(MEASURED.read_text(encoding="utf-8"))["coefficients"]


def modes(
    rows: Value,
    columns: Value,
    g_cell: Value,
    r_wire: Value,
    r_driver: Value,
    r_sense: Value,
) -> tuple[Value, Value, Value]:
    """The slow mode of all lines together, S: times 1/c its rate; then the next mode's less it; then its amplitude in the
    column at the far end, over what this settles to, were it the only one.

    Rows (conductance a per cell to their sources, `lines.slowest`) and columns (b to ground) share charge through g: the
    eigenvalues of [[a + g, −g], [−g, b + g]], (a + b)/2 + g ∓ √(g² + (a − b)²/4).
    """
    a, mean_row, square_row = slowest(columns, r_wire, r_driver)
    b, mean_column, square_column = slowest(rows, r_wire, r_sense)
    a, b = named("a", a), named("b", b)
    half = named("half", sqrt(g_cell**2 + (a - b) ** 2 / 4))
    fast = (a + b) / 2 + g_cell + half
    product = a * b + g_cell * (a + b)
    slow = product / fast  # not the difference, which cancels
    shape = mean_row / square_row * mean_column**2 / square_column
    settled = column_attenuation(rows, columns, g_cell, columns, g_cell, r_wire, r_driver, r_sense)
    return named("slow", slow), 2 * half, named("K", shape * a * b / product / named("settled", settled))


def settling_terms(
    rows: Value,
    columns: Value,
    g_cell: Value,
    r_wire: Value,
    c_wire: Value,
    r_driver: Value,
    r_sense: Value,
    tolerance: Value,
    spread: Value = 0,
    driven: Value = None,
) -> tuple[Value, Value, Value]:
    """`settling_time` if all cells were alike, s, and the V and S of those that are not. Arguments as there."""
    slow, apart, amplitude = modes(rows, columns, g_cell, r_wire, r_driver, r_sense)
    logarithm = log(amplitude / tolerance)
    # From the double pole's side, where the fixed point attracts.
    x = named("x_0", logarithm + log(1 + maximum(logarithm, 0)))
    for n in range(ROUNDS):
        x = named(f"x_{n + 1}", log(amplitude / tolerance * (1 + (1 - exp(-x * apart / slow)) * slow / apart)))
    to_source = slowest(columns, r_wire, r_driver)[0]
    leakage = g_cell / (to_source + g_cell) * spread
    gap = maximum((to_source + g_cell) / slow - 1, 0)
    of_rows = leakage**2 / columns * x / (1 + gap * x)
    of_columns = leakage * sqrt(2 * log(columns) / (rows if driven is None else driven)) / x
    return x * c_wire / slow, of_rows, of_columns


def settling_time(
    rows: Value,
    columns: Value,
    g_cell: Value,
    r_wire: Value,
    c_wire: Value,
    r_driver: Value,
    r_sense: Value,
    tolerance: Value,
    spread: Value = 0,
    driven: Value = None,
    k_rows: Value = None,
    k_columns: Value = None,
) -> Value:
    """Time from the step of the rows until the slowest column stays within ``tolerance`` of its final current, s.

    Elmore's delay (J. Appl. Phys. 19:55, 1948) of a row, N c (r_driver + N r_wire / 3), is its first moment; what is left
    at a small tolerance is the slowest mode, of rate λ₁ (`modes`), behind the second, λ₂ = λ₁ + δ:

        tolerance = K exp(−λ₁ t) (1 + λ₁ (1 − exp(−δ t)) / δ),

    solved for t by fixed-point rounds. Leakage through the cells shortens it: rows alone have λ₁ = (a + g)/c.

    Cells that differ lengthen it, by exp(k_rows V + k_columns S): V = (ℓ s)²/N · x / (1 + x gap/λ₁), for rows that leak less
    than the mean (second cumulant of their rates), x = λ₁ t; S = ℓ s √(2 ln N / m) / x, for the column of N that depends
    most on them. ℓ = g / (a + g) is the share of leakage in a row's rate, and gap what this exceeds λ₁ by: coupled rows
    average. k_rows and k_columns are fitted.

    Args:
        c_wire: capacitance of a line's cell to ground, F.
        tolerance: relative, above 0 and below 1.
        spread: s, the standard deviation of the cells' conductance over its mean; 0: all alike.
        driven: m, rows that are driven; None: all.
        k_rows, k_columns: None: as fitted.
        rows, columns, g_cell, r_wire, r_driver, r_sense: as `attenuation`.
    """
    line = rows, columns, g_cell, r_wire, c_wire, r_driver, r_sense
    alike, of_rows, of_columns = settling_terms(*line, tolerance, spread, driven)
    known = coefficients()
    of_rows = of_rows * (known["rows"] if k_rows is None else k_rows)
    return alike * exp(of_rows + of_columns * (known["columns"] if k_columns is None else k_columns))
