"""Benchmarks: what is generated, what is read from files, and what is said when files are missing or damaged."""

import gzip
import hashlib
import itertools
import struct
import sys

import numpy as np
import pytest
import torch

from graphs.errors import InputError
from validation.benchmarks import benchmark_names, digits_saccades, load_benchmark, mackey_glass, nmnist, saccades, st_mnist
from validation.benchmarks.mnist_files import read_mnist
from validation.benchmarks.recordings import Events, Recordings
from validation.benchmarks.smape import smape
from validation.benchmarks.split import stratified

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
    """Golden values: mnist1d_data.pkl of github.com/greydanus/mnist1d, converted to float32."""
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


# --- MNIST's files ---


def idx(array):
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def digits():
    """Name of each of the four files → its array."""
    images, labels = DICE.integers(0, 256, (17, 28, 28), dtype=np.uint8), (np.arange(17) % 10).astype(np.uint8)
    return {
        "train-images-idx3-ubyte": images[:10],
        "train-labels-idx1-ubyte": labels[:10],
        "t10k-images-idx3-ubyte": images[10:],
        "t10k-labels-idx1-ubyte": labels[10:],
    }


@pytest.fixture
def write(digits, tmp_path):
    def write(inner=".", packed=False):
        folder = tmp_path / inner
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in digits.items():
            content = gzip.compress(idx(array)) if packed else idx(array)
            (folder / (name + ".gz" * packed)).write_bytes(content)
        return tmp_path

    return write


@pytest.mark.parametrize("inner", [".", "MNIST/raw"])
@pytest.mark.parametrize("packed", [True, False])
def test_mnist_files(digits, write, inner, packed):
    benchmark = load_benchmark("mnist", 0, write(inner, packed))
    assert (len(benchmark.train), len(benchmark.test), benchmark.classes, benchmark.train.shape) == (10, 7, 10, (1, 28, 28))
    batch = benchmark.test.batch(torch.tensor([6, 0]), 5, 1.0)
    expected = torch.from_numpy(digits["t10k-images-idx3-ubyte"][[6, 0]]).float().reshape(1, 2, 1, 28, 28) / 255
    assert torch.equal(batch, expected)
    assert benchmark.test.targets.tolist() == digits["t10k-labels-idx1-ubyte"].tolist()
    assert torch.equal(benchmark.train.targets, torch.arange(10))


def test_sequential_mnist_goes_row_by_row(digits, write):
    benchmark = load_benchmark("sequential-mnist", 0, write())
    sequence = benchmark.train.batch(torch.tensor([4, 2]), 784, 1e-3)
    assert sequence.shape == (784, 2, 1)
    image = digits["train-images-idx3-ubyte"][4]
    for step, (row, column) in {0: (0, 0), 1: (0, 1), 28: (1, 0), 783: (27, 27)}.items():
        assert sequence[step, 0, 0] == np.float32(image[row, column]) / np.float32(255)


def test_mnist_npz(digits, tmp_path):
    images, labels = DICE.integers(0, 256, (30, 28, 28), dtype=np.uint8), np.arange(30, dtype=np.uint8) % 10
    path = tmp_path / "digits.npz"
    np.savez_compressed(path, images=images, labels=labels)
    found = read_mnist(path)
    assert np.array_equal(torch.cat([found.train, found.test]), images)
    assert (len(found.train), len(found.train_labels)) == (24, 24)
    assert found.test_labels.tolist() == [4, 5, 6, 7, 8, 9]
    assert found.train.dtype == torch.uint8
    assert str(path) in found.source


def cut(content):
    return content[:-1]


@pytest.mark.parametrize(
    ("name", "damage", "complaint"),
    [
        ("train-images-idx3-ubyte", cut, "bytes, and its header"),
        ("train-images-idx3-ubyte", lambda content: content + b"\0", "bytes, and its header"),
        ("t10k-images-idx3-ubyte", lambda content: content[:3], "does not begin with 2051"),
        ("t10k-images-idx3-ubyte", lambda content: b"", "does not begin with 2051"),
        ("train-images-idx3-ubyte", lambda content: b"<html>" + content, "does not begin with 2051"),
        ("train-labels-idx1-ubyte", lambda content: idx(np.zeros((10, 1, 1), np.uint8)), "does not begin with 2049"),
        ("t10k-labels-idx1-ubyte", lambda content: idx(np.zeros(6, np.uint8)), "one whole number for each of 7"),
        ("t10k-labels-idx1-ubyte", lambda content: idx(np.full(7, 10, np.uint8)), "labels 0 … 9"),
        ("train-images-idx3-ubyte", lambda content: idx(np.zeros((10, 28, 27), np.uint8)), r"uint8 \(n, 28, 28\) is needed"),
    ],
)
def test_damaged_mnist_files(write, name, damage, complaint):
    path = write() / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=complaint) as told:
        read_mnist(path.parent)
    assert "\n" not in str(told.value)


