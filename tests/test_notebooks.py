"""Every notebook runs from a clean kernel, and what it prints of crossings and winners is so when computed anew."""

import re
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import costmodel as cm
from graphs.units import parse

ROOT = Path(__file__).parent.parent
MEMRISTOR = ROOT / "notebooks" / "memristor.ipynb"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
UNITS = {"latency": "s", "energy": "J"}
CROSSING = re.compile(r"^(.+) in (latency|energy): r_on = (\S+ \S+) \(.*; put in: array (\S+ \S+), rival (\S+ \S+)$", re.MULTILINE)
WINNER = re.compile(r"^against (.+) in (latency|energy), r_on from (\S+ \S+) to (\S+ \S+): (.+)$", re.MULTILINE)
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
    def run(path: Path) -> nbformat.NotebookNode:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("PYTHONPATH", str(ROOT))
            environment.setenv("IPYTHONDIR", str(folder / "ipython"))
            notebook = nbformat.read(path, as_version=4)
            place = {"metadata": {"path": str(folder)}}
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


def test_what_is_kept_is_complete_and_small():
    for path in NOTEBOOKS:
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), f"{path.name}: run it from the top"
        assert path.stat().st_size < 1.5e6
