"""Networks that run event by event: what neurons hear, what a layer costs, and a fit that finds its parameters."""

import math
from collections import Counter

import numpy as np
import pytest
import torch

from costmodel.devices.classes import cpu_fused
from costmodel.devices.classes.cpu_fused import FusedCPU
from costmodel.estimates.estimating import Workload
from costmodel.graphs.network import Network
from costmodel.validation.calibration import cpu
from costmodel.validation.calibration.drawn import STEPS, Limits, drawn
from costmodel.validation.calibration.fit import Observation, fit, latencies
from costmodel.validation.calibration.stopwatch import Subject
from costmodel.validation.events import first_spikes as closed
from costmodel.validation.events import flow, simulation, spikes
from costmodel.validation.events.gathering import rates
from costmodel.validation.events.model import FirstSpikeModel
from costmodel.validation.kernels import threads

OF_KIND = {
    "spikeprop": (
        *("b_collect", "f_gather", "f_enter", "f_solve", "f_sort", "f_return"),
        *("t_first_spikes", "t_delay", "t_spike_gradient"),
    ),
    "eventprop": ("f_ask", "f_meet", "f_walk", "f_series", "f_carry", "t_event_gradient", "t_events"),
}
"""Parameters that a kind of network shows."""

INPUTS, HIDDEN, CLASSES, BATCH, TIMESTEPS = 5, 3, 2, 7, 80
EQUAL, DOUBLE = "10 ms", "20 ms"
EXPONENTIALS = {EQUAL: 6, DOUBLE: 2}
ENTERING = {EQUAL: 2, DOUBLE: 4}
SHARES = {"fc1": 0.4, "fc2": 0.7}


def first_spikes(
    tau_mem: str = EQUAL, rule: str = "spikeprop", weights: dict | None = None, hidden: int = HIDDEN, delayed: bool = False
) -> Network:
    """5-3-2, or of another width in the middle, to which connections may have delays."""
    neuron = {"type": "ttfs", "tau_syn": "10 ms", "tau_mem": tau_mem, "v_threshold": 1.0, "r": 20.5}
    nodes = [
        {"id": "in", "type": "input", "shape": [INPUTS], "rate": 1 / TIMESTEPS},
        {"id": "fc1", "type": "linear", "features": hidden, "bias": False},
        {"id": "n1", **neuron},
        {"id": "fc2", "type": "linear", "features": CLASSES, "bias": False},
        {"id": "n2", **neuron},
    ]
    edges = [["in", "fc1"], ["fc1", "n1"], ["n1", "fc2"], ["fc2", "n2"]]
    if delayed:
        nodes.append({"id": "late", "type": "delay", "kind": "synaptic", "delay": "10 ms", "trained": True})
        edges[:1] = [["in", "late"], ["late", "fc1"]]
    content = {"name": "tiny", "dt": "0.5 ms", "timesteps": TIMESTEPS, "nodes": nodes, "edges": edges}
    content |= {"readout": {"type": "first-spike"}, "training": {"rule": rule, "optimizer": "sgd"}}
    return Network.from_document(content, weights)


def seconds(network: Network, phase, given: dict[str, float], rates: dict[str, float] | None = None) -> float:
    """Latency with the parameters given, and what has no part in it at no cost."""
    heard = {name: share / TIMESTEPS for name, share in SHARES.items()} if rates is None else rates
    return taken(Workload(network, phase, batch=BATCH, rates=heard), given)


def taken(load: Workload, given: dict[str, float]) -> float:
    """As `seconds`."""
    free = {name: 1e-30 if param.unit == "s" else 1e30 for name, param in FusedCPU.params.items()}
    fixed = free | {
        "weight_bits": 32.0,
        "state_bits": 32.0,
        "vector": 16.0,
        "latency_residual": 1.0,
        "event_residual": 1.0,
        "training_residual": 1.0,
        "event_training_residual": 1.0,
        "packing": 1.0,
    }
    fixed |= {
        "threads": 1.0,
        "gain": 1.0,
        "ops_per_divide": 1.0,
        "ops_per_exponential": 1.0,
        "finishing": 1.0,
        "chips": 1.0,
        "k_time": 1.0,
        **given,
    }
    return float(latencies(FusedCPU, fixed, [Observation(load, 1.0)])[0, 0])