def test_damaged_gz(write):
    path = write(packed=True) / "t10k-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    for content in (whole[:-40], b"not gzip", whole[:20] + bytes(20) + whole[40:]):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"t10k-images-idx3-ubyte.gz: it cannot be read"):
            read_mnist(path.parent)


def test_one_file_missing_is_named(write):
    path = write("MNIST/raw") / "MNIST" / "raw" / "t10k-labels-idx1-ubyte"
    path.unlink()
    with pytest.raises(InputError, match="there is no t10k-labels-idx1-ubyte; fetch"):
        load_benchmark("nmnist-emulated", 0, path.parents[2])


@pytest.mark.parametrize(
    "arrays",
    [
        {"images": np.zeros((10, 28, 28), np.uint8)},
        {"images": np.zeros((10, 28, 28)), "labels": np.zeros(10, int)},
        {"images": np.zeros((10, 28, 28), np.uint8), "labels": np.zeros(9, int)},
        {"images": np.zeros((10, 28, 28), np.uint8), "labels": np.zeros(10)},
        {"images": np.zeros((10, 28, 28), np.uint8), "labels": np.full(10, -1)},
        {"images": np.array([None] * 10), "labels": np.zeros(10, int)},
    ],
)
def test_npz_of_something_else(arrays, tmp_path):
    path = tmp_path / "digits.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError, match=r"digits.npz: "):
        read_mnist(path)


def test_no_npz_at_all(tmp_path):
    path = tmp_path / "digits.npz"
    for content in (b"", b"text", b"PK\x03\x04 and no more"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="it is not an"):
            read_mnist(path)


# --- recordings ---


def test_recordings_are_read_once_and_cut_into_bins():
    asked = []
    events = [Events(np.array([0, 9, 10, 29, 30]), np.array([0, 0, 1, 5, 5])), Events(np.array([], int), np.array([], int))]

    def read(indexes):
        asked.extend(indexes)
        return [events[i] for i in indexes]

    samples = Recordings(read, torch.tensor([4, 5]), (2, 3), tick=1e-3)
    frames = samples.batch(torch.tensor([1, 0, 0]), steps=3, dt=0.01)
    assert frames.shape == (3, 3, 2, 3)
    expected = torch.zeros(3, 2, 3)
    expected[0, 0, 0], expected[1, 0, 1], expected[2, 1, 2] = 2, 1, 1
    assert torch.equal(frames[:, 1], expected)
    assert torch.equal(frames[:, 2], expected)
    assert frames[:, 0].sum() == 0
    assert samples.batch(torch.tensor([0]), steps=4, dt=0.01)[3].sum() == 1
    assert samples.batch(torch.tensor([], dtype=torch.long), steps=4, dt=0.01).shape == (4, 0, 2, 3)
    assert asked == [1, 0]


