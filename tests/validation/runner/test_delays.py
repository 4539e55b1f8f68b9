"""Trained and synaptic delays in time steps."""

import numpy as np
import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.validation.runner.delays import Delays
from costmodel.validation.runner.model import NetworkModel
from tests.networks import LIF, linear


def net(kind="synaptic", *, trained=True, arrays=None, loop=False, longest="4 ms", **initial) -> Network:
    nodes = [
        {"id": "in", "type": "input", "shape": [3]},
        {"id": "d", "type": "delay", "kind": kind, "delay": longest, "trained": trained, **initial},
        {"id": "a", "type": "linear", "features": 2},
        {"id": "out", "type": "li", "tau": "5 ms"},
    ]
    return Network.from_document({"name": "n", "nodes": nodes, "timesteps": 12}, arrays or {})


def drive(steps=12, batch=2) -> torch.Tensor:
    return torch.rand(steps, batch, 3, generator=torch.Generator().manual_seed(0))


DELAYS = np.array([[0.0, 0.001, 0.004], [0.003, 0.002, 0.0]])
WEIGHTS = {"a": {"weight": np.array([[1.0, -2.0, 0.5], [0.3, 1.5, -1.0]]), "bias": np.array([0.1, -0.2])}}


def test_every_connection_waits_its_own_delay():
    """y_j(t) = Σ_i w_ji x_i(t − d_ji) + b_j, summed in plain numpy."""
    network = net(trained=False, arrays={"d": {"delay": DELAYS}, **WEIGHTS})
    x = drive()
    sent = NetworkModel(network)(x)["a"].detach().numpy()
    expected = np.zeros((12, 2, 2))
    for t in range(12):
        for j in range(2):
            for i in range(3):
                late = t - round(DELAYS[j, i] / 1e-3)
                expected[t, :, j] += WEIGHTS["a"]["weight"][j, i] * (x[late, :, i].numpy() if late >= 0 else 0)
            expected[t, :, j] += WEIGHTS["a"]["bias"][j]
    assert np.abs(sent - expected).max() < 1e-6


def test_synaptic_delays_within_a_loop_are_those_of_the_whole():
    """Step by step in a silent loop as over all steps at once."""
    document = {
        "name": "n",
        "timesteps": 12,
        "nodes": [
            {"id": "in", "type": "input", "shape": [3]},
            {"id": "h", **LIF, "tau": "5 ms", "r": 6.0},
            {"id": "d", "type": "delay", "kind": "synaptic", "delay": "4 ms"},
            {"id": "back", "type": "linear", "features": 3, "bias": False},
        ],
        "edges": [["in", "h"], ["h", "d"], ["d", "back"], ["back", "h"]],
    }
    delays, weight = np.random.default_rng(0).integers(0, 5, (3, 3)) * 1e-3, np.full((3, 3), -0.2)
    sent = NetworkModel(Network.from_document(document, {"d": {"delay": delays}, "back": {"weight": weight}}))(drive())
    spikes = sent["h"].detach()
    assert 0.1 < spikes.mean() < 0.9
    for t in range(12):
        for j in range(3):
            terms = [(weight[j, i] * spikes[t - k, :, i] if (k := round(delays[j, i] / 1e-3)) <= t else 0) for i in range(3)]
            assert torch.allclose(sent["back"][t, :, j].detach(), torch.as_tensor(sum(terms)).float(), atol=1e-6)


@pytest.mark.parametrize("kind", ["axonal", "dendritic"])
def test_each_element_waits_its_own_trained_delay(kind):
    """As many steps as the delay is nearest to, whatever is trained underneath."""
    model = NetworkModel(net(kind, initial={"mean": "2 ms", "deviation": "1.5 ms"}), seed=4)
    steps = (model.parts["d"].delays.delay / 1e-3).round().long()
    assert len(steps.unique()) > 1
    x = drive()
    sent = model(x)["d"].detach()
    for i, late in enumerate(steps.tolist()):
        assert torch.allclose(sent[late:, :, i], x[: 12 - late, :, i])
        assert not sent[:late, :, i].any()


def test_the_gradient_of_a_delay_is_the_slope_between_its_neighbours():
    """∂y/∂d at d = 2 steps: half the difference of one step more and one step less."""
    delays = Delays(torch.tensor([2e-3]), 4e-3, 1e-3, trained=True)
    x = drive()[:, 0, 0]
    chosen = delays.chosen()
    assert chosen.ravel().tolist() == [0, 0, 1, 0, 0]
    shifted = torch.stack([torch.cat([torch.zeros(k), x[: 12 - k]]) for k in range(5)])
    (shifted * chosen).sum(dim=0)[7].backward()
    per_step = delays.parametrizations.delay.original.grad
    free = delays.parametrizations.delay.original.detach().clone().requires_grad_()
    delays.parametrizations.delay[0](free).backward()
    assert (per_step / free.grad * 1e-3).item() == pytest.approx(((shifted[3] - shifted[1])[7] / 2).item(), rel=1e-5)


def test_training_finds_a_delay():
    """Two bumps are to arrive together: their delays are learnt from the squared sum and nothing else."""
    nodes = [
        {"id": "in", "type": "input", "shape": [2]},
        {"id": "d", "type": "delay", "kind": "axonal", "delay": "9 ms", "trained": True},
        {"id": "a", "type": "linear", "features": 1, "bias": False, "trained": False},
        {"id": "out", "type": "li", "tau": "1 ms"},
    ]
    weight = {"a": {"weight": np.ones((1, 2))}}
    model = NetworkModel(Network.from_document({"name": "n", "nodes": nodes}, weight))
    smooth = torch.exp(-(((torch.arange(30)[:, None, None] - torch.tensor([3.0, 8.0])) / 2.5) ** 2) / 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        (-(model(smooth)["a"] ** 2).sum()).backward()
        optimizer.step()
    late = (model.parts["d"].delays.delay.detach() / 1e-3).round()
    assert late[0] - late[1] == pytest.approx(5, abs=1)


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"d": {"delay": np.zeros((3, 2))}}, r"has shape \(3, 2\); shape \(2, 3\) is needed, as of the weights"),
        ({"d": {"delay": np.full((2, 3), 0.005)}}, "must lie from 0 to the node's longest, 0.004 s"),
        ({"d": {"delay": np.full((2, 3), -0.001)}}, "must lie from 0"),
    ],
)
def test_delays_at_fault(arrays, told):
    with pytest.raises(InputError, match=told):
        net(trained=False, arrays=arrays)


def test_a_synaptic_delay_must_stand_before_one_linear_node():
    nodes = [
        {"id": "in", "type": "input", "shape": [3]},
        {"id": "d", "type": "delay", "kind": "synaptic", "delay": "4 ms", "trained": True},
        {"id": "n", **LIF},
    ]
    with pytest.raises(InputError, match="must stand before one linear node, alone; put it right before"):
        Network.from_document({"name": "n", "nodes": [*nodes, {"id": "b", **linear(2)}]})
