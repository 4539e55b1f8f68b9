"""What learning rules really do and keep."""

import itertools

import pytest

from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.lowering import Lowering, lower
from costmodel.graphs.lowering.table import Table
from costmodel.graphs.settings import training
from tests.networks import LIF, linear, network

RULES = ["bptt", "e-prop", "eventprop", "r-stdp", "rtrl", "slayer", "spikeprop", "stdp", "superspike"]
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
    own = [table.tasks[i].per_sample for i in table.rows["memory"]]
    return float(columns.operators["memory"].kept_bytes[own].sum())


def work(network, rule, phase: str) -> float:
    """Synaptic operations of a phase per sample."""
    table = Table(network, rule)
    columns = table.columns(table.signals(Activity(network)), weight_bits=32, state_bits=32)
    rows = [j for j, i in enumerate(table.rows["synapses"]) if table.tasks[i].phase == phase]
    synapses = columns.operators["synapses"]
    return float((synapses.synops * synapses.executions)[rows].sum())


def test_every_rule_of_the_contract():
    assert training.RULES.names() == RULES


@pytest.mark.parametrize("rule", RULES)
def test_a_lowered_rule_is_a_graph_without_loops_over_forward_backward_update(rule):
    import networkx as nx

    graph = lower(net(rate=None, neuron=TTFS) if rule == "spikeprop" else net(), rule)
    phases = {found["task"].phase for _, found in graph.nodes(data=True)}
    assert "update" in phases
    assert nx.is_directed_acyclic_graph(graph)


def test_bptt_keeps_every_state_and_output_of_every_step_and_the_input():
    inputs, neurons, states = 20, 35, 1
    assert kept(net(timesteps=10), "bptt") == 10 * (inputs + neurons * (states + 1)) * 4
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
    from costmodel.graphs.network import Network

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
    assert not any(task.per_step for task in table.tasks)
    pairs = next(task for task in table.tasks if task.name == "n0.spike-times")
    assert pairs.sizes["neurons"] == 20 * 30
    assert pairs.sizes["exponential"] >= 2, "e^{b/a} and the Lambert W"
    with pytest.raises(InputError, match="needs neurons that spike once"):
        lower(net(), "spikeprop")
    unequal = {**TTFS, "tau_mem": "20 ms"}
    with pytest.raises(InputError, match="no closed form for tau_mem / tau_syn = 4"):
        lower(net(rate=None, neuron=unequal), "spikeprop")
    doubled = Table(net(rate=None, neuron={**TTFS, "tau_mem": "10 ms"}), "spikeprop")
    assert next(task for task in doubled.tasks if task.name == "n0.spike-times").sizes["exponential"] == 2, "a root and a logarithm"


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


def test_bptt_of_a_rectified_network_keeps_what_its_layers_received():
    relu = {"type": "relu"}
    assert kept(network([20], linear(30), relu, linear(5), timesteps=3), "bptt") == 3 * 4 * (20 + 30 + 30)


def test_adam_keeps_a_gradient_and_two_moments_once_for_the_batch():
    from costmodel.devices.part import part
    from costmodel.estimates.estimating import Estimator, Workload

    small, large = (Estimator(Workload(net(), "training", batch=batch), part("cpu-desktop")).facts for batch in (1, 64))
    parameters = 20 * 30 + 30 + 30 * 5 + 5
    assert small.shared_bytes == large.shared_bytes == 3 * 4 * parameters


def test_influence_goes_to_the_next_layer_by_fan_out():
    """784-128-10 without biases: each of the first layer's weights reaches one neuron, and that neuron's ten successors."""
    wide = network([784], linear(128, bias=False), LIF, linear(10, bias=False), LIF)
    first = next(task for task in Table(wide, "rtrl").tasks if task.name == "n0.influence")
    assert first.sizes["connections"] == pytest.approx(784 * 128 * (1 + 10 + 10))


def test_a_shared_weight_influences_every_place_where_it_is_used():
    from tests.networks import conv

    table = Table(network([1, 28, 28], conv(8, 5, bias=False), LIF), "rtrl")
    assert next(task for task in table.tasks if task.name == "n0.stored").sizes["kept"] == 8 * 25 * 24 * 24


def test_the_optimiser_runs_once_a_batch():
    table = Table(net(), "bptt")
    optimizers = [task for task in table.tasks if task.operator == "optimizer"]
    assert [task.sizes["neurons"] for task in optimizers] == [20 * 30 + 30, 30 * 5 + 5]
    assert all(not task.per_sample and not task.per_step for task in optimizers)


def test_local_rules_update_traces_of_inputs_and_neurons_once():
    table = Table(net(), "stdp")
    inputs, neurons = (next(task for task in table.tasks if task.name == f"n0.{which}-traces") for which in ("input", "neuron"))
    assert (inputs.sizes["neurons"], neurons.sizes["neurons"]) == (20, 30)
    assert (inputs.sizes["multiply"], inputs.sizes["add"]) == (1, 1)


def test_r_stdp_keeps_an_eligibility_per_connection_but_not_the_weight_twice():
    one = network([20], linear(30, bias=False), {**LIF, "rate": 0.1})
    assert kept(one, "r-stdp") == 2 * (20 + 30 + 600)


def test_a_readout_that_never_spikes_changes_no_weight():
    readout = network([20], linear(30), {"type": "li", "tau": "5 ms"})
    assert not any(task.operator == "change at neuron" for task in Table(readout, "stdp").tasks)


