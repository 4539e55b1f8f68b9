"""Numbers with units as people write them: one with a decimal comma or a separator of thousands is refused, never half read."""

import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.graphs.errors import InputError
from costmodel.graphs.settings.units import COMMON, factor, parse, registry
from tests.command import costmodel

UNITS = {
    "s": ("ms", "us", "µs", " ns", " min", " 1/Hz"),
    "1": ("", " %", "%"),
    "Hz": ("MHz", " 1/s", "/s"),
    "m**2": ("mm**2", " um^2"),
}
KINDS = st.sampled_from([(unit, text) for unit, texts in UNITS.items() for text in texts])
SEPARATORS = st.sampled_from([",", ", ", "'", "’", " ", "\u202f", "\u00a0", ";"])
DIGITS = st.text(string.digits, min_size=1, max_size=6)


@settings(deadline=None)
@given(KINDS, st.floats(-1e12, 1e12), st.sampled_from(["{!r}", "{:.3f}", "{:e}", "{:+.2f}"]), st.sampled_from(["", " ", "\t"]))
def test_a_number_and_a_unit_are_their_product(kind, number, form, space):
    unit, text = kind
    written = form.format(number)
    alone = text.strip()
    scale = factor(f"1{alone}" if alone.startswith("/") else alone, unit) if alone else 1.0
    assert parse(f"{space}{written}{text}{space}", unit) == float(written) * scale


@settings(deadline=None)
@given(KINDS, DIGITS, st.lists(DIGITS, min_size=1, max_size=3), SEPARATORS)
def test_decimal_commas_and_separators_of_thousands_are_refused(kind, first, rest, separator):
    unit, text = kind
    with pytest.raises(InputError, match=r"; write"):
        parse(separator.join([first, *rest]) + text, unit)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("10,1 ms", "s"),
        ("10,1ms", "s"),
        ("10 1 ms", "s"),
        ("10 ms,", "s"),
        ("10 ms 1", "s"),
        ("1.000.000", "1"),
        ("0,1", "1"),
        ("0 1", "1"),
        ("1,", "1"),
        ("1e3,5 ms", "s"),
        ("3-4 ms", "s"),
        ("2 ms*3", "s"),
    ],
)
def test_what_is_not_one_number_and_one_unit(text, unit):
    with pytest.raises(InputError) as told:
        parse(text, unit)
    assert repr(text)[1:-1] in str(told.value) or "is not a unit" in str(told.value)


@pytest.mark.parametrize(
    ("text", "unit", "value"), [("3 1/ms", "Hz", 3e3), ("4 mm**2", "m**2", 4e-6), ("36 mS/cm**2", "S/m**2", 360.0)]
)
def test_digits_that_belong_to_a_unit(text, unit, value):
    assert parse(text, unit) == pytest.approx(value)


NETWORK = "neuron-lif"


@pytest.mark.parametrize(
    "words",
    [
        ("estimate", NETWORK, "-d", "loihi", "--rate", "0,1"),
        ("estimate", NETWORK, "-d", "loihi", "--rate", "out=0,1"),
        ("estimate", NETWORK, "-d", "loihi", "--set", "t_host=10,1us"),
        ("estimate", NETWORK, "-d", "loihi", "--set", "timesteps=1,000"),
        ("estimate", NETWORK, "-d", "loihi", "--set", "rate=0,1"),
        ("estimate", NETWORK, "-d", "loihi", "--timesteps", "1,000"),
        ("estimate", NETWORK, "-d", "loihi", "--draws", "1,000"),
        ("whatif", NETWORK, "-d", "loihi", "--set", "t_host=10,1us"),
        ("solve", NETWORK, "-d", "loihi", "--for", "t_host", "--until", "latency < 10,1 ms"),
        ("solve", NETWORK, "-d", "loihi", "--for", "t_host", "--until", "latency < 0,5 * h100.latency"),
        ("solve", NETWORK, "-d", "loihi", "--for", "t_host", "--until", "latency < h100.latency / 1,5"),
        ("solve", NETWORK, "-d", "loihi", "--for", "t_host", "--until", "latency < 1 ms", "--range", "1,1us:10,1us"),
        ("crossover", NETWORK, "-d", "loihi", "-d", "h100", "--over", "loihi.t_host=1,1us:1ms"),
        ("sweep", NETWORK, "-d", "loihi", "--over", "t_host=1,1us:1ms:5"),
        ("sweep", NETWORK, "-d", "loihi", "--over", "t_host=1us:1ms:1,000"),
        ("pareto", NETWORK, "-d", "loihi", "--over", "t_host=1us:1,1ms"),
        ("simulate", NETWORK, "--dt", "0,1ms"),
        ("run", NETWORK, "--learning-rate", "0,1"),
        ("run", NETWORK, "--noise", "weight-quantisation:bits=6,5"),
        ("run", NETWORK, "--noise", "read-variation:0,1"),
        ("to-accuracy", "digits", "--target", "0,9"),
        ("to-accuracy", "digits", "--target", "90,5%"),
        ("rtl", NETWORK, "--part", "ecp5-25f", "--out", "hw", "--parallel", "1,000"),
        ("spice", "crossbar", "--set", "r_on=10,1kohm"),
    ],
    ids=lambda words: " ".join((words[0], *words[-2:])),
)
def test_commands_refuse_decimal_commas(words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = costmodel(capsys, monkeypatch, *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
    assert words[-2] in answer.err or words[-1].rpartition("=")[2].split(",")[-1] in answer.err


def test_network_and_part_files_refuse_them(tmp_path, capsys, monkeypatch):
    nodes = [{"id": "in", "type": "input", "shape": [4], "rate": 0.1}, {"id": "l", "type": "lif", "tau": "10,1 ms"}]
    (tmp_path / "net.json").write_text(json.dumps({"name": "n", "nodes": nodes}))
    answer = costmodel(capsys, monkeypatch, "estimate", tmp_path / "net.json", "-d", "loihi")
    assert answer.code == 2
    assert "nodes[1] 'l': tau: '10,1 ms' is not a quantity; write one number with a point for its decimals" in answer.err
    from costmodel.devices.part import PARTS

    text = (PARTS / "loihi.toml").read_text()
    before, line, after = text.partition('value = "')
    (tmp_path / "mine.toml").write_text(f"{before}{line}1,{after}")
    answer = costmodel(capsys, monkeypatch, "devices", tmp_path / "mine.toml")
    assert answer.code == 2
    assert "is not a quantity; write one number with a point" in answer.err


@pytest.mark.parametrize(("text", "unit"), COMMON)
def test_common_units_are_those_of_pint(text, unit):
    assert COMMON[text, unit] == registry().Quantity(1.0, text).to(unit).magnitude
