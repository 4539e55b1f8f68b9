"""Whole networks as hardware: every answer is the integer reference's, every token moves in the cycle predicted."""

import numpy as np
import pytest
import torch

from costmodel.graphs.network import Network
from costmodel.rtl.planning import Options, plan
from costmodel.rtl.reference import QuantisedNetwork
from costmodel.validation.runner.model import NetworkModel
from tests.hardware import FLATTEN, LIF, check, conv, drawn, random_inputs, recurrent
from tests.networks import linear

SD = {"type": "sigma-delta", "v_threshold": 0.3}
LI = {"type": "li", "tau": "5 ms", "r": 5.0}


def pool(kind, kernel=2, dimensions=2):
    return {"type": f"{kind}pool{dimensions}d", "kernel": kernel}


def source(*shape, **encoder):
    return {"type": "input", "shape": list(shape), **({"encoder": encoder} if encoder else {})}


HEAD = (FLATTEN, linear(4), LIF)

CHAINS = {
    "dense": (source(7), linear(6), LIF),
    "one neuron, one input": (source(1), linear(1, bias=False), {**LIF, "v_threshold": 0.1}),
    "two layers": (source(7), linear(9), LIF, linear(3), LIF),
    "stride and padding": (source(2, 7, 6), conv(3, stride=2, padding=1), LIF, *HEAD),
    "unlike axes": (source(2, 6, 8), conv(6, [3, 2], stride=[1, 3], padding=[1, 0]), LIF),
    "dilation": (source(1, 9, 7), conv(4, dilation=2, padding=1), LIF),
    "dilation and stride": (source(1, 9, 8), conv(3, dilation=3, stride=2, padding=2), LIF),
    "stride beyond the kernel": (source(2, 7, 7), conv(4, 2, stride=3), LIF),
    "one-dimensional": (source(2, 13), {**conv(5), "type": "conv1d", "stride": 2, "padding": 1}, LIF, *HEAD),
    "groups": (source(4, 5, 5), conv(6, groups=2), LIF),
    "depthwise": (source(3, 5, 5), conv(3, groups=3), LIF),
    "one word": (source(2, 3, 3), conv(3), LIF),
    "conv, conv, dense": (source(1, 8, 7), conv(3), LIF, conv(5, 2, stride=2), LIF, *HEAD),
    "maximum of spikes": (source(1, 7, 8), conv(3), LIF, pool("max"), *HEAD),
    "maximum of spikes, many windows": (source(3, 9, 9), pool("max", [2, 3]), conv(3, 2), LIF),
    "mean of spikes": (source(1, 8, 9), conv(3), LIF, pool("avg", 3), conv(4, 2), LIF),
    "sum of spikes": (source(2, 7, 7), pool("sum", [2, 3]), FLATTEN, linear(5), LIF),
    "sum in one dimension": (source(2, 11), pool("sum", 3, 1), FLATTEN, linear(5), LIF),
    "maximum of sums": (source(2, 7, 8), conv(5), pool("max"), LIF),
    "mean of sums": (source(2, 8, 8), conv(5), pool("avg", [2, 3]), LIF, *HEAD),
    "sum of sums": (source(1, 7, 7), conv(3), pool("sum"), LIF),
    "uniform delay": (source(7), {"type": "delay", "delay": "2 ms"}, linear(6), LIF, linear(3), LIF),
    "delay longer than a sample": (source(7), {"type": "delay", "delay": "3 ms"}, linear(6), LIF),
    "delay of an image": (source(2, 4, 5), {"type": "delay", "delay": "1 ms"}, conv(3), LIF),
    "delay behind a pool": (source(2, 7, 7), pool("max"), {"type": "delay", "delay": "1 ms"}, FLATTEN, linear(5), LIF),
    "values": (source(7, type="direct"), linear(6), LIF),
    "values of an image": (source(2, 6, 6, type="direct"), conv(5), LIF),
    "sigma-delta": (source(7, type="direct"), linear(6), SD, linear(5), LIF),
    "sigma-delta, conv": (source(1, 6, 6), conv(3), SD, conv(4), LIF),
    "leaky readout": (source(7), linear(6), LIF, linear(3), LI),
    "readout of sums": (source(7), linear(9), LIF, linear(3)),
    "sums alone": (source(7), linear(5)),
    "sums of an image": (source(2, 5, 5), conv(5)),
    "scales": (source(7), {"type": "scale", "scale": 0.5}, linear(6), {"type": "scale", "scale": 3.0}, LIF),
}

