"""Learning rules in torch, against each other, against finite differences, and against what they are by definition."""

import copy

import numpy as np
import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.validation.learning.teaching import TRAINABLE, learner
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.parts import Differentiation
from tests.networks import LIF, chain, linear

STEPS, BATCH = 14, 4
ALIF = {"type": "alif", "tau": "10 ms", "tau_a": "50 ms", "r": 8.0, "beta": 0.3}
CUBA = {"type": "cubalif", "tau_syn": "4 ms", "tau_mem": "9 ms", "r": 6.0}


@pytest.fixture(autouse=True)
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def net(hidden=CUBA, *, neurons=7, loop=True, delay=False, middle=True, **training) -> Network:
    """6-7-5-3 with a leaky readout; the first population excites itself where ``loop``."""
    nodes = [{"id": "in", "type": "input", "shape": [6]}, {"id": "a", "type": "linear", "features": neurons}, {"id": "h", **hidden}]
    edges = [["in", "a"], ["a", "h"]]
    last = "h"
    if delay:
        nodes.append({"id": "d", "type": "delay", "delay": "2 ms"})
        edges.append(["h", "d"])
        last = "d"
    if middle:
        nodes += [{"id": "b", "type": "linear", "features": 5}, {"id": "h2", "type": "lif", "tau": "8 ms", "r": 8.0}]
        edges += [[last, "b"], ["b", "h2"]]
        last = "h2"
    nodes += [{"id": "c", "type": "linear", "features": 3}, {"id": "out", "type": "li", "tau": "10 ms", "r": 5.0}]
    edges += [[last, "c"], ["c", "out"]]
    if loop:
        nodes.append({"id": "rec", "type": "linear", "features": neurons})
        edges += [["h", "rec"], ["rec", "h"]]
    document = {"name": "n", "dt": "1 ms", "timesteps": STEPS, "nodes": nodes, "edges": edges}
    return Network.from_document({**document, "training": {"steepness": 4.0, **training}})


def drive(features=6) -> torch.Tensor:
    return (torch.rand(STEPS, BATCH, features, generator=torch.Generator().manual_seed(1)) < 0.4).double()


def gradients(network: Network, rule: str) -> dict[str, torch.Tensor]:
    """Of a weighted sum of the squared scores, at weights that make all layers spike."""
    taught = learner(network, rule, 3).train()
    dice = torch.Generator().manual_seed(0)
    for name, parameter in taught.named_parameters():
        if "original" not in name:
            parameter.data.copy_(torch.randn(parameter.shape, generator=dice) * 0.5 + 0.15)
    response = taught(drive())
    assert all(0.02 < float(rate.detach().mean()) < 0.98 for name, rate in response.activity().items() if name != "in")
    (response.scores() ** 2 * torch.linspace(0.5, 1, 3 * BATCH).reshape(BATCH, 3)).sum().backward()
    return {name: parameter.grad for name, parameter in taught.named_parameters()}


def apart(first: dict, second: dict) -> float:
    return max(float((first[k] - second[k]).abs().max() / first[k].abs().max().clamp(min=1e-12)) for k in first)


@pytest.mark.parametrize(
    "network",
    [
        net(loop=False),
        net(),
        net(delay=True),
        net(ALIF),
        net({**CUBA, "trained": {"tau_syn": "layer", "v_threshold": "neuron"}}),
        net({**CUBA, "reset": "value"}),
    ],
    ids=["layers", "loop", "delay", "adaptive", "trained parameters", "reset to a value"],
)
def test_forward_mode_gives_the_gradients_of_backpropagation(network):
    assert apart(gradients(network, "bptt"), gradients(network, "rtrl")) < 1e-12


def test_the_loop_in_one_function_has_the_gradients_of_steps_one_by_one():
    """The same loop, once alone and once with a silent second way round, which runs step by step under autograd."""
    document = json_of(net(middle=False))
    twisted = copy.deepcopy(document)
    twisted["nodes"].append({"id": "side", "type": "linear", "features": 7, "bias": False})
    twisted["edges"] += [["h", "side"], ["side", "h"]]
    results = []
    for one in (document, twisted):
        network = Network.from_document(one, {"side": {"weight": np.zeros((7, 7))}} if one is twisted else {})
        model = NetworkModel(network, seed=3, how=Differentiation(steepness=4.0)).train()
        dice = torch.Generator().manual_seed(0)
        for name in ("a", "rec", "c"):
            for parameter in model.parts[name].parameters():
                parameter.data.copy_(torch.randn(parameter.shape, generator=dice) * 0.5)
        sent = model(drive())
        (sent["out"] ** 2).sum().backward()
        grads = {f"{name}.{k}": p.grad for name in ("a", "rec", "c") for k, p in model.parts[name].named_parameters()}
        results.append((sent["h"].detach(), grads))
    assert torch.equal(results[0][0], results[1][0])
    assert results[0][0].any()
    assert apart(results[0][1], results[1][1]) < 1e-12