def test_depth_counts_populations_on_the_longest_path():
    assert Lowering(net()).depth == 2


def test_depth_with_a_loop_and_a_shortcut():
    from costmodel.graphs.network import Network

    nodes = [{"id": "in", "type": "input", "shape": [3]}]
    for i in (1, 2, 3, 4):
        nodes += [{"id": f"fc{i}", "type": "linear", "features": 3}, {"id": f"l{i}", **LIF}]
    nodes += [{"id": "short", "type": "linear", "features": 3}, {"id": "back", "type": "linear", "features": 3}]
    chain = ["in", "fc1", "l1", "fc2", "l2", "fc3", "l3", "fc4", "l4"]
    edges = [list(pair) for pair in itertools.pairwise(chain)]
    edges += [["l1", "short"], ["short", "l4"], ["l4", "back"], ["back", "l4"]]
    assert Lowering(Network.from_document({"name": "n", "nodes": nodes, "edges": edges})).depth == 4


def test_layers_end_at_rectifiers_and_between_synapses():
    relu = {"type": "relu"}
    lowering = Lowering(network([20], linear(30), relu, linear(40), relu, linear(10), linear(5)))
    assert lowering.layer_of == {"in": "in", "n0": "n1", "n1": "n1", "n2": "n3", "n3": "n3", "n4": "n4", "n5": "n5"}


def reservoir(*, trained: bool, rule="bptt", **readout) -> Table:
    from costmodel.graphs.network import Network

    nodes = [
        {"id": "in", "type": "input", "shape": [4], "rate": 0.1},
        {"id": "w_in", "type": "linear", "features": 50, "trained": trained},
        {"id": "pool", **LIF, "rate": 0.1},
        {"id": "w_rec", "type": "sparse", "features": 50, "density": 0.1, "trained": trained},
        {"id": "readout", "type": "linear", "features": 3, **readout},
        {"id": "out", "type": "li", "tau": "5 ms"},
    ]
    edges = [["in", "w_in"], ["w_in", "pool"], ["pool", "w_rec"], ["w_rec", "pool"], ["pool", "readout"], ["readout", "out"]]
    return Table(Network.from_document({"name": "r", "timesteps": 10, "nodes": nodes, "edges": edges}), rule)


@pytest.mark.parametrize("rule", ["bptt", "e-prop", "eventprop", "r-stdp", "rtrl", "slayer", "stdp", "superspike"])
def test_a_fixed_reservoir_costs_no_gradients(rule):
    """Only the readout has a weight gradient, an update and moments; nothing goes back into the reservoir."""
    fixed, free = (reservoir(trained=trained, rule=rule) for trained in (False, True))
    behind = {task.node for task in fixed.tasks if task.phase in ("backward", "update") and task.name != "out.answer"}
    assert behind <= {"readout", "out"}
    assert "readout" in behind
    assert {"w_in", "w_rec"} <= {task.node for task in free.tasks if task.phase in ("backward", "update")}


def test_a_loop_that_alone_is_trained_gets_its_gradient_through_itself():
    """w_rec is trained and w_in is not: what the pool sent a step before depends on w_rec, so its gradient goes on around."""
    from costmodel.graphs.network import Network

    nodes = [
        {"id": "in", "type": "input", "shape": [4]},
        {"id": "w_in", "type": "linear", "features": 6, "trained": False},
        {"id": "pool", **LIF},
        {"id": "w_rec", "type": "linear", "features": 6},
    ]
    edges = [["in", "w_in"], ["w_in", "pool"], ["pool", "w_rec"], ["w_rec", "pool"]]
    names = {task.name for task in Table(Network.from_document({"name": "n", "nodes": nodes, "edges": edges}), "bptt").tasks}
    assert {"pool.adjoint", "w_rec.weight-gradient", "w_rec.input-gradient", "w_rec.optimizer"} <= names
    assert not any(name.startswith("w_in.") for name in names)


def test_trained_delays_and_parameters_are_updated():
    """3 × 2 synaptic delays, one tau for the layer and a threshold per neuron, besides the weights."""
    delay = {"type": "delay", "kind": "synaptic", "delay": "4 ms", "trained": True}
    neurons = {**LIF, "trained": {"tau": "layer", "v_threshold": "neuron"}}
    table = Table(network([3], delay, linear(2, bias=False), neurons), "bptt")
    updates = {task.node: task.sizes["neurons"] for task in table.tasks if task.operator == "optimizer"}
    assert updates == {"n0": 6, "n1": 6, "n2": 1 + 2}
    gradients = {task.operator: task.sizes for task in table.tasks if task.phase == "backward"}
    assert gradients["delay gradient"]["neurons"] == 6
    assert gradients["parameter gradient"]["multiply"] == 2, "two parameters, one state"


@pytest.mark.parametrize("shared", ["layer", "channel", "neuron"])
def test_shared_parameters_count_once(shared):
    from tests.networks import conv

    table = Table(network([1, 6, 6], conv(4, 3), {**LIF, "trained": {"tau": shared}}), "bptt")
    updates = {task.node: task.sizes["neurons"] for task in table.tasks if task.operator == "optimizer"}
    assert updates["n1"] == {"layer": 1, "channel": 4, "neuron": 4 * 4 * 4}[shared]
