"""Imported snnTorch networks send snnTorch's own spikes: to the last one where numbers are dyadic."""

import pytest
import snntorch
import torch
from torch import nn

import costmodel as cm
from tests.same_spikes import dyadic, first_difference, here, spike_train, spikes_of

DYADIC = (0.0, 0.25, 0.5, 0.75, 0.875, 0.9375, 1.0)
RESETS = [(mechanism, delay) for mechanism in ("subtract", "zero", "none") for delay in (True, False)]
NETWORKS, FEW = 17, 3
"""Of each reset: of Leaky, which has more than a hundred; and of the others."""


class Recorded:
    """A module run step by step: spikes of its neuron layers, and the membranes and thresholds that each was decided on."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.layers = {name: part for name, part in module.named_modules() if isinstance(part, snntorch.SpikingNeuron)}
        self.spikes = {name: [] for name in self.layers}
        self.decided = {name: [] for name in self.layers}
        for name, part in self.layers.items():
            part.fire = self._recording(part.fire, name)

    def _recording(self, fire, name):
        def record(membrane):
            spikes = fire(membrane)
            self.decided[name].append(membrane)
            self.spikes[name].append(spikes)
            return spikes

        return record

    def run(self, inputs):
        with torch.no_grad():
            for now in inputs:
                self.module(now)
        return {name: torch.stack(sent) for name, sent in self.spikes.items()}

    def distance(self, name, place):
        """How far the membrane of the run was from its threshold, in thresholds."""
        t, *rest = place
        membrane = self.decided[name][t].flatten(1)[tuple(rest)]
        threshold = self.layers[name].threshold.expand(self.decided[name][t].shape[1:]).flatten()[rest[-1]]
        return float((membrane - threshold).abs() / threshold)


def pick(values, dice, neurons):
    """One of the values for all neurons, or one for each."""
    index = torch.randint(len(values), (neurons,), generator=dice)
    drawn = torch.tensor(values)[index]
    return drawn if torch.rand((), generator=dice) < 0.5 else float(drawn[0])


def fully_connected(cell, dice, decays, thresholds=(0.5, 1.0, 1.5), **words):
    """12-10-6 of a kind of neuron; all parameters are drawn anew."""
    layers = []
    for inputs, neurons in ((12, 10), (10, 6)):
        own = dict(words)
        for name in ("alpha", "beta") if cell in (snntorch.Synaptic, snntorch.RSynaptic) else ("beta",):
            own[name] = pick(decays, dice, neurons)
        if cell in (snntorch.RLeaky, snntorch.RSynaptic):
            own |= (
                {"linear_features": neurons}
                if own["all_to_all"]
                else {"V": pick((0.25, -0.5, 1.0), dice, neurons) * torch.ones(neurons)}
            )
        layers.append(dyadic(nn.Linear(inputs, neurons, bias=bool(torch.rand((), generator=dice) < 0.5)), dice))
        neuron = cell(threshold=pick(thresholds, dice, neurons), init_hidden=True, **own)
        layers.append(dyadic(neuron, dice, 0.25) if own.get("all_to_all") else neuron)
    return nn.Sequential(*layers)


def equal(module, shape, dice, folder):
    """Holds every spike of every layer and step; how many there were."""
    inputs = spike_train(shape, dice)
    network = cm.from_torch(module, (1, *shape))
    recorded = Recorded(module)
    theirs = recorded.run(inputs)
    names = {name: name if name in network.nodes else f"{name}.lif" for name in theirs}
    ours = here(network, inputs, folder, list(names.values()))
    assert first_difference(theirs, {name: ours[known] for name, known in names.items()}) is None
    return sum(int(spikes.sum()) for spikes in theirs.values())


@pytest.mark.parametrize(("mechanism", "delay"), RESETS)
def test_leaky(mechanism, delay, tmp_path):
    spikes = 0
    for seed in range(NETWORKS):
        dice = torch.Generator().manual_seed(seed)
        module = fully_connected(snntorch.Leaky, dice, DYADIC, reset_mechanism=mechanism, reset_delay=delay)
        spikes += equal(module, (12,), dice, tmp_path)
    assert spikes > 100 * NETWORKS


@pytest.mark.parametrize(("mechanism", "delay"), RESETS)
def test_synaptic(mechanism, delay, tmp_path):
    for seed in range(FEW):
        dice = torch.Generator().manual_seed(seed)
        module = fully_connected(snntorch.Synaptic, dice, DYADIC[:5], reset_mechanism=mechanism, reset_delay=delay)
        assert equal(module, (12,), dice, tmp_path) > 20


@pytest.mark.parametrize("all_to_all", [True, False])
@pytest.mark.parametrize(("mechanism", "delay"), RESETS)
def test_recurrent_leaky(mechanism, delay, all_to_all, tmp_path):
    for seed in range(FEW):
        dice = torch.Generator().manual_seed(seed)
        words = {"reset_mechanism": mechanism, "reset_delay": delay, "all_to_all": all_to_all}
        module = fully_connected(snntorch.RLeaky, dice, (0.0, 0.5, 0.75), **words)
        assert equal(module, (12,), dice, tmp_path) > 20


@pytest.mark.parametrize("all_to_all", [True, False])
@pytest.mark.parametrize("mechanism", ["subtract", "zero", "none"])
def test_recurrent_synaptic(mechanism, all_to_all, tmp_path):
    for seed in range(FEW):
        dice = torch.Generator().manual_seed(seed)
        words = {"reset_mechanism": mechanism, "all_to_all": all_to_all}
        module = fully_connected(snntorch.RSynaptic, dice, (0.0, 0.5, 0.75), **words)
        assert equal(module, (12,), dice, tmp_path) > 20


class Looped(nn.Module):
    """A recurrent layer whose states its caller hands on, over all steps of (T, batch, 12)."""

    def __init__(self, layer, dice):
        super().__init__()
        self.linear, self.layer = dyadic(nn.Linear(12, 6), dice), layer

    def forward(self, inputs):
        rest = torch.zeros(inputs.shape[1], 6)
        states, sent = (rest, rest, rest) if hasattr(self.layer, "syn") else (rest, rest), []
        for now in inputs:
            states = self.layer(self.linear(now), *states)
            sent.append(states[0])
        return torch.stack(sent)


@pytest.mark.parametrize(("mechanism", "delay"), RESETS)
@pytest.mark.parametrize("cell", [snntorch.RLeaky, snntorch.RSynaptic])
def test_recurrent_layers_whose_states_are_handed_on(cell, mechanism, delay):
    """RSynaptic's reset comes a step late whatever reset_delay says, as it does in the library."""
    dice = torch.Generator().manual_seed(3)
    decays = {"alpha": 0.5, "beta": 0.75} if cell is snntorch.RSynaptic else {"beta": 0.75}
    layer = dyadic(cell(**decays, linear_features=6, reset_mechanism=mechanism, reset_delay=delay), dice, 0.25)
    theirs, ours = spikes_of(Looped(layer, dice), spike_train((12,), dice))
    assert theirs["layer"].sum() > 20
    assert torch.equal(theirs["layer"], ours["layer"])


