"""Networks in spike times: first spikes in closed form, event-driven simulation, and the gradients of both."""

import math

import numpy as np
import pytest
import scipy.special
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.graphs.equations.first_spike import DOUBLE, EQUAL, ClosedForm
from costmodel.graphs.network import Network
from costmodel.graphs.neurons import neuron
from costmodel.validation.events.first_spikes import FirstSpikes
from costmodel.validation.events.lambert import lambert_w
from costmodel.validation.events.linear_neuron import LinearNeuron, linear_neuron
from costmodel.validation.events.spikes import Spikes
from costmodel.validation.learning.teaching import learner
from costmodel.validation.runner.model import NetworkModel
from tests.networks import chain, linear

TAU = 5e-3
FORMS = pytest.mark.parametrize("form", [EQUAL, DOUBLE], ids=["equal", "double"])


def drawn(inputs=12, neurons=9, batch=20, seed=0) -> tuple[torch.Tensor, torch.Tensor]:
    dice = torch.Generator().manual_seed(seed)
    times = torch.rand(batch, 1, inputs, generator=dice, dtype=torch.float64) * 4 * TAU
    return times, torch.randn(neurons, inputs, generator=dice, dtype=torch.float64) * 0.5 + 0.4


def response(form: ClosedForm, t: np.ndarray) -> np.ndarray:
    """The membrane's response to a unit input at 0, over its height, from its differential equation solved by hand."""
    s = np.maximum(t, 0)
    return np.where(t > 0, s / TAU * np.exp(-s / TAU) if form is EQUAL else np.exp(-s / (2 * TAU)) - np.exp(-s / TAU), 0.0)


def test_lambert_w_is_that_of_scipy():
    z = -math.exp(-1) * (1 - np.logspace(-10, 0, 500))
    ours = np.array([lambert_w(one) for one in z])
    assert np.abs(ours - scipy.special.lambertw(z).real).max() < 2e-9
    assert np.abs(ours * np.exp(ours) - z).max() < 1e-15
    assert math.isnan(lambert_w(-0.5))


@FORMS
def test_first_spikes_are_the_membranes_first_crossings(form):
    """The membrane meets the threshold there, and was below it on a fine grid of all earlier times."""
    times, weight = drawn()
    c = np.linspace(0.3, 1.0, 9)
    found = FirstSpikes.apply(times, weight, form, TAU, c)
    grid = np.linspace(0, 10 * TAU, 4000)
    for b in range(20):
        for j in range(9):
            v = weight[j].numpy() @ response(form, grid - times[b, 0].numpy()[:, None])
            when = found[b, j].item()
            if math.isfinite(when):
                at = weight[j].numpy() @ response(form, when - times[b, 0].numpy())
                assert at == pytest.approx(c[j], abs=1e-9)
                assert (v[grid < when - 1e-7] < c[j]).all()
            else:
                assert (v < c[j] + 1e-6).all()
    assert 0.2 < found.isfinite().double().mean() < 0.98


@FORMS
@pytest.mark.parametrize("own", [False, True], ids=["shared times", "times of every pair"])
def test_gradients_of_first_spikes_are_finite_differences(form, own):
    times, weight = drawn(batch=6)
    if own:
        times = (times + torch.rand(6, 9, 12, generator=torch.Generator().manual_seed(5), dtype=torch.float64) * TAU).contiguous()
    c = np.full(9, 0.4)

    def total(times, weight):
        found = FirstSpikes.apply(times, weight, form, TAU, c)
        return torch.where(found.isfinite(), found, 0.0).sum() / TAU

    assert torch.autograd.gradcheck(total, (times.requires_grad_(), weight.requires_grad_()), eps=1e-8, atol=1e-5, rtol=1e-5)


