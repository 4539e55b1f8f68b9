"""What learning rules really do and keep."""

import pytest

from graphs.activity import Activity
from graphs.errors import InputError
from graphs.lowering import Lowering, lower
from graphs.rules import rule_names
from graphs.table import Table
from tests.networks import LIF, linear, network

RULES = ["bptt", "eventprop", "r-stdp", "rtrl", "slayer", "spikeprop", "stdp", "superspike"]
TTFS = {"type": "ttfs", "tau_syn": "5 ms", "tau_mem": "5 ms"}


def net(timesteps=10, rate: float | None = 0.1, hidden=30, neuron=LIF):
    nodes = (
        linear(hidden),
        {**neuron, **({"rate": rate} if rate else {})},
        linear(5),
        {**neuron, **({"rate": rate} if rate else {})},
    )
    return network([20], *nodes, timesteps=timesteps, input={"rate": 0.2})


def kept(network, rule) -> float:
    """Bytes kept for one sample."""
    table = Table(network, rule)
    columns = table.columns(table.signals(Activity(network)), weight_bits=32, state_bits=32)
    return float(columns.operators["memory"].kept_bytes.sum())


def work(network, rule, phase: str) -> float:
    """Synaptic operations of a phase per sample."""
    table = Table(network, rule)
    columns = table.columns(table.signals(Activity(network)), weight_bits=32, state_bits=32)
    rows = [j for j, i in enumerate(table.rows["synapses"]) if table.tasks[i].phase == phase]
    synapses = columns.operators["synapses"]
    return float((synapses.synops * synapses.executions)[rows].sum())


def test_every_rule_of_the_contract():
    assert rule_names() == RULES


@pytest.mark.parametrize("rule", RULES)
def test_a_lowered_rule_is_a_graph_without_loops_over_forward_backward_update(rule):
    import networkx as nx

    graph = lower(net(rate=None, neuron=TTFS) if rule == "spikeprop" else net(), rule)
    phases = {found["task"].phase for _, found in graph.nodes(data=True)}
    assert "update" in phases
    assert nx.is_directed_acyclic_graph(graph)


def test_bptt_keeps_every_state_and_output_of_every_step():
    neurons, states = 35, 1
    assert kept(net(timesteps=10), "bptt") == 10 * neurons * (states + 1) * 4
    assert kept(net(timesteps=100), "bptt") == 10 * kept(net(timesteps=10), "bptt")


def test_eventprop_keeps_spikes():
    assert kept(net(timesteps=10, rate=0.1), "eventprop") == pytest.approx(10 * 35 * 0.1 * 12)
    assert kept(net(rate=0.2), "eventprop") == pytest.approx(2 * kept(net(rate=0.1), "eventprop"))


def test_eventprop_passes_gradients_where_spikes_were():
    """Backward synaptic operations are those of the forward pass, for weights, and for all but the first layer's inputs."""
    forward = 10 * (20 * 0.2 * 30 + 30 * 0.1 * 5)
    assert work(net(), "eventprop", "backward") == pytest.approx(forward + 10 * 30 * 0.1 * 5)


def test_bptt_backward_is_dense():
    assert work(net(), "bptt", "backward") == 10 * (20 * 30 + 30 * 5 + 30 * 5)


def test_online_rules_keep_nothing_for_time():
    for rule in ("superspike", "stdp", "r-stdp", "rtrl"):
        assert kept(net(timesteps=10), rule) == kept(net(timesteps=1000), rule), rule


def test_superspike_keeps_traces_of_every_connection():
    connections, inputs = 20 * 30 + 30 * 5, 20 + 30
    assert kept(net(), "superspike") == 4 * (3 * connections + 2 * inputs)


def test_rtrl_keeps_parameters_times_state():
    """Each weight of the first layer reaches its own neuron and all five of the next; each of the last its own neuron."""
    first, last = 20 * 30 + 30, 30 * 5 + 5
    assert kept(net(), "rtrl") == 4 * (first * (1 + 5) + last)


def test_rtrl_of_a_recurrent_layer_keeps_parameters_times_all_its_states():
    from graphs.network import Network

    nodes = [
        {"id": "in", "type": "input", "shape": [4], "rate": 0.1},
        {"id": "fc", "type": "linear", "features": 6, "bias": False},
        {"id": "lif", **LIF, "rate": 0.1},
        {"id": "rec", "type": "linear", "features": 6, "bias": False},
    ]
    edges = [["in", "fc"], ["fc", "lif"], ["lif", "rec"], ["rec", "lif"]]
    recurrent = Network.from_document({"name": "r", "nodes": nodes, "edges": edges})
    assert kept(recurrent, "rtrl") == 4 * (4 * 6 + 6 * 6) * 6


def test_spikeprop_has_no_time_steps_and_needs_first_spike_neurons():
    table = Table(net(rate=None, neuron=TTFS, timesteps=50), "spikeprop")
    assert all(not task.per_step for task in table.tasks if task.operator not in ("input",))
    pairs = next(task for task in table.tasks if task.name == "n0.spike-times")
    assert pairs.sizes["neurons"] == 20 * 30
    assert pairs.sizes["exponential"] >= 2, "e^{b/a} and the Lambert W"
    with pytest.raises(InputError, match="needs neurons that spike once"):
        lower(net(), "spikeprop")


@pytest.mark.parametrize("rule", ["eventprop", "slayer"])
def test_rules_for_linear_neurons_refuse_others(rule):
    izhikevich = network([4], linear(3), {"type": "izhikevich", "rate": 0.1}, linear(2))
    with pytest.raises(InputError, match="n1"):
        lower(izhikevich, rule)


def test_stdp_changes_weights_at_spikes_only():
    """An input spike meets its fan-out, a neuron's spike its fan-in."""
    table = Table(net(), "stdp")
    columns = table.columns(table.signals(Activity(net())), weight_bits=8, state_bits=16)
    changes = columns.operators["plasticity"].changes.ravel()
    assert list(changes) == pytest.approx([20 * 0.2 * 30, 30 * 20 * 0.1, 30 * 0.1 * 5, 5 * 30 * 0.1])


def test_the_optimiser_runs_once_a_batch():
    table = Table(net(), "bptt")
    optimizers = [task for task in table.tasks if task.operator == "optimizer"]
    assert [task.sizes["neurons"] for task in optimizers] == [20 * 30 + 30, 30 * 5 + 5]
    assert all(not task.per_sample and not task.per_step for task in optimizers)


def test_depth_counts_populations_on_the_longest_path():
    assert Lowering(net()).depth == 2