@pytest.mark.parametrize("width", [1, 3, 6, 7, 9, 10, 49])
def test_events_on_the_border_of_a_bin_belong_to_the_later_one(width):
    ticks = np.arange(300)
    samples = Recordings(lambda indexes: [Events(ticks, np.zeros(300, int))], torch.tensor([0]), (1,), tick=1e-3)
    found = samples.batch(torch.tensor([0]), 300, width * 1e-3)
    assert found.flatten().tolist() == np.bincount(ticks // width, minlength=300).tolist()


@pytest.fixture(scope="module")
def seen():
    """Emulated recordings of 48 of scikit-learn's digits, and their images."""
    values = load_benchmark("digits").train.batch(torch.arange(48), 1, 1.0)[0]
    images = digits_saccades.enlarge(values)
    return images, saccades.recordings(images, torch.zeros(48, dtype=torch.long))


def test_nothing_to_see_makes_no_events():
    blank = torch.zeros(2, 28, 28, dtype=torch.uint8)
    assert [len(one.ticks) for one in saccades.emulate(blank)] == [0, 0]
    assert saccades.recordings(blank, torch.zeros(2)).batch(torch.arange(2), 30, 0.01).sum() == 0


def test_number_of_events_does_not_depend_on_the_bins(seen):
    _, samples = seen
    every = torch.arange(48)
    fine = samples.batch(every, 300, 1e-3)
    for steps, dt in ((1, 0.3), (30, 0.01), (43, 0.007), (1, 7.0), (600, 5e-4), (500, 1e-3)):
        assert torch.equal(samples.batch(every, steps, dt).sum(dim=0), fine.sum(dim=0))
    assert torch.equal(samples.batch(every, 30, 0.01), fine.reshape(30, 10, *fine.shape[1:]).sum(dim=1))
    assert torch.equal(samples.batch(every, 100, 1e-3), fine[:100])


def test_as_many_on_as_off_events_and_no_implausible_number(seen):
    """The motion ends where it began, and so does what every pixel sees; N-MNIST's recordings have about 4,170 events."""
    _, samples = seen
    counts = samples.batch(torch.arange(48), 1, 0.3)[0]
    assert torch.equal(counts[:, 0], counts[:, 1])
    events = counts.sum(dim=(1, 2, 3))
    assert 1500 < events.min() < events.max() < 8000


@pytest.mark.parametrize("threshold", [0.3, 0.03])
def test_emulator_against_a_plain_one(seen, threshold, monkeypatch):
    """The same camera written pixel by pixel in double precision; events on the verge of a threshold may differ."""
    monkeypatch.setattr(saccades, "THRESHOLD", threshold)
    image = seen[0][5:6]
    offsets = saccades.path(np.arange(301) * 1e-3)
    logs = np.log(saccades.BLACK + image[0].numpy() / 255)
    black = np.log(saccades.BLACK)
    frames = saccades.recordings(image, torch.tensor([0])).batch(torch.tensor([0]), 300, 1e-3)[:, 0].numpy()
    differing = total = 0
    for row, column in itertools.product(range(5, 33, 4), repeat=2):
        level, told = None, np.zeros((300, 2))
        for step, (right, down) in enumerate(offsets):
            rows, columns = (np.maximum(0, 1 - np.abs(at - np.arange(28))) for at in (row - down, column - right))
            log = black + (np.outer(rows, columns) * (logs - black)).sum()
            level = log if level is None else level
            while abs(log - level) >= threshold * (1 - 1e-6):
                up = log > level
                told[step - 1, int(up)] += 1
                level += threshold * (1 if up else -1)
        differing += np.abs(told - frames[:, :, row, column]).sum()
        total += told.sum()
    assert total > 100
    assert differing <= 0.05 * total


def test_events_go_where_the_saccades_go():
    """A bright dot: its events go right and down, right and up, and left; ON events are ahead of OFF events."""
    dot = torch.zeros(1, 28, 28, dtype=torch.uint8)
    dot[0, 12:15, 12:15] = 255
    (events,) = saccades.emulate(dot)
    on, places = events.cells // 34**2, events.cells % 34**2
    position = np.stack([places % 34, places // 34])
    for saccade, direction in enumerate([(1, 1), (1, -1), (-1, 0)]):
        within = (events.ticks // 100 == saccade) & (events.ticks % 100 > 10) & (events.ticks % 100 < 90)
        early, late = within & (events.ticks % 100 < 40), within & (events.ticks % 100 > 60)
        moved = position[:, late].mean(axis=1) - position[:, early].mean(axis=1)
        ahead = position[:, within & (on == 1)].mean(axis=1) - position[:, within & (on == 0)].mean(axis=1)
        for axis in range(2):
            assert np.sign(np.round(moved[axis])) == direction[axis]
            assert np.sign(np.round(ahead[axis])) == direction[axis]
    assert position.min() >= 10
    assert position[0].max() <= 21
    assert position[1].max() <= 23


def test_path_is_an_isosceles_triangle():
    corners = saccades.path(np.array([0, 0.1, 0.2, 0.3]))
    sides = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    assert sides[0] == pytest.approx(sides[1])
    assert sides[2] == pytest.approx(7)
    assert np.array_equal(corners[0], corners[3])


def test_emulated_nmnist(write):
    benchmark = load_benchmark("nmnist-emulated", 0, write())
    assert (len(benchmark.train), len(benchmark.test), benchmark.train.shape) == (10, 7, (2, 34, 34))
    assert benchmark.train.batch(torch.tensor([0, 9]), 30, 0.01).sum() > 1000
    assert torch.equal(benchmark.train.targets, torch.arange(10))


def packed(events):
    """N-MNIST's five bytes of each event (x, y, t, p)."""
    return b"".join(bytes([x, y, p << 7 | t >> 16, t >> 8 & 255, t & 255]) for x, y, t, p in events.tolist())


def some_events(number):
    columns = [DICE.integers(0, limit, number) for limit in (34, 34, 310_000, 2)]
    return np.stack(columns, axis=1)[np.argsort(columns[2], kind="stable")]


@pytest.mark.parametrize("inner", [".", "NMNIST"])
def test_nmnist_files(tmp_path, inner):
    written = {}
    for part, files in (("Train", 2), ("Test", 1)):
        for digit in range(10):
            folder = tmp_path / inner / part / str(digit)
            folder.mkdir(parents=True)
            for number in range(files):
                events = some_events(50 * digit)
                written[part, digit, number] = events
                (folder / f"{number:05}.bin").write_bytes(packed(events))
    benchmark = load_benchmark("nmnist", 0, tmp_path)
    assert (len(benchmark.train), len(benchmark.test), benchmark.train.shape) == (20, 10, (2, 34, 34))
    assert benchmark.train.targets.tolist() == np.repeat(np.arange(10), 2).tolist()
    frames = benchmark.train.batch(torch.tensor([15, 0, 18]), 300, 1e-3)
    for place, (digit, number) in enumerate([(7, 1), (0, 0), (9, 0)]):
        expected = np.zeros((300, 2, 34, 34))
        for x, y, t, p in written["Train", digit, number]:
            if t < 300_000:
                expected[t // 1000, p, y, x] += 1
        assert np.array_equal(frames[:, place].numpy(), expected)


def test_damaged_nmnist_files(tmp_path):
    path = tmp_path / "1.bin"
    for content, complaint in (
        (packed(np.array([[34, 0, 5, 1]])), "x up to 34"),
        (packed(np.array([[0, 50, 5, 1]])), "y up to 50"),
        (packed(some_events(3)) + b"\0\0", "17 bytes, and an event has 5"),
        (packed(some_events(3))[:-1], "14 bytes, and an event has 5"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match=complaint):
            nmnist.read(path)
    with pytest.raises(InputError, match="cannot be read"):
        nmnist.read(tmp_path / "2.bin")
    (tmp_path / "Train").mkdir()
    with pytest.raises(InputError, match="Train: there are no recordings"):
        load_benchmark("nmnist", 0, tmp_path)


@pytest.mark.parametrize("inner", [".", "data_submission", "STMNIST/data_submission"])
def test_st_mnist_files(tmp_path, inner):
    from scipy.io import savemat

    for digit in range(10):
        folder = tmp_path / inner / str(digit)
        folder.mkdir(parents=True)
        for number in range(5):
            table = np.zeros((101, 4))
            table[digit, 0], table[digit, 1], table[99, 1], table[10 * number, 2] = 1, -1, 1, 1
            table[100] = [0.0, 0.25, 1.999999, 2.5]
            savemat(folder / f"person{number}.mat", {"spiketrain": table})
    for place in (tmp_path / inner, tmp_path / inner / "0"):
        savemat(place / "LUT.mat", {"LUT": np.arange(100)})
    benchmark = load_benchmark("st-mnist", 0, tmp_path)
    assert (len(benchmark.train), len(benchmark.test), benchmark.train.shape) == (40, 10, (2, 10, 10))
    assert torch.equal(torch.bincount(benchmark.test.targets), torch.ones(10, dtype=torch.long))
    index = int((benchmark.train.targets == 7).nonzero()[0])
    frames = benchmark.train.batch(torch.tensor([index]), 20, 0.1)[:, 0]
    assert frames.sum() == 4
    assert frames[0, 1, 0, 7] == frames[2, 0, 0, 7] == frames[2, 1, 9, 9] == 1
    assert frames[19, 1, :, 0].sum() == 1


def test_damaged_st_mnist_files(tmp_path):
    from scipy.io import savemat

    path = tmp_path / "1.mat"
    bad = np.zeros((101, 2))
    bad[3], bad[100] = 1, [0.1, -0.1]
    for table, complaint in ((np.zeros((100, 4)), r"'spiketrain' is \(100, 4\)"), (bad, "a time is negative")):
        savemat(path, {"spiketrain": table})
        with pytest.raises(InputError, match=complaint):
            st_mnist.read(path)
    savemat(path, {"something": bad})
    with pytest.raises(InputError, match="no 'spiketrain' can be read"):
        st_mnist.read(path)
    savemat(path, {"spiketrain": DICE.random((101, 30))}, do_compression=True)
    whole = path.read_bytes()
    for content in (b"", b"text", whole[: len(whole) // 2], whole[:200] + bytes(50) + whole[250:]):
        path.write_bytes(content)
        with pytest.raises(InputError, match="no 'spiketrain' can be read"):
            st_mnist.read(path)
