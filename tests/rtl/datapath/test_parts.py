"""The parts of datapaths: integer operations, products by constants, tables, constants."""

from itertools import pairwise

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.rtl.datapath.compiling.constants import exponential
from costmodel.rtl.datapath.compiling.digits import multiply_shift, rounded, signed_digits
from costmodel.rtl.datapath.evaluate import run
from costmodel.rtl.datapath.nodes import Builder, Node
from costmodel.rtl.datapath.tables import tabulate


def operation(b, which, places, values, by, fill, low):
    """One of all operations, as a node and in numbers."""
    (p, q, flag), (u, v, set_) = places, values
    if which == 0:
        return b.add(p, q), u + v
    if which == 1:
        return b.sub(p, q), u - v
    if which == 2:
        return b.mul(p, q), u * v
    if which == 3:
        return b.shl(p, by, fill), u * 2**by + fill
    if which == 4:
        return b.shr(p, by), u >> by
    if which == 5:
        return b.ge(p, q), (u >= v) * 1
    if which == 6:
        return b.eq(p, q), (u == v) * 1
    if which == 7:
        return b.mux(b.ge(p, q), p, q), np.maximum(u, v)
    if which == 8:
        return b.clamp(p, low, low + 7), np.clip(u, low, low + 7)
    if which == 9:
        return b.and_(b.ge(p, q), b.not_(flag)), (u >= v) & (set_ == 0)
    return b.or_(b.ge(p, q), flag), (u >= v) | (set_ == 1)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_operations_keep_their_intervals_and_values(data):
    """Random programs of all operations, against Python's integers."""
    b = Builder()
    ends = sorted(data.draw(st.lists(st.integers(-50, 50), min_size=2, max_size=2, unique=True)))
    places = [b.input("x", ends[0], ends[1]), b.input("flag", 0, 1), b.const(data.draw(st.integers(-9, 9)))]
    numbers = {"x": np.arange(ends[0], ends[1] + 1), "flag": np.arange(ends[1] - ends[0] + 1) & 1}
    expected = [numbers["x"], numbers["flag"], b[places[2]].value + 0 * numbers["x"]]
    for _ in range(data.draw(st.integers(1, 8))):
        i, j = (data.draw(st.integers(0, len(places) - 1)) for _ in range(2))
        by, low = data.draw(st.integers(0, 3)), data.draw(st.integers(-20, 20))
        fill = data.draw(st.integers(0, 2**by - 1))
        operands, operand_values = (places[i], places[j], places[1]), (expected[i], expected[j], expected[1])
        place, value = operation(b, data.draw(st.integers(0, 10)), operands, operand_values, by, fill, low)
        if np.abs(value).max() < 2**40:
            places.append(place)
            expected.append(value * 1)
    for place, found, value in zip(places, run(b.nodes, places, numbers, {}), expected, strict=True):
        np.testing.assert_array_equal(found * np.ones_like(value), value)
        assert b[place].low <= value.min()
        assert value.max() <= b[place].high


@given(st.integers(-(2**16), 2**16).filter(bool), st.integers(0, 20), st.integers(1, 9))
def test_signed_digits_multiply(factor, shift, extra):
    """Exactly without a shift; else less than a unit away, and without the halves that had no room."""
    digits = signed_digits(factor)
    assert sum(sign << place for place, sign in digits) == factor
    assert all(b - a >= 2 for (a, _), (b, _) in pairwise(digits))
    b = Builder()
    x = np.append(np.random.default_rng(0).integers(-(2**15), 2**15, 200), [-(2**15), 2**15 - 1, 0])
    node, added = multiply_shift(b, b.input("x", -(2**15), 2**15 - 1), factor, shift, extra)
    product = run(b.nodes, [node], {"x": x}, {})[0] * np.ones_like(x)
    exact = x * abs(factor) / 2**shift + (extra - 1) / 2 * added
    if shift == 0:
        np.testing.assert_array_equal(product, x * abs(factor))
    elif added:
        assert np.abs(product - exact).max() <= 0.5 + 1e-9
    else:
        assert np.abs(product - exact).max() < 1


@given(st.floats(1e-6, 1e6), st.integers(2, 16), st.sampled_from([1, -1]))
def test_constants_keep_their_significant_bits(value, bits, sign):
    k, s = rounded(sign * value, bits)
    reference = value - 1 if sign > 0 and 0.5 < value < 1.5 and value != 1 else value
    assert abs(k * 2.0**-s - sign * value) <= abs(reference) * 2.0**-bits * (1 + 1e-9)


def test_the_exponential_of_a_matrix():
    from scipy.linalg import expm

    matrix = np.random.default_rng(0).normal(0, 3, (5, 4, 4))
    np.testing.assert_allclose(exponential(matrix), [expm(m) for m in matrix], rtol=1e-9, atol=1e-9)


def test_tables_err_as_they_say():
    """Against the function at every value of the variable, a removable singularity among them."""
    v = sympy.Symbol("v", real=True)
    for low, high in ((-3000, 5000), (0, 2000), (-2, 1)):
        table = tabulate("t", v / (1 - sympy.exp(-v)), v, Node("input", (), low, high), 1 / 512, 8, 12)
        x = np.arange(low, high + 1)
        real = np.array([1.0 if n == 0 else (n / 512) / -np.expm1(-n / 512) for n in x])
        found = table.entries[(x >> table.shift) & (table.depth - 1)] * table.unit
        assert table.error == pytest.approx(np.abs(found - real).max(), rel=1e-3)
        assert table.error < (1 << table.shift) / 512 + table.unit
        assert table.depth <= 256
        assert table.width <= 12
