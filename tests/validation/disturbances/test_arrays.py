"""Arrays of memristors as noise: levels, scatter, drift, lines, read noise, each by itself and in a network."""

import numpy as np
import pytest
import torch

from costmodel.devices.circuits.tiles import on_tiles
from costmodel.devices.part import PARTS
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.noise.noise import NOISES
from costmodel.validation.disturbances import arrays
from costmodel.validation.disturbances.arrays import Array, digits
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.parts import weighted
from tests.networks import LIF, chain, conv, linear


def dice(seed=0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def array(process="ideal", bits=None, seed=0, **keys) -> Array:
    return Array(NOISES.read({"type": "memfpaa", "process": process, **keys}), bits, seed)


def applied(weight: torch.Tensor, seed=0, training=False, of: Array | None = None, **keys) -> torch.Tensor:
    return (of or array(**keys)).weights(weight, dice(seed), training=training)


def random_weight(*shape: int, seed=0) -> torch.Tensor:
    return torch.randn(shape, generator=dice(seed), dtype=torch.float64)


@pytest.mark.parametrize("shape", [(1, 1), (7, 12), (30, 300), (5, 3, 3, 3)])
def test_an_ideal_array_gives_the_weights(shape):
    weight = random_weight(*shape).float()
    found = applied(weight)
    assert found.dtype == weight.dtype
    assert (found - weight).abs().max() <= 1e-6 * weight.abs().max()


def test_weights_that_are_all_zero_or_no_numbers_pass():
    assert torch.equal(applied(torch.zeros(3, 2)), torch.zeros(3, 2))
    assert applied(torch.tensor([[1.0, torch.nan]])).isnan().any()


@pytest.mark.parametrize(("bits", "pairs"), [(1, 1), (2, 1), (4, 1), (5, 2), (8, 2), (9, 3), (13, 4)])
def test_bits_are_split_over_as_many_pairs_as_the_cost_counts(bits, pairs):
    """And no cell holds more than its bits."""
    found = digits(bits, 4)
    assert len(found) == pairs
    assert all(digit.most < 2**4 for digit in found)
    assert sum(digit.place * digit.most for digit in found) == 2 ** max(bits - 1, 1) - 1


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_weights_take_the_levels_there_are(bits):
    of = array(bits=bits)
    of.digits = digits(bits, 4)
    weight = torch.linspace(-1, 1, 4001, dtype=torch.float64).reshape(1, -1)
    found = applied(weight, of=of)
    step = 1 / (2 ** (bits - 1) - 1)
    assert len((found / step).round().unique()) == 2**bits - 1
    assert (found / step - (found / step).round()).abs().max() < 1e-9
    assert (found - weight).abs().max() <= step / 2 + 1e-9
    cells = of.targets(weight.numpy(), 1.0)
    assert max(len(np.unique(pair)) for digit in cells for pair in digit) <= 2**4


@pytest.mark.parametrize("levels", [2, 3, 16])
def test_levels_of_a_cell_can_be_set(levels):
    weight = torch.linspace(-1, 1, 1001, dtype=torch.float64).reshape(7, -1)
    of = array(levels=levels)
    assert np.unique(of.targets(weight.numpy(), 1.0)).size == levels
    assert len(applied(weight, of=of).mul(1e6).round().unique()) == 2 * levels - 1


def test_the_network_says_the_bits_or_the_part_does():
    assert array("hfox").digits == digits(4, 4)
    assert array("taox").digits == digits(5, 5)
    assert array("taox", bits=7).digits == digits(7, 5)
    document = chain(
        [5], linear(6, bits=3), LIF, linear(3), LIF, timesteps=5, bits=2, noise=[{"type": "memfpaa", "process": "hfox"}]
    )
    parts = NetworkModel(Network.from_document(document)).parts
    of = [parts[name].parametrizations.weight[0].acting[0] for name in ("n0", "n2")]
    assert [len(np.unique(one.targets(np.linspace(-1, 1, 99)[None], 1.0))) for one in of] == [4, 2]


def test_cells_scatter_by_the_stated_deviation_in_a_fixed_pattern():
    weight = torch.full((200, 200), 0.5, dtype=torch.float64)
    weight[0, 0] = 1.0
    of = array(spread=0.1, seed=3)
    first, second = (applied(weight, of=of, seed=seed) for seed in (0, 1))
    assert torch.equal(first, second)
    assert torch.equal(first, applied(weight, spread=0.1, of=array(spread=0.1, seed=3)))
    assert not torch.equal(first, applied(weight, of=array(spread=0.1, seed=4)))
    factor = (first / weight).ravel()[1:]
    assert factor.std().item() == pytest.approx(0.1, rel=0.02)
    assert factor.mean().item() == pytest.approx(1, abs=2e-3)
    assert torch.allclose(applied(weight * 3, of=of), first * 3, rtol=1e-6)


def test_no_conductance_leaves_the_physical_range():
    of = array("hfox", spread=0.3)
    cells = of.programmed(of.targets(random_weight(50, 60).numpy(), 1.0))
    assert cells.min() >= of.low
    assert cells.max() <= of.high
    assert (cells == of.high).any()


def test_read_noise_is_new_in_every_pass_and_of_the_stated_deviation():
    """G⁺ alone carries the weight of an ideal array; where both cells are off there is hardly any noise."""
    weight = torch.full((200, 200), 2.0, dtype=torch.float64)
    weight[:, 100:] = 0.0
    source, of = dice(), array(read_noise=0.05)
    first, second = (of.weights(weight, source, training=False)[:, :100] for _ in range(2))
    assert (first / 2).std().item() == pytest.approx(0.05, rel=0.02)
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] == pytest.approx(0, abs=0.03)
    assert applied(weight, of=of)[:, 100:].std() < 1e-6


