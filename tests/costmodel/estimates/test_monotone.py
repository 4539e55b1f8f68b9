"""More work never costs less, and a better device never costs more: random networks on every part."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.devices.part import part, parts
from costmodel.estimates.estimating import Estimator, Workload
from tests.networks import FLATTEN, POOL, conv, linear, network

rates = st.floats(0, 1)
neurons = st.sampled_from(
    [
        {"type": "lif", "tau": "10 ms"},
        {"type": "cubalif", "tau_syn": "5 ms", "tau_mem": "10 ms"},
        {"type": "izhikevich"},
        {"type": "hodgkin-huxley"},
    ]
)


@st.composite
def networks(draw):
    """Fully connected, convolutional, and recurrent networks of one to three layers."""
    neuron = draw(neurons)
    spiking = lambda: {**neuron, "rate": draw(rates)}  # noqa: E731
    settings = {"timesteps": draw(st.integers(1, 50)), "input": {"rate": draw(rates)}}
    if draw(st.booleans()):
        layers = [part for _ in range(draw(st.integers(1, 3))) for part in (linear(draw(st.integers(1, 300))), spiking())]
        return network([draw(st.integers(1, 300))], *layers, **settings)
    channels, kernel = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    return network([2, 12, 12], conv(channels, kernel, padding="same"), spiking(), POOL, FLATTEN, linear(10), spiking(), **settings)


def costs(estimator: Estimator, values=None) -> np.ndarray:
    """Latency, period, energy and, where there is one, price."""
    with np.errstate(divide="ignore"):
        f = estimator.figures(values)
    found = [f.latency, f.period, f.energy, 0.0 if f.price is None else f.price]
    return np.array([float(np.ravel(value)[0]) for value in found])


def not_more(less: np.ndarray, more: np.ndarray) -> bool:
    """Whether ``less`` is nowhere above ``more``, but for rounding."""
    return bool((less <= more * (1 + 1e-9) + 1e-30).all())


@pytest.mark.parametrize("name", parts())
@given(net=networks(), low=rates, high=rates, batch=st.sampled_from([1, 3, 64]))
@settings(max_examples=15, deadline=None)
def test_more_spikes_never_cost_less(name, net, low, high, batch):
    low, high = sorted((low, high))
    few, many = (Workload(net, batch=batch, rates={"*": rate}) for rate in (low, high))
    on = part(name)
    assert not_more(costs(Estimator(few, on)), costs(Estimator(many, on)))


@pytest.mark.parametrize("name", parts())
@given(net=networks(), steps=st.integers(1, 20))
@settings(max_examples=8, deadline=None)
def test_more_time_steps_never_cost_less(name, net, steps):
    on = part(name)
    longer = Workload(net.with_timesteps(net.timesteps + steps))
    assert not_more(costs(Estimator(Workload(net), on)), costs(Estimator(longer, on)))


@pytest.mark.parametrize("name", parts())
@given(net=networks(), factor=st.floats(1.01, 30))
@settings(max_examples=6, deadline=None)
def test_better_devices_never_cost_more(name, net, factor):
    """One parameter at a time. More bandwidth, clock or cache never takes longer (a faster clock may draw more while it waits);
    shorter times, smaller energies, powers and capacitances of wires make nothing worse, less resistance no time longer."""
    estimator = Estimator(Workload(net), part(name))
    now = costs(estimator)
    for parameter, value in estimator.part.values.items():
        if value is None:
            continue
        if parameter.startswith(("b_", "f_")) or parameter in ("cache", "speed_up", "efficiency"):
            assert not_more(costs(estimator, {parameter: value * factor})[:2], now[:2]), parameter
        if parameter in ("r_wire", "r_driver"):  # with less of them cells conduct more, at their cost of energy
            assert not_more(costs(estimator, {parameter: value / factor})[:2], now[:2]), parameter
        if parameter == "t_tick" and estimator.part.device.paced:
            # A tick too short for the work is stretched by a whole factor, so that only one that divides the old is never worse.
            assert not_more(costs(estimator, {parameter: value / np.ceil(factor)}), now), parameter
        elif parameter.startswith(("t_", "e_", "p_", "c_")) or parameter in ("price", "cloud", "electricity"):
            assert not_more(costs(estimator, {parameter: value / factor}), now), parameter


@pytest.mark.parametrize("name", parts())
@given(net=networks())
@settings(max_examples=8, deadline=None)
def test_costs_are_positive_and_finite(name, net):
    found = costs(Estimator(Workload(net), part(name)))
    assert np.isfinite(found).all()
    assert (found[:3] > 0).all()
