"""Search: the front of small spaces is the exhaustive one."""

import itertools
import json

import numpy as np
import pytest

from costmodel import load
from costmodel.devices.part import part
from costmodel.graphs.errors import InputError
from costmodel.searching.candidates import Candidates, Run
from costmodel.searching.front import read_objectives, read_ranges
from costmodel.searching.nsga import merged, search, unbeaten
from tests.command import costmodel

MNIST = load("mnist-784-128-10")


def candidates(name, words, objectives=("latency", "energy"), error_of=None, network=MNIST):
    on = part(name)
    return Candidates(Run(network), on, read_ranges(words, network, [on])[on.name], objectives, error_of)


def exhaustive(of):
    """Objectives of the front over all whole numbers."""
    values = [range(int(over.low), int(over.high) + 1) for over in of.ranges]
    points = [dict(zip((over.name for over in of.ranges), map(float, point), strict=True)) for point in itertools.product(*values)]
    costs, fits = of.costs(points)
    costs = costs[fits]
    beaten = [any((other <= one).all() and (other < one).any() for other in costs) for one in costs]
    return {tuple(one) for one, is_beaten in zip(costs, beaten, strict=True) if not is_beaten}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("loihi", ["neurons_per_core=30:64", "cores=3:8"]),
        ("memfpaa-hfox", ["bits_per_cell=1:8", "tile_rows=50:64"]),
        ("cpu-desktop", ["batch=1:64"]),
    ],
)
def test_the_front_of_a_small_space_is_the_exhaustive_one(name, words):
    of = candidates(name, words)
    found = {tuple(design.costs.values()) for design in search(of, 700)}
    assert found == exhaustive(of)


def test_an_error_is_an_objective():
    asked = []

    def error_of(network, bits):
        asked.append((network.nodes["fc1"].features, bits))
        return 1 / (network.nodes["fc1"].features * bits)

    of = candidates("loihi", ["features.fc1=4:6", "bits=2:6"], ("energy", "error"), error_of)
    found = {tuple(design.costs.values()) for design in search(of, 150)}
    assert found == exhaustive(of)
    assert {bits for _, bits in asked} <= set(range(2, 7))


def test_real_parameters_are_searched_between_their_ends():
    front = search(candidates("memfpaa-hfox", ["r_on=1kΩ:100kΩ:log", "v_read=0.1V:0.3V", "bits=2:6"]), 300)
    assert len(front) > 10
    for design in front:
        assert 1e3 <= design.point["r_on"] <= 1e5
        assert 0.1 <= design.point["v_read"] <= 0.3
        assert design.point["bits"] in range(2, 7)
    latency, energy = np.array([list(design.costs.values()) for design in front]).T
    assert (np.diff(latency) > 0).all()
    assert (np.diff(energy) < 0).all()


def test_nothing_that_does_not_fit_is_on_the_front():
    assert all(design.point["tiles"] >= 4 for design in search(candidates("memfpaa-hfox", ["tiles=1:20", "bits=2:6"]), 200))
    assert search(candidates("fpaa-350nm", ["timesteps=1:9"]), 50) == []


def test_fronts_of_devices_merge():
    fronts = [search(candidates(name, ["timesteps=1:20"]), 60) for name in ("loihi", "spinnaker")]
    assert {design.device for design in merged(fronts)} == {"loihi"}
    assert merged([]) == []


def test_unbeaten_rows():
    costs = np.array([[1, 3], [2, 2], [2, 2], [3, 3], [3, 1], [1, 4]])
    assert unbeaten(costs) == [0, 1, 4]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["bits=1:8:3"], "no N"),
        (["bits=1:8", "bits=1:4"], "varies twice"),
        (["features.fc9=1:8"], "did you mean 'fc2'"),
        ([], "nothing varies"),
    ],
)
def test_what_cannot_vary_is_refused(words, says):
    with pytest.raises(InputError, match="--over") as refused:
        candidates("loihi", words)
    assert says in str(refused.value)


def test_unknown_objectives_are_refused():
    assert read_objectives("latency, energy") == ("latency", "energy")
    for word in ("latancy", "latency,latency"):
        with pytest.raises(InputError, match="--minimise"):
            read_objectives(word)


def test_errors_are_measured_once(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    words = ("pareto", "yin-yang", "-d", "loihi", "--over", "bits=3:4", "--minimise", "energy,error")
    words += ("--epochs", "1", "--evaluations", "4", "--threads", "1", "--json")
    first, second = (costmodel(capsys, monkeypatch, *words) for _ in range(2))
    assert first.code == second.code == 0, first.err
    assert json.loads(first.out) == json.loads(second.out)
    assert "error" in first.err
    assert "full bits" not in first.err
    assert ": error" not in second.err
    assert 0 < json.loads(first.out)["front"][0]["error"] < 0.9
