"""Time steps that are not alike: what is costed is the mean of the steps, not a step with the mean's events."""

import numpy as np
import pytest

from costmodel.devices.part import part
from costmodel.estimates.estimating import Estimator, Workload, estimate
from costmodel.graphs.errors import InputError
from tests.networks import LIF, linear, network

STEPS = 4
NET = network([400], linear(300), {**LIF, "rate": 0.02}, linear(10), {**LIF, "rate": 0.1}, timesteps=STEPS, input={"rate": 0.1})
SENT = {"in": np.array([0.4, 0.0, 0.0, 0.0]), "n1": np.array([0.01, 0.05, 0.02, 0.0]), "n3": np.array([0.0, 0.0, 0.1, 0.3])}


def measured(sent=SENT, net=NET) -> dict[str, np.ndarray]:
    """Each node's mean for all of its elements, and its steps."""
    each = {name: np.full(net.shapes[name][1], steps.mean()) for name, steps in sent.items()}
    return each | {f"steps.{name}": steps for name, steps in sent.items()}


@pytest.mark.parametrize("name", ["loihi", "spinnaker", "truenorth", "artix7-100t", "brainscales2", "asic-28nm", "h100"])
def test_costs_are_those_of_each_step_the_mean_over_all(name):
    on = part(name).override({"chips": 40} if name in ("truenorth", "brainscales2") else {})
    figures = Estimator(Workload(NET, elements=measured()), on).figures()
    apart = [Estimator(Workload(NET, rates={k: v[t] for k, v in SENT.items()}), on).figures() for t in range(STEPS)]
    for cost in ("latency", "period", "static", "dynamic"):
        each = [float(np.ravel(getattr(one, cost))[0]) for one in apart]
        whole = max(each) if name == "spinnaker" and cost != "dynamic" else np.mean(each)  # one tick for all steps
        assert float(np.ravel(getattr(figures, cost))[0]) == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize(("name", "times"), [("loihi", 2), ("spinnaker", 4)])
def test_layers_that_work_one_after_the_other_take_longer_than_at_once(name, times):
    """In lockstep a step is as long as its busiest core: two equal layers at once take the time of one, in turn that of both. Where
    one tick holds for all steps it is that of the fullest, four times as long."""
    net = network([200], linear(200), {**LIF, "rate": 0.1}, linear(200), {**LIF, "rate": 0.0}, timesteps=STEPS, input={"rate": 0.1})
    on, zero = part(name).override({"t_synop": 1e-4}), np.zeros(STEPS)  # operations are what a step waits for
    at_once = {"in": np.full(STEPS, 0.1), "n1": np.full(STEPS, 0.1), "n3": zero}
    in_turn = {"in": np.array([0.4, 0.0, 0.0, 0.0]), "n1": np.array([0.0, 0.4, 0.0, 0.0]), "n3": zero}
    together, apart = (estimate(net, on, elements=measured(sent, net)) for sent in (at_once, in_turn))
    assert apart.latency.value == pytest.approx(times * together.latency.value, rel=0.05)
    assert apart.latency.low > 0.95 * times * together.latency.low
    means = {node: array for node, array in measured(in_turn, net).items() if not node.startswith("steps.")}
    assert together.latency.value == pytest.approx(estimate(net, on, elements=means).latency.value)


def test_what_an_estimate_says_stays_of_one_piece():
    found = estimate(NET, "loihi", elements=measured())
    assert found.energy.value == pytest.approx(found.static + found.dynamic)
    assert sum(row["energy_j"] for row in found.breakdown) == pytest.approx(found.dynamic)
    assert found.power == pytest.approx(found.energy.value * found.throughput)
    moved = estimate(NET, "loihi", elements=measured(), values={"t_synop": 1e-6})
    on = part("loihi").override({"t_synop": 1e-6})
    assert moved.latency == estimate(NET, on, elements=measured()).latency


def test_steps_of_another_number_are_refused():
    with pytest.raises(InputError, match=r"activity of 'steps.in' has shape \(3,\); shape \(4,\) is needed"):
        Workload(NET, elements={"steps.in": np.zeros(3)})
