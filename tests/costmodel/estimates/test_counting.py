"""``--boundary``, ``--static``, ``--set host=`` and ``--set cores.NODE=``: what an energy counts, and how a part is used."""

import json

import pytest

from costmodel.devices.part import part
from costmodel.estimates.counting import Counting, with_used_share
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.loading import load
from tests.command import costmodel

NETWORK = "mnist-784-128-10"


def workload() -> Workload:
    return Workload(load(NETWORK))


def test_the_used_share_of_a_chip_is_that_of_its_cores():
    whole, used = (Estimator(workload(), on).estimate() for on in (part("loihi"), with_used_share(part("loihi"), workload())))
    assert sum(whole.placement.values()) == 2
    assert used.static == pytest.approx(whole.static * 2 / 128)
    assert used.dynamic == whole.dynamic
    assert with_used_share(part("h100"), workload()) is None


def test_static_and_dynamic_energy_have_intervals_of_their_own():
    found = Estimator(workload(), part("loihi")).estimate().to_dict()
    for key in ("static_j", "dynamic_j"):
        assert found[key]["low"] < found[key]["value"] < found[key]["high"]
    assert found["static_j"]["value"] + found["dynamic_j"]["value"] == pytest.approx(found["energy_j"]["value"])
    assert found["energy_j"]["static"] == found["static_j"]["value"]


def test_the_command_says_what_it_counts(capsys, monkeypatch):
    words = ("estimate", NETWORK, "-d", "loihi", "-d", "a100")
    told = costmodel(capsys, monkeypatch, *words)
    assert "energies count different things (chip: loihi; board: a100)" in told.err
    document = json.loads(costmodel(capsys, monkeypatch, *words, "--json").out)
    assert [(e["device"], e["boundary"], e["host"]) for e in document["estimates"]] == [
        ("loihi", "chip", "embedded"),
        ("a100", "board", None),
    ]
    lines = [line.split() for line in told.out.splitlines()]
    assert next("chip" in line and "embedded" in line for line in lines if line[:1] == ["loihi"])
    assert next("board" in line for line in lines if line[:1] == ["a100"])


def test_the_command_sets_host_boundary_and_cores(capsys, monkeypatch):
    words = ("estimate", NETWORK, "-d", "loihi", "--set", "host=streamed", "--set", "p_board=2W", "--boundary", "board")
    (e,) = json.loads(costmodel(capsys, monkeypatch, *words, "--set", "cores.lif1=8", "--json").out)["estimates"]
    assert (e["host"], e["boundary"], e["placement"]["lif1"]) == ("streamed", "board", 8)
    on = part("loihi").hosted("streamed").within("board", {"p_board": 2.0})
    expected = Estimator(Workload(load(NETWORK).with_placement({"lif1": 8})), on.override({"p_board": 2.0})).estimate()
    assert e["energy_j"]["value"] == expected.energy.value


def test_all_parts_within_one_boundary_leave_out_those_without_a_figure(capsys, monkeypatch):
    told = costmodel(capsys, monkeypatch, "estimate", NETWORK, "--boundary", "board", "--json")
    named = {e["device"] for e in json.loads(told.out)["estimates"]}
    assert {"a100", "spinnaker"} <= named
    assert all(part(name).within("board") for name in named)
    assert "left out, for they have no figure within the boundary 'board'" in told.err
    assert "loihi" not in named
    assert "loihi" in told.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("-d", "loihi", "--set", "host=wireless"), "no device asked for has a host mode 'wireless'"),
        (("-d", "h100", "--set", "host=embedded"), "has host modes"),
        (("-d", "loihi", "--set", "loihi2.host=embedded"), "'loihi2' is not among the devices"),
        (("-d", "loihi", "--boundary", "rack"), "--boundary: there is no boundary 'rack'"),
        (("-d", "loihi", "--boundary", "board"), "has no p_board"),
        (("-d", "loihi", "--set", "p_board=2W"), "outside of the boundary 'chip'"),
        (("-d", "h100", "--static", "used"), "--static: the static power of 'h100' is not shared out"),
        (("-d", "loihi", "--static", "half"), "no way 'half'"),
        (("-d", "loihi", "--set", "cores.lif9=3"), "'lif9' is none of the nodes"),
        (("-d", "loihi", "--set", "cores.lif1=2.5"), "whole number"),
    ],
)
def test_what_makes_no_sense_is_one_line(capsys, monkeypatch, words, says):
    told = costmodel(capsys, monkeypatch, "estimate", NETWORK, *words)
    assert told.code == 2
    assert says in told.err.splitlines()[-1]
    assert "Traceback" not in told.err


def test_a_comparison_across_boundaries_says_so(capsys, monkeypatch):
    words = ("whatif", NETWORK, "-d", "memfpaa-hfox", "--set", "t_event=1us", "--against")
    assert "count different things" in " ".join(costmodel(capsys, monkeypatch, *words, "a100").out.split())
    assert "count different things" not in " ".join(costmodel(capsys, monkeypatch, *words, "loihi").out.split())


def test_counting_is_refused_at_once():
    with pytest.raises(InputError, match="no boundary"):
        Counting(boundary="shelf")


@pytest.mark.parametrize(
    "words",
    [
        ("explain", NETWORK, "-d", "loihi"),
        ("solve", NETWORK, "-d", "loihi", "--for", "t_event", "--until", "energy < a100.energy"),
        ("crossover", NETWORK, "-d", "loihi", "-d", "a100", "--over", "loihi.t_event"),
        ("sensitivity", NETWORK, "-d", "loihi"),
        ("sweep", NETWORK, "-d", "loihi", "--over", "t_event=1ns:1us:3"),
        ("pareto", NETWORK, "-d", "loihi", "--over", "t_event=1ns:1us", "--minimise", "latency", "--evaluations", "8"),
    ],
)
def test_every_answer_says_what_its_energy_counts(capsys, monkeypatch, tmp_path, words):
    monkeypatch.chdir(tmp_path)
    told = costmodel(capsys, monkeypatch, *words, "--json")
    document = json.loads(told.out)
    assert document["boundary"]["loihi"] == "chip"
    assert document["host"]["loihi"] == "embedded"
    if "a100" in words or "energy < a100.energy" in words:
        assert document["boundary"]["a100"] == "board"
        assert "count different things" in told.err
