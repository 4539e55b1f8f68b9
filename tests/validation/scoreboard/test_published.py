"""The published chips of the scoreboard: an honest split, a fit that can be made again, and numbers checked by hand."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from costmodel.devices.part import part
from costmodel.graphs.errors import InputError
from costmodel.validation.scoreboard.board import run
from costmodel.validation.scoreboard.families.published import Published
from costmodel.validation.scoreboard.published import measurements
from costmodel.validation.scoreboard.published.fit import borrowed, calibrating, fit, priors
from costmodel.validation.scoreboard.published.fitted import BY, write
from costmodel.validation.scoreboard.published.measurements import Row, rows
from costmodel.validation.scoreboard.published.predicting import Model, model
from costmodel.validation.scoreboard.published.reconciling import reconcile
from costmodel.validation.scoreboard.published.subjects import PARTS, Subject, part_file, subject
from costmodel.validation.scoreboard.score import score

SAMPLE = (
    *("KWS-cpu-b32", "KWSx-gpu-N2", "LIB-Norse_1.0.0-8192", "TN-AKO-20Hz", "SPECK-Gait-day-dynamic", "ODIN-MNIST"),
    *("LOIHI-QUARTZ-4", "SPINN5-IN-RANDOM", "PD14-SPIN-2019", "TN-AKO-1.05V", "ODIN-FRENKEL19-1.3MHz"),
)
LEDGER = Path(__file__).parents[3] / "validation" / "measured" / "scoreboard"


def platforms() -> dict[str, list[Row]]:
    """Platform → its rows, by size, as the split's rule orders them."""
    found: dict[str, list[Row]] = {}
    for row in rows().values():
        if row.platform:
            found.setdefault(row.platform, []).append(row)
    return {name: sorted(some, key=lambda row: row.size) for name, some in found.items()}


def test_the_split_gives_every_row_one_place() -> None:
    assert len(measurements.split()) == len(rows()) >= 150
    assert {row.role for row in rows().values()} == {"calibrate", "score", "show"}
    assert all(row.reason for row in rows().values() if row.role == "show")


def test_a_row_with_two_places_or_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = measurements.SPLIT.read_text(encoding="utf-8")
    twice, never = text.replace('"KWS-cpu-b4", ', '"KWS-cpu-b1", '), text.replace('"KWS-cpu-b4", ', "")
    for changed, what in ((twice, "two places"), (never, "one of")):
        path = tmp_path / "published_split.toml"
        path.write_text(changed, encoding="utf-8")
        monkeypatch.setattr(measurements, "SPLIT", path)
        for cached in (measurements.split, measurements.rows):
            cached.cache_clear()
        with pytest.raises(InputError, match=what):
            measurements.rows()
    monkeypatch.undo()
    for cached in (measurements.split, measurements.rows):
        cached.cache_clear()


def test_every_other_row_of_a_platform_calibrates() -> None:
    for name, some in platforms().items():
        if any(row.reason for row in some):  # a part file's value was derived from it
            assert all(row.role == "calibrate" for row in some), name
        elif len(some) == 1:
            assert some[0].role == "score", name
        else:
            assert [row.role for row in some] == [("calibrate", "score")[index % 2] for index in range(len(some))], name


def test_what_is_scored_has_a_confirmed_source_and_a_prediction() -> None:
    for row in rows().values():
        if row.role == "score":
            what = subject(row)
            assert row.fields["status"] == "confirmed", row.name
            assert row.quantities, row.name
            assert what is not None, row.name
            assert not what.unknown, row.name


@pytest.fixture(scope="module")
def fits() -> dict[str, object]:
    """Every platform, fitted anew."""
    return {name: fit(name) for name in priors()} | borrowed()


def test_no_scored_row_is_in_a_fit(fits: dict) -> None:
    scored = {row.name for row in rows().values() if row.role == "score"}
    for one in fits.values():
        assert one.rows
        assert not scored & set(one.rows)
    for name in priors():
        assert {row.role for row in calibrating(name)} == {"calibrate"}
        assert fits[name].rows == tuple(row.name for row in calibrating(name))


def test_part_files_hold_what_the_fit_gives(fits: dict) -> None:
    for name, one in fits.items():
        on = part(str(part_file(name)))
        marked = {key for key, constant in on.constants.items() if constant.kind == "fitted" and BY in constant.source}
        assert marked == set(one.values), name
        for key, value in one.values.items():
            constant = on.constants[key]
            assert on.values[key] == pytest.approx(value, rel=2e-3), (name, key)
            assert constant.low is not None
            assert constant.high is not None
            assert constant.low < value < constant.high * (1 + 1e-9)
            assert all(row in constant.source for row in one.rows)
    files = {path.name for path in PARTS.glob("*.toml")}
    others = {"loihi-sanafe.toml", "scale-sim.toml"}  # of simulators, in families of their own
    assert files - others == {part_file(name).name for name in platforms()}


