"""A file is what its name says; commands that take a name list what there is."""

import json

import pytest

from tests.command import costmodel

NETWORK = "neuron-lif"
SWEEP = ("sweep", NETWORK, "-d", "loihi", "--over", "t_host=1us:1ms:5")


@pytest.mark.parametrize(
    ("words", "option", "name", "right"),
    [
        (SWEEP, "--out", "x.csv", ".parquet"),
        (SWEEP, "--out", "x", ".parquet"),
        (SWEEP, "--out", "x.parquet.gz", ".parquet"),
        (("simulate", NETWORK), "--out", "x.csv", ".npz"),
        (("report", NETWORK, "-d", "loihi"), "--out", "x.pdf", ".html"),
        (("report", NETWORK, "-d", "loihi", "--out", "x.html"), "--notebook", "x.py", ".ipynb"),
        (("import", "nowhere.nir"), "--out", "x.npz", ".json"),
        (("calibrate", "cpu"), "--out", "x.json", ".toml"),
        (("sensitivity", NETWORK, "-d", "loihi"), "--out", "x.csv", ".svg, .pdf or .png"),
        (("crossover", NETWORK, "-d", "loihi", "-d", "h100", "--over", "loihi.t_host"), "--out", "x.html", ".svg, .pdf or .png"),
        (("validate", "cpu"), "--report", "x.html", ".md"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_a_name_that_promises_another_kind_is_refused(words, option, name, right, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = costmodel(capsys, monkeypatch, *words, option, name)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"costmodel: {option}: '{name}' is no ")
    assert f"let it end in {right}" in answer.err
    assert answer.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("words", "name"), [(SWEEP, "X.PARQUET"), (("report", NETWORK, "-d", "loihi"), "x.htm")])
def test_names_that_do(words, name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert costmodel(capsys, monkeypatch, *words, "--out", name).code == 0
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_circuits_are_listed_without_a_name(tmp_path, capsys, monkeypatch):
    from costmodel.devices.circuits.catalogue import circuits

    monkeypatch.chdir(tmp_path)
    answer = costmodel(capsys, monkeypatch, "spice")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines] == list(circuits())
    assert all(len(line.split()) > 2 for line in lines)
    assert "crossbar              A memristor crossbar" in lines
    found = json.loads(costmodel(capsys, monkeypatch, "spice", "--json").out)
    assert [one["name"] for one in found["circuits"]] == list(circuits())
    assert all(one["title"] for one in found["circuits"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("spice", "crosbar"), "crossbar"),
        (("spice", "yinyang"), "yin-yang"),
        (("devices", "lohi"), "loihi"),
        (("validate", "cup"), "cpu"),
        (("run", "digits", "--benchmark", "digts"), "digits"),
        (("run", "digits", "--noise", "memfpa"), "memfpaa"),
        (("rtl", "digits", "--part", "ecp5-25g", "--out", "hw"), "ecp5-25f"),
    ],
)
def test_unknown_names_suggest_near_ones(words, meant, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = costmodel(capsys, monkeypatch, *words)
    assert (answer.code, answer.out) == (2, "")
    assert f"did you mean '{meant}'?" in answer.err
    assert not list(tmp_path.iterdir())