@pytest.mark.parametrize("tau_mem", [EQUAL, DOUBLE])
def test_a_layer_costs_what_its_docstring_says(tau_mem):
    network = first_spikes(tau_mem)
    sorts = BATCH * (INPUTS * math.log2(INPUTS) + HIDDEN * math.log2(HIDDEN))
    gathers = BATCH * (SHARES["fc1"] * INPUTS * HIDDEN + SHARES["fc2"] * HIDDEN * CLASSES)
    enters = BATCH * ENTERING[tau_mem] * (INPUTS + HIDDEN)
    solves = BATCH * EXPONENTIALS[tau_mem] * (HIDDEN + CLASSES)
    looked_at = BATCH * (INPUTS * HIDDEN + HIDDEN * CLASSES)
    for phase in ("inference", "training"):
        assert seconds(network, phase, {"f_sort": 1.0}) == pytest.approx(sorts)
        assert seconds(network, phase, {"f_gather": 1.0}) == pytest.approx(gathers)
        assert seconds(network, phase, {"t_first_spikes": 1.0}) == pytest.approx(2)
    assert seconds(network, "inference", {"f_solve": 1.0}) == pytest.approx(solves)
    assert seconds(network, "inference", {"f_enter": 1.0}) == pytest.approx(enters)
    assert seconds(network, "training", {"f_solve": 1.0}) == pytest.approx(solves)
    assert seconds(network, "training", {"f_enter": 1.0}) == pytest.approx(enters * 3 / 2)
    assert seconds(network, "training", {"f_return": 1.0}) == pytest.approx(gathers + looked_at)
    assert seconds(network, "training", {"b_collect": 1.0}) == pytest.approx(4 * looked_at / BATCH)
    assert seconds(network, "training", {"t_spike_gradient": 1.0}) == pytest.approx(2)
    for unused in ("t_linear", "t_neurons", "t_gradient", "t_adjoint", "t_loop"):
        assert seconds(network, "training", {unused: 1.0}) < 1e-9


def test_where_connections_have_delays_inputs_come_in_an_order_for_each_neuron():
    network, delayed = first_spikes(), first_spikes(delayed=True)
    sorts = BATCH * (INPUTS * math.log2(INPUTS) * HIDDEN + HIDDEN * math.log2(HIDDEN))
    enters = BATCH * ENTERING[EQUAL] * INPUTS * (HIDDEN - 1)
    assert seconds(delayed, "inference", {"f_sort": 1.0}) == pytest.approx(sorts)
    more = seconds(delayed, "inference", {"f_enter": 1.0}) - seconds(network, "inference", {"f_enter": 1.0})
    assert more == pytest.approx(enters)
    assert seconds(delayed, "training", {"t_delay": 1.0}) == pytest.approx(1)
    assert seconds(network, "training", {"t_delay": 1.0}) < 1e-9


FLOW = 3
"""Entries of the state of a cubalif neuron, and a constant."""


def all_spikes(neuron: str = "cubalif", rule: str = "eventprop", bias: bool = False) -> Network:
    """5-3-2, of which the hidden layer excites itself."""
    known = {"type": neuron, "tau_syn": "10 ms", "tau_mem": "20 ms"}
    nodes = [
        {"id": "in", "type": "input", "shape": [INPUTS], "rate": 1 / TIMESTEPS},
        {"id": "fc1", "type": "linear", "features": HIDDEN, "bias": bias},
        {"id": "rec", "type": "linear", "features": HIDDEN, "bias": False},
        {"id": "n1", **known},
        {"id": "fc2", "type": "linear", "features": CLASSES, "bias": False},
        {"id": "n2", **known},
    ]
    edges = [["in", "fc1"], ["fc1", "n1"], ["n1", "rec"], ["rec", "n1"], ["n1", "fc2"], ["fc2", "n2"]]
    content = {"name": "tiny", "dt": "0.5 ms", "timesteps": TIMESTEPS, "nodes": nodes, "edges": edges}
    content |= {"readout": {"type": "first-spike"}, "training": {"rule": rule, "optimizer": "sgd"}}
    return Network.from_document(content)


