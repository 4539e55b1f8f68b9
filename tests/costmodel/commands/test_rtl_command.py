"""``costmodel rtl``: what it writes, says and refuses."""

import json
import re
import shutil

import pytest

from tests.command import costmodel
from tests.testbenches import runs


@pytest.fixture(scope="module")
def built(tmp_path_factory, request):
    from costmodel.graphs.reading.loading import load
    from costmodel.validation.built.building import build
    from costmodel.validation.built.order import Order

    folder = tmp_path_factory.mktemp("hw")
    return build(load("digits"), Order(part="ecp5-25f", out=folder, samples=8, simulator="cxxrtl")), folder


def test_hardware_equals_the_integers_and_the_predicted_cycles(built):
    result = built[0].to_dict()
    assert result["verify"] == {"samples": 8, "mismatches": 0, "unequal_cycles": 0}
    assert result["predicted"]["cycles"] == result["measured"]["cycles"] > 0
    assert result["measured"]["luts"] is None  # not asked
    assert set(result["predicted"]) == {"cycles", "luts", "ffs", "brams", "dsps", "fmax_hz"}


def test_the_files_are_a_whole_project(built):
    _, folder = built
    verilog = (folder / "digits.v").read_text()
    named = set(re.findall(r'\$readmemh\("([^"]+)"', verilog))
    assert named
    assert all((folder / name).exists() for name in named)
    assert re.search(r"^module digits\(", verilog, re.MULTILINE)
    tokens = (folder / "tokens.hex").read_text().split()
    assert f"{len(tokens)}" in (folder / "testbench.v").read_text()
    assert "| cycles a sample |" in (folder / "report.md").read_text()


def test_the_text_fits_80_columns(built):
    from costmodel.validation.built.report import text

    lines = text(built[0]).splitlines()
    assert max(map(len, lines[1:])) <= 80  # the first names the folder, however long that is
    assert any("no answer of the hardware differs" in " ".join(lines[i : i + 2]) for i in range(len(lines)))


def test_the_text_fits_less_without_losing_a_number(built, monkeypatch):
    from costmodel.validation.built.report import text

    monkeypatch.setenv("COLUMNS", "40")
    told = text(built[0])
    assert max(map(len, told.splitlines()[1:])) <= 40
    for layer in built[0].design.layers.values():
        assert re.search(rf"^{layer.name} +{layer.space.elements}  +{layer.lanes} ", told, re.MULTILINE)
    assert re.search(rf"^cycles a sample +{built[0].checked.predicted:,.5g} ", told, re.MULTILINE)


def test_the_fastest_that_fits_is_taken(built):
    """More lanes than one, and what was chosen fits the part."""
    from costmodel.devices.fitting import excess

    assert not excess(built[0].predicted, built[0].part)
    assert max(layer.lanes for layer in built[0].design.layers.values()) > 1


def test_json_is_one_document(capsys, monkeypatch, tmp_path):
    words = ("rtl", "neuron-lif", "--part", "ecp5-25f", "--out", str(tmp_path), "--parallel", "2", "--json")
    answer = costmodel(capsys, monkeypatch, *words)
    assert answer.code == 2
    assert "no weights of fc1, fc2" in answer.err
    assert "costmodel run" in answer.err
    document = json.loads(costmodel(capsys, monkeypatch, "rtl", "digits", *words[2:]).out)
    assert document["part"] == "ecp5-25f"
    assert document["layers"]["lif1"]["lanes"] == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("digits", "--part", "h100"), "'h100' is no FPGA"),
        (("digits", "--part", "ecp5-25f", "--board", "icebreaker"), "the board icebreaker has an ice40-up5k; --part ice40-up5k"),
        (("mnist-784-128-10", "--part", "ice40-hx8k", "--parallel", "x"), "'x' will not do"),
        (("yin-yang-delays", "--part", "ecp5-25f"), "delay"),
    ],
)
def test_refusals(words, told, capsys, monkeypatch, tmp_path):
    answer = costmodel(capsys, monkeypatch, "rtl", *words, "--out", str(tmp_path))
    assert answer.code == 2
    assert told in answer.err


def test_what_does_not_fit_says_by_how_much_and_what_helps(built):
    from costmodel.devices.fitting import excess, told
    from costmodel.devices.part import part
    from costmodel.rtl.cost.design import resources
    from costmodel.rtl.planning.parallel import widened

    wide = resources(widened(built[0].design, 64, 4))
    limits = excess(wide, part("ice40-hx8k"))
    assert {limit.limit for limit in limits} >= {"luts"}
    assert re.search(r"luts: [\d,]+ needed, 7,680 there \(\d+\.\d\d ×\)", told(limits))
    assert all(limit.levers for limit in limits)


def test_a_class_read_on_the_chip(capsys, monkeypatch, tmp_path):
    words = ("rtl", "digits", "--part", "ecp5-25f", "--parallel", "8", "--verify", "6", "--simulator", "cxxrtl", "--json", "--out")
    plain = json.loads(costmodel(capsys, monkeypatch, *words, str(tmp_path / "plain")).out)
    found = json.loads(costmodel(capsys, monkeypatch, *words, str(tmp_path / "class"), "--readout").out)
    assert found["verify"] == {"samples": 6, "mismatches": 0, "unequal_cycles": 0}
    assert found["accuracy"] == plain["accuracy"]
    assert found["predicted"]["cycles"] == plain["predicted"]["cycles"] + 10 + 3  # scores of ten classes are compared
    assert found["predicted"]["luts"] > plain["predicted"]["luts"]
    assert len((tmp_path / "class" / "expected.hex").read_text().split()) == 2
    assert "one event, its class (who sent most)" in (tmp_path / "class" / "report.md").read_text()
    assert all(verdict.startswith("PASS: 2 answers") for verdict in runs(tmp_path / "class", "digits.v")())


def test_the_testbench_written_passes_and_compares_what_events_mean(built, tmp_path):
    folder = tmp_path / "hw"
    shutil.copytree(built[1], folder)
    bench = runs(folder, "digits.v")
    assert all(verdict.startswith("PASS: ") for verdict in bench())
    meant = (folder / "meaning.hex").read_text().split()
    answers = (folder / "expected.hex").read_text().split()
    for place, verdict in ((meant.index("30"), "PASS: "), (meant.index("1f"), f"FAIL: answer {meant.index('1f')} is")):
        changed = [*answers[:place], f"{int(answers[place], 16) ^ 1:x}", *answers[place + 1 :]]  # the address
        (folder / "expected.hex").write_text("\n".join(changed) + "\n")
        assert all(said.startswith(verdict) for said in bench())
