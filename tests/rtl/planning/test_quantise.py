"""Weights as integers."""

import numpy as np
import pytest

from costmodel.rtl.planning.quantise import rounded, shared_unit, unit

DICE = np.random.default_rng(3)
MANY, FEW = DICE.normal(0, 0.1, (120, 120)), DICE.normal(1, 1, (120, 5))


@pytest.mark.parametrize("bits", [2, 4, 8, 16])
def test_no_other_end_of_the_range_errs_much_less(bits):
    def error(one):
        return np.square(rounded(MANY, one, bits) * one - MANY).sum()

    best = error(unit(MANY, bits))
    largest = np.abs(MANY).max() / (2 ** (bits - 1) - 1)
    assert best <= 1.1 * min(error(largest * share) for share in np.linspace(0.3, 1, 200))


@pytest.mark.parametrize("bits", [4, 6, 8])
def test_few_large_weights_get_more_bits_instead_of_making_many_small_ones_coarse(bits):
    one, widths = shared_unit([MANY, FEW], [bits, bits])
    assert one == unit(MANY, bits)
    assert widths[0] == bits < widths[1]
    whole = rounded(FEW, one, widths[1])
    end = unit(FEW, bits) * (2 ** (bits - 1) - 1)
    assert np.abs(whole * one - np.clip(FEW, -end, end))[np.abs(end) > np.abs(FEW)].max() <= one / 2 + 1e-12


def test_many_large_weights_keep_their_bits():
    one, widths = shared_unit([10 * MANY, 0.1 * FEW], [6, 6])
    assert one == unit(10 * MANY, 6)
    assert widths == [6, 6]


def test_bits_end_at_16():
    one, widths = shared_unit([MANY, 1e6 * FEW], [8, 8])
    assert widths == [8, 16]
    assert np.abs(rounded(1e6 * FEW, one, 16)).max() <= 2**15 - 1


def test_weights_that_are_all_zero_change_nothing():
    assert shared_unit([np.zeros((2, 3)), FEW], [8, 8]) == (unit(FEW, 8), [8, 8])
    assert shared_unit([np.zeros((2, 3))], [8]) == (1.0, [8])
