"""Neurons in torch, generated from their equations: the fused kernel, its plain twin, and references written apart from both."""

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
import snntorch
import sympy
import torch

from costmodel.graphs.equations.neuron import NEURONS, I, Neuron, Param, State
from costmodel.graphs.errors import InputError
from costmodel.graphs.neurons import all_neurons, neuron
from costmodel.validation.neurons.layer import NeuronLayer
from costmodel.validation.runner.pooling import MaxPool
from tests.validation.neurons.parameters import OWN

SHIPPED = all_neurons()
VALUES = {"tau": 0.01, "tau_syn": 0.004, "tau_mem": 0.009, "tau_a": 0.1, "omega": 200.0}
DRIVE = {
    "izhikevich": 20.0,
    "hodgkin-huxley": 0.3,
    "resonate-and-fire": 800.0,
    "cubalif": 5.0,
    "ttfs": 5.0,
    "if": 0.5,
    "leaky": 0.5,
    "leaky-undelayed": 0.5,
    "synaptic": 0.2,
    "synaptic-raised": 0.2,
    "synaptic-undelayed": 0.2,
    "threshold": 2.0,
}


@pytest.fixture(autouse=True)
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def parameters(n: type[Neuron]) -> dict[str, float]:
    return {k: v for k, v in (VALUES | OWN.get(n.type, {})).items() if k in n.params}


def drive(name: str, steps=40, batch=3, neurons=7) -> torch.Tensor:
    return torch.rand(steps, batch, neurons, generator=torch.Generator().manual_seed(0)) * DRIVE.get(name, 3.0)


def run(layer: NeuronLayer, inputs: torch.Tensor):
    inputs = inputs.clone().requires_grad_(True)
    out, state = layer(inputs)
    weights = torch.linspace(0.5, 1.5, out.numel()).reshape(out.shape)
    ((out * weights).sum() + (state * 0.3).sum()).backward()
    return out.detach(), state.detach(), inputs.grad


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("surrogate", ["fast-sigmoid", "arctan", "triangular", "multi-gaussian"])
def test_kernel_and_twin_agree_forward_and_backward(name, surrogate):
    """numba and torch, in double precision: the same spikes, for no membrane is within rounding of its threshold."""
    n = SHIPPED[name]
    layers = [NeuronLayer(n, parameters(n), 1e-3, surrogate=surrogate, backend=backend) for backend in ("fused", "torch")]
    kernel, twin = (run(layer, drive(name)) for layer in layers)
    assert torch.equal(kernel[0] != 0, twin[0] != 0)
    for ours, theirs in zip(kernel, twin, strict=True):
        if theirs.numel():
            assert (ours - theirs).abs().max() / theirs.abs().max().clamp(min=1e-30) < 1e-8
    if n.spiking() and name not in ("if", "threshold"):
        assert 0 < kernel[0].count_nonzero() < kernel[0].numel()


@pytest.mark.parametrize("reset", ["subtract", "value", "none"])
@pytest.mark.parametrize("name", ["lif", "cubalif", "if", "alif"])
def test_resets(name, reset):
    """numba and torch, in double precision, as above."""
    n = SHIPPED[name]
    layers = [NeuronLayer(n, parameters(n), 1e-3, reset=reset, backend=backend) for backend in ("fused", "torch")]
    kernel, twin = (run(layer, drive(name)) for layer in layers)
    assert torch.equal(kernel[0], twin[0])
    assert torch.allclose(kernel[2], twin[2], rtol=1e-9, atol=1e-12)


def test_inference_gives_what_training_gives():
    """Bit for bit: numba's kernel with and without a way back, on one machine."""
    layer, inputs = NeuronLayer(neuron("lif"), {"tau": 0.01}, 1e-3), drive("lif")
    with torch.no_grad():
        plain = layer(inputs)
    assert all(torch.equal(a, b) for a, b in zip(plain, layer(inputs), strict=True))


def test_a_run_goes_on_from_its_state():
    """Bit for bit: one kernel over all steps and over some after others, on one machine."""
    layer, inputs = NeuronLayer(neuron("cubalif"), parameters(SHIPPED["cubalif"]), 1e-3), drive("cubalif")
    whole, last = layer(inputs)
    first, state = layer(inputs[:15])
    second, end = layer(inputs[15:], state)
    assert torch.equal(torch.cat([first, second]), whole)
    assert torch.equal(end, last)


