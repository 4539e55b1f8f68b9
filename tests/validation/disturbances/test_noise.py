"""Noise: what each does to samples, weights, thresholds and spikes, and what a run under it is."""

import math

import numpy as np
import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.noise.noise import NOISES, read_noise
from costmodel.validation.benchmarks import load_benchmark
from costmodel.validation.learning.adversary import Adversary
from costmodel.validation.learning.learner import Learner
from costmodel.validation.learning.teaching import learner
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runs.run import run
from tests.networks import LIF, chain, linear


def dice(seed=0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(kind: str, **keys):
    return NOISES.read({"type": kind, **keys})


def model(*noises: dict, hidden=6, **fields) -> NetworkModel:
    document = chain([5], linear(hidden), {**LIF, "r": 9.0}, linear(3), LIF, timesteps=20, noise=list(noises), **fields)
    return NetworkModel(Network.from_document(document))


def test_static_noise_has_its_mean_and_deviation():
    found = noise("static", mean=0.2, deviation=0.1).values(torch.zeros(1, 100, 1000), 0.7, dice())
    assert found.mean().item() == pytest.approx(0.2, abs=2e-3)
    assert found.std().item() == pytest.approx(0.1, abs=2e-3)


@pytest.mark.parametrize("progress", [0.0, 0.25, 1.0])
def test_dynamic_noise_drifts_with_the_run(progress):
    drifting = noise("dynamic", mean=0.1, deviation=0.0, final_mean=0.5, final_deviation=0.4)
    found = drifting.values(torch.zeros(1, 100, 1000), progress, dice())
    assert found.mean().item() == pytest.approx(0.1 + 0.4 * progress, abs=6e-3)
    assert found.std().item() == pytest.approx(0.4 * progress, abs=6e-3)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_quantised_weights_take_the_levels_there_are(bits):
    weight = torch.randn(50, 40, generator=dice()).requires_grad_()
    found = noise("weight-quantisation", bits=bits).weights(weight, dice())
    step = weight.detach().abs().max() / (2 ** (bits - 1) - 1)
    assert torch.allclose(found / step, (found / step).round(), atol=1e-4)
    assert (found - weight).abs().max() <= step / 2 * (1 + 1e-5)
    assert len((found / step).round().unique()) <= 2**bits - 1
    found.sum().backward()
    assert torch.equal(weight.grad, torch.ones_like(weight))


def test_clipped_weights_have_no_gradient_beyond_the_limit():
    weight = torch.tensor([-3.0, 0.5, 2.0], requires_grad=True)
    found = noise("weight-clipping", limit=1.0).weights(weight, dice())
    assert found.tolist() == [-1.0, 0.5, 1.0]
    found.sum().backward()
    assert weight.grad.tolist() == [0.0, 1.0, 0.0]


def test_read_variation_is_relative_and_new_in_every_pass():
    weight, source = torch.full((200, 200), 2.0), dice()
    first, second = (noise("read-variation", deviation=0.05).weights(weight, source) for _ in range(2))
    assert (first / weight).std().item() == pytest.approx(0.05, rel=0.03)
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] == pytest.approx(0, abs=0.03)


def test_thresholds_are_a_fixed_pattern():
    spread = {"type": "threshold-spread", "deviation": 0.1}
    layer = model(spread, hidden=4000).parts["n1"]
    assert layer.v_threshold.std().item() == pytest.approx(0.1, rel=0.05)
    assert torch.equal(layer.v_threshold, model(spread, hidden=4000).parts["n1"].v_threshold)
    assert layer.tau.ndim == 0, "other parameters stay the same for all"


def test_jittered_spikes_stay_as_many_unless_two_meet():
    sent = torch.zeros(400, 1, 50)
    sent[100::100] = 1.0
    found = noise("spike-jitter", deviation="5 ms").spikes(sent, 1e-3, dice())
    assert found.sum() == sent.sum()
    steps = found.nonzero()[:, 0]
    offsets = (steps - (steps / 100).round() * 100).double()
    assert offsets.std().item() == pytest.approx(5.0, rel=0.15)
    times = torch.full((1000,), 1.0).double()
    moved = noise("spike-jitter", deviation="5 ms").times(torch.cat([times, torch.tensor([math.inf])]), dice())
    assert moved[:-1].std().item() == pytest.approx(5e-3, rel=0.1)
    assert moved[-1] == math.inf