def test_a_layer_that_flows_costs_what_its_docstring_says():
    """Spikes of a sample: 4 of 5 inputs, 6 of the 3 hidden neurons, 1 of the 2 outputs; 40 ms are 16 quarters of 10 ms."""
    network, grid = all_spikes(), 16
    arriving, hidden, out = 4, 6, 1
    spikes = {"in": arriving / INPUTS, "n1": hidden / HIDDEN, "n2": out / CLASSES}
    both = ("inference", "training")
    sizes = 4 * (INPUTS * HIDDEN + HIDDEN**2 + HIDDEN * CLASSES)

    def took(phase, name: str) -> float:
        return seconds(network, phase, {name: 1.0}, {node: share / TIMESTEPS for node, share in spikes.items()})

    heard = [arriving + hidden, hidden]  # of the first layer its own spikes too
    walks = [(turns + 1) / (1 - math.exp(-(turns + 1) / grid)) for turns in heard]
    searches = hidden * (1 + math.log(1 + hidden / (2 * (arriving + 1)))) + out
    met = HIDDEN * (heard[0] + 1) + CLASSES * (heard[1] + 1)
    passed = BATCH * FLOW**2 * HIDDEN * hidden
    forward = 5 * searches + hidden + out + FLOW * (arriving + hidden + searches)
    back = hidden + 2 * out + FLOW * sum(heard)
    for phase in both:
        assert took(phase, "f_meet") == pytest.approx(BATCH * FLOW**2 * met)
        assert took(phase, "f_walk") == pytest.approx(BATCH * FLOW**2 * (HIDDEN * walks[0] + CLASSES * walks[1]))
        assert took(phase, "t_events") == pytest.approx(2)
    assert took("inference", "f_carry") == pytest.approx(passed)
    assert took("training", "f_carry") == pytest.approx(passed + BATCH * FLOW**2 * (HIDDEN * heard[0] + CLASSES * heard[1]))
    assert took("inference", "f_ask") == took("training", "f_ask") == pytest.approx(BATCH * CLASSES * out)
    assert took("inference", "f_series") == pytest.approx(BATCH * 12 * FLOW**2 * forward)
    assert took("training", "f_series") == pytest.approx(BATCH * 12 * FLOW**2 * (forward + back))
    assert took("training", "b_collect") == pytest.approx(sizes)
    assert took("training", "t_event_gradient") == pytest.approx(2)
    for unused in ("t_linear", "t_neurons", "t_gradient", "t_adjoint", "t_loop", "t_first_spikes", "t_spike_gradient"):
        assert took("training", unused) < 1e-9


