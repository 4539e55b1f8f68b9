"""Intervals of costs."""

import math

import numpy as np
import pytest

from costmodel.devices.part import part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.estimates.interval import spread
from costmodel.graphs.reading.loading import load


def test_independent_factors_add_in_quadrature_of_logarithms():
    """y = a b with a in 1 … 4 around 2 and b in 3 … 6 around 3."""
    found = spread(6.0, np.array([[3.0, 12.0], [6.0, 12.0]]))
    assert found.value == 6
    assert found.high == pytest.approx(6 * math.exp(math.hypot(math.log(2), math.log(2))))
    assert found.low == pytest.approx(3.0)


def test_an_inverse_dependence_widens_both_sides():
    """y = a / b: the low end of b raises y."""
    found = spread(1.0, np.array([[2.0, 0.5]]))
    assert (found.low, found.high) == (pytest.approx(0.5), pytest.approx(2.0))


def test_a_cost_that_depends_on_nothing_uncertain_is_a_point():
    found = spread(3.0, np.array([[3.0, 3.0]]))
    assert (found.low, found.value, found.high) == (3.0, 3.0, 3.0)


@pytest.mark.parametrize("name", ["cpu-desktop", "h100", "loihi", "memfpaa-hfox", "spinnaker", "artix7-100t"])
def test_against_monte_carlo(name):
    """Ends of the interval within a quarter of those of 4,000 draws of all constants, log-normal on either side of the value."""
    estimator = Estimator(Workload(load("mnist-784-128-10"), rates={"*": 0.05, "input": 0.19}), part(name))
    rng = np.random.default_rng(0)
    values = {}
    for parameter in estimator.part.uncertain:
        c = estimator.part.constants[parameter]
        if c.value == 0 or c.low == 0:
            continue
        z = rng.standard_normal(4000)
        values[parameter] = c.value * np.where(z > 0, (c.high / c.value), (c.value / c.low)) ** (z / 1.645)
    drawn = np.ravel(estimator.figures(values).energy)
    energy = estimator.estimate().energy
    low, high = np.quantile(drawn, [0.05, 0.95])
    assert energy.high == pytest.approx(high, rel=0.25)
    assert energy.low == pytest.approx(low, rel=0.25)
