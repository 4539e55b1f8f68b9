"""A run's folder: what is in it, going on with it after a crash, and reading many back."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.reading.loading import load
from costmodel.validation.learning.training import Progress
from costmodel.validation.records.folder import RunFolder
from costmodel.validation.records.reading import curves, runs
from costmodel.validation.records.scores import learning_curves, markdown, scores
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runs.run import run
from tests.command import costmodel
from tests.networks import LIF, chain, linear

FILES = {"run.json", "checkpoint.pt", "epochs.json", "result.json", "network.json", "weights.npz", "elements.npz"}
FIGURES = {"learning-curve.png", "confusion.png", "raster.png", "membranes.png"}


NOISE = [
    {"type": "dynamic", "final_deviation": 0.2},
    {"type": "read-variation", "deviation": 0.05},
    {"type": "adversarial", "bound": 0.05, "neurons": 8},
]


def digits(epochs=1, *, hidden=12, noise=(), **training) -> Network:
    """Small, under a random encoder."""
    lif = {**LIF, "r": 10.0}
    document = chain([64], linear(hidden), lif, linear(10), lif, timesteps=5, benchmark="digits")
    document["nodes"][0]["encoder"] = "poisson"
    document["noise"] = list(noise)
    document["training"] = {"epochs": epochs, "batch": 256, "learning_rate": 0.01, "schedule": "cosine", **training}
    return Network.from_document(document)


def same_numbers(one: Path, other: Path) -> None:
    """Metrics of all epochs, results and weights of two runs on one machine and as many threads are equal to the last bit; only
    times differ."""
    for a, b in zip(RunFolder(one).epochs(), RunFolder(other).epochs(), strict=True):
        assert {k: v for k, v in a.items() if k != "seconds"} == {k: v for k, v in b.items() if k != "seconds"}
    first, second = (RunFolder(path).result() for path in (one, other))
    assert first["confusion"] == second["confusion"]
    assert first["spikes_per_sample"] == second["spikes_per_sample"]
    with np.load(one / "weights.npz") as a, np.load(other / "weights.npz") as b:
        assert set(a.files) == set(b.files)
        assert all(np.array_equal(a[key], b[key]) for key in a.files)


class CrashError(Exception):
    pass


@pytest.mark.parametrize("after", [0, 2])
def test_going_on_gives_the_numbers_of_an_uninterrupted_run(tmp_path, after):
    """A crash within epoch after + 1 loses that epoch and nothing else, with everything that draws at random."""
    network = digits(3, noise=NOISE)
    batches = iter(range(10**6))

    def fall(phase: str, done: int, total: int) -> None:
        if phase == "train" and next(batches) == 6 * after + 4:  # 1,437 samples are 6 batches of 256
            raise CrashError

    run(network, seed=3, out=tmp_path / "whole")
    with pytest.raises(CrashError):
        run(network, seed=3, out=tmp_path / "broken", progress=Progress(batch=fall))
    kept = tmp_path / "broken" / "epochs.json"
    assert (len(json.loads(kept.read_text())) if kept.exists() else 0) == after
    resumed = run(network, out=tmp_path / "broken", resume=True)
    assert resumed.seed == 3
    same_numbers(tmp_path / "whole", tmp_path / "broken")


@pytest.fixture
def one_thread():
    """Sums over threads round otherwise than on one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_a_killed_process_loses_at_most_one_epoch(tmp_path):
    """SIGKILL at any moment of a run of the command, and --resume."""
    network = tmp_path / "digits.json"
    network.write_text(json.dumps(digits(12).settings.model_dump(mode="json", exclude_unset=True)))
    words = [sys.executable, "-m", "costmodel", "run", str(network), "--threads", "1", "--out"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    with subprocess.Popen([*words, str(tmp_path / "killed")], env=environment, stdout=subprocess.DEVNULL) as process:
        kept = tmp_path / "killed" / "epochs.json"
        while not kept.exists():
            assert process.poll() is None, "ended before it could be killed"
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "killed" / "result.json").exists()
    subprocess.run([*words, str(tmp_path / "killed"), "--resume"], env=environment, check=True, stdout=subprocess.DEVNULL)
    run(load(str(network)), out=tmp_path / "whole")
    same_numbers(tmp_path / "whole", tmp_path / "killed")


def test_a_longer_run_may_be_made_of_a_shorter_one(tmp_path):
    """With a learning rate that stays, two epochs and then two more are four, bit for bit within one process."""
    for epochs in (2, 4):
        run(digits(epochs, schedule="constant"), out=tmp_path / "grown", resume=epochs == 4)
    run(digits(4, schedule="constant"), out=tmp_path / "whole")
    assert [epoch["accuracy"] for epoch in RunFolder(tmp_path / "grown").epochs()] == [
        epoch["accuracy"] for epoch in RunFolder(tmp_path / "whole").epochs()
    ]


