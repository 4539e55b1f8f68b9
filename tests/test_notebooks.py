"""Every notebook runs from a clean kernel, and what it prints of crossings and winners is so when computed anew."""

import json
import re
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from typer.testing import CliRunner

import costmodel as cm
from costmodel.cli import app
from costmodel.graphs.errors import InputError
from costmodel.graphs.settings.units import parse, pretty
from tests.networks import LIF, chain, linear

ROOT = Path(__file__).parent.parent
MEMRISTOR = ROOT / "notebooks" / "memristor.ipynb"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
UNITS = {"latency": "s", "energy": "J"}
CROSSING = re.compile(r"^(.+) in (latency|energy): r_on = (\S+ \S+) \(.*; put in: array (\S+ \S+), rival (\S+ \S+)$", re.MULTILINE)
WINNER = re.compile(r"^against (.+) in (latency|energy), r_on from (\S+ \S+) to (\S+ \S+): (.+)$", re.MULTILINE)
HOST = re.compile(r"^t_host (\S+ \S+): (\S+ \S+), (\S+ \S+), bound by (.+)$", re.MULTILINE)
DRAW = re.compile(r"^.+: equal at \S+ % of it: (.+)$", re.MULTILINE)
SOLVED = re.compile(r"(\w+) from \S+ \S+ to (\S+ \S+)")
RIVALS = {
    "loihi": {"device": "loihi"},
    "loihi without its host": {"device": "loihi", "values": {"t_host": 0.0}},
    "h100": {"device": "h100"},
    "h100 with many at once": {"device": "h100", "batch": 16_384},
}


def printed(notebook: nbformat.NotebookNode) -> str:
    """What all cells together have printed."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Runs a notebook once, in an empty folder, with this checkout's packages."""
    folder = tmp_path_factory.mktemp("notebooks")

    @cache
    def run(path: Path, at: Path = folder) -> nbformat.NotebookNode:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("PYTHONPATH", str(ROOT))
            environment.setenv("IPYTHONDIR", str(folder / "ipython"))
            notebook = nbformat.read(path, as_version=4)
            place = {"metadata": {"path": str(at)}}
            return NotebookClient(notebook, timeout=180, kernel_name="python3", resources=place).execute()

    return run


@cache
def rival(name: str, metric: str) -> float:
    return getattr(cm.estimate(cm.load("yin-yang-ttfs"), **RIVALS[name]), metric).value


def array(r_on: np.ndarray, metric: str) -> np.ndarray:
    """The array's costs at some r_on, its ratio of off to on kept."""
    estimator = cm.Estimator(cm.Workload(cm.load("yin-yang-ttfs")), cm.part("memfpaa-hfox"))
    known = estimator.part.values
    assert known["r_on"]
    assert known["r_off"]
    return getattr(estimator.figures({"r_on": r_on, "r_off": known["r_off"] / known["r_on"] * r_on}), metric)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_and_print_what_they_are_kept_with(path, executed):
    """Accuracies may differ by some samples from machine to machine; costs may not."""
    kept, now = printed(nbformat.read(path, as_version=4)), printed(executed(path))
    costs = [line for line in kept.splitlines() if CROSSING.match(line) or WINNER.match(line)]
    assert set(costs) <= set(now.splitlines())
    assert len(kept.splitlines()) == len(now.splitlines())


def test_crossings_are_where_both_cost_the_same(executed):
    found = CROSSING.findall(printed(executed(MEMRISTOR)))
    assert {(name, metric) for name, metric, *_ in found} >= {(n, m) for n in ("loihi", "h100") for m in UNITS}
    for name, metric, r_on, of_array, of_rival in found:
        there = array(np.array([parse(r_on, "ohm")]), metric)[0]
        assert there == pytest.approx(rival(name, metric), rel=1e-3), (name, metric)
        for told in (of_array, of_rival):
            assert parse(told, UNITS[metric]) == pytest.approx(there, rel=1e-3), (name, metric)


