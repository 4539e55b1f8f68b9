"""Every neuron against its published equations, written down here once more and integrated by scipy's RK45 at tight tolerance."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from costmodel.graphs.neurons import all_neurons, neuron
from costmodel.validation.neurons.layer import NeuronLayer

STEPS, NEURONS, DT = 250, 3, 1e-3

Slope = Callable[[np.ndarray, float], list[float]]
Event = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""State after the flow of a step → what is sent, and the state after that."""


def never(state: np.ndarray) -> tuple[float, np.ndarray]:
    return 0.0, state


def subtract(threshold: float, where: int) -> Event:
    def event(x: np.ndarray) -> tuple[float, np.ndarray]:
        fired = float(x[where] >= threshold)
        x = x.copy()
        x[where] -= threshold * fired
        return fired, x

    return event


def adapting(x: np.ndarray) -> tuple[float, np.ndarray]:
    """v, a: spikes at 1 + 0.2 a; v loses the threshold at rest, a gains one."""
    fired = float(x[0] >= 1.0 + 0.2 * x[1])
    return fired, x + fired * np.array([-1.0, 1.0])


def resonating(x: np.ndarray) -> tuple[float, np.ndarray]:
    """u, v: spikes at v = 1 and goes on from u = 0, v = 1."""
    fired = x[1] >= 1.0
    return float(fired), np.array([0.0, 1.0]) if fired else x


def once(x: np.ndarray) -> tuple[float, np.ndarray]:
    """i, v, fired: one spike at v = 1."""
    fired = float(x[1] >= 1.0 and x[2] == 0)
    return fired, x + fired * np.array([0.0, 0.0, 1.0])


# type: (parameters, strength of the input, slope of the states in the neuron's order, what happens at the end of a step)
REFERENCES: dict[str, tuple[dict[str, float], float, Slope, Event]] = {
    "if": ({"r": 50.0}, 2.0, lambda x, i: [50.0 * i], subtract(1.0, 0)),
    "i": ({"r": 50.0}, 2.0, lambda x, i: [50.0 * i], lambda x: (x[0], x)),
    "lif": (
        {"tau": 0.012, "r": 2.0, "v_leak": 0.1, "v_threshold": 0.9},
        2.0,
        lambda x, i: [((0.1 - x[0]) + 2.0 * i) / 0.012],
        subtract(0.9, 0),
    ),
    "li": ({"tau": 0.012, "r": 2.0, "v_leak": 0.1}, 2.0, lambda x, i: [((0.1 - x[0]) + 2.0 * i) / 0.012], lambda x: (x[0], x)),
    "cubalif": (
        {"tau_syn": 0.004, "tau_mem": 0.009, "r": 1.5, "w_in": 1.2},
        3.0,
        lambda x, i: [(1.2 * i - x[0]) / 0.004, (-x[1] + 1.5 * x[0]) / 0.009],
        subtract(1.0, 1),
    ),
    "cubali": (
        {"tau_syn": 0.004, "tau_mem": 0.009, "r": 1.5},
        3.0,
        lambda x, i: [(i - x[0]) / 0.004, (-x[1] + 1.5 * x[0]) / 0.009],
        lambda x: (x[1], x),
    ),
    "alif": (
        {"tau": 0.012, "tau_a": 0.1, "beta": 0.2, "r": 2.0},
        3.0,
        lambda x, i: [(-x[0] + 2.0 * i) / 0.012, -x[1] / 0.1],
        adapting,
    ),
    "resonate-and-fire": (
        {"b": -30.0, "omega": 200.0},
        800.0,
        lambda x, i: [-30.0 * x[0] - 200.0 * x[1] + i, 200.0 * x[0] - 30.0 * x[1]],
        resonating,
    ),
    "ttfs": (
        {"tau_syn": 0.004, "tau_mem": 0.009, "r": 1.5},
        3.0,
        lambda x, i: [(i - x[0]) / 0.004, (-x[1] + 1.5 * x[0]) / 0.009, 0.0],
        once,
    ),
}

MAPS = {
    "sigma-delta",
    "threshold",
    "leaky",
    "leaky-undelayed",
    "synaptic",
    "synaptic-raised",
    "synaptic-undelayed",
    "lapicque",
    "klif",
    "klif-whole",
}
MAPS |= {"lif-euler", "li-euler", "cubalif-euler", "cubali-euler", "lsnn", "qif-euler", "eif-euler", "izhikevich-euler"}
MAPS |= {"cubalif-decays", "alpha", "lif-bounded", "if-bounded", "cubaeif-euler", "cubaadex-euler", "cubalif-refractory"}
MAPS |= {"cubalif-ahp"}
"""Without dynamics in time; libraries' are held to them by their spikes: `test_same_spikes`, `test_written`, `frameworks`."""

NOT_LINEAR = {"izhikevich", "qif", "hodgkin-huxley"}
"""Their integrators are of first order: `test_neuron_layers` holds them to RK45 by their order."""


@pytest.fixture(autouse=True)
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def drive(strength: float) -> np.ndarray:
    """Inputs that change at every step, sometimes negative: (T, N)."""
    return strength * (np.random.default_rng(0).random((STEPS, NEURONS)) - 0.2)


def traced(kind: str, parameters: dict[str, float], inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the kernel sends, (T, N), and the states after each step, (S, T, N)."""
    layer = NeuronLayer(neuron(kind), parameters, DT)
    sent, states = layer.trace(torch.from_numpy(inputs).unsqueeze(1))
    return sent[:, 0].numpy(), states[:, :, 0].numpy()


def test_every_neuron_is_held_against_something():
    assert set(REFERENCES) | MAPS | NOT_LINEAR == set(all_neurons())


@pytest.mark.parametrize("kind", REFERENCES)
def test_linear_neurons_follow_rk45_step_for_step(kind):
    """Inputs are constant within a step, so the update is exact: states agree to the tolerance of the reference at every step."""
    parameters, strength, slope, event = REFERENCES[kind]
    inputs = drive(strength)
    sent, states = traced(kind, parameters, inputs)
    spikes = 0.0
    for n in range(NEURONS):
        x = np.zeros(len(states))
        for t in range(STEPS):
            flow = solve_ivp(lambda _, z, i=inputs[t, n]: slope(z, i), (0, DT), x, rtol=1e-10, atol=1e-13)
            expected, x = event(flow.y[:, -1])
            assert states[:, t, n] == pytest.approx(x, rel=1e-8, abs=1e-8), (t, n)
            assert sent[t, n] == pytest.approx(expected, rel=1e-8, abs=1e-8), (t, n)
            spikes += expected
    assert spikes > (NEURONS - 1 if kind == "ttfs" else 20), "the reset was tried"


def test_sigma_delta_sends_changes_of_its_rectified_sum():
    inputs = drive(0.2)
    sent, states = traced("sigma-delta", {"v_threshold": 0.25}, inputs)
    for n in range(NEURONS):
        total = reference = 0.0
        for t in range(STEPS):
            total += inputs[t, n]
            change = max(total, 0.0) - reference
            message = change if abs(change) >= 0.25 else 0.0
            reference += message
            assert sent[t, n] == pytest.approx(message, abs=1e-9)
            assert states[:, t, n] == pytest.approx([total, reference], abs=1e-9)
    assert (sent > 0).sum() > 20


def test_a_threshold_is_a_comparison():
    inputs = drive(2.0)
    sent, _ = traced("threshold", {"threshold": 0.7}, inputs)
    assert np.array_equal(sent, inputs >= 0.7)
    assert 0.2 < sent.mean() < 0.8
