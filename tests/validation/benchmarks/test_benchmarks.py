"""Benchmarks: which there are, what is generated, and what is said when files are missing."""

import hashlib
import sys

import numpy as np
import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.validation.benchmarks import benchmark_names, load_benchmark, mackey_glass
from costmodel.validation.benchmarks.smape import smape
from costmodel.validation.benchmarks.split import stratified

DICE = np.random.default_rng(7)

# name → sizes of train and test set, shape, steps of a sample, classes
WITHOUT_FILES = {
    "yin-yang": (5000, 1000, (5,), 1, 3),
    "digits": (1437, 360, (8, 8), 1, 10),
    "mnist-1d": (4000, 1000, (1, 40), 1, 10),
    "mackey-glass": (135, 10, (1,), 75, None),
    "digits-saccades": (1437, 360, (2, 34, 34), 30, 10),
}
WITH_FILES = ["mnist", "sequential-mnist", "nmnist", "nmnist-emulated", "st-mnist"]


def test_names():
    assert set(benchmark_names()) == {*WITHOUT_FILES, *WITH_FILES}


@pytest.mark.parametrize("name", list(WITHOUT_FILES))
def test_without_files(name):
    train, test, shape, length, classes = WITHOUT_FILES[name]
    before = repr(np.random.get_state()), torch.get_rng_state()
    benchmark = load_benchmark(name, seed=5)
    assert (benchmark.name, len(benchmark.train), len(benchmark.test)) == (name, train, test)
    assert benchmark.classes == classes
    for part in (benchmark.train, benchmark.test):
        assert part.shape == shape
        batch = part.batch(torch.tensor([3, 1, 3]), 30, 0.01)
        assert batch.dtype == torch.float32
        assert batch.shape == (length, 3, *shape)
        assert torch.equal(batch[:, 0], batch[:, 2])
        assert not torch.equal(batch[:, 0], batch[:, 1])
        if classes is not None:
            assert part.targets.dtype == torch.long
            shares = torch.bincount(part.targets, minlength=classes) / len(part)
            assert shares.max() < 1.2 / classes
            assert shares.min() > 0.8 / classes
    again = load_benchmark(name, seed=6)
    assert torch.equal(again.test.batch(torch.tensor([0]), 30, 0.01), benchmark.test.batch(torch.tensor([0]), 30, 0.01))
    assert before[0] == repr(np.random.get_state())
    assert torch.equal(before[1], torch.get_rng_state())


@pytest.mark.parametrize("name", WITH_FILES)
@pytest.mark.parametrize("there", [True, False])
def test_missing_files_say_what_to_fetch_and_where_to_put_it(name, there, tmp_path):
    for folder in (None, tmp_path if there else tmp_path / "nowhere"):
        with pytest.raises(InputError, match=r"(fetch|ask for) .* PATH.*--data PATH"):
            load_benchmark(name, 0, folder)


def test_unknown_benchmark_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'mnist-1d'"):
        load_benchmark("mnist1d")


@pytest.mark.parametrize(
    ("name", "module", "mend"),
    [("digits", "sklearn.datasets", "pip install"), ("nmnist", "tonic.io", "pip install"), ("st-mnist", "scipy.io", "pip install")],
)
def test_missing_packages(name, module, mend, tmp_path, monkeypatch):
    for part in ("Train", "Test"):
        (tmp_path / part / "0").mkdir(parents=True)
        (tmp_path / part / "0" / "1.bin").write_bytes(b"")
    for digit in range(5):
        (tmp_path / str(digit)).mkdir()
        (tmp_path / str(digit) / "1.mat").write_bytes(b"")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=mend):
        load_benchmark(name, 0, tmp_path).train.batch(torch.tensor([0]), 1, 1.0)


# --- generated ---


def test_yin_yang_is_the_published_one():
    """Golden values: github.com/lkriener/yin_yang_data_set, seeds 42 and 40."""
    benchmark = load_benchmark("yin-yang")
    train, test = benchmark.train, benchmark.test
    expected = torch.tensor([[0.68030754, 0.45049925], [0.23409665, 0.40172498]])
    firsts = torch.stack([part.batch(torch.tensor([0]), 1, 1.0)[0, 0, :2] for part in (train, test)])
    torch.testing.assert_close(firsts, expected, rtol=0, atol=5e-8)
    assert train.targets[:8].tolist() == [2, 1, 2, 1, 1, 1, 0, 2]
    assert test.targets[:8].tolist() == [2, 2, 1, 1, 1, 2, 2, 0]
    assert torch.bincount(train.targets).tolist() == [1681, 1702, 1617]
    assert torch.bincount(test.targets).tolist() == [350, 316, 334]