def test_the_noise_of_all_cells_of_a_weight_adds_up():
    """As many passes as it takes, against every cell's own normal numbers."""
    of = array("hfox", bits=8, spread=0.0)
    weight = torch.tensor([[0.7, -0.2, 0.05]], dtype=torch.float64)
    source = dice()
    passes = torch.stack([of.weights(weight, source, training=False) for _ in range(4000)])
    cells = of.through_lines(of.programmed(of.targets(weight.numpy(), 0.7)))
    worth = np.array([d.place * d.most for d in of.digits]) * 0.7 / 127 / (of.high - of.low)
    each = np.random.default_rng(0).normal(1, 0.02, (4000, *cells.shape)) * cells
    expected = np.einsum("s,pskmn,k->pnm", worth, each, [1, -1])
    assert passes.std(0).numpy() == pytest.approx(expected.std(0), rel=0.08)
    assert passes.mean(0).numpy() == pytest.approx(expected.mean(0), abs=4e-3)


@pytest.mark.parametrize(("age", "factor"), [(0, 1.0), (0.5, 1.0), (1, 1.0), ("100 s", 100**-0.05), ("1 day", 86400**-0.05)])
def test_conductances_drift_by_the_power_law(age, factor):
    weight = random_weight(4, 9)
    assert torch.allclose(applied(weight, age=age, drift=0.05), weight * factor, rtol=1e-5, atol=1e-6)


def test_a_layer_has_the_lines_of_its_part():
    """Columns G⁺, G⁻ side by side, tile by tile: 300 inputs and 5 outputs of 2 pairs, on tiles of 256 rows."""
    weight = random_weight(5, 300)
    of = array("hfox", bits=8, spread=0.0, read_noise=0.0)
    largest = weight.abs().max().item()
    cells = of.targets(weight.numpy(), largest)
    flat = np.stack([cells[s, k, :, n] for n in range(5) for s in range(2) for k in range(2)], axis=1)
    v = of.values
    effective = on_tiles(flat, 256, 256, v["r_wire"], v["r_driver"], v["r_sense"])
    unit = largest / 127 / (of.high - of.low)
    pairs = (effective[:, 0::2] - effective[:, 1::2]) * unit
    worth = [digit.place * digit.most for digit in of.digits]
    expected = (pairs[:, 0::2] * worth[0] + pairs[:, 1::2] * worth[1]).T
    assert applied(weight, of=of).numpy() == pytest.approx(expected, rel=1e-9)
    assert np.abs(expected).sum() < 0.99 * weight.abs().sum()


def test_calibrated_amplifiers_make_up_for_the_mean_loss():
    weight = random_weight(20, 100)
    fine = {"process": "pcm", "spread": 0.0, "read_noise": 0.0, "age": 1e6, "levels": 4096}
    plain, calibrated = (applied(weight, gain=gain, **fine) for gain in ("nominal", "calibrated"))
    slope = lambda found: ((found * weight).sum() / weight.square().sum()).item()  # noqa: E731
    assert slope(plain) < 0.7
    assert (calibrated - weight).norm() < 0.1 * weight.norm() < (plain - weight).norm()
    assert torch.allclose(calibrated / plain, (calibrated / plain)[0, 0])


@pytest.mark.parametrize("process", ["hfox", "ideal"])
def test_gradients_pass_straight_through(process):
    weight = random_weight(6, 7).float().requires_grad_()
    found = applied(weight, process=process, training=True)
    (found * torch.arange(42.0).reshape(6, 7)).sum().backward()
    assert torch.equal(weight.grad, torch.arange(42.0).reshape(6, 7))


def test_lines_are_solved_when_weights_change_and_while_training_only_once(monkeypatch):
    solved = []
    monkeypatch.setattr(arrays, "on_tiles", lambda g, *sizes: solved.append(g) or on_tiles(g, *sizes))
    of, weight = array("hfox"), random_weight(6, 7)
    for training, factor, count in (
        (True, 1, 1), (True, 1, 1), (True, 2, 1), (False, 2, 2), (False, 2, 2), (True, 2, 2), (True, 3, 2), (False, 1, 3),
    ):  # fmt: skip
        changed = weight.clone()
        changed[0, 0] *= factor
        applied(changed, of=of, training=training)
        assert len(solved) == count, (training, factor)
    again = applied(weight, of=array("hfox"), training=False)
    assert torch.equal(applied(weight, of=of, training=False), again), "the past leaves no trace"


def test_every_layer_is_an_array_of_its_own_and_biases_stay():
    noise = [{"type": "memfpaa", "process": "hfox", "read_noise": 0.0, "during": "test"}]
    document = chain([2, 6, 6], conv(6, 3), LIF, {"type": "flatten"}, linear(3), LIF, timesteps=5, noise=noise)
    model, same = (NetworkModel(Network.from_document(document)) for _ in range(2))
    plain = NetworkModel(Network.from_document({**document, "noise": []}))
    seeds = []
    for name in ("n0", "n3"):
        one, again, free = (weighted(each.parts[name]) for each in (model, same, plain))
        assert torch.equal(one.weight, again.weight)
        assert not torch.allclose(one.weight, free.weight, rtol=0.01)
        assert torch.equal(one.bias, free.bias)
        assert torch.equal(one.train().weight, free.weight), "it acts in tests alone"
        seeds.append(one.parametrizations.weight[0].acting[0].seed)
    assert len(set(seeds)) == 2


def test_a_part_file_can_be_a_process(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text((PARTS / "memfpaa-ideal.toml").read_text())
    weight = random_weight(3, 4)
    assert torch.allclose(applied(weight, process=str(path)), weight, atol=1e-6)
    with pytest.raises(InputError, match="'loihi' has no memristors"):
        array(str(PARTS / "loihi.toml"))