def json_of(network: Network) -> dict:
    return {**network.settings.model_dump(mode="json", exclude_unset=True), "nodes": network.settings.nodes}


def by_hand(rule: str, *, membrane_reset: float) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """A 6-7(recurrent)-3 adaptive network by eligibility traces that are carried forward at every synapse, in numpy.

    Returns what `learner` gives, and the traces' gradients, of the input and recurrent weights.
    """
    network = net(ALIF, middle=False)
    taught = learner(network, rule, 3).train()
    dice = torch.Generator().manual_seed(0)
    for parameter in taught.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=dice) * 0.5 + 0.1)
    inputs = drive()
    response = taught(inputs)
    errors = torch.linspace(0.5, 1.5, 3 * BATCH).reshape(BATCH, 3)
    (response.scores() * errors).sum().backward()
    parts = taught.model.parts
    theirs = {"a": parts["a"].weight.grad.numpy(), "rec": parts["rec"].weight.grad.numpy()}

    w_in, b_in, w_rec, b_rec, w_out = (
        x.detach().numpy() for x in (parts["a"].weight, parts["a"].bias, parts["rec"].weight, parts["rec"].bias, parts["c"].weight)
    )
    p, q, rho, beta, k = np.exp(-0.1), 8 * (1 - np.exp(-0.1)), np.exp(-0.02), 0.3, 4.0
    kappa, gain = np.exp(-0.1), 5 * (1 - np.exp(-0.1))
    z = response.sent["h"].detach().numpy()
    peak = response.sent["out"].argmax(dim=0).numpy()  # the readout takes the maximum over time
    mine = {"a": np.zeros_like(w_in), "rec": np.zeros_like(w_rec)}
    for b in range(BATCH):
        # ∂L/∂z_j(t) through the leaky readout: Σ_k W_kj gain κ^(t_k − t) error_k for t ≤ t_k
        late = np.maximum(peak[b][None, :] - np.arange(STEPS)[:, None], -1)
        signal = (np.where(late >= 0, gain * kappa**late, 0.0) * errors[b].numpy()) @ w_out
        v, a = np.zeros(7), np.zeros(7)
        eps_v = {"a": np.zeros((7, 6)), "rec": np.zeros((7, 7))}
        eps_a = {"a": np.zeros((7, 6)), "rec": np.zeros((7, 7))}
        before = np.zeros(7)
        for t in range(STEPS):
            x = inputs[t, b].numpy()
            current = w_in @ x + b_in + (w_rec @ before + b_rec if t else 0)
            v, a = p * v + q * current, rho * a
            psi = 1 / (1 + k * np.abs(v - 1 - beta * a)) ** 2
            assert ((v >= 1 + beta * a) == z[t, b]).all()
            for name, pre in (("a", x), ("rec", before)):
                eps_v[name] = p * eps_v[name] + q * pre[None, :]
                eps_a[name] = rho * eps_a[name]
                e = psi[:, None] * (eps_v[name] - beta * eps_a[name])
                mine[name] += signal[t][:, None] * e
                eps_a[name] = eps_a[name] + e
                eps_v[name] = eps_v[name] - membrane_reset * e
            v, a, before = v - z[t, b], a + z[t, b], z[t, b]
    return theirs, mine


def test_e_prop_is_what_eligibility_traces_carry_forward():
    """Bellec et al. 2020, eqs. 14 and 24: the membrane's reset held fixed, adaptation followed."""
    theirs, mine = by_hand("e-prop", membrane_reset=0.0)
    for name, grad in theirs.items():
        assert np.abs(grad - mine[name]).max() < 1e-12 * np.abs(grad).max() + 1e-13, name


def test_the_reset_is_what_e_prop_leaves_out():
    theirs, mine = by_hand("e-prop", membrane_reset=1.0)
    assert np.abs(theirs["a"] - mine["a"]).max() > 1e-3 * np.abs(theirs["a"]).max()