def test_a_jittered_spike_keeps_the_gradient_of_its_own():
    sent = torch.zeros(50, 1, 1)
    sent[20] = 1.0
    sent.requires_grad_()
    found = noise("spike-jitter", deviation="3 ms").spikes(sent, 1e-3, dice(3))
    (found.squeeze() * torch.arange(50.0)).sum().backward()
    assert sent.grad[20].item() == found.detach().argmax().item() != 20


def test_the_brainscales_mock_has_127_weights_and_saturates():
    mock = noise("brainscales2", largest_weight=2.0, tau_syn="10 ms")
    found = mock.weights(torch.linspace(-3, 3, 5001), dice())
    assert len(found.unique()) == 127
    assert found.abs().max().item() == pytest.approx(2.0)
    times = mock.times(torch.full((20_000,), 1.0, dtype=torch.float64), dice())
    assert times.std().item() == pytest.approx(10e-3 * 0.1 / 6, rel=0.03)


def test_noise_acts_in_the_phase_that_it_is_for():
    only = model({"type": "weight-clipping", "limit": 0.01, "during": "test"})
    weight = only.parts["n0"].weight
    assert weight.abs().max().item() == pytest.approx(0.01)
    assert only.train().parts["n0"].weight.abs().max() > 0.02


def test_what_is_kept_of_a_network_is_without_noise():
    noisy = Learner(Network.from_document(chain([5], linear(4), LIF)), model({"type": "weight-quantisation", "bits": 2}))
    plain = model()
    trained = Learner(plain.network, noisy.model).arrays()
    assert torch.equal(trained["n0"]["weight"], plain.parts["n0"].weight)
    assert not torch.equal(noisy.model.parts["n0"].weight, plain.parts["n0"].weight)


def digits(**fields) -> Network:
    document = chain(
        [64], linear(32), {**LIF, "r": 10.0}, linear(10), {**LIF, "r": 10.0}, timesteps=6, benchmark="digits", **fields
    )
    document["nodes"][0]["encoder"] = "direct"
    document["training"] = {"epochs": 4, "batch": 32, "learning_rate": 0.005}
    return Network.from_document(document)


def test_noise_costs_accuracy_and_the_more_the_more():
    """Over seeds 0.94 ± 0.01, 0.73 ± 0.03 and 0.35."""
    found = []
    for deviation in (0.0, 0.4, 0.8):
        noisy = digits(noise=[{"type": "static", "deviation": deviation}] if deviation else [])
        found.append(np.mean([run(noisy, seed=seed).evaluation.accuracy for seed in range(2)]))
    assert found[0] > 0.9
    assert found[0] > found[1] > found[2] > 0.1


def test_noise_in_spike_times():
    """4-12-3 under SpikeProp with jitter, read variation and spread thresholds: it runs, and differs from without."""
    ttfs = {"type": "ttfs", "tau_syn": "5 ms", "tau_mem": "5 ms", "r": 20.0}
    initial = {"initial": {"mean": 1.0, "deviation": 0.5}}
    nodes = chain([4], linear(12, bias=False, **initial), ttfs, linear(3, bias=False, **initial), ttfs, timesteps=60)
    nodes["nodes"][0]["encoder"] = "latency"
    kinds = [{"type": "spike-jitter", "deviation": "1 ms"}, {"type": "threshold-spread", "deviation": 0.1}]
    outs = []
    for noises in ([], kinds[:1], kinds[1:], [{"type": "read-variation", "deviation": 0.1}]):
        taught = learner(Network.from_document({**nodes, "noise": noises}), "spikeprop", 0)
        outs.append(taught(taught.encode(torch.full((1, 1, 4), 0.4), dice())).first["n3"])
    assert all(not torch.allclose(outs[0], other) for other in outs[1:])
    assert all((outs[0] - other).abs().median() < 5e-3 for other in outs[1:])


