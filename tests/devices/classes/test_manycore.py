"""Many-core chips: placement, splitting on TrueNorth, ticks of SpiNNaker, programs and resets of the Loihis, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.devices.part import part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from tests.networks import LIF, chain, linear, network


def dense(*sizes: int, neuron: dict = LIF, **settings) -> Network:
    layers = [node for size in sizes[1:] for node in (linear(size, bias=False), neuron)]
    return network([sizes[0]], *layers, input={"rate": 0.2}, **settings)


def on(name: str, net: Network, **values: float) -> Estimator:
    return Estimator(Workload(net), part(name).override(values))


def first(value) -> float:
    return float(np.ravel(value)[0])


# -- placement ------------------------------------------------------------------------------------------------------------
def test_a_layer_is_spread_over_the_cores_it_is_given():
    net = dense(64, 100, 10)
    found = on("loihi", net.with_placement({"n1": 16})).estimate()
    assert found.placement == {"n1": 16, "n3": 1}
    assert on("loihi", net).estimate().placement == {"n1": 1, "n3": 1}
    assert found.to_dict()["placement"] == {"n1": 16, "n3": 1}


def test_either_node_of_a_layer_names_it_and_the_file_may_say_it():
    document = chain([64], linear(100), LIF, linear(10), LIF) | {"placement": {"n0": 8}}
    assert on("loihi", Network.from_document(document)).estimate().placement["n1"] == 8


@given(st.integers(1, 30))
def test_work_is_shared_by_the_cores(cores):
    """Updates and synapses of a core go down as 1 / cores; every core takes in every spike."""
    net = dense(64, 128, neuron={**LIF, "rate": 0.1}).with_placement({"n1": cores})
    times = {"t_update": 1e-9, "t_synop": 0.0, "t_receive": 0.0, "t_hop": 0.0, "t_spike": 0.0, "t_barrier": 0.0}
    clear = times | {"t_host": 0.0, "t_event": 0.0, "t_tick": 0.0}
    assert first(on("loihi", net, **clear).figures().period) == pytest.approx(128e-9 / cores)
    clear |= {"t_update": 0.0, "t_synop": 1e-9, "t_receive": 1e-9}
    whole = 64 * 0.2 * 128 * 1e-9 / cores + 64 * 0.2 * 1e-9
    assert first(on("loihi", net, **clear).figures().period) == pytest.approx(whole, rel=0.03)  # fan-out ≫ cores: nearly all


def test_fewer_cores_than_a_layer_needs_are_refused_with_the_mend():
    net = dense(64, 3000)
    (limit,) = on("loihi", net.with_placement({"n1": 2})).estimate().violations
    assert (limit.limit, limit.needs, limit.has) == ("cores of n1", 3.0, 2.0)
    assert limit.levers == ("--set cores.n1=3",)
    assert on("loihi", net.with_placement({"n1": 3})).estimate().feasible


@pytest.mark.parametrize(
    ("given_", "says"),
    [({"n7": 2}, "'n7' is none of the nodes"), ({"in": 2}, "neither neurons nor weights"), ({"n1": 0}, "placement")],
)
def test_placements_that_make_no_sense(given_, says):
    with pytest.raises(InputError, match=says):
        dense(64, 100).with_placement(given_)


# -- TrueNorth ------------------------------------------------------------------------------------------------------------
def truenorth(inputs: int, neurons: int) -> tuple[float, int]:
    """Cores and extra ticks of a dense layer, by hand: pieces of 128 inputs, 256 neurons a core, 128 pieces an adding core."""
    pieces, targets = math.ceil(inputs / 128), math.ceil(neurons / 256)
    adding = math.ceil(neurons * pieces / 128) if pieces > 1 else 0
    copies = math.ceil(neurons / 256)
    splitting = math.ceil(inputs * copies / 256) if copies > 1 else 0
    return pieces * targets + adding + splitting, (pieces > 1) + (copies > 1)


@given(st.integers(1, 3000), st.integers(1, 1500))
def test_truenorth_splits_what_has_too_many_inputs(inputs, neurons):
    estimator = on("truenorth", dense(inputs, neurons))
    cores, ticks = truenorth(inputs, neurons)
    assert first(estimator.part.device(estimator.part.values).resources(estimator.facts)["cores"]) == cores
    assert first(estimator.figures().run.depth) == 1 + ticks


def test_truenorth_takes_more_chips_where_one_has_too_few_cores():
    net = dense(4000, 20000)
    (limit,) = on("truenorth", net).estimate().violations
    assert limit.limit == "cores"
    chips = int(limit.levers[0].removeprefix("--set chips="))
    assert on("truenorth", net, chips=chips).estimate().feasible
    assert not on("truenorth", net, chips=chips - 1).estimate().feasible


def test_truenorth_goes_with_the_square_of_its_supply():
    net = dense(100, 200)
    energy = [first(on("truenorth", net, v_dd=volt).figures().energy) for volt in (0.7, 1.05)]
    assert energy[1] / energy[0] == pytest.approx(1.5**2)


# -- SpiNNaker ------------------------------------------------------------------------------------------------------------
@given(st.floats(1e-5, 1e-2))
def test_a_tick_that_is_too_short_is_stretched_by_a_whole_factor(tick):
    net = dense(200, 256, timesteps=10)
    work = first(on("spinnaker", net, t_tick=0.0).figures().period) / 10
    step = first(on("spinnaker", net, t_tick=tick).figures().period) / 10
    crossing = first(on("spinnaker", net, t_tick=0.0).figures().run.host())
    factor = math.ceil((work - crossing) / tick * (1 - 1e-12))
    assert step == pytest.approx(factor * tick + crossing)
    assert step >= work * (1 - 1e-12)


def test_where_the_tick_rules_it_says_so_and_has_an_interval():
    found = on("spinnaker2", dense(20, 10)).estimate()
    assert found.bound_by == "tick"
    assert found.latency.low < found.latency.value < found.latency.high


# -- Loihi ----------------------------------------------------------------------------------------------------------------
def test_an_update_of_loihi2_takes_as_long_as_its_program():
    """Beyond the operations of the built-in neuron each takes t_op; a LIF has no more than that."""
    izhikevich = on("loihi2", dense(10, 100, neuron={"type": "izhikevich"}))
    op = izhikevich.columns().operators["neurons"]
    operations = first(op.add + op.multiply + op.compare) - first(op.substeps) * 8
    assert operations > 0
    quiet = {"t_tick": 0.0, "t_barrier": 0.0, "t_host": 0.0, "t_event": 0.0, "t_spike": 0.0, "t_update": 0.0}
    quiet |= dict.fromkeys(("t_synop", "t_receive", "t_hop"), 0.0)
    for neuron, expected in (({"type": "izhikevich"}, 100 * operations * 1e-9), (LIF, 0.0)):
        found = on("loihi2", dense(10, 100, neuron=neuron), **quiet, t_op=1e-9)
        assert first(found.figures().period) == pytest.approx(expected)


def test_resets_and_what_serves_the_chip_are_charged():
    net = dense(10, 100, 5, timesteps=20)
    without = on("loihi", net, t_reset=0.0, p_serve=0.0).figures()
    reset = on("loihi", net, t_reset=1e-6, p_serve=0.0).figures()
    assert first(reset.period) - first(without.period) == pytest.approx(105e-6)
    assert first(reset.latency) - first(without.latency) == pytest.approx(105e-6)
    serving = on("loihi", net, t_reset=0.0, p_serve=0.03).figures()
    assert first(serving.dynamic) - first(without.dynamic) == pytest.approx(0.03 * first(without.period))
    assert first(serving.static) == first(without.static)


def test_nothing_waits_on_silicon_and_messages_do_in_sana_fe():
    wide = dense(20, 64).with_placement({"n1": 32})
    assert on("loihi", wide).estimate().spent.get("waiting") is None
    assert on("loihi", wide, in_flight=2).estimate().spent["waiting"] > 0
