"""``costmodel spice``: what it writes, says and refuses."""

import json

import numpy as np
import pytest

from tests.command import costmodel


def test_a_circuit_is_written_simulated_and_compared(capsys, monkeypatch, tmp_path):
    words = ("spice", "crossbar", "-d", "memfpaa-hfox", "--set", "r_on=100kΩ", "--set", "rows=6", "--out", str(tmp_path), "--json")
    found = json.loads(costmodel(capsys, monkeypatch, *words).out)
    assert found["netlist"] == str(tmp_path / "crossbar.cir")
    deck = (tmp_path / "crossbar.cir").read_text()
    assert deck.lower().count("\nrg") == 6 * 16  # cells
    assert ".tran" in deck
    rows = {row["quantity"]: row for row in found["rows"]}
    assert set(rows) == {"settling_time", "read_energy", "column_current", "worst_column"}
    for row in rows.values():
        assert row["error"] == pytest.approx(row["predicted"] / row["simulated"] - 1)
        assert abs(row["error"]) < 0.1


def test_the_folder_is_made(capsys, monkeypatch, tmp_path):
    out = tmp_path / "not" / "there"
    assert costmodel(capsys, monkeypatch, "spice", "sense-amplifier", "--out", str(out)).code == 0
    assert (out / "sense-amplifier.cir").exists()


def test_a_folder_that_cannot_be_made_is_refused_before_anything_runs(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    answer = costmodel(capsys, monkeypatch, "spice", "sense-amplifier", "--out", str(tmp_path / "file" / "there"))
    assert answer.code == 2
    assert "cannot be made" in answer.err


def test_the_table_fits_80_columns(capsys, monkeypatch, tmp_path):
    shown = costmodel(capsys, monkeypatch, "spice", "routing-switch", "--out", str(tmp_path)).out
    assert "predicted" in shown
    assert max(map(len, shown.splitlines())) <= max(80, len(f"netlist: {tmp_path}/routing-switch.cir"))


def test_a_network_spikes_as_in_torch(capsys, monkeypatch, tmp_path):
    dice = np.random.default_rng(13)
    for name, shape, mean in (("a", (8, 4), 0.6), ("b", (3, 8), 0.8)):
        np.savez(tmp_path / f"{name}.npz", weight=dice.normal(mean, 1, shape))
    lif = {"type": "lif", "tau": "60 ms", "r": 6.0}
    nodes = [
        {"id": "in", "type": "input", "shape": [4], "rate": 0.15},
        {"id": "fc1", "type": "linear", "features": 8, "bias": False, "weights": "a.npz"},
        {"id": "hidden", **lif},
        {"id": "fc2", "type": "linear", "features": 3, "bias": False, "weights": "b.npz"},
        {"id": "out", **lif},
    ]
    (tmp_path / "net.json").write_text(json.dumps({"name": "4-8-3", "dt": "1 ms", "timesteps": 60, "nodes": nodes}))
    answer = costmodel(capsys, monkeypatch, "spice", str(tmp_path / "net.json"), "--out", str(tmp_path), "--json")
    rows = {row["quantity"]: row for row in json.loads(answer.out)["rows"]}
    assert rows["spikes of hidden"]["simulated"] == rows["spikes of hidden"]["predicted"] > 3
    assert rows["energy of rows"]["error"] == pytest.approx(0, abs=0.02)
    assert "0 spikes differ" in answer.err
    assert (tmp_path / "4-8-3.cir").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("spice", "zzz"), "no circuit or network 'zzz'; circuits are adaptive-lif, crossbar, "),
        (("spice", "crosbar"), "no circuit or network 'crosbar'; did you mean 'crossbar'?"),
        (("spice", "crossbar", "--set", "r_onn=1"), "no parameter 'r_onn'; did you mean 'r_on'?"),
        (("spice", "crossbar", "--set", "r_on=1V"), "the unit 'V' does not measure"),
        (("spice", "crossbar", "--set", "r_on=2MΩ"), "r_on is 2e+06 ohm, above r_off, 1e+06 ohm"),
        (("spice", "crossbar", "--set", "v_read=2V"), "not below v_write, 1.2 V: reading would write"),
        (("spice", "ota-lif", "--set", "c_membrane=-1pF"), "c_membrane is -1e-12 F (membrane capacitance); give 1e-13 to 1e-10 F"),
        (("spice", "crossbar", "--set", "r_on"), "--set: 'r_on' will not do; write PARAM=VALUE"),
        (("spice", "yin-yang"), "is no chain from one input of spikes"),
        (("spice", "crossbar", "-d", "nothing"), "there is no part 'nothing'"),
    ],
)
def test_refusals(words, told, capsys, monkeypatch, tmp_path):
    answer = costmodel(capsys, monkeypatch, *words, "--out", str(tmp_path))
    assert answer.code == 2
    assert told in answer.err
    assert answer.err.count("\n") == 1
