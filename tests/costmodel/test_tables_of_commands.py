"""Tables of the other commands: whole names and numbers, however narrow the terminal."""

import json
import math
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from costmodel.commands.sweep import show as show_sweep
from costmodel.devices.device import Limit
from costmodel.estimates.interval import Interval
from costmodel.estimates.reaching import Curve, Reach
from costmodel.estimates.request import request
from costmodel.estimates.tables import show_reaches
from costmodel.graphs.reading.loading import load
from costmodel.sweeping.reducing import Extreme
from costmodel.sweeping.running import Sweep
from costmodel.sweeping.space import read_space
from costmodel.tabulating import Table
from costmodel.validation.circuits.simulating import Row, Simulated
from costmodel.validation.runs.tables import show_run
from costmodel.validation.scoreboard.printing import ROWS
from costmodel.validation.scoreboard.score import Row as Scored
from tests.command import costmodel
from tests.printed import between, holds, is_estimate, side_by_side, stacked

if TYPE_CHECKING:
    from costmodel.validation.runs.run import Run

MNIST = "mnist-784-128-10"


def at(width, capsys, monkeypatch, *words):
    """What a command prints at a width, no line longer than that."""
    monkeypatch.setenv("COLUMNS", f"{width}")
    answer = costmodel(capsys, monkeypatch, *words)
    assert answer.code == 0, answer.err
    assert max(map(len, answer.out.splitlines())) <= width
    return answer.out


def as_json(capsys, monkeypatch, *words):
    return json.loads(costmodel(capsys, monkeypatch, *words, "--json").out)


def test_whatif_at_sixty_columns(capsys, monkeypatch):
    words = ("whatif", MNIST, "-d", "memfpaa-hfox", "--set", "t_event=1us", "--against", "loihi")
    wanted, text = as_json(capsys, monkeypatch, *words), at(60, capsys, monkeypatch, *words)
    rows = stacked(text)
    assert [row[0] for row in rows] == ["before", "after", "against"]
    for label, *cells in rows:
        is_estimate(cells, wanted[label], hosted=True)
    assert "3.72 ms slower" in text.replace("\n", " ")
    assert not re.search(r"\d\n[fpnµmkMG]?[sJ]\b", text), "no quantity is broken"


def test_sensitivity_at_sixty_columns(capsys, monkeypatch):
    words = ("sensitivity", MNIST, "-d", "loihi", "--metric", "energy")
    found = {row["parameter"]: row for row in as_json(capsys, monkeypatch, *words)["parameters"]}
    _, rows = side_by_side(at(60, capsys, monkeypatch, *words))
    assert len(rows) > 10
    for parameter, cell, slope, *_ in rows:
        row = found[parameter]
        holds(cell, row["value"], "" if row["unit"] in ("1", "") else row["unit"])
        assert float(slope.rstrip("*")) == pytest.approx(row["elasticity"], abs=5.1e-4)


@pytest.mark.parametrize("width", [30, 60])
def test_crossover(width, capsys, monkeypatch):
    words = ("crossover", MNIST, "-d", "memfpaa-hfox", "-d", "loihi", "--over", "memfpaa-hfox.t_event=1ns:100us")
    leads = as_json(capsys, monkeypatch, *words)["leads"]
    text = at(width, capsys, monkeypatch, *words)
    rows = side_by_side(text)[1] if "─" in text else stacked(text)
    assert len(rows) == len(leads) == 2
    for (low, high, better, *by), lead in zip(rows, leads, strict=True):
        holds(low, lead["low"], "s")
        holds(high, lead["high"], "s")
        assert better == lead["winner"]
        assert all(re.fullmatch(r"up to [\d,.]+ times", one) for one in by)
    area = at(width, capsys, monkeypatch, *words, "--over", "timesteps=1:100")
    assert len({line.index("│") for line in area.splitlines() if "│" in line}) == 1
    assert sum("│" in line for line in area.splitlines()) > 10


@pytest.mark.parametrize("width", [40, 60])
def test_devices(width, capsys, monkeypatch):
    """Parts by name, and the constants of one; prose is in whole words."""
    titles = {d["name"]: d["title"] for d in as_json(capsys, monkeypatch, "devices")["devices"]}
    text = at(width, capsys, monkeypatch, "devices")
    for name, title in titles.items():
        assert re.search(rf"(^|  ){re.escape(name)}(  |$)", text, re.MULTILINE), name
        assert all(word in text.split() for word in title.split()), title
    constants = as_json(capsys, monkeypatch, "devices", "memfpaa-hfox")["parameters"]
    shown = at(width, capsys, monkeypatch, "devices", "memfpaa-hfox").split("\n\nsources")[0]
    rows = side_by_side(f"{shown}\n\n")[1] if "─" in shown else stacked(shown)
    found = {cells[0]: cells[1] for cells in rows if cells[0] in constants}
    assert found.keys() == constants.keys()
    for key, constant in constants.items():
        if constant["value"] is not None and constant["unit"] in ("1", "s", "J", "V", "F", "A", "ohm", "W"):
            holds(found[key], constant["value"], "" if constant["unit"] == "1" else constant["unit"])