def test_the_fit_is_an_optimum(fits: dict) -> None:
    """Moving any coefficient by 2 % either way makes the squares of misses and of distances from the priors larger."""
    name = "Quadro K4000, TensorFlow 1"
    models = [made for row in calibrating(name) if (made := model(row)) is not None]

    def cost(values: dict[str, float]) -> float:
        misses = [
            math.log10(made.quantities(values)[key] / true) / 0.04 for made in models for key, true in made.row.quantities.items()
        ]
        away = [(math.log10(values[key]) - mean) / width for key, (mean, width) in priors()[name].items()]
        return float(np.sum(np.square(misses)) + np.sum(np.square(away)))

    best = cost(fits[name].values)
    for key, value in fits[name].values.items():
        for factor in (1.02, 1 / 1.02):
            assert cost({**fits[name].values, key: value * factor}) > best, key


def test_only_what_is_marked_as_fitted_is_written(tmp_path: Path) -> None:
    path = tmp_path / "copy.toml"
    path.write_text(part_file("Speck").read_text(encoding="utf-8"), encoding="utf-8")
    write(path, {"e_synop": 2e-11}, {"e_synop": 0.1}, ("a", "b"))
    written = path.rename(tmp_path / "written.toml")  # parts are read once
    constant = part(str(written)).constants["e_synop"]
    assert constant.value == pytest.approx(2e-11, rel=1e-5)
    assert constant.high == pytest.approx(2e-11 * 10**0.1, rel=1e-5)
    assert "a, b" in constant.source
    with pytest.raises(InputError, match="not marked as fitted"):
        write(written, {"t_tick": 1e-3}, {"t_tick": 0.1}, ("a",))


def test_truenorth_by_hand() -> None:
    """2^20 neurons that fire at 20.07 Hz into 128 synapses each, for one tick of 1 ms."""
    row = rows()["TN-AKO-20Hz"]
    on = part(str(part_file(row.platform))).values
    spikes = 1048576 * 0.02007
    hops = 1 + 2 * math.sqrt(4096) / 3
    by_hand = (
        float(on["p_chip"] or 0) * 1e-3
        + spikes * 128 * float(on["e_synop"] or 0)
        + spikes * (hops * 2.3e-12 + 2.3e-12)  # on its way to one core, and into it
        + 1048576 * 20e-12
        + spikes * 2.3e-12
    )
    assert Model(row, _known(row)).quantities()["energy"] == pytest.approx(by_hand, rel=1e-6)
    assert by_hand == pytest.approx(7.1e-5, rel=0.05)


def test_truenorth_at_another_voltage_by_hand() -> None:
    """The catalogued part's powers and energies, which hold at 0.775 V, times the square of 1.05 V over it."""
    row, on = rows()["TN-AKO-1.05V"], part("truenorth").values
    spikes, hops = 1048576 * 0.2, 1 + 2 * math.sqrt(4096) / 3
    way = 2.3e-12 * (hops + 1 + 1) * (1.05 / 0.775) ** 2
    by_hand = (float(on["p_chip"] or 0) * 1e-3 + 1048576 * 20e-12) * (1.05 / 0.775) ** 2
    by_hand += spikes * (256 * float(on["e_synop"] or 0) * (1.05 / 0.775) ** 2 + way)
    assert Model(row, _known(row)).quantities()["energy"] == pytest.approx(by_hand, rel=5e-3)


def test_a_spinnaker_board_by_hand() -> None:
    """7905 neurons that spike at each step, one to one with 7905 that do not: updates of all, and a spike into one core each."""
    row = rows()["SPINN5-ONE"]
    on = {name: float(value or 0) for name, value in part(str(part_file(row.platform))).values.items()}
    updates = 15810 * (on["e_update"] + 7 * on["e_op"])
    hops = 1 + 2 * math.sqrt(31) / 3
    spikes = 7905 * (on["e_spike"] + on["e_receive"] + hops * on["e_hop"] + on["e_synop"])
    assert Model(row, _known(row)).quantities()["dynamic_energy"] == pytest.approx(updates + spikes, rel=0.01)


def test_loihi_with_one_spike_a_neuron_by_hand() -> None:
    """Updates of 5410 neurons at 91 steps; a spike of each and of 784 inputs, with all their synapses."""
    row = rows()["LOIHI-QUARTZ-4"]
    on = {name: float(value or 0) for name, value in part(str(part_file(row.platform))).values.items()}
    neurons = 6 * 24 * 24 + 6 * 12 * 12 + 12 * 8 * 8 + 12 * 4 * 4 + 120 + 10
    synapses = 6 * 24 * 24 * 25 + 6 * 24 * 24 + 12 * 8 * 8 * 150 + 12 * 8 * 8 + 120 * 192 + 10 * 120
    assert synapses == row.size
    by_hand = 91 * neurons * on["e_update"] + neurons * on["e_spike"] + 784 * on["e_event"] + synapses * on["e_synop"]
    said = Model(row, _known(row)).quantities()["dynamic_energy"]
    assert said == pytest.approx(by_hand, rel=0.05)  # and the way of the spikes
    assert said > by_hand


