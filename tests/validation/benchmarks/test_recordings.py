"""Recordings of events: cut into bins, emulated by saccades, and read from the files of N-MNIST and ST-MNIST."""

import itertools

import numpy as np
import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.validation.benchmarks import digits_saccades, load_benchmark, nmnist, saccades, st_mnist
from costmodel.validation.benchmarks.recordings import Events, Recordings

DICE = np.random.default_rng(7)


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