@FORMS
@given(shift=st.floats(-1e-3, 1e-2), scale=st.floats(0.2, 5.0))
@settings(max_examples=15, deadline=None)
def test_first_spikes_move_with_time_and_scale_with_its_unit(form, shift, scale):
    times, weight = drawn(batch=4)
    c = np.full(9, 0.4)
    found = FirstSpikes.apply(times, weight, form, TAU, c)
    moved = FirstSpikes.apply(times + shift, weight, form, TAU, c)
    scaled = FirstSpikes.apply(times * scale, weight, form, TAU * scale, c)
    finite = found.isfinite()
    assert torch.equal(finite, moved.isfinite())
    assert torch.allclose(moved[finite], found[finite] + shift, atol=1e-11)
    assert torch.allclose(scaled[finite], found[finite] * scale, rtol=1e-9)


def matrices(name: str, reset: str | None, **values) -> LinearNeuron:
    known = {p: 0.0 if info.default is None else info.default for p, info in neuron(name).params.items()}
    return linear_neuron(neuron(name), known | values, reset, 0.5e-3)


NOBODY = torch.zeros((0, 0), dtype=torch.float64)


@FORMS
def test_event_driven_first_spikes_and_eventprop_equal_the_closed_form(form):
    """Two ways to the same times and gradients: crossings searched along the flow with an adjoint, and a formula differentiated."""
    times, weight = drawn()
    known = {"tau_syn": TAU, "tau_mem": TAU * form.ratio, "r": 25.0}
    ttfs = matrices("ttfs", None, **known)
    c = np.full(9, 1 / (25.0 * 0.5e-3 / TAU))
    ordered, who = times[:, 0].sort(dim=1)
    a = ordered.clone().requires_grad_(), weight.clone().requires_grad_()
    found, whose = Spikes.apply(a[0], who, a[1], NOBODY, ttfs, 0.2)
    b = times.clone().requires_grad_(), weight.clone().requires_grad_()
    expected = FirstSpikes.apply(b[0], b[1], form, TAU, c)
    gather = torch.where(found.isfinite(), expected.gather(1, whose), torch.inf)
    assert found.isfinite().sum() == (expected < 0.2).sum()
    finite = found.isfinite()
    assert torch.allclose(found[finite], gather[finite], rtol=1e-12, atol=1e-15)
    factor = torch.linspace(0.5, 1.5, expected.numel(), dtype=torch.float64).reshape(expected.shape)
    (found * factor.gather(1, whose))[finite].sum().backward()
    (expected * factor)[expected < 0.2].sum().backward()
    for mine, other in ((a[1].grad, b[1].grad), (a[0].grad, b[0].grad[:, 0].gather(1, who))):
        assert (mine - other).abs().max() / other.abs().max() < 1e-8


CUBA = {"tau_syn": 5e-3, "tau_mem": 1e-2, "r": 1.0, "v_leak": 0.1, "v_threshold": 0.6, "v_reset": 0.1, "w_in": 10.5}


