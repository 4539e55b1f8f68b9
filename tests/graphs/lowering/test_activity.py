"""Activity of which only the mean is known, and rates given beside what was measured element by element."""

import numpy as np
import pytest

from costmodel.estimates.estimating import Workload, estimate
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.summary import summarise
from tests.networks import FLATTEN, LIF, conv, linear, network


def window(size=9, **fields):
    fields = {"bias": False, **fields}
    return network([1, size, size], conv(2, 3, **fields), {**LIF, "rate": 0.0}, timesteps=4, input={"rate": 0.125})


def anywhere(net, place: tuple[slice, slice]) -> float:
    """Operations with the network's mean rate spread over a part of the input alone."""
    pattern = np.zeros((1, *net.shapes["in"][1][1:]))
    pattern[0][place] = 1.0
    pattern *= net.nodes["in"].rate.mean / pattern.mean()
    return summarise(net, Activity(net, elements={"in": pattern})).work.effective_synops


@pytest.mark.parametrize("fields", [{}, {"padding": 1}, {"stride": 2}, {"dilation": 2, "padding": "same"}])
def test_the_interval_of_a_mean_holds_activity_that_keeps_away_from_the_border(fields):
    """Events all over the input are the low end, events in its middle, which all taps reach, the high one."""
    net = window(**fields)
    ends = [summarise(net, Activity(net, bound)).work.effective_synops for bound in ("low", "mean", "high")]
    assert anywhere(net, (slice(None), slice(None))) == pytest.approx(ends[0])
    assert ends[0] == ends[1] < ends[2]
    assert anywhere(net, (slice(2, 6), slice(2, 6))) <= ends[2] * (1 + 1e-9)
    if fields in ({}, {"padding": 1}):
        assert anywhere(net, (slice(2, 7), slice(2, 7))) == pytest.approx(ends[2]), "nine taps on two features for each event"


def test_an_estimate_says_how_much_is_known_and_its_interval_holds_what_is_not():
    net = window()
    mean, measured = (estimate(net, "asic-28nm", elements=known) for known in (None, {"in": np.full((1, 9, 9), 0.125)}))
    assert (mean.activity, measured.activity) == ("mean", "measured")
    assert mean.energy.value == pytest.approx(measured.energy.value)
    assert mean.energy.high > measured.energy.high
    assert mean.energy.low == pytest.approx(measured.energy.low)
    assert Workload(net).table.unplaced(Activity(net)) == {"n0": pytest.approx((9 / 7) ** 2)}


def test_nothing_is_uncertain_where_all_are_active_or_no_border_cuts():
    whole = network([1, 9, 9], conv(2, 3), timesteps=4, input={"rate": 1.0})
    assert Workload(whole).table.unplaced(Activity(whole)) == {}
    almost = network([1, 9, 9], conv(2, 3), timesteps=4, input={"rate": 0.9})
    assert summarise(almost, Activity(almost, "high")).work.effective_synops <= summarise(almost).work.dense_synops * (1 + 1e-9)
    flat = network([1, 4, 4], FLATTEN, linear(3), timesteps=4, input={"rate": 0.1})
    assert Workload(flat).table.unplaced(Activity(flat)) == {}
    assert Workload(flat).certain


def test_a_rate_given_beside_measured_activity_scales_it():
    net, middle = window(), np.zeros((1, 9, 9))
    middle[0, 4, 4] = 0.5
    once, twice = (
        summarise(net, Activity(net, rates={"in": rate}, elements={"in": middle})).work.effective_synops
        for rate in (0.5 / 81, 1.0 / 81)
    )
    assert once == pytest.approx(4 * 0.5 * 18)
    assert twice == pytest.approx(2 * once)


@pytest.mark.parametrize(
    ("elements", "told"),
    [
        ({"in": np.zeros((9, 9))}, "activity of 'in' has shape (9, 9); shape (1, 9, 9) is needed"),
        ({"in": np.full((1, 9, 9), -1.0)}, "activity of 'in' is negative or not finite"),
        ({"received.n9": np.zeros(3)}, "no node 'n9'"),
    ],
)
def test_measurements_of_another_network_or_none(elements, told):
    with pytest.raises(InputError) as caught:
        Activity(window(), elements=elements)
    assert told in str(caught.value)