def feed_forward(rule: str) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """6-7-5-3 of spiking LIF neurons with a count of spikes, once by a rule and once step by step in torch as SuperSpike or SLAYER
    define it: the filtered inputs ε ∗ S, the surrogate σ'(U), and errors fed back."""
    lif = {"type": "lif", "tau": "10 ms", "r": 8.0}
    document = chain([6], linear(7), lif, linear(5), lif, linear(3), lif, timesteps=STEPS, dt="1 ms")
    network = Network.from_document({**document, "training": {"steepness": 4.0}})
    taught = learner(network, rule, 3).train()
    dice = torch.Generator().manual_seed(0)
    for parameter in taught.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=dice) * 0.4 + 0.2)
    inputs, errors = drive(), torch.linspace(-1, 1, 3 * BATCH).reshape(BATCH, 3)
    response = taught(inputs)
    (response.scores() * errors).sum().backward()
    names = ["n0", "n2", "n4"]
    theirs = {name: taught.model.parts[name].weight.grad for name in names}
    p, q, mine = np.exp(-0.1), 8 * (1 - np.exp(-0.1)), {}
    sent = [inputs] + [response.sent[f"n{i}"].detach() for i in (1, 3, 5)]
    slopes, filtered = [], []
    for layer, name in enumerate(names):
        part = taught.model.parts[name]
        current = (sent[layer] @ part.weight.t() + part.bias).detach()
        v, eps, slope, kept = torch.zeros(BATCH, current.shape[2]), torch.zeros(BATCH, sent[layer].shape[2]), [], []
        for t in range(STEPS):
            v, eps = p * v + q * current[t], p * eps + q * sent[layer][t]
            slope.append(1 / (1 + 4.0 * (v - 1).abs()) ** 2)
            kept.append(eps)
            v = v - sent[layer + 1][t]
        slopes.append(torch.stack(slope))
        filtered.append(torch.stack(kept))
    error = errors.expand(STEPS, BATCH, 3)
    for layer in (2, 1, 0):
        delta = error * slopes[layer]
        mine[names[layer]] = torch.einsum("tbi,tbj->ij", delta, filtered[layer])
        weight = taught.model.parts[names[layer]].weight.detach()
        if rule == "superspike":
            error = error @ weight
        else:  # SLAYER: e = ε ⊙ δ, correlated backward in time
            later, back = torch.zeros(BATCH, delta.shape[2]), []
            for t in range(STEPS - 1, -1, -1):
                later = p * later + delta[t]
                back.append(q * later)
            error = torch.stack(back[::-1]) @ weight
    return theirs, mine


@pytest.mark.parametrize("rule", ["superspike", "slayer"])
def test_rules_that_hold_resets_fixed(rule):
    theirs, mine = feed_forward(rule)
    assert apart(mine, theirs) < 1e-12


@pytest.mark.parametrize("rule", [rule for rule in TRAINABLE.names() if rule not in ("spikeprop", "eventprop", "rtrl")])
def test_every_rule_learns(rule):
    """Gradient descent on the hidden layer alone, readout fixed, halves the loss of a batch, from whatever weights; over seeds,
    0.02 ± 0.01 of it is left."""
    for seed in range(3):
        taught = learner(net(neurons=40, loop=False, middle=False), rule, 0).train()
        dice = torch.Generator().manual_seed(seed)
        for parameter in taught.parameters():
            parameter.data.copy_(torch.randn(parameter.shape, generator=dice) * 0.5 + 0.15)
        optimizer = torch.optim.Adam(taught.model.parts["a"].parameters(), lr=0.03)
        targets, losses = torch.tensor([0, 1, 2, 1]), []
        for _ in range(60):
            loss = torch.nn.functional.cross_entropy(taught(drive()).scores(), targets)
            losses.append(float(loss.detach()))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        assert losses[-1] < 0.5 * losses[0]


IZHIKEVICH = {"type": "izhikevich"}
TTFS = {"type": "ttfs", "tau_syn": "5 ms", "tau_mem": "5 ms"}


@pytest.mark.parametrize(
    ("rule", "nodes", "told"),
    [
        ("eventprop", [linear(3), IZHIKEVICH], "dynamics of 'izhikevich' are not linear .*rules that fit are bptt, e-prop, rtrl"),
        ("eventprop", [linear(3, bias=False), LIF], "membrane of 'lif' jumps with its input"),
        ("eventprop", [linear(3), TTFS], "adds a bias"),
        ("spikeprop", [linear(3), LIF], "neurons that spike once.* is 'lif'; rules that fit are bptt, e-prop, rtrl, slayer"),
        ("spikeprop", [linear(3, bias=False), {**TTFS, "tau_mem": "7 ms"}], "no closed form for tau_mem / tau_syn = 1.4"),
        ("slayer", [linear(3), IZHIKEVICH], "SLAYER needs a response kernel"),
        ("superspike", [linear(3), {"type": "qif", "tau": "5 ms"}], "SuperSpike needs a response kernel"),
        ("stdp", [linear(3), LIF], "can be costed, and the runner does not train with it; train with one of bptt"),
        ("bpttt", [linear(3), LIF], "did you mean 'bptt'"),
    ],
)
def test_rules_that_do_not_fit_are_refused_with_those_that_do(rule, nodes, told):
    network = Network.from_document(chain([4], *nodes, timesteps=5))
    with pytest.raises(InputError, match=told):
        learner(network, rule)


def test_rules_between_which_something_else_lies_are_refused():
    document = chain([1, 6, 6], {"type": "conv2d", "features": 2, "kernel": 3, "bias": False}, TTFS, timesteps=5)
    with pytest.raises(InputError, match="takes one linear node and delays between populations, and 'n0' is 'conv2d'"):
        learner(Network.from_document(document), "spikeprop")