def test_mnist_1d_is_the_published_one():
    """Golden values: mnist1d_data.pkl of github.com/greydanus/mnist1d, converted to float32. Its bits are those of any machine: in
    double precision no value is nearer than 2.8e-14 to where another float32 begins, a hundred times what processors differ by."""
    benchmark = load_benchmark("mnist-1d")
    parts = [part.batch(torch.arange(len(part)), 1, 1.0)[0] for part in (benchmark.train, benchmark.test)]
    values = torch.cat(parts).squeeze(1).numpy()
    published = [-0.3320056673693902, -0.4719103656557236, -0.778697076293495, -1.0097408265367047]
    np.testing.assert_allclose(values[0, :4], published, rtol=1e-6)
    np.testing.assert_allclose(values[-1, -3:], [0.6598756470890784, 0.8777343497528006, 1.193151836835276], rtol=1e-6)
    assert benchmark.train.targets[:8].tolist() == [2, 6, 4, 5, 6, 6, 6, 0]
    assert torch.bincount(benchmark.train.targets).tolist() == [398, 396, 411, 394, 394, 402, 401, 404, 402, 398]
    checksum = hashlib.sha256(np.ascontiguousarray(values, dtype="<f4").tobytes()).hexdigest()
    assert checksum == "0b2b548d14a498bf71ce4d5e7df61d47851b3e5dd7e7f581a1011383cb03467c"


def test_mackey_glass_solves_its_equation():
    """Against scipy's integrator of eighth order, one delay after another, within one Lyapunov time."""
    from scipy.integrate import solve_ivp

    pieces = []

    def before(t):
        return 0.7206597 if t <= 0 else pieces[min(int(t // 17), len(pieces) - 1)](t)[0]

    def slope(t, x):
        return 0.2 * before(t - 17) / (1 + before(t - 17) ** 10) - 0.1 * x

    at = [0.7206597]
    for k in range(12):
        solved = solve_ivp(slope, (17 * k, 17 * k + 17), at, method="DOP853", rtol=1e-9, atol=1e-11, dense_output=True)
        pieces.append(solved.sol)
        at = [solved.y[0, -1]]
    expected = [before(i * 197 / 75) for i in range(76)]
    np.testing.assert_allclose(mackey_glass.integrate(76), expected, rtol=0, atol=1e-7)


def test_mackey_glass_steps_are_small_enough():
    coarse, fine = mackey_glass.integrate(751), mackey_glass.integrate(751, refinement=2)
    assert np.abs(coarse - fine)[:76].max() < 1e-11
    assert np.abs(coarse - fine).max() < 1e-6
    assert 0.2 < coarse.min() < coarse.max() < 1.5


def test_mackey_glass_windows():
    benchmark = load_benchmark("mackey-glass")
    series = torch.from_numpy(mackey_glass.integrate(1501) / 1.5).float()
    train, test = benchmark.train, benchmark.test
    assert torch.equal(train.batch(torch.tensor([134]), 75, 1.0).flatten(), series[670:745])
    assert torch.equal(train.targets[134].flatten(), series[671:746])
    assert torch.equal(torch.cat([*test.batch(torch.arange(10), 75, 1.0).movedim(0, 1)]).flatten(), series[750:1500])
    assert torch.equal(test.targets.flatten(), series[751:1501])
    assert test.targets.shape == (10, 75, 1)


def test_smape_is_neurobenchs():
    from neurobench.metrics.workload.smape import SMAPE

    told, true = torch.rand(40, 1, dtype=torch.float64), torch.rand(40, 1, dtype=torch.float64) - 0.5
    assert smape(told, true) == pytest.approx(SMAPE()(None, told, (true, true)), rel=1e-12)
    assert smape(true, true) == 0
    assert smape(torch.zeros(2), torch.zeros(2)) == SMAPE()(None, torch.zeros(2), (None, torch.zeros(2))) == 200
    with pytest.raises(InputError, match="shapes must be equal"):
        smape(torch.zeros(2), torch.zeros(2, 1))


def test_stratified_split():
    labels = DICE.permutation(np.repeat(np.arange(4), [7, 30, 50, 13]))
    train, test = stratified(labels, 21)
    assert sorted([*train, *test]) == list(range(100))
    assert len(test) == 21
    expected = np.array([7, 30, 50, 13]) * 0.21
    assert (np.abs(np.bincount(labels[test]) - expected) < 1).all()
    assert np.array_equal(stratified(labels, 21)[1], test)
    assert not np.array_equal(stratified(labels, 21, seed=1)[1], test)


def test_digits_are_scikit_learns_and_none_is_in_both_sets():
    from sklearn.datasets import load_digits

    benchmark = load_benchmark("digits")
    parts = [part.batch(torch.arange(len(part)), 1, 1.0)[0].reshape(-1, 64) for part in (benchmark.train, benchmark.test)]
    found = sorted(row.tobytes() for row in (torch.cat(parts) * 16).numpy().astype(np.uint8))
    pixels, labels = load_digits(return_X_y=True)
    assert found == sorted(row.tobytes() for row in pixels.astype(np.uint8))
    assert torch.equal(
        torch.bincount(torch.cat([benchmark.train.targets, benchmark.test.targets])), torch.bincount(torch.tensor(labels))
    )