def test_winners_win_over_the_whole_span(executed):
    found = WINNER.findall(printed(executed(MEMRISTOR)))
    assert len(found) == len(CROSSING.findall(printed(executed(MEMRISTOR))))
    for name, metric, low, high, told in found:
        span = np.geomspace(parse(low, "ohm"), parse(high, "ohm"), 50)
        least = (rival(name, metric) / array(span, metric)).min()
        assert told.startswith("the array wins") == (least > 1), (name, metric)
        if least > 1:
            assert float(told.split()[-2].replace(",", "")) == pytest.approx(least, rel=0.05)


def test_the_cost_report_tells_what_a_faster_host_would_give(executed):
    found = HOST.findall(printed(executed(ROOT / "notebooks" / "cost-report.ipynb")))
    assert len(found) == 3
    for t_host, latency, energy, bound_by in found:
        e = cm.estimate(cm.load("mnist-784-128-10"), "loihi", values={"t_host": parse(t_host, "s")})
        assert parse(latency, "s") == pytest.approx(e.latency.value, rel=5e-3)
        assert parse(energy, "J") == pytest.approx(e.energy.value, rel=5e-3)
        assert bound_by == e.bound_by


def test_which_hardware_solves_for_a_draw(executed):
    found = DRAW.findall(printed(executed(ROOT / "notebooks" / "which-hardware.ipynb")))
    frugal = cm.compare(cm.load("mnist-784-128-10"), "artix7-100t").energy_j.min()
    assert found
    for told in found:
        values = {name: parse(value, "s" if name.startswith("t_") else "W") for name, value in SOLVED.findall(told)}
        assert cm.estimate(cm.load("mnist-784-128-10"), "loihi", values=values).energy.value == pytest.approx(frugal, rel=0.01)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["yin-yang", "-d", "loihi", "-d", "h100", "--set", "t_host=20us", "--timesteps", "30", "--rate", "0.02"],
            "123 neurons",
        ),
        (["mnist-784-128-10", "--batch", "4", "--set", "bits=6"], "101,770 parameters"),
        (["yin-yang", "-d", "h100", "-d", "cpu-desktop", "--phase", "training"], "123 neurons"),
        (["mnist-784-128-10", "-d", "odin"], "101,770 parameters"),
    ],
)
def test_a_notebook_of_ones_own_runs_and_has_the_report_s_costs(words, said, executed, tmp_path):
    path = tmp_path / "own.ipynb"
    result = CliRunner().invoke(app, ["report", *words, "--out", str(tmp_path / "r.html"), "--notebook", str(path), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["notebook"] == str(path)
    ran = executed(path)
    assert said in printed(ran)
    shown = [
        output.data["text/html"]
        for cell in ran.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    for e in told["estimates"]:
        if e["feasible"]:
            assert pretty(e["latency_s"]["value"], "s") in shown[0]
            assert pretty(e["energy_j"]["value"], "J") in shown[0]


def test_a_notebook_finds_the_user_s_own_files(executed, tmp_path, monkeypatch):
    """Paths are as seen from the notebook's folder, wherever the command was given."""
    folder = tmp_path / "a place" / "notebooks"
    folder.mkdir(parents=True)
    (tmp_path / "mine.json").write_text(json.dumps(chain([8], linear(4), LIF, timesteps=5)), encoding="utf-8")
    (tmp_path / "mine.toml").write_text((ROOT / "devices" / "parts" / "loihi.toml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = ["report", "mine.json", "-d", "mine.toml", "-d", "h100", "--out", "r.html", "--notebook", str(folder / "own.ipynb")]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert "chain: 4 neurons" in printed(executed(folder / "own.ipynb", folder))


def test_only_notebooks_are_written_as_such(tmp_path):
    result = CliRunner().invoke(
        app, ["report", "neuron-lif", "--out", str(tmp_path / "r.html"), "--notebook", str(tmp_path / "own.py")]
    )
    assert isinstance(result.exception, InputError)
    assert "--notebook" in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_what_is_kept_is_complete_and_small():
    for path in NOTEBOOKS:
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), f"{path.name}: run it from the top"
        assert path.stat().st_size < 1.5e6
