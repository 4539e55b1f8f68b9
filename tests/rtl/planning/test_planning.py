"""From network files to hardware: what is refused, how samples become tokens, and what accuracy whole numbers cost."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.loading import load
from costmodel.rtl.planning import Options, plan
from costmodel.rtl.reference import QuantisedNetwork
from costmodel.rtl.space import Space
from costmodel.rtl.stream import pack, unpack
from tests.hardware import FLATTEN, LIF, conv, drawn, measured, random_inputs
from tests.networks import POOL, linear, network

VECTOR, IMAGE = {"type": "input", "shape": [5]}, {"type": "input", "shape": [2, 6, 6]}
RELU, SIGMA_DELTA, DELAY = {"type": "relu"}, {"type": "sigma-delta"}, {"type": "delay", "delay": "1 ms"}


def test_weights_are_missed():
    with pytest.raises(InputError, match="no weights of n0, n2: hardware holds trained weights") as told:
        plan(network([5], linear(4), LIF, linear(2), LIF), "ecp5")
    assert "costmodel run chain --out DIR" in str(told.value)
    assert '"weights": "FILE.npz"' in str(told.value)


@pytest.mark.parametrize(
    ("nodes", "named"),
    [
        ((VECTOR, linear(4), RELU, LIF), "n2.*relu node"),
        ((IMAGE, conv(3), LIF, RELU, conv(3), LIF), "n3.*relu node"),
        ((IMAGE, conv(3), LIF, {**POOL, "stride": 1}, conv(2, 1), LIF), "n3.*overlap or are padded"),
        ((IMAGE, conv(3), {"type": "avgpool2d", "kernel": 2, "stride": 1}, LIF), "n2.*overlap or are padded"),
        ((IMAGE, conv(3), {"type": "maxpool2d", "kernel": 2, "padding": 1}, LIF), "n2.*overlap or are padded"),
        ((VECTOR, LIF), "n0.*neurons without synapses before them"),
        ((IMAGE, linear(3), LIF), "n1.*takes more than a vector"),
        ((IMAGE, FLATTEN, linear(4), SIGMA_DELTA, DELAY, linear(3), LIF), "n3.*sends values.*not delay"),
        (({**IMAGE, "encoder": {"type": "direct"}}, POOL, conv(3), LIF), "n0.*sends values.*maximum"),
    ],
)
def test_what_has_no_hardware_is_named(nodes, named):
    with pytest.raises(InputError) as told:
        plan(drawn(nodes), "ecp5")
    assert re.search(named, str(told.value)), str(told.value)


def test_delays_of_single_connections_are_refused():
    with pytest.raises(InputError, match="node 'delay1': delay node: a delay node there has no hardware"):
        plan(load("yin-yang-delays"), "ecp5")


def joined(nodes, edges):
    return drawn(nodes, [edge.split() for edge in edges.split(", ")])


def test_one_input_and_one_output():
    nodes = [{"id": "a", **VECTOR}, {"id": "b", **VECTOR}, {"id": "fc", **linear(3)}, {"id": "out", **LIF}]
    with pytest.raises(InputError, match=r"2 inputs: a, b.*hardware has one input"):
        plan(joined(nodes, "a fc, b fc, fc out"), "ecp5")
    nodes = [{"id": "a", **VECTOR}, {"id": "f", **linear(3)}, {"id": "g", **linear(3)}, {"id": "out", **LIF}]
    nodes += [{"id": "too", **LIF}]
    with pytest.raises(InputError, match=r"2 outputs: out, too.*hardware has one output"):
        plan(joined(nodes, "a f, a g, f out, g too"), "ecp5")


@pytest.mark.parametrize(
    ("choice", "named"),
    [
        ({"weight_bits": 1}, "weight_bits is 1"),
        ({"weight_bits": 17}, "2 to 16"),
        ({"lanes": 0}, "lanes"),
        ({"queue": 0}, "queue: 0"),
    ],
)
def test_choices_out_of_bounds(choice, named):
    with pytest.raises(InputError, match=named):
        Options(**choice)


def test_inputs_that_do_not_fit():
    reference = QuantisedNetwork(plan(drawn((VECTOR, linear(4), LIF)), "ecp5"))
    spikes = random_inputs(drawn((VECTOR, linear(4), LIF)))
    with pytest.raises(InputError, match="hardware takes spikes, 0 or 1"):
        reference.quantised(spikes * 0.5)
    values = QuantisedNetwork(plan(drawn(({**VECTOR, "encoder": {"type": "direct"}}, linear(4), LIF)), "ecp5"))
    with pytest.raises(InputError, match="hardware takes values from −1 to 1"):
        values.quantised(spikes * 1.5)


spaces = st.builds(Space, st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))


@given(spaces)
def test_addresses_there_and_back(space):
    """Each element has an address of its own, that fits, in rising order; a file's order holds each element once."""
    numbers = np.arange(space.elements)
    addresses = space.address(numbers)
    assert np.array_equal(space.number(addresses), numbers)
    assert (np.diff(addresses) > 0).all()
    assert addresses[-1] < 1 << space.address_bits
    assert np.array_equal(np.sort(space.numbers()), numbers)
    channel, row, column = np.unravel_index(numbers, (space.channels, space.rows, space.columns))
    assert np.array_equal(space.numbers(), (row * space.columns + column) * space.channels + channel)


@settings(deadline=None)
@given(spaces, st.integers(0, 9), st.integers(1, 6), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.2, 1.0]))
def test_tokens_there_and_back(space, value_bits, steps, seed, rate):
    """Values of either sign, spikes that come several times in a step, and steps without any."""
    if value_bits == 1:
        value_bits = 0
    dice = np.random.default_rng(seed)
    low, high = (-(1 << value_bits - 1), 1 << value_bits - 1) if value_bits else (1, 4)
    sent = dice.integers(low, high, (steps, space.elements)) * (dice.random((steps, space.elements)) < rate)
    tokens = pack(sent, space, value_bits)
    assert np.array_equal(unpack(tokens, space, value_bits), sent)
    last = 1 << space.address_bits + value_bits
    ends = tokens[tokens >= last]
    assert ends.tolist() == [last] * (steps - 1) + [3 * last]
    assert len(tokens) == steps + (np.count_nonzero(sent) if value_bits else sent.sum())


@pytest.mark.parametrize(("name", "samples"), [("digits", 360), ("yin-yang", 500)])
def test_accuracy_in_whole_numbers(name, samples):
    """Points that 8-bit and 6-bit weights cost a shipped example."""
    found = measured(name, samples)
    assert found.accuracy(found.exact) > 0.95
    assert found.lost(8) <= 0.5
    assert found.lost(6) <= 1.5