def test_what_a_folder_holds(tmp_path):
    done = run(digits(2), seed=5, out=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == FILES | FIGURES
    known = json.loads((tmp_path / "run.json").read_text())
    assert known["seed"] == 5
    assert known["network"]["training"]["batch"] == 256
    assert {"snn-costmodel", "torch", "numpy", "numba", "python"} <= set(known["versions"])
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
    assert known["commit"].rstrip("+") == head.stdout.strip()
    result = RunFolder(tmp_path).result()
    assert result["accuracy"] == done.evaluation.accuracy == np.trace(result["confusion"]) / np.sum(result["confusion"])
    assert result["test_samples"] == np.sum(result["confusion"]) == 360


def test_the_trained_network_comes_back_with_its_weights_and_rates(tmp_path):
    done = run(digits(2), out=tmp_path)
    back = load(str(tmp_path / "network.json"))
    for name in ("n0", "n2"):
        assert np.array_equal(back.arrays[name]["weight"], done.trainer.learner.arrays()[name]["weight"].numpy())
        assert np.array_equal(NetworkModel(back).parts[name].weight.detach(), back.arrays[name]["weight"])
    for name in ("in", "n1", "n3"):
        rate, measured = back.nodes[name].rate, done.evaluation.activity[name]
        assert rate.kind == "measured"
        assert rate.mean == pytest.approx(measured.mean(), rel=1e-5)
        assert [rate.low, rate.high] == pytest.approx(list(np.quantile(measured, [0.05, 0.95])), rel=1e-5)
        assert "360 test samples of digits after 2 epochs, seed 0" in rate.source


def test_folders_at_fault(tmp_path):
    run(digits(1), out=tmp_path / "one")
    again = {"out": tmp_path / "one", "resume": True}
    with pytest.raises(InputError, match="holds a run already; go on with --resume, or choose another folder"):
        run(digits(1), out=tmp_path / "one")
    with pytest.raises(InputError, match=r"has other settings \(nodes\)"):
        run(digits(1, hidden=25), **again)
    with pytest.raises(InputError, match="has seed 0; leave --seed out"):
        run(digits(1), seed=1, **again)
    with pytest.raises(InputError, match="holds no run"):
        run(digits(1), out=tmp_path / "none", resume=True)
    (tmp_path / "one" / "checkpoint.pt").write_bytes(b"half a file")
    with pytest.raises(InputError, match=r"checkpoint\.pt: is damaged"):
        run(digits(1), **again)
    (tmp_path / "one" / "epochs.json").write_text("[{")
    with pytest.raises(InputError, match=r"epochs\.json cannot be read"):
        runs(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        run(digits(1), out=tmp_path / "file" / "below")


def test_runs_read_back_into_one_table(tmp_path):
    done = [run(digits(epochs), seed=seed, out=tmp_path / f"{seed}") for seed, epochs in ((0, 1), (1, 2))]
    with pytest.raises(CrashError):
        run(digits(2), seed=2, out=tmp_path / "2", progress=Progress(batch=_crash))
    found = runs(tmp_path)
    assert list(found["seed"]) == [0, 1, 2]
    assert list(found["epochs"]) == [1, 2, 0]
    assert list(found["ended"]) == [True, True, False]
    assert list(found["accuracy"].dropna()) == [each.evaluation.accuracy for each in done]
    assert set(found["benchmark"]) == {"digits"}
    rows = curves(tmp_path / "1")
    assert list(rows.index.get_level_values("epoch")) == [1, 2]
    assert list(rows["loss"]) == [epoch["loss"] for epoch in done[1].trainer.epochs_done]
    assert list(rows["rate.n1"]) == [epoch["rates"]["n1"] for epoch in done[1].trainer.epochs_done]
    with pytest.raises(InputError, match="holds no run"):
        runs(tmp_path / "0" / "none")


def _crash(phase: str, done: int, total: int) -> None:
    raise CrashError


def test_runs_of_the_command_line(tmp_path, capsys, monkeypatch):
    run(digits(1), out=tmp_path / "a")
    answer = costmodel(capsys, monkeypatch, "runs", tmp_path, "--json")
    rows = json.loads(answer.out)["runs"]
    assert [row["accuracy"] for row in rows] == pytest.approx([RunFolder(tmp_path / "a").result()["accuracy"]], rel=1e-12)
    shown = costmodel(capsys, monkeypatch, "runs", tmp_path).out
    assert f"{100 * rows[0]['accuracy']:.2f} %" in shown
    assert max(len(line) for line in shown.splitlines() if str(tmp_path) not in line) <= 80  # a path is never broken
    monkeypatch.setenv("COLUMNS", "20")
    shown = costmodel(capsys, monkeypatch, "runs", tmp_path).out.splitlines()
    assert f"  folder  {tmp_path / 'a'}" in shown, "a path is never broken"
    assert f"  test    {100 * rows[0]['accuracy']:.2f} %" in shown


def test_runs_of_several_seeds_side_by_side(tmp_path):
    done = [run(digits(2), seed=seed, out=tmp_path / f"{seed}") for seed in (1, 0)]
    table = scores(tmp_path)
    row = table.loc[("chain", "bptt")]
    assert row["seeds"] == [0, 1]
    assert row["values"] == [pytest.approx(100 * each.evaluation.accuracy) for each in reversed(done)]
    assert row["mean"] == pytest.approx(50 * sum(each.evaluation.accuracy for each in done))
    assert f"**{row['mean']:.2f} %**" in markdown(table)
    panel = learning_curves(tmp_path).axes[0]
    assert [list(line.get_ydata()) for line in panel.lines] == [
        [100 * epoch["accuracy"] for epoch in RunFolder(tmp_path / seed).epochs()] for seed in ("0", "1")
    ]