def test_sweep_at_sixty_columns(capsys, monkeypatch):
    asked = request(MNIST, ["memfpaa-hfox"])
    space = read_space(["t_event=1ns:100us:9:log", "rate.lif1=0.01:0.1:9"], asked.network, asked.parts[0])
    points = {"t_event": 1.23e-6, "rate.lif1": 0.0456}, {"t_event": 1e-4, "rate.lif1": 0.1}
    costs = {"latency": 3.456e-6, "energy": 1.234e-7}, {"latency": 9.994e-4, "energy": 9.996e-7}
    kinds = [(metric, most) for metric in ("latency", "energy") for most in (False, True)]
    ends = tuple(Extreme(metric, most, 0, points[most], costs[most]) for metric, most in kinds)
    monkeypatch.setenv("COLUMNS", "60")
    show_sweep(Sweep(space, 81, 81, 0.0268, 14.5, 0, ends, None))
    headings, rows = side_by_side(capsys.readouterr().out)
    assert sorted(headings.split()) == sorted("parameter least latency most latency least energy most energy".split())  # noqa: SIM905
    assert rows == [
        ["latency", "3.46 µs", "999 µs", "3.46 µs", "999 µs"], ["energy", "123 nJ", "1 µJ", "123 nJ", "1 µJ"],
        ["t_event", "1.23 µs", "100 µs", "1.23 µs", "100 µs"], ["rate.lif1", "0.0456", "0.1", "0.0456", "0.1"],
    ]  # fmt: skip


def test_pareto_at_forty_columns(capsys, monkeypatch):
    words = (
        "pareto",
        MNIST,
        "-d",
        "memfpaa-hfox",
        "--over",
        "timesteps=1:50",
        "--over",
        "r_on=1kΩ:1MΩ:log",
        "--evaluations",
        "100",
    )
    front = as_json(capsys, monkeypatch, *words)["front"]
    records = stacked(at(40, capsys, monkeypatch, *words))
    assert len(records) == min(len(front), 20)
    device, latency, energy, timesteps, resistance = records[0]
    assert device == "memfpaa-hfox"
    holds(latency, front[0]["latency_s"], "s")
    holds(energy, front[0]["energy_j"], "J")
    holds(timesteps, front[0]["point"]["timesteps"])
    holds(resistance, front[0]["point"]["r_on"], "ohm")


def test_circuits_at_thirty_and_sixty_columns(capsys, monkeypatch):
    rows = (Row("settling_time", "s", 5.9224e-11, 5.897e-11), Row("worst_column", "1", 1234.5678, math.inf))
    for width in (60, 30):
        monkeypatch.setenv("COLUMNS", f"{width}")
        Simulated("a-circuit", "", rows).show()
        text = capsys.readouterr().out
        assert max(map(len, text.splitlines())) <= width
        cells = side_by_side(text)[1] if "─" in text else stacked(text)
        assert cells == [["settling_time", "59.22 ps", "58.97 ps", "+0.43%"], ["worst_column", "1,235", "–", "–"]]


def test_training_to_an_accuracy_at_sixty_columns(capsys, monkeypatch):
    found = Curve(0.9, 0.9125, True, 12, 5678, 1234567, 64, {}, 83.4)
    cost = {"value": 12345.6, "low": 1111.0, "high": 234567.0}
    reach = Reach("cpu-raspberry-pi-4", "cpu", (), Interval(**cost), Interval(**cost), 1.2345e-5)
    refused = Reach("odin", "asic", (Limit("weight memory", 50885, 32768, ("fewer bits",)),))
    monkeypatch.setenv("COLUMNS", "60")
    show_reaches(load(MNIST), found, {"forward": 4.5678e12}, [reach, refused])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 60
    ((device, time, time_90, energy, energy_90, *_),) = side_by_side(text)[1]
    assert device == "cpu-raspberry-pi-4"
    holds(time, 12345.6, "s")
    between(time_90, cost, "s", time)
    holds(energy, 12345.6, "J")
    between(energy_90, cost, "J", energy)
    assert "needs 50,885, has 32,768" in " ".join(text.split())


def test_a_run_at_forty_columns(capsys, monkeypatch, tmp_path):
    rates = {"a-node-of-a-long-name": {"mean": 0.012345, "low": 0.0012, "high": 0.1234}}
    done = SimpleNamespace(
        network=SimpleNamespace(name="net"), evaluation=SimpleNamespace(accuracy=0.9123, samples=10000), seed=3,
        trainer=SimpleNamespace(epochs_done=[{"seconds": 1234.0}], benchmark=SimpleNamespace(name="mnist"),
                                settings=SimpleNamespace(rule="bptt")),
        rates=lambda: rates, result=lambda: {"spikes_per_sample": {"a-node-of-a-long-name": 1234.56}},
    )  # fmt: skip
    for width, cells in ((80, ["0.0123", "0.0012–0.123", "1,230"]), (40, ["0.0123", "1,230"])):
        monkeypatch.setenv("COLUMNS", f"{width}")
        show_run(cast("Run", done), tmp_path)
        text = capsys.readouterr().out
        assert side_by_side(text)[1] == [["a-node-of-a-long-name", *cells]]
        assert str(tmp_path) in text, "a path is never broken"


def test_the_scoreboard_at_sixty_columns(monkeypatch):
    row = Scored("cpu", "g", "cpu-desktop/yin-yang-ttfs-1", "training step", "s", 1.2345e-3, 1e-3, 2e-3, 1.3e-3, True, "", "")
    for width, cells in ((100, ["1.23 ms", "1.3 ms", "-5.0%", "yes"]), (60, ["-5.0%"])):
        monkeypatch.setenv("COLUMNS", f"{width}")
        shown = side_by_side(f"\n{Table(ROWS, [row]).text()}\n\n")[1]
        assert shown == [["cpu-desktop/yin-yang-ttfs-1", "training step", *cells]]