def test_a_run_sets_parameters_of_its_part() -> None:
    """Chips, and a clock, which its intervals leave where the run has it."""
    slow, fast = (rows()[f"ODIN-FRENKEL19-{clock}MHz"] for clock in ("1.3", "75"))
    power = {row.name: row.quantities["energy"] for row in (slow, fast)}
    for row in (slow, fast):
        made = Model(row, _known(row))
        assert made.quantities()["energy"] == pytest.approx(power[row.name], rel=0.03)
        told = made.intervals({"latency": 0.01, "energy": 0.01})["energy"]
        assert told.low > 0.6 * told.value
    row = rows()["PD14-SPIN-2019"]
    made = Model(row, _known(row))
    chips = made.subject.settings["chips"]
    assert chips == 12 * 48
    assert made.quantities()["idle_energy"] == pytest.approx(chips * float(made.part.values["p_board"] or 0) * 1e-4, rel=1e-9)
    assert made.quantities({"chips": 2 * chips})["idle_energy"] == pytest.approx(2 * made.quantities()["idle_energy"])


def test_a_batch_on_the_gpu_by_hand() -> None:
    """390-256-256-29 with 64 samples: products bound by arithmetic, rectifiers by their launch, two transfers."""
    row = rows()["KWS-gpu-b64"]
    on = {name: float(value or 0) for name, value in part(str(part_file(row.platform))).values.items()}
    latency = 2 * on["t_host"] + 64 * 4 * (390 + 29) / on["b_host"]
    resident = 4 * (172800 + 256 + 256 + 29)
    for inputs, outputs in ((390, 256), (256, 256), (256, 29)):
        weights = inputs * outputs
        rate = on["f_ops"] * on["efficiency"] * min(1, outputs * 64 / on["saturation"])
        moved = 4 * (weights + outputs + 64 * (inputs + outputs))
        missed = moved * (1 - min(1, on["cache"] / resident))
        latency += max(on["t_launch"], 2 * weights * 64 / rate, moved / on["b_cache"] + missed / on["b_memory"])
        latency += on["t_launch"]
    said = Model(row, _known(row)).quantities()["latency"]
    assert said == pytest.approx(latency, rel=0.02)
    assert said == pytest.approx(row.quantities["latency"], rel=0.2)


def test_unknown_activity_is_reconciled() -> None:
    """The activity in the note, put back, gives the measurement; where there is none, both ends miss it on one side."""
    solved = 0
    for row in rows().values():
        what = subject(row)
        if what is None or not what.unknown or row.name.endswith(("N4", "N6", "N8")):  # large, and like N2 and N10
            continue
        found = reconcile(row, what)
        true = row.quantities[found.quantity]
        if found.rate is None:
            assert found.ends[0] > 1 or found.ends[1] < 1, row.name
            assert "no activity" in str(found)
        else:
            period = row.quantities["latency"] / row.batch if "latency" in row.quantities else None
            said = Model(row, what, {"*": found.rate}).quantities(period=period)[found.quantity]
            assert said == pytest.approx(true, rel=1e-3), row.name
            assert f"{100 * found.rate:.3g} %" in str(found)
            solved += 1
    assert solved >= 5


def test_the_family_predicts_scores_and_hides_nothing() -> None:
    family, ledger, table = run("published", LEDGER, lambda *_: None)
    assert isinstance(family, Published)
    assert set(ledger.predicted) == set(ledger.measured) == set(rows())
    for name, prediction in ledger.predicted.items():
        assert prediction.note, name
        what = subject(rows()[name])
        if what is not None and what.unknown:
            assert re.search("would need|no activity", prediction.note), name
        if rows()[name].role == "score":
            assert set(prediction.quantities) == set(rows()[name].quantities), name
    whole = score(table)
    assert whole is not None
    assert whole.rows >= 85
    assert whole.median_log10 <= 0.15
    assert whole.coverage >= 0.85
    groups = {case.name: case.group for case in family.cases()}
    scored = {groups[row.case] for row in table if row.scored}
    assert {"cpu", "gpu", "edge gpu", "vpu", "truenorth", "spinnaker", "speck", "loihi", "odin"} <= scored


@pytest.mark.parametrize("name", ["published", "catalogue"])
def test_no_ledger_tells_a_folder_of_the_machine_that_wrote_it(name: str) -> None:
    """A note that holds an absolute path is of an error that somebody else cannot understand."""
    _, ledger, _ = run(name, LEDGER, lambda *_: None)
    assert not [case for case, said in ledger.predicted.items() if re.search(r"(^|[\s'\"(])/\w+/", said.note)]


def test_the_ledger_holds_what_is_predicted_today() -> None:
    """Of some rows of every kind: a change of the model must be seen in the ledger."""
    family, ledger, _ = run("published", LEDGER, lambda *_: None)
    family.prepare(ledger.provenance)
    for case in family.cases():
        if case.name in SAMPLE:
            told, kept = family.predict(case), ledger.predicted[case.name]
            assert told.note == kept.note
            for name, quantity in told.quantities.items():
                assert quantity.value == pytest.approx(kept.quantities[name].value, rel=1e-9), case.name
                assert quantity.low < quantity.value < quantity.high


def _known(row: Row) -> Subject:
    what = subject(row)
    assert what is not None
    return what
