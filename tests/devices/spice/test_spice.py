"""SPICE: circuits whose answer is known, failures that are told and kept, and the library's place."""

import ctypes.util
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.devices.spice import Failure, Job, Waves, library, run, run_many
from costmodel.devices.spice import batch as batches
from costmodel.graphs.errors import InputError

STEP = "low pass\nV1 a 0 pulse(0 1 1n 1p 1p 1 2)\nR1 a b 1k\nC1 b 0 1p\n"
CONTRADICTORY = "two sources in parallel\nV1 a 0 1\nV2 a 0 2\nR1 a b 1\nC1 b 0 1p\n"


def low_pass(name="rc", **changes):
    return Job(**{"name": name, "netlist": STEP, "step": 1e-11, "end": 6e-9, "saved": ("v(b)", "i(V1)"), **changes})


def test_a_low_pass_charges_as_it_must():
    waves = run(low_pass())
    expected = np.where(waves.time > 1e-9, 1 - np.exp(-(waves.time - 1e-9) / 1e-9), 0)
    assert np.abs(waves["V(B)"] - expected).max() < 2e-3
    assert waves.crossing("v(b)", 0.5) == pytest.approx(1e-9 + 1e-9 * math.log(2), rel=1e-3)
    assert -waves.integral(waves["i(v1)"]) == pytest.approx(1e-12 * (1 - math.exp(-5)), rel=2e-3)  # the charge of C


def test_an_operating_point():
    waves = run(Job("divider", "divider\nV1 a 0 3\nR1 a b 2k\nR2 b 0 1k\n", 0, 0, ("v(b)", "i(V1)")))
    assert waves["v(b)"].tolist() == pytest.approx([1.0])
    assert waves["i(v1)"].tolist() == pytest.approx([-1e-3])


def test_many_side_by_side_come_back_in_order(tmp_path):
    told = []
    jobs = [low_pass(f"rc {n}", netlist=STEP.replace("1k", f"{n}k")) for n in range(1, 7)]
    found = run_many(jobs, workers=2, failed=tmp_path, progress=lambda done, of, name: told.append((done, of, name)))
    halves = [waves.crossing("v(b)", 0.5) - 1e-9 for waves in found]
    assert halves == pytest.approx([n * 1e-9 * math.log(2) for n in range(1, 7)], rel=2e-3)
    assert [done for done, *_ in told] == [1, 2, 3, 4, 5, 6]
    assert {name for *_, name in told} == {job.name for job in jobs}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"netlist": STEP.replace("R1 a b 1k", "X1 a b nothing")}, "unknown subckt"),
        ({"netlist": CONTRADICTORY, "saved": ("v(b)",)}, "singular"),
        ({"saved": ("v(zz)",)}, "no data saved"),
    ],
)
def test_what_does_not_finish_is_told_and_its_deck_kept(changes, words, tmp_path):
    good, bad = low_pass("good"), low_pass("bad/one", **changes)
    found = run_many([good, bad, good], workers=1, failed=tmp_path)
    assert isinstance(found[0], Waves)
    assert isinstance(found[2], Waves)
    assert isinstance(found[1], Failure)
    assert words in found[1].reason
    assert (tmp_path / "bad-one.cir").read_text() == bad.text()
    with pytest.raises(InputError, match=r"bad/one: SPICE: .*; the deck is kept in"):
        run(bad, tmp_path)


def test_a_worker_that_dies_takes_one_job_with_it(monkeypatch, tmp_path):
    calls = []

    def dying(self, job):
        calls.append(job.name)
        if job.name == "second" and self._process is not None:
            self._process.kill()
            self._process.wait()
        return real(self, job)

    real = batches.Worker.__call__
    monkeypatch.setattr(batches.Worker, "__call__", dying)
    found = run_many([low_pass("first"), low_pass("second"), low_pass("third")], workers=1, failed=tmp_path)
    assert [type(one) for one in found] == [Waves, Failure, Waves]
    assert found[1].reason == "the simulator crashed"
    assert (tmp_path / "second.cir").exists()


def test_the_variable_goes_first_and_must_name_a_file(monkeypatch, tmp_path):
    file = tmp_path / "libngspice.so.0"
    file.touch()
    monkeypatch.setenv(library.VARIABLE, str(file))
    assert library.find() == str(file)
    monkeypatch.setenv(library.VARIABLE, str(tmp_path / "none"))
    with pytest.raises(InputError, match="NGSPICE_LIBRARY_PATH: there is no file"):
        library.find()


@pytest.mark.parametrize("name", ["libngspice.so", "libngspice.so.0", "libngspice.dylib"])
def test_a_library_in_this_pythons_folder_is_found_by_its_real_name(name, monkeypatch, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / name).touch()
    monkeypatch.delenv(library.VARIABLE, raising=False)
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: None)
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    assert library.find() == str(tmp_path / "lib" / name)


def test_without_the_library_one_line_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.delenv(library.VARIABLE, raising=False)
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: None)
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setattr(library, "PLACES", ())
    with pytest.raises(InputError) as refusal:
        run(low_pass())
    told = str(refusal.value)
    assert "\n" not in told
    for word in ("apt install libngspice0", "dnf install", "brew install", "conda install", "NGSPICE_LIBRARY_PATH"):
        assert word in told


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=30), st.floats(-0.9, 0.9))
def test_crossings_lie_where_the_lines_meet_the_level(values, level):
    waves = Waves(np.arange(len(values), dtype=float), {"v(a)": np.array(values)})
    found = waves.crossings("v(a)", level)
    assert np.interp(found, waves.time, waves["v(a)"]) == pytest.approx(np.full(len(found), level), abs=1e-9)
    assert len(found) == sum(a < level <= b for a, b in pairwise(values))
    first = waves.crossing("v(a)", level)
    assert first == found[0] if len(found) else math.isnan(first)
