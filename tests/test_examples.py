"""The shipped examples load, and have the sizes that their sources publish."""

import pytest

from graphs.network import examples, load
from graphs.nodes.boundary import Input
from graphs.nodes.population import Population

NAMED = ["yin-yang-ttfs", "yin-yang", "mnist-784-128-10", "mnist-conv-tudelft", "nmnist-conv-snntorch", "nmnist-spiky"]
NAMED += ["gsc-neurobench", "dvs-neurobench", "reservoir-1000"]
NAMED += [f"neuron-{kind}" for kind in ("if", "lif", "cubalif", "alif", "resonate-and-fire", "qif", "izhikevich")]
NAMED += [f"neuron-{kind}" for kind in ("hodgkin-huxley", "sigma-delta", "li", "ttfs")]


def test_all_named_examples_are_there():
    assert set(NAMED) <= set(examples())


@pytest.mark.parametrize("name", examples())
def test_every_example_says_where_it_comes_from(name):
    network = load(name)
    assert network.name == name
    assert network.settings.provenance
    senders = [node for node in network.nodes.values() if isinstance(node, Input | Population)]
    for node in senders:
        if isinstance(node, Input) or node.neuron.spiking():
            assert node.rate is not None, f"{node.id} has no rate"
            assert node.rate.source, f"the rate of {node.id} has no source"


@pytest.mark.parametrize(
    ("name", "step", "biases", "weights"),
    [
        ("gsc-neurobench", 145_152, 803, 145_152),
        ("dvs-neurobench", 5_941_376, 123, 76_064),
        ("mnist-conv-tudelft", 48_672 + 663_552 + 23_040, 10, 41_760),
        ("nmnist-conv-snntorch", 540_000 + 1_161_600 + 8_000, 54, 18_200),
        ("nmnist-spiky", 2_813_384, 2_166, 2_813_384),
        ("mnist-784-128-10", 784 * 128 + 1_280, 138, 784 * 128 + 1_280),
    ],
)
def test_examples_have_the_published_sizes(name, step, biases, weights):
    network = load(name)
    sizes = [node.geometry(network.shapes[key][0]) for key, node in network.synapse_nodes()]
    assert sum(size.connections for size in sizes) == step
    assert sum(size.biases for size in sizes) == biases
    assert sum(size.weights for size in sizes) == weights