@pytest.mark.parametrize("name", ["lif", "cubalif"])
def test_traces_agree_with_an_exact_solution_over_a_thousand_steps(name):
    """dt = 1e-4, reset by subtraction: between steps the exact flow by scipy, in double precision; to 1e-6."""
    n, dt = SHIPPED[name], 1e-4
    values = {p: 1.0 if param.default is None else param.default for p, param in n.params.items()} | parameters(n)
    inputs = drive(name, 1000, 1, 4)
    layer = NeuronLayer(n, parameters(n), dt, reset="subtract")
    states = list(n.dynamics)
    known = {sympy.Symbol(k, real=True): v for k, v in values.items()}
    flow = sympy.Matrix([n.dynamics[s] for s in states]).subs(known)
    a = np.array(flow.jacobian(states), dtype=float)
    b = np.array(flow.diff(I), dtype=float).ravel()
    augmented = np.zeros((len(a) + 1, len(a) + 1))
    augmented[:-1, :-1], augmented[:-1, -1] = a, b
    step = scipy.linalg.expm(augmented * dt)
    index = [str(s) for s in states].index("v")
    worst, spikes = 0.0, 0
    for neuron_index in range(4):
        x, out, membrane = np.zeros(len(a)), [], []
        for current in inputs[:, 0, neuron_index].numpy():
            x = step[:-1, :-1] @ x + step[:-1, -1] * current
            fired = x[index] >= values["v_threshold"]
            x[index] -= values["v_threshold"] * fired
            out.append(float(fired))
            membrane.append(x[index])
            spikes += fired
        ours, traces = layer.trace(inputs[:, :, neuron_index : neuron_index + 1])
        assert ours.ravel().tolist() == out
        worst = max(worst, float(np.abs(traces[list(n.states).index("v")].ravel().numpy() - membrane).max()))
    assert spikes > 20
    assert worst < 1e-6


@pytest.mark.parametrize(("name", "current"), [("izhikevich", 8.0), ("qif", 0.05), ("hodgkin-huxley", 0.02)])
def test_nonlinear_neurons_follow_rk45_below_threshold(name, current):
    """scipy's RK45 at tight tolerance: first order, so that steps ten times shorter come about ten times closer."""
    n = SHIPPED[name]
    values = {p: 1.0 if param.default is None else param.default for p, param in n.params.items()} | parameters(n)
    known = {sympy.Symbol(k, real=True): v for k, v in values.items()}
    states = list(n.dynamics)
    slope = sympy.lambdify(states, [n.dynamics[s].subs({**known, I: current}) for s in states])
    start = [float(sympy.sympify(n.states[str(s)].initial).subs(known)) for s in states]
    exact = scipy.integrate.solve_ivp(lambda _, x: slope(*x), (0, 2e-3), start, rtol=1e-10, atol=1e-13).y[:, -1]
    errors = []
    for dt in (2e-5, 2e-6):
        _, state = NeuronLayer(n, parameters(n), dt)(torch.full((round(2e-3 / dt), 1, 1), current))
        ours = np.array([state[list(n.states).index(str(s))].item() for s in states])
        errors.append(np.abs((ours - exact) / np.maximum(np.abs(exact), 1e-3)).max())
    assert errors[1] < 1e-3
    assert errors[1] < errors[0] / 5


