"""Sums over equal steps in closed form: those of a memristor's reads."""

from costmodel.graphs.equations.algebra import Value, log

SHIFT = 4
"""Terms that `digamma` takes out before its series, which is then right to 1e-6."""


def geometric_sum(first: Value, ratio: Value, count: Value) -> Value:
    """a + a q + … + a q^(n−1) = a (1 − q^n) / (1 − q), q not 1."""
    return first * (1 - ratio**count) / (1 - ratio)


def harmonic_sum(first: Value, step: Value, count: Value) -> Value:
    """1/a + 1/(a + d) + … + 1/(a + (n − 1) d) = (ψ(a/d + n) − ψ(a/d)) / d, for positive a and d."""
    return (digamma(first / step + count) - digamma(first / step)) / step


def digamma(x: Value) -> Value:
    """ψ(x) for x > 0: ψ(x) = ψ(x + 1) − 1/x, and ln x − 1/(2x) − 1/(12x²) + 1/(120x⁴) (Abramowitz and Stegun 6.3.5, 6.3.18)."""
    far = x + SHIFT
    return log(far) - 1 / (2 * far) - 1 / (12 * far**2) + 1 / (120 * far**4) - sum(1 / (x + i) for i in range(SHIFT))
