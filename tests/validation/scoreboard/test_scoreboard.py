"""The scoreboard: what a ledger refuses, how a run goes on, its figures, and the command."""

import json
import math
from pathlib import Path
from typing import ClassVar

import pytest

from costmodel.graphs.errors import InputError
from costmodel.validation.scoreboard import board, families
from costmodel.validation.scoreboard.family import Bound, Case, Family, Predicted, Prediction
from costmodel.validation.scoreboard.ledger import Ledger
from costmodel.validation.scoreboard.printing import as_json
from costmodel.validation.scoreboard.report import Scored, summary, write_report
from costmodel.validation.scoreboard.score import Row, rows, score
from tests.command import costmodel


class Halves(Family):
    """Ten cases; predicted is half of what is measured where the number is odd."""

    name = "halves"
    title = "half of it where odd"
    units: ClassVar = {"latency": "s"}
    bounds: ClassVar = {"latency": Bound(median=0.1)}
    prepared: ClassVar[list[dict]] = []
    order: ClassVar[list[str]] = []
    fails_at: ClassVar[str | None] = None

    def prepare(self, kept):
        self.prepared.append(dict(kept))
        self.provenance = kept or {"part": "mine"}

    def cases(self):
        return [Case(str(n), scored=n != 9, source="here", group="odd" if n % 2 else "even") for n in range(1, 11)]

    def predict(self, case):
        self.order.append(f"p{case.name}")
        value = float(case.name) * (0.5 if int(case.name) % 2 else 1)
        return Prediction({"latency": Predicted(value, value * 0.9, value * 1.1)}, "a note")

    def measure(self, case):
        if case.name == self.fails_at:
            raise KeyboardInterrupt
        self.order.append(f"m{case.name}")
        return {"latency": float(case.name)}


@pytest.fixture
def halves(monkeypatch):
    for name in ("prepared", "order"):
        monkeypatch.setattr(Halves, name, [])
    monkeypatch.setattr(Halves, "fails_at", None)
    monkeypatch.setattr(families, "known", lambda: {"halves": Halves})
    return Halves


def told(*_):
    pass


def test_everything_is_predicted_before_anything_is_measured(halves, tmp_path):
    board.run("halves", tmp_path, told)
    assert halves.order == [f"p{n}" for n in range(1, 11)] + [f"m{n}" for n in range(1, 11)]


def test_a_run_that_was_stopped_goes_on_and_predicts_nothing_again(halves, monkeypatch, tmp_path):
    monkeypatch.setattr(halves, "fails_at", "6")
    with pytest.raises(KeyboardInterrupt):
        board.run("halves", tmp_path, told)
    halves.order.clear()
    monkeypatch.setattr(halves, "fails_at", None)
    _, ledger, found = board.run("halves", tmp_path, told)
    assert halves.order == ["m6", "m7", "m8", "m9", "m10"]
    assert halves.prepared[1]["part"] == "mine"
    assert len(found) == len(ledger.measured) == 10
    halves.order.clear()
    board.run("halves", tmp_path, told)
    assert halves.order == []


def test_all_are_visited_before_any_is_again_and_the_least_counts(halves, monkeypatch, tmp_path):
    monkeypatch.setattr(halves, "visits", 2)
    monkeypatch.setattr(halves, "fails_at", "6")
    with pytest.raises(KeyboardInterrupt):
        board.run("halves", tmp_path, told)
    monkeypatch.setattr(halves, "fails_at", None)
    halves.order.clear()
    _, ledger, _ = board.run("halves", tmp_path, told)
    assert halves.order == [f"m{n}" for n in [*range(6, 11), *range(1, 11)]]
    assert ledger.visited("1") == 2
    with pytest.raises(ValueError, match="each visit measured once"):
        ledger.measure("1", {"latency": 0.5}, 2)
    before = ledger.measured["1"]["latency"]
    ledger.measure("1", {"latency": before / 2}, 3)
    ledger.measure("1", {"latency": before * 2}, 4)
    assert Ledger(tmp_path / "halves.jsonl").measured["1"]["latency"] == before / 2


def test_a_prediction_is_never_changed(tmp_path):
    ledger = Ledger(tmp_path / "one.jsonl")
    ledger.begin({})
    first = Prediction({"latency": Predicted(1.0, 0.9, 1.1)})
    with pytest.raises(ValueError, match="predicted before it is measured"):
        ledger.measure("a", {"latency": 1.0})
    ledger.predict("a", first)
    with pytest.raises(ValueError, match="never changed"):
        ledger.predict("a", first)
    ledger.measure("a", {"latency": 2.0})
    with pytest.raises(ValueError, match="measured once"):
        ledger.measure("a", {"latency": 3.0})
    assert Ledger(tmp_path / "one.jsonl").measured == {"a": {"latency": 2.0}}


def test_half_a_line_of_a_crash_is_dropped_and_nonsense_is_refused(tmp_path):
    path = tmp_path / "one.jsonl"
    ledger = Ledger(path)
    ledger.begin({"date": "today"})
    ledger.predict("a", Prediction({"latency": Predicted(1.0, 0.9, 1.1)}))
    whole = path.read_text()
    path.write_text(whole + '{"case": "a", "meas')
    assert Ledger(path).predicted.keys() == {"a"}
    assert path.read_text() == whole
    path.write_text(whole + "nonsense\n")
    with pytest.raises(InputError, match="line 3 is none of a scoreboard's"):
        Ledger(path)