@pytest.mark.parametrize(
    ("name", "reset", "values", "scale"),
    [
        ("cubalif", "value", CUBA, 1.0),
        ("cubalif", "subtract", CUBA, 1.0),
        ("resonate-and-fire", "value", {"b": -30.0, "omega": 400.0, "v_threshold": 0.6}, 350.0),
    ],
)
def test_eventprop_of_populations_that_excite_themselves_is_finite_differences(name, reset, values, scale):
    """Many spikes a neuron, resets, and recurrent weights; by central differences where the order of spikes stays."""
    dice = torch.Generator().manual_seed(0)
    batch, inputs, count = 8, 12, 6
    times, _ = torch.sort(torch.rand(batch, inputs, generator=dice, dtype=torch.float64) * 20e-3, dim=1)
    who = torch.argsort(torch.rand(batch, inputs, generator=dice), dim=1)
    weight = (torch.randn(count, inputs, generator=dice, dtype=torch.float64) * 0.8 + 0.6) * scale
    across = torch.randn(count, count, generator=dice, dtype=torch.float64) * 0.3 * scale
    known = matrices(name, reset, **values)
    given = [times.requires_grad_(), weight.requires_grad_(), across.requires_grad_()]
    found, whose = Spikes.apply(given[0], who, given[1], given[2], known, 0.05)
    finite = found.isfinite()
    assert finite.sum() > batch
    factor = torch.sin(torch.arange(found.numel(), dtype=torch.float64)).reshape(found.shape)
    (found * factor)[finite].sum().backward()
    compared = 0
    for which, size in ((0, 1e-2), (1, scale), (2, scale)):
        for flat in range(0, given[which].numel(), max(1, given[which].numel() // 7)):
            totals = []
            for sign in (1, -1):
                moved = [x.detach().clone() for x in given]
                moved[which].view(-1)[flat] += sign * 1e-7 * size
                again, whom = Spikes.apply(moved[0], who, moved[1], moved[2], known, 0.05)
                if again.shape != found.shape or not torch.equal(whom, whose):
                    break
                totals.append((again * factor)[finite].sum().item())
            if len(totals) == 2:
                slope = (totals[0] - totals[1]) / (2e-7 * size)
                assert slope == pytest.approx(given[which].grad.view(-1)[flat].item(), rel=2e-5, abs=2e-6 / size)
                compared += 1
    assert compared > 15


def stepped(weight: torch.Tensor, times: torch.Tensor, dt: float, end: float) -> list[tuple[int, float]]:
    """Neuron and time of every spike by the stepped kernel, the charge of an input spike within one step."""
    steps = round(end / dt)
    document = chain([5], linear(2, bias=False), {"type": "cubalif", "reset": "value", **CUBA}, dt=dt, timesteps=steps)
    torch.set_default_dtype(torch.float64)
    try:
        model = NetworkModel(Network.from_document(document, {"n0": {"weight": weight.numpy()}}))
    finally:
        torch.set_default_dtype(torch.float32)
    charge = torch.zeros(steps, 1, 5, dtype=torch.float64)
    charge[(times / dt).round().long()[0], 0, torch.arange(5)] = 0.5e-3 / dt
    when, neurons = model(charge)["n1"][:, 0].nonzero(as_tuple=True)
    return sorted(zip(neurons.tolist(), (when.double() * dt).tolist(), strict=True))


def test_event_driven_spikes_are_the_limit_of_ever_shorter_time_steps():
    """The stepped kernel is another simulation: its spikes come about eight times closer with steps of an eighth."""
    end = 0.03
    times = torch.tensor([[1e-3, 4e-3, 4.5e-3, 9e-3, 13e-3]], dtype=torch.float64)
    weight = torch.tensor([[1.2, 0.8, 1.5, -0.4, 1.0], [0.4, 0.9, 0.3, 1.1, 0.8]], dtype=torch.float64)
    exact = linear_neuron(neuron("cubalif"), CUBA, "value", 0.5e-3)
    found, whose = Spikes.apply(times, torch.arange(5)[None], weight, NOBODY, exact, end)
    finite = found.isfinite()
    events = sorted(zip(whose[finite].tolist(), found[finite].tolist(), strict=True))
    assert len(events) >= 4
    errors = []
    for dt in (8e-6, 1e-6):
        close = stepped(weight, times, dt, end)
        assert [who for who, _ in close] == [who for who, _ in events]
        errors.append(max(abs(a - b) for (_, a), (_, b) in zip(close, events, strict=True)))
    assert errors[1] < errors[0] / 4
    assert errors[1] < 2e-5


def network(rule: str, kind: str, hidden: dict | None = None, noise: tuple = ()) -> Network:
    nodes = [
        {"id": "in", "type": "input", "shape": [4], "encoder": "latency"},
        {
            "id": "d",
            "type": "delay",
            "kind": kind,
            "delay": "4 ms",
            "trained": True,
            "initial": {"mean": "2 ms", "deviation": "1 ms"},
        },
        {"id": "a", "type": "linear", "features": 6, "bias": False, "initial": {"mean": 1.0, "deviation": 0.5}},
        {"id": "h", **(hidden or {"type": "ttfs", "tau_syn": "5 ms", "tau_mem": "10 ms", "r": 20.0})},
        {"id": "b", "type": "linear", "features": 3, "bias": False, "initial": {"mean": 0.6, "deviation": 0.3}},
        {"id": "out", "type": "ttfs", "tau_syn": "5 ms", "tau_mem": "10 ms", "r": 20.0},
    ]
    if kind == "dendritic":
        nodes[1], nodes[2] = nodes[2], nodes[1]
    document = {"name": "n", "dt": "0.5 ms", "timesteps": 60, "nodes": nodes, "training": {"rule": rule}}
    document |= {"noise": list(noise)} if noise else {}
    return Network.from_document({**document, "readout": {"type": "first-spike", "softness": "2 ms"}})


@pytest.mark.parametrize("kind", ["axonal", "dendritic", "synaptic"])
def test_delays_of_delgrad_have_exact_gradients(kind):
    taught = learner(network("spikeprop", kind), "spikeprop", 1)
    values = torch.rand(1, 5, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    encoded = taught.encode(values, torch.Generator())
    parameter = next(p for name, p in taught.named_parameters() if "delay" in name)
    parameter.data = parameter.data.double()

    def loss() -> torch.Tensor:
        scores = taught(encoded).scores()
        return (scores * torch.linspace(0.5, 1.5, scores.numel(), dtype=torch.float64).reshape(scores.shape)).sum()

    loss().backward()
    assert parameter.grad.abs().max() > 0.1
    for flat in range(0, parameter.numel(), max(1, parameter.numel() // 6)):
        totals = []
        for sign in (1, -1):
            parameter.data.view(-1)[flat] += sign * 1e-6
            totals.append(loss().item())
            parameter.data.view(-1)[flat] -= sign * 1e-6
        assert (totals[0] - totals[1]) / 2e-6 == pytest.approx(parameter.grad.view(-1)[flat].item(), rel=1e-4, abs=1e-6)


def test_delays_stay_within_their_bounds_however_they_are_trained():
    taught = learner(network("spikeprop", "synaptic"), "spikeprop", 1)
    for name, parameter in taught.named_parameters():
        if "delay" in name:
            parameter.data += 100 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(0))
    delays = taught.arrays()["d"]["delay"]
    assert delays.shape == (6, 4)
    assert 0 <= delays.min() <= 1e-9
    assert 4e-3 * (1 - 1e-6) <= delays.max() <= 4e-3 * (1 + 2e-6)


def test_activity_counts_the_spikes_within_the_sample():
    taught = learner(network("spikeprop", "axonal"), "spikeprop", 1)
    response = taught(taught.encode(torch.full((1, 2, 4), 0.5), torch.Generator()))
    assert response.activity()["in"].tolist() == pytest.approx([1 / 60] * 2)
    counted = (response.first["h"] <= 0.03).double().mean(dim=1) / 60
    assert response.activity()["h"].tolist() == pytest.approx(counted.tolist())


def test_neurons_that_fall_silent_get_larger_weights_until_they_spike():
    net = network("spikeprop", "axonal")
    taught = learner(net, "spikeprop", 1).train()
    with torch.no_grad():
        taught.model.parts["b"].weight[:2] = 1.5
        taught.model.parts["b"].weight[2] = -1.0
    encoded = taught.encode(torch.rand(1, 16, 4, generator=torch.Generator().manual_seed(0)), torch.Generator())
    before = taught.model.parts["b"].weight.detach().clone()
    for _ in range(40):
        response = taught(encoded)
        taught.after_batch(response, 1.0)
    after = taught.model.parts["b"].weight.detach()
    assert (response.first["out"] < 0.03).all()
    assert (after[2] > before[2]).all()
    assert torch.equal(after[:2], before[:2]), "neurons that spike are left alone"


@pytest.mark.parametrize("noise", [(), ({"type": "read-variation", "deviation": 0.0},)], ids=["alone", "under noise"])
def test_raised_weights_stay_raised(noise):
    taught = learner(network("spikeprop", "axonal", noise=noise), "spikeprop", 1)
    (section,) = taught.timed.sections()["out"]
    before = taught.model.parts["b"].weight.detach().clone()
    taught.timed.raise_weights(section, torch.tensor([True, False, False]), 0.5)
    raised = taught.model.parts["b"].weight.detach() - before
    assert raised == pytest.approx(torch.tensor([[0.5], [0.0], [0.0]]).expand(3, 6), abs=1e-6)