STEADY = {"leaky readout", "readout of sums", "sums alone", "sums of an image"}  # values that are never 0 will do


@pytest.mark.parametrize("name", CHAINS)
def test_chains(name):
    check(drawn(CHAINS[name]), all_send=name not in STEADY)


CHOICES = [
    Options(lanes=1, queue=1),
    Options(lanes=3, units=3, queue=1),
    Options(lanes=6, units=2, queue=2),
    Options(lanes=64, units=64),
    Options(lanes={"n2": 2}, units={"n2": 2, "n5": 4}, queue=3),
]


@pytest.mark.parametrize("options", CHOICES, ids=range(len(CHOICES)))
@pytest.mark.parametrize("family", ["ice40", "xilinx"])
def test_lanes_units_queues(options, family):
    check(drawn((source(2, 6, 6), conv(7), LIF, pool("max"), FLATTEN, linear(5), LIF)), options, family=family)
    check(recurrent(neurons=7), options, family=family)


@pytest.mark.parametrize("units", [1, 2, 4])
@pytest.mark.parametrize("kind", ["max", "sum"])
def test_windows_with_units(kind, units):
    """Channels fill a word and a half."""
    check(drawn((source(2, 5, 6), conv(6, 2), pool(kind), LIF)), Options(lanes=4, units=units))


@pytest.mark.parametrize("signs", [False, True])
def test_events_with_signs(signs):
    """A delta encoder's events have no sign, or either, and values add with it."""
    network = drawn((source(7, type="delta"), linear(6), LIF))
    inputs = random_inputs(network, signs=signs).sign()
    found = check(network, inputs=inputs)
    assert bool((found.sent[found.design.source] < 0).any()) == signs


def test_delays_of_each_element():
    dice = np.random.default_rng(0)
    network = drawn(
        (source(3, 4, 4), {"type": "delay", "delay": "3 ms"}, conv(4), LIF),
        arrays={"n1": {"delay": dice.integers(0, 4, (3, 4, 4)) * 1e-3}},
        timesteps=7,
    )
    check(network)


def test_parameters_of_each_neuron():
    dice = np.random.default_rng(0)
    kinds = {"tau": dice.uniform(2e-3, 9e-3, (5, 4, 4)), "v_threshold": dice.uniform(0.5, 2, (5, 4, 4))}
    network = drawn((source(2, 6, 6), conv(5), LIF), arrays={"n2": kinds})
    alike = check(drawn((source(2, 6, 6), conv(5), LIF)), Options(lanes=4, units=2))
    found = check(network, Options(lanes=4, units=2))
    assert not torch.equal(found.sent["n2"], alike.sent["n2"])


@pytest.mark.parametrize("queue", [1, 16])
@pytest.mark.parametrize("delay", [None, "2 ms"])
def test_recurrent(delay, queue):
    network = recurrent(delay=delay)
    check(network, Options(lanes=4, queue=queue), inputs=random_inputs(network, samples=3))


def pairs(edges):
    return [edge.split() for edge in edges.split(", ")]


def loop_of_two():
    nodes = [{"id": "in", **source(6)}]
    for name, features in (("a", 5), ("b", 8)):
        nodes += [{"id": f"to_{name}", **linear(features)}, {"id": name, **LIF}]
    nodes += [{"id": "back", **linear(5, bias=False)}, {"id": "fc", **linear(3)}, {"id": "out", **LIF}]
    edges = "in to_a, to_a a, a to_b, to_b b, b back, back a, b fc, fc out, in direct, direct b, in more, more out"
    return drawn([*nodes, {"id": "direct", **linear(8)}, {"id": "more", **linear(3)}], pairs(edges))


def skip():
    nodes = [{"id": "in", **source(6)}, {"id": "fa", **linear(7)}, {"id": "a", **LIF}, {"id": "fb", **linear(5)}]
    nodes += [{"id": "b", **LIF}, {"id": "ac", **linear(4)}, {"id": "bc", **linear(4)}, {"id": "c", **LIF}]
    edges = "in fa, fa a, a fb, fb b, b bc, a ac, bc c, ac c"
    return drawn(nodes, pairs(edges))


