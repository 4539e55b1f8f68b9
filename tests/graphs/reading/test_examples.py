"""The shipped examples load, have the sizes that their sources publish, and do what the records beside them say."""

import json

import pytest

from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.reading.loading import EXAMPLES, examples, load
from costmodel.validation.runs.run import prepared, run

NAMED = ["yin-yang-ttfs", "yin-yang", "mnist-784-128-10", "mnist-conv-tudelft", "nmnist-conv-snntorch", "nmnist-spiky"]
NAMED += ["yin-yang-delays", "yin-yang-eventprop", "digits", "mnist-1d", "mackey-glass", "nmnist-conv-emulated"]
NAMED += ["mnist-784-128-10-spikes", "gsc-neurobench", "dvs-neurobench", "reservoir-1000"]
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
        ("mnist-784-128-10-spikes", 784 * 128 + 1_280, 0, 784 * 128 + 1_280),
    ],
)
def test_examples_have_the_published_sizes(name, step, biases, weights):
    network = load(name)
    sizes = [node.geometry(network.shapes[key][0]) for key, node in network.synapse_nodes()]
    assert sum(size.connections for size in sizes) == step
    assert sum(size.biases for size in sizes) == biases
    assert sum(size.weights for size in sizes) == weights


RECORDS = sorted(path.name.removesuffix(".provenance.json") for path in EXAMPLES.glob("*.provenance.json"))


@pytest.mark.parametrize("name", RECORDS)
def test_rates_of_trained_examples_were_measured(name):
    record, network = json.loads((EXAMPLES / f"{name}.provenance.json").read_text()), load(name)
    assert len(record["epochs"]) >= 1
    assert {"seed", "commit", "versions", "data", "test_samples"} <= set(record)
    for node, spikes in record["spikes_per_sample"].items():
        found = network.nodes[node]
        if isinstance(found, Input | Population) and found.rate is not None:
            assert found.rate.kind == "measured", node
            count = found.rate.mean * network.timesteps
            for size in network.shapes[node][1]:
                count *= size
            assert count == pytest.approx(spikes, rel=1e-4)


@pytest.mark.parametrize("name", ["digits", "mnist-1d", "yin-yang", "yin-yang-delays", "yin-yang-eventprop", "yin-yang-ttfs"])
def test_shipped_weights_reach_the_recorded_accuracy_and_rates(name):
    """Another machine may round other spikes over their thresholds: within 3 samples of a thousand, and 2 % of the spikes."""
    record = json.loads((EXAMPLES / f"{name}.provenance.json").read_text())
    found = run(prepared(load(name), {"epochs": 0}), seed=record["seed"]).evaluation
    assert found.samples == record["test_samples"]
    assert found.accuracy == pytest.approx(record["accuracy"], abs=3e-3)
    network = load(name)
    for node, each in found.activity.items():
        assert each.mean() == pytest.approx(network.nodes[node].rate.mean, rel=0.02), node