def row(predicted: float, measured: float, *, scored: bool = True) -> Row:
    return Row("f", "", "c", "q", "s", predicted, predicted * 0.9, predicted * 1.1, measured, scored, "", "")


def test_the_figures_are_those_of_scored_rows_alone():
    some = [row(1.0, 1.0), row(2.0, 1.0), row(1.0, 10.0), row(5.0, 1.0, scored=False)]
    found = score(some)
    assert found is not None
    assert found.rows == 3
    assert found.median == pytest.approx(0.9)
    assert found.median_log10 == pytest.approx(math.log10(2))
    assert found.coverage == pytest.approx(1 / 3)
    assert score(some[3:]) is None


def test_the_document_shows_every_row_and_says_which_do_not_count(halves, tmp_path):
    made, _, found = board.run("halves", tmp_path, told)
    path = tmp_path / "docs" / "validation.md"
    path.parent.mkdir()
    write_report(path, [Scored(made, found)])
    text = path.read_text()
    assert path.with_suffix(".svg").read_text().count("<svg") == 1
    assert summary([Scored(made, found)]).splitlines()[-1].startswith("| halves | latency | 9 | 0.0 % | 50.0 % |")
    rows_of_all = text.split("<details>")[1]
    assert all(f"| {n} | latency |" in rows_of_all for n in range(1, 11))
    assert "not scored; a note" in rows_of_all
    assert "| odd | latency | 4 | 1 | 50.0 % |" in text


def test_the_json_is_as_agreed(halves, tmp_path):
    made, ledger, found = board.run("halves", tmp_path, told)
    document = as_json([Scored(made, found)])
    assert document["families"]["halves"] == {
        "rows": 9, "median_abs_error": 0.0, "p90_abs_error": 0.5, "coverage_90": pytest.approx(5 / 9),
    }  # fmt: skip
    keys = {"family", "case", "quantity", "predicted", "low", "high", "measured", "error", "source"}
    assert keys <= document["rows"][0].keys()
    assert rows(made, ledger) == found


def test_the_command_runs_a_family_and_refuses_others(halves, capsys, monkeypatch, tmp_path):
    answer = costmodel(capsys, monkeypatch, "validate", "halves", "--out", str(tmp_path), "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["families"]["halves"]["rows"] == 9
    assert (tmp_path / "validation.md").exists()
    shown = costmodel(capsys, monkeypatch, "validate", "--out", str(tmp_path))
    assert "-50.0%" in shown.out
    assert max(len(line) for line in shown.out.splitlines() if not line.startswith("document:")) <= 80
    refused = costmodel(capsys, monkeypatch, "validate", "halfs", "--out", str(tmp_path))
    assert refused.code == 2
    assert "there is no family 'halfs'; did you mean 'halves'?" in refused.err


def test_what_cannot_be_measured_here_is_told_and_left_out(halves, capsys, monkeypatch, tmp_path):
    """Where its rows are kept already, it stays in the document."""
    monkeypatch.setattr(halves, "missing", classmethod(lambda _: "there is no half here"))
    folder = ("--out", str(tmp_path))
    shown = costmodel(capsys, monkeypatch, "validate", *folder, "--json")
    assert (shown.code, shown.err) == (0, "note: halves is left out: there is no half here\n")
    assert json.loads(shown.out)["families"] == {}
    refused = costmodel(capsys, monkeypatch, "validate", "halves", *folder)
    assert refused.code == 2
    assert refused.err == "costmodel: 'halves' cannot be measured: there is no half here; run it where there is one\n"
    monkeypatch.setattr(halves, "missing", classmethod(lambda _: None))
    board.run("halves", tmp_path, told)
    monkeypatch.setattr(halves, "missing", classmethod(lambda _: "there is no half here"))
    kept = costmodel(capsys, monkeypatch, "validate", *folder, "--json")
    assert json.loads(kept.out)["families"]["halves"]["rows"] == 9
    assert "left out" not in kept.err


def test_a_machine_without_a_gpu_has_no_rows_of_one(monkeypatch, tmp_path):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert board.left_out(tmp_path) == dict.fromkeys(("gpu", "gpu-graph"), "there is no CUDA GPU here")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert board.left_out(tmp_path) == {}


def test_the_readme_quotes_the_document():
    """Family, quantity, rows, median and coverage of every line in the README's table stand so in docs/validation.md."""
    top = Path(__file__).parents[3]

    def cells(document: str) -> list[list[str]]:
        lines = (top / document).read_text().splitlines()
        return [[cell.strip() for cell in line.strip(" |").split("|")] for line in lines if line.lstrip().startswith("| ")]

    written = [[*row[:4], row[6]] for row in cells("docs/validation.md") if len(row) >= 7]
    quoted = [row for row in cells("README.md") if len(row) == 5 and row[0].split(",")[0] in families.known()]
    assert len(quoted) >= 6
    for family, *rest in quoted:
        assert [family.split(",")[0], *rest] in written