@pytest.mark.parametrize("mechanism", ["subtract", "zero", "none"])
def test_convolutions(mechanism, tmp_path):
    for seed in range(FEW):
        dice = torch.Generator().manual_seed(seed)
        decays = [float(torch.tensor(DYADIC)[torch.randint(len(DYADIC), (), generator=dice)]) for _ in range(2)]
        cells = [snntorch.Leaky(beta=beta, reset_mechanism=mechanism, init_hidden=True) for beta in decays]
        module = nn.Sequential(
            *(dyadic(nn.Conv2d(2, 3, 3), dice), cells[0], nn.AvgPool2d(2), nn.Identity(), nn.Flatten()),
            *(nn.Dropout(0.5), dyadic(nn.Linear(12, 5), dice, 2.0), cells[1]),
        ).eval()
        assert equal(module, (2, 6, 6), dice, tmp_path) > 20


@pytest.mark.parametrize(("mechanism", "delay"), RESETS)
def test_where_numbers_are_not_dyadic_the_first_spike_to_differ_was_at_its_threshold(mechanism, delay, tmp_path):
    """Sums are rounded in another order: what differs first lies within 1e-5 thresholds in snnTorch's own run."""
    for seed in range(FEW):
        dice = torch.Generator().manual_seed(seed)
        module = fully_connected(snntorch.Leaky, dice, (0.3, 0.9, 0.95, 0.99), reset_mechanism=mechanism, reset_delay=delay)
        for part in module[::2]:
            part.weight.data += torch.randn(part.weight.shape, generator=dice) * 0.1
        network, inputs, recorded = cm.from_torch(module, (1, 12)), spike_train((12,), dice), Recorded(module)
        theirs = recorded.run(inputs)
        found = first_difference(theirs, here(network, inputs, tmp_path, list(theirs)))
        assert found is None or recorded.distance(*found) < 1e-5


def test_the_default_neuron_takes_its_threshold_off_after_the_leak(tmp_path):
    """U ← β U + I − R θ: under a constant input of 0.6 the third step spikes, and every fourth from there."""
    module = nn.Sequential(nn.Linear(1, 1, bias=False), snntorch.Leaky(beta=0.5, init_hidden=True))
    module[0].weight.data[:] = 1
    sent = here(cm.from_torch(module, (1, 1)), torch.full((20, 1, 1), 0.6), tmp_path, ["1"])["1"]
    assert sent.ravel().nonzero()[0].tolist() == [2, 6, 10, 14, 18]
