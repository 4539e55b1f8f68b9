"""The catalogue's own parts against published measurements: the split, the fit, and what was promised."""

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from costmodel.devices.part import part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError
from costmodel.validation.scoreboard.board import run
from costmodel.validation.scoreboard.catalogue import fit as fitting
from costmodel.validation.scoreboard.catalogue import runs as catalogue
from costmodel.validation.scoreboard.catalogue.fit import fit, off_by, priors
from costmodel.validation.scoreboard.catalogue.predicting import Catalogued
from costmodel.validation.scoreboard.catalogue.runs import RUNS, runs
from costmodel.validation.scoreboard.family import Family
from costmodel.validation.scoreboard.ledger import Ledger
from costmodel.validation.scoreboard.published.measurements import Row as Published
from costmodel.validation.scoreboard.published.measurements import rows
from costmodel.validation.scoreboard.score import Row, score

LEDGER = Path(__file__).parents[3] / "validation" / "measured" / "scoreboard"
Board = tuple[Family, Ledger, list[Row]]


@pytest.fixture(scope="module")
def board() -> Board:
    return run("catalogue", LEDGER, lambda *_: None)


def test_the_split_is_that_of_the_rule() -> None:
    """In order of size the odd rows of a series train, the even ones are scored; one row is scored, unless it was seen."""
    order = list(rows())
    for entry in tomllib.loads(RUNS.read_text(encoding="utf-8"))["part"]:
        for series in entry["series"]:
            train, scored = series["train"], series["score"]
            both = sorted([*train, *scored], key=lambda row: (rows()[row].size, order.index(row)))
            if series.get("seen"):
                assert scored == [], series["of"]
            elif len(both) == 1:
                assert train == [], series["of"]
            else:
                assert (train, scored) == (both[::2], both[1::2]), series["of"]


def test_every_run_says_what_its_source_says() -> None:
    for one in runs().values():
        assert one.said
        on = one.on()
        assert (one.host is None) == (not on.hosts), f"{one.row}: a part with modes needs one, no other has any"


def test_a_row_with_two_places_or_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = RUNS.read_text(encoding="utf-8")
    for changed, what in (
        (text.replace('score = ["KWS-loihi", ', 'score = ["LOIHI-QUARTZ-3", "KWS-loihi", '), "two places"),
        (text.replace('score = ["KWS-loihi", ', "score = ["), "in no series"),
    ):
        assert changed != text
        path = tmp_path / "catalogue.toml"
        path.write_text(changed, encoding="utf-8")
        monkeypatch.setattr(catalogue, "RUNS", path)
        runs.cache_clear()
        with pytest.raises(InputError, match=what):
            runs()
    monkeypatch.undo()
    runs.cache_clear()


@pytest.mark.parametrize("name", list(priors()))
def test_part_files_hold_what_the_fit_gives(name: str) -> None:
    one = fit(name)
    assert off_by(one) < 1e-3
    on = part(name)
    for kind, left in one.left.items():
        if kind != "idle":
            factor = on.constants[f"k_{kind}"]
            assert factor.high == pytest.approx(10 ** (1.645 * left), rel=1e-3)
            assert factor.low == pytest.approx(1 / factor.high, rel=1e-3)


def test_scored_rows_change_no_constant(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fit of a part is the same whatever the scored rows have measured."""
    before, scored = fit("spinnaker").values, {name for name, one in runs().items() if one.role == "score"}
    other = {
        name: replace(row, quantities=dict.fromkeys(row.quantities, 1e9)) if name in scored else row for name, row in rows().items()
    }
    monkeypatch.setattr(fitting, "rows", lambda: other)
    assert fit("spinnaker").values == before
    louder = _louder(rows(), "SPINN5-ONE")
    monkeypatch.setattr(fitting, "rows", lambda: louder)
    assert fit("spinnaker").values != before


def _louder(table: dict[str, Published], name: str) -> dict[str, Published]:
    return {**table, name: replace(table[name], quantities={key: 2 * value for key, value in table[name].quantities.items()})}


def families(table: list[Row]) -> dict[str, list[Row]]:
    """Family → its scored rows, of those families that have four cases or more."""
    found: dict[str, list[Row]] = {}
    for row in table:
        if row.scored:
            found.setdefault(row.group, []).append(row)
    return {name: some for name, some in found.items() if len({row.case for row in some}) >= 4}


def test_what_was_promised(board: Board) -> None:
    _, _, table = board
    many = families(table)
    assert {"loihi", "loihi 2", "spinnaker", "gpu"} <= set(many)
    for name, some in many.items():
        for quantity in {row.quantity for row in some}:
            found = score(row for row in some if row.quantity == quantity)
            assert found is not None
            assert found.median_log10 <= 0.15, (name, quantity)
            assert found.width <= 6, (name, quantity)
        held = sum(row.inside for row in some)
        assert binomtest(held, len(some), 0.9).pvalue > 0.05, name
    whole = score(table)
    assert whole is not None
    assert whole.median_log10 <= 0.12
    assert 0.80 <= whole.coverage <= 0.97


def test_the_ledger_holds_what_is_predicted_today(board: Board) -> None:
    family, ledger, _ = board
    for case in family.cases():
        told, kept = family.predict(case), ledger.predicted[case.name]
        assert told.note == kept.note
        assert set(told.quantities) == set(kept.quantities)
        for name, quantity in told.quantities.items():
            assert quantity.value == pytest.approx(kept.quantities[name].value, rel=1e-9), case.name
            assert quantity.low < quantity.value < quantity.high


def test_what_serves_the_chip_counts_where_the_publication_counts_it() -> None:
    one = runs()["LOIHI-QUARTZ-4"]
    idle, dynamic = (Catalogued(each, rows()[one.row]).quantities() for each in (one, replace(one, serving="dynamic")))
    assert idle["energy"] == pytest.approx(dynamic["energy"])
    served = dynamic["dynamic_energy"] - idle["dynamic_energy"]
    power = float(one.on().values["p_serve"] or 0)
    assert served == pytest.approx(power * dynamic["latency"], rel=0.05)  # a latency is a period, and a step for each layer
    neurons = Catalogued(one, rows()[one.row]).quantities({"p_serve": 0.0})["dynamic_energy"]
    assert idle["dynamic_energy"] == pytest.approx(neurons)


def test_a_prediction_is_the_estimate_that_a_user_gets() -> None:
    """Of a row with neither sum of programs nor shift: value and interval are those of ``estimate``."""
    for name in ("L2-OZU-LIF-400", "LOIHI-FRADY20", "L1-BRAILLE"):
        one, row = runs()[name], rows()[name]
        made = Catalogued(one, row)
        (program,) = made.subject.programs
        network = program.network.with_placement(one.cores)
        told = Estimator(Workload(network, batch=program.batch, rates=dict(made.subject.rates) or None), one.on()).estimate()
        said = made.intervals()
        for quantity, interval in (("latency", told.latency), ("dynamic_energy", told.dynamic_energy), ("energy", told.energy)):
            if quantity in said and interval is not None:
                assert np.allclose(
                    [said[quantity].value, said[quantity].low, said[quantity].high], [interval.value, interval.low, interval.high]
                )