@pytest.mark.parametrize("among", [1, 2, 4])
@pytest.mark.parametrize("batch", [2, 3, 401, 1101])
def test_a_batch_is_shared_out_to_threads_with_half_a_millisecond_each(among, batch, monkeypatch):
    """Of the hidden layer, in the class as in the runner: 3 neurons of 5 + 3 inputs and 16 grid steps, each 50 ns; or 2,000 · 5
    connections of a nanosecond."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: among)
    device = FusedCPU(cpu.START | cpu.target().fixed() | {"threads": float(among), "gain": 0.6, "t_wake": 2.0})
    for network, sample in ((all_spikes(), 3.6e-6), (first_spikes(hidden=2000), 1e-5)):
        columns = Workload(network, batch=batch).columns("mean", 32, 32, given=False)
        parts = threads.over_threads(lambda part: part.stop - part.start, batch, sample)
        taking = len(parts)
        busiest = max(parts) * taking / (1 + (taking - 1) * 0.6)
        assert device.shared(columns.operators["neurons"])[0, 0] == pytest.approx(busiest)
        assert device.waking(columns.operators["neurons"])[0, 0] == (2 if taking > 1 else 0)
        assert taking == (1 if batch * sample < 1e-3 else min(among, int(batch * sample / 5e-4)))


@pytest.mark.parametrize("network", [all_spikes(rule="bptt"), all_spikes(bias=True)])
def test_what_does_not_flow_runs_in_time_steps(network):
    assert seconds(network, "inference", {"t_events": 1.0}) < 1e-9
    assert seconds(network, "inference", {"t_linear": 1.0}) > 1


def test_the_class_counts_as_the_runner_does():
    assert (cpu_fused.LEAST, cpu_fused.TERMS) == (threads.LEAST, flow.ORDER)
    assert (cpu_fused.CONNECTION, cpu_fused.STEP) == (closed.CONNECTION, spikes.STEP)


def test_neurons_that_spike_once_follow_half_of_what_comes():
    columns = Workload(all_spikes("ttfs"), rates={"in": 0.5 / TIMESTEPS, "n1": 0.8 / TIMESTEPS}).columns(
        "mean", 32, 32, given=False
    )
    hidden = columns.operators["neurons"]
    assert hidden.followed[0, 0] == pytest.approx((0.5 * INPUTS + 0.8 * HIDDEN) * (1 - 0.8 / 2))
    assert hidden.arriving[0, 0] == pytest.approx(0.5 * INPUTS)


def test_networks_in_time_steps_have_no_events():
    for network in (first_spikes(rule="bptt"), first_spikes(tau_mem="40 ms")):
        assert seconds(network, "inference", {"f_gather": 1.0, "f_sort": 1.0, "t_first_spikes": 1.0}) < 1e-9
        assert seconds(network, "inference", {"t_linear": 1.0}) == pytest.approx(2)


def test_without_a_run_neurons_spike_when_half_has_come():
    columns = Workload(first_spikes(), rates={"in": 0.5 / TIMESTEPS, "n1": 0.25 / TIMESTEPS}).columns("mean", 32, 32, given=False)
    (hidden, out) = columns.operators["neurons"].gathered[:, 0]
    assert hidden == pytest.approx(0.5 * (1 - 0.25 / 2))
    assert out == pytest.approx(0.25 / 2), "of the output each neuron is taken to spike"


def test_what_neurons_gather_is_counted():
    """A strong first input makes a neuron spike before the second comes; weak ones never do; the third input is silent."""
    weight = np.array([[50, 50, 50, 50, 50], [0.1] * 5, [0, 0, 50, 0, 50]], dtype=np.float32)
    network = first_spikes(weights={"fc1": {"weight": weight}, "fc2": {"weight": np.full((2, 3), 0.1, dtype=np.float32)}})
    times = torch.tensor([[0.001, 0.010, torch.inf, 0.020, 0.030]], dtype=torch.float64)
    found = rates(FirstSpikeModel(network), times)
    assert found["in"] == pytest.approx(4 / 5 / TIMESTEPS)
    assert found["n1"] == pytest.approx(2 / 3 / TIMESTEPS)
    assert found["fc1"] == pytest.approx((1 + 4 + 4) / 15 / TIMESTEPS)
    assert found["fc2"] == pytest.approx(2 * 2 / 6 / TIMESTEPS)


@pytest.mark.parametrize("seed", range(6))
def test_drawn_networks_that_flow_spike_and_train(seed):
    one = drawn(seed, "eventprop", Limits(operations=1e7, elements=5e4))
    subject = Subject(one.network, one.batch)
    sent = {name: rate * STEPS for name, rate in subject.rates().items() if name.startswith("n")}
    assert sent["n1"] > 0.3, "spikes a neuron"
    before = [weight.detach().clone() for weight in subject.learner.parameters()]
    subject.train()
    assert any((weight != old).any() for weight, old in zip(subject.learner.parameters(), before, strict=True))


def counting(monkeypatch) -> Counter:
    """What the simulation does from here on, in Python instead of compiled code: names of `validation.events.flow` → calls."""
    counts: Counter = Counter()

    def counted(name: str, function):
        def call(*given):
            counts[name] += 1
            return function(*given)

        return call

    for name in ("product", "short_flow", "flow", "flow_matrix", "crossing", "_root", "_top", "carry", "dot"):
        function = counted(name, getattr(flow, name).py_func)
        monkeypatch.setattr(flow, name, function)
        if hasattr(simulation, name):
            monkeypatch.setattr(simulation, name, function)
    monkeypatch.setattr(spikes, "simulate", simulation.simulate.py_func)
    return counts


@pytest.mark.parametrize("seed", range(8))
def test_the_equations_count_what_the_simulation_does(seed, monkeypatch):
    one = drawn(seed, "eventprop", Limits(operations=2e7, elements=1e5))
    subject, samples = Subject(one.network, 2), 2
    rates = subject.rates()
    load = Workload(one.network, batch=samples, rates=rates)
    counts = counting(monkeypatch)
    subject.infer()

    def predicted(name: str) -> float:
        return taken(load, {name: 1.0})

    states = FLOW**2
    walked = counts["product"] - counts["carry"]  # and the few by which a neuron is reset
    assert predicted("f_meet") == pytest.approx(states * counts["crossing"], rel=0.2)
    assert predicted("f_walk") == pytest.approx(states * walked, rel=0.2)
    assert predicted("f_series") == pytest.approx(12 * states * counts["short_flow"], rel=0.35)
    assert predicted("f_carry") == pytest.approx(states * counts["carry"], rel=0.1, abs=1e-6)


def test_samples_of_a_batch_are_simulated_as_each_alone():
    """They have more spikes than there is room for at first, the second few, the last none; bit for bit by one kernel."""
    one = drawn(2, "eventprop", Limits(operations=1e7, elements=5e4))
    subject = Subject(one.network, 5)
    subject.inputs[1, ::2], subject.inputs[4] = torch.inf, torch.inf
    model = subject.learner.eval().model
    whole = model(subject.inputs)
    assert whole.counts["n1"].sum() > simulation.ROOM
    assert whole.counts["n1"][4].sum() == 0
    for sample, times in enumerate(subject.inputs):
        alone = model(times[None])
        for name, count in whole.counts.items():
            assert torch.equal(alone.counts[name][0], count[sample])
            assert torch.equal(alone.first[name][0], whole.first[name][sample])


@pytest.mark.parametrize("seed", range(4))
def test_most_neurons_of_drawn_networks_spike(seed):
    one = drawn(seed, "spikeprop", Limits(operations=2e6, elements=5e4))
    found = Subject(one.network, one.batch).rates()
    spiking = [rate * STEPS for name, rate in found.items() if one.network.nodes[name].type == "ttfs"]
    assert min(spiking) > 0.5
    for name, rate in found.items():
        assert 0 < rate * STEPS <= 1, name


@pytest.mark.parametrize("kind", ["spikeprop", "eventprop"])
def test_a_fit_finds_the_event_driven_parameters(kind):
    fixed, mine = cpu.target().fixed() | {"threads": 1.0}, {name: cpu.EVENTS[name] for name in OF_KIND[kind]}
    truth = cpu.START | {name: value * factor for (name, value), factor in zip(mine.items(), [0.5, 2] * 5, strict=False)}
    networks = [drawn(seed, kind, Limits()) for seed in range(48)]
    loads = [Workload(one.network, phase, batch=one.batch) for one in networks for phase in ("inference", "training")]
    took = latencies(FusedCPU, {**fixed, **truth}, [Observation(load, 1.0) for load in loads])[:, 0]
    seen = [Observation(load, value) for load, value in zip(loads, took, strict=True)]
    others = {name: value for name, value in cpu.START.items() if name not in mine}
    found = fit(FusedCPU, fixed | others, mine, seen)
    assert np.abs(found.residuals).max() < 0.05
    for name in mine:
        assert found.values[name] == pytest.approx(truth[name], rel=0.2), name