def into_itself_and_on():
    """An image that excites itself and is pooled on the way on."""
    nodes = [{"id": "in", **source(1, 6, 6)}, {"id": "c", **conv(3)}, {"id": "a", **LIF}]
    nodes += [{"id": "back", **conv(3, padding=1, bias=False)}, {"id": "pool", **pool("max")}, {"id": "flat", **FLATTEN}]
    nodes += [{"id": "fc", **linear(3)}, {"id": "out", **LIF}]
    edges = "in c, c a, a back, back a, a pool, pool flat, flat fc, fc out"
    return drawn(nodes, pairs(edges), gain=0.7)


def side_by_side():
    """An image goes through two convolutions, both to the same neurons."""
    nodes = [{"id": "in", **source(2, 6, 6)}, {"id": "a", **conv(3, 1)}, {"id": "b", **conv(3, padding=1)}]
    nodes += [{"id": "out", **LIF}]
    edges = "in a, in b, a out, b out"
    return drawn(nodes, pairs(edges))


def at_once_and_later():
    nodes = [{"id": "in", **source(9)}, {"id": "later", "type": "delay", "delay": "1 ms"}, {"id": "a", **linear(5)}]
    nodes += [{"id": "b", **linear(5)}, {"id": "out", **LIF}]
    edges = "in later, later a, in b, a out, b out"
    return drawn(nodes, pairs(edges))


@pytest.mark.parametrize("network", [loop_of_two, skip, into_itself_and_on, side_by_side, at_once_and_later])
@pytest.mark.parametrize("queue", [1, 16])
def test_graphs(network, queue):
    check(network(), Options(lanes=4, units=2, queue=queue))


def test_samples_leave_nothing_behind():
    """A sample's answers are those that it gives alone, in a network with every kind of state."""
    network = recurrent(delay="2 ms", outputs=7)
    inputs = random_inputs(network, samples=4)
    inputs[:, 3] = inputs[:, 0]
    found = check(network, inputs=inputs)
    answers = found.sent[found.design.output]
    assert torch.equal(answers[:, 0], answers[:, 3])
    assert not torch.equal(answers[:, 0], answers[:, 1])


def test_normalisation_is_what_floating_point_makes_of_it():
    """Folded into weights and biases, with many bits: a graded readout differs from the float model by little."""
    dice = np.random.default_rng(3)
    normal = {"weight": dice.uniform(0.5, 2, 4), "bias": dice.normal(0, 1, 4)}
    normal |= {"running_mean": dice.normal(0, 1, 4), "running_var": dice.uniform(0.5, 2, 4)}
    nodes = (source(2, 5, 5), conv(4), {"type": "batchnorm", "eps": 0.25}, pool("avg", 3), {"type": "scale", "scale": 0.5}, LI)
    network = drawn(nodes, arrays={"n2": normal})
    found = check(network, Options(lanes=4, weight_bits=14), all_send=False)
    exact = floats(network, found.inputs)
    close = real(found)
    assert (close - exact).abs().max() < 0.01 * exact.abs().max()


@pytest.mark.parametrize("kind", ["max", "avg", "sum"])
def test_pools_are_what_floating_point_makes_of_them(kind):
    for nodes in ((conv(4, 2), pool(kind), LI), (pool(kind), conv(4, 2), LI)):
        network = drawn((source(2, 7, 6), *nodes))
        found = check(network, Options(lanes=4, weight_bits=14), all_send=False)
        exact = floats(network, found.inputs)
        assert (real(found) - exact).abs().max() < 0.01 * exact.abs().max()


def floats(network: Network, inputs: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return NetworkModel(network)(inputs)[network.outputs[0]].flatten(2)


def real(found) -> torch.Tensor:
    """The answers in the units of the file, in its order."""
    layer = found.design.layers[found.design.output]
    return found.sent[found.design.output][..., layer.space.numbers()] * layer.datapath.scales["value"]


DEEP = (source(9), linear(12), LIF, linear(6), LIF)
GRAPHS = {"chain": lambda: drawn(DEEP), "recurrent": recurrent, "loop": loop_of_two}
GRAPHS["delayed"] = lambda: recurrent(delay="2 ms")


@pytest.mark.parametrize("kind", GRAPHS)
def test_spikes_are_mostly_those_of_floating_point(kind):
    """With many bits: what comes when, in loops and behind delays, is what the float model says."""
    network = GRAPHS[kind]()
    reference = QuantisedNetwork(plan(network, "ecp5", Options(weight_bits=12)))
    inputs = random_inputs(network, samples=50)
    sent = reference(reference.quantised(inputs))[reference.design.output]
    assert (sent != floats(network, inputs)).double().mean() < 0.02 < 0.1 < sent.double().mean()
