"""A resistive line of equal cells: what of its voltage reaches which cell, and how fast, in closed form.

The line has ``cells`` nodes, each behind a series resistance r_wire, loaded by a conductance g to ground, and with a
capacitance; its start is driven through r_end. Nodes at rest obey v₍ₖ₋₁₎ − 2 v₍ₖ₎ + v₍ₖ₊₁₎ = r_wire g v₍ₖ₎ with an open
end, so v₍ₖ₎ ∝ cosh((n + ½ − k) θ) where 2 sinh(θ/2) = √(r_wire g): the ladder network, whose limit for many cells is the
leaky cable (Thomson, Proc. R. Soc. 7:382, 1855). All functions take floats, arrays and sympy alike.
"""

from costmodel.graphs.equations.algebra import Value, exp, log, named, sqrt

LEAST = 1e-16
"""Added to r_wire · g, so that a line without resistance is the limit of one with little; it changes no other line's
digits."""

BOUND = 0.352626
"""c of `slowest`: of all, the one with the least largest error (0.09 %) for end resistances of 1e-3 … 1e3 of the line's."""

PI_SQUARED = 9.869604401089358


def _ladder(cells: Value, g: Value, r_wire: Value) -> tuple[Value, Value, Value]:
    """√(r_wire g), θ, and exp(−(2n + 1) θ)."""
    q = sqrt(r_wire * g + LEAST)
    theta = 2 * log(q / 2 + sqrt(1 + q**2 / 4))
    q, theta = named("q", q), named("theta", theta)
    return q, theta, exp(-(2 * cells + 1) * theta)


def drop(cells: Value, g: Value, r_wire: Value) -> Value:
    """n g Z: the resistance of the wired line over that of its cells alone, 1 without wire and 1 + n² r_wire g / 3 with
    little.

    n √(r_wire g) cosh((n + ½) θ) / sinh(n θ); for many cells a coth a, a = n √(r_wire g).

    Args:
        cells: n.
        g: conductance of a cell, S.
        r_wire: from cell to cell, Ω.
    """
    q, theta, far = _ladder(cells, g, r_wire)
    return named("drop", cells * q * (q / 2 + sqrt(1 + q**2 / 4)) * (1 + far) / (1 - exp(-2 * cells * theta)))


def share(cells: Value, g: Value, r_wire: Value, r_end: Value) -> Value:
    """Current into the line over that without r_wire and r_end: 1 / (drop + n g r_end). It is the mean of the nodes'
    voltages over the source's, too."""
    return named("share", 1 / (drop(cells, g, r_wire) + cells * g * r_end))


def profile(position: Value, cells: Value, g: Value, r_wire: Value, r_end: Value) -> Value:
    """Voltage of the cell at ``position``, 1 (nearest to the source) … n, over the source's:
    cosh((n + ½ − k) θ) / cosh((n + ½) θ) behind the divider of the line and r_end."""
    _, theta, far = _ladder(cells, g, r_wire)
    ladder = exp(-position * theta) * (1 + exp(-(2 * cells + 1 - 2 * position) * theta)) / (1 + far)
    return named("profile", ladder / (1 + cells * g * r_end / drop(cells, g, r_wire)))


def mean_square(cells: Value, g: Value, r_wire: Value, r_end: Value) -> Value:
    """Mean of the squares of the `profile`: Σ cosh²((n + ½ − k) θ) = n/2 + sinh(2 n θ) / (4 sinh θ)."""
    q, theta, far = _ladder(cells, g, r_wire)
    sines = exp(-theta) * (1 - exp(-4 * cells * theta)) / (8 * cells * q * sqrt(1 + q**2 / 4))
    ladder = 4 * (far / 2 + sines) / (1 + far) ** 2
    return named("mean_square", ladder / (1 + cells * g * r_end / drop(cells, g, r_wire)) ** 2)


def slowest(cells: Value, r_wire: Value, r_end: Value) -> tuple[Value, Value, Value]:
    """The slowest mode cos(z (1 − k/n)) of the line without leak: z tan z = β with β = n r_wire / (r_end + r_wire / 2).

    z² ≈ β (1 + c β) / (1 + (⅓ + c) β + (4 c / π²) β²): right to second order for a small β, where it gives Elmore's
    τ = C (r_end + R/3) (J. Appl. Phys. 19:55, 1948) for the total R, C of the line, and for a large one, where τ = 4 R C
    / π².

    Returns:
        z² / (n² r_wire), its conductance to the source per cell, S: its rate is that over the cell's capacitance. Then
        its mean sin(z)/z and its mean square (1 + sin(2z)/(2z)) / 2, 1 at the open end.
    """
    beta = cells * r_wire / (r_end + r_wire / 2)
    beta = named("beta", beta)
    # z²/β, written so that r_wire = 0 is no division by zero.
    ratio = (1 + BOUND * beta) / (1 + (BOUND + 1 / 3) * beta + 4 * BOUND / PI_SQUARED * beta**2)
    ratio = named("ratio", ratio)
    # sin z = β / √(z² + β²) and cos z = z / √(z² + β²), of z tan z = β.
    mean = 1 / sqrt(ratio * (ratio + beta))
    mean_of_squares = (1 + 1 / (ratio + beta)) / 2
    return ratio / (cells * (r_end + r_wire / 2)), mean, mean_of_squares