def test_gradients_equal_those_of_snntorch():
    """The same weights and surrogate; told not to delay it, snnTorch resets in the step (once: membranes stay below 2 θ)."""
    torch.manual_seed(3)
    first, second = torch.randn(20, 12) * 0.08 + 0.03, torch.randn(12, 5) * 0.2 + 0.2
    inputs = torch.rand(15, 4, 20)
    surrogate = snntorch.surrogate.fast_sigmoid(slope=25)

    def ours(w1, w2):
        decay = {"tau": -1e-3 / np.log(0.9), "r": 1 / (1 - 0.9)}
        layers = [NeuronLayer(neuron("lif"), decay, 1e-3, steepness={"k_surrogate": 25.0}) for _ in range(2)]
        hidden, _ = layers[0](inputs @ w1)
        return layers[1](hidden @ w2)[0]

    def theirs(w1, w2):
        cells = [snntorch.Leaky(beta=0.9, spike_grad=surrogate, reset_delay=False).double() for _ in range(2)]
        m1, m2, out = torch.zeros(4, 12), torch.zeros(4, 5), []
        for current in inputs:
            spikes, m1 = cells[0](current @ w1, m1)
            spikes, m2 = cells[1](spikes.double() @ w2, m2)
            out.append(spikes)
        return torch.stack(out)

    results = []
    for model in (ours, theirs):
        w1, w2 = first.clone().requires_grad_(True), second.clone().requires_grad_(True)
        out = model(w1, w2)
        (out * torch.linspace(0, 1, out.numel()).reshape(out.shape)).sum().backward()
        results.append((out.detach(), w1.grad, w2.grad))
    assert torch.equal(results[0][0], results[1][0])
    assert results[0][0].count_nonzero() > 20
    for mine, other in zip(results[0][1:], results[1][1:], strict=True):
        assert (mine - other).abs().max() / other.abs().max() < 1e-5


@pytest.mark.parametrize("per_neuron", [False, True])
def test_trained_parameters_get_the_gradient_of_the_twin_and_of_finite_differences(per_neuron):
    tau = torch.full((7,), 0.01) if per_neuron else 0.01
    grads = []
    for backend in ("fused", "torch"):
        layer = NeuronLayer(neuron("li"), {"tau": tau}, 1e-3, trained=frozenset({"tau"}), backend=backend)
        out, _ = layer(drive("li"))
        (out**2).sum().backward()
        free = layer.parametrizations.tau.original  # log tau, so that tau stays above 0
        grads.append(free.grad / torch.as_tensor(tau))
    assert torch.allclose(*grads, rtol=1e-9)

    def loss(shift: float) -> float:
        return float((NeuronLayer(neuron("li"), {"tau": tau + shift}, 1e-3)(drive("li"))[0] ** 2).sum())

    assert float(grads[0].sum()) == pytest.approx((loss(1e-7) - loss(-1e-7)) / 2e-7, rel=1e-5)


def test_a_neuron_that_nobody_shipped_runs_and_has_gradients():
    class Leaky3(Neuron):
        """Leaky integrate-and-fire with a quadratic leak."""

        type = "test-quadratic-leak"
        v = State("V")
        tau, v_threshold = Param("s", 0.01, low=0), Param("V", 1.0)
        dynamics = {v: (I - v - v**2) / tau}
        integrator = "forward-euler"
        spike = v - v_threshold
        reset = {"value": {v: 0}}

    try:
        results = [run(NeuronLayer(Leaky3, {}, 1e-3, backend=backend), drive("lif") * 2) for backend in ("fused", "torch")]
        assert torch.equal(results[0][0], results[1][0])
        assert torch.allclose(results[0][2], results[1][2], rtol=1e-9)
        assert results[0][0].any()
    finally:
        NEURONS.pop("test-quadratic-leak")


def test_parameters_may_not_be_called_as_what_kernels_need():
    class Clash(Neuron):
        """Leaky, with an unlucky name."""

        type = "test-clash"
        v = State("V")
        steps = Param("s", 0.01, low=0)
        dynamics = {v: (I - v) / steps}
        output = v

    try:
        with pytest.raises(InputError, match="has a parameter 'steps', a name that its kernels need; call it otherwise"):
            run(NeuronLayer(Clash, {}, 1e-3), drive("lif"))
    finally:
        NEURONS.pop("test-clash")


def test_mistakes_are_told():
    with pytest.raises(InputError, match="did you mean 'tau'"):
        NeuronLayer(neuron("lif"), {"taau": 1.0}, 1e-3)
    with pytest.raises(InputError, match="needs 'tau'"):
        NeuronLayer(neuron("lif"), {}, 1e-3)
    with pytest.raises(InputError, match="surrogate"):
        NeuronLayer(neuron("lif"), {"tau": 1.0}, 1e-3, surrogate="fast")


def test_windows_of_an_empty_batch_are_none():
    images = torch.zeros((0, 2, 6, 6), requires_grad=True)
    pooled = MaxPool.apply(images, 3)
    pooled.sum().backward()
    assert (pooled.shape, images.grad.shape) == ((0, 2, 2, 2), (0, 2, 6, 6))