def accuracy(taught: Learner, values: torch.Tensor, targets: torch.Tensor) -> float:
    """Share of the samples that a network tells."""
    return float((taught(taught.encode(values, dice())).scores().argmax(1) == targets).double().mean())


def test_an_adversary_learns_to_mislead_within_its_bound():
    trained = run(digits())
    taught, data = trained.trainer.learner, load_benchmark("digits").test
    values, targets = taught.arranged(data.batch(torch.arange(200), 6, 1e-3)), data.targets[:200]
    adversary = Adversary(noise("adversarial", bound=0.2, neurons=32), taught, 10, seed=0)

    untrained = accuracy(taught, adversary.moved(values, targets).detach(), targets)
    weights = {name: p.detach().clone() for name, p in taught.named_parameters()}
    for _ in range(60):
        adversary.learn(values, targets, dice())
    moved = adversary.moved(values, targets).detach()
    assert (moved - values).abs().max() <= 0.2 + 1e-6
    misled = accuracy(taught, moved, targets)
    assert misled < untrained - 0.3
    randomly = values + 0.2 * torch.sign(torch.randn(values.shape, generator=dice()))
    assert misled < accuracy(taught, randomly, targets) - 0.2
    assert all(torch.equal(weights[name], p) for name, p in taught.named_parameters()), "what is attacked does not change"


def test_training_against_an_adversary_helps_against_one():
    """What has learnt to mislead a network trained without an adversary misleads one trained against another far less: by 0.3 ± 0.1
    of the samples over seeds."""
    data, gains = load_benchmark("digits").test, []
    for seed in range(3):
        plain = run(digits(), seed=seed).trainer.learner
        noises = [{"type": "adversarial", "bound": 0.2, "neurons": 32, "during": "training"}]
        hardened = run(digits(noise=noises), seed=seed).trainer.learner
        values, targets = plain.arranged(data.batch(torch.arange(len(data)), 6, 1e-3)), data.targets
        adversary = Adversary(noise("adversarial", bound=0.2, neurons=32), plain, 10, seed=seed)
        for _ in range(60):
            adversary.learn(values, targets, dice())
        moved = adversary.moved(values, targets).detach()
        gains.append(accuracy(hardened, moved, targets) - accuracy(plain, moved, targets))
    assert np.mean(gains) > 0.05


def test_an_adversary_of_training_alone_stays_out_of_tests():
    """Trained alike, tested with it and without: it costs 0.07 ± 0.03 of the samples over seeds."""
    attack, costs = {"type": "adversarial", "bound": 0.1, "neurons": 32}, []
    for seed in range(3):
        both = run(digits(noise=[attack]), seed=seed)
        alone = run(digits(noise=[{**attack, "during": "training"}]), seed=seed)
        # Bit for bit between two runs of one program on one machine.
        assert all(map(torch.equal, both.trainer.learner.parameters(), alone.trainer.learner.parameters()))
        costs.append(alone.evaluation.accuracy - both.evaluation.accuracy)
        assert both.evaluation.accuracy > 0.5
    assert np.mean(costs) > 0


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("statik:deviation=1", "there is no noise 'statik'; did you mean 'static'"),
        ("static", "'deviation' is missing"),
        ("static:deviation", "'deviation' says nothing; write TYPE:KEY=VALUE"),
        ("weight-quantisation:bits=1", "bits"),
        ("spike-jitter:deviation=1 V", "does not measure"),
    ],
)
def test_words_of_the_command_line_at_fault(word, told):
    with pytest.raises(InputError, match=told):
        read_noise(word)


def test_words_of_the_command_line():
    assert read_noise("spike-jitter:deviation=0.1ms,during=test") == noise("spike-jitter", deviation=1e-4, during="test")


def test_an_adversary_needs_a_gradient():
    network = Network.from_document(chain([64], linear(10), LIF, benchmark="digits", noise=[{"type": "adversarial", "bound": 0.1}]))
    with pytest.raises(InputError, match="needs a gradient through the encoder, and 'events' has none"):
        run(network)
