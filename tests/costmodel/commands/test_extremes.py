"""Networks at the ends of what their files allow: a cost is a finite number, or refused."""

import json

import pytest

from costmodel.estimates.request import request
from costmodel.reporting.sliders.moved import NetworkSliders
from tests.command import costmodel

NODES = [
    {"id": "in", "type": "input", "shape": [5]},
    {"id": "fc", "type": "linear", "features": 4},
    {"id": "out", "type": "lif", "tau": "10 ms"},
]


@pytest.fixture
def write(tmp_path):
    def written(**settings) -> str:
        path = tmp_path / "net.json"
        path.write_text(json.dumps({"name": "x", "nodes": NODES, **settings}))
        return str(path)

    return written


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_cost_that_is_not_finite_is_refused_in_a_line(more, write, capsys, monkeypatch):
    path = write(dt="1e300 s", timesteps=10**9)
    answer = costmodel(capsys, monkeypatch, "estimate", path, "-d", "brainscales2", *more)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "physical time on 'brainscales2' has no finite value" in answer.err
    assert "(1,000,000,000 steps of 1e+300 s)" in answer.err


@pytest.mark.parametrize("timesteps", [1, 10**9, 2**31])
def test_sliders_end_within_what_a_network_allows(timesteps, write):
    steps = NetworkSliders(request(write(timesteps=timesteps), ["loihi"]).workload).timesteps
    assert timesteps in steps
    assert steps == sorted(set(steps))
    assert steps[0] >= 1
    assert steps[-1] == min(8 * timesteps, 2**31)


def test_a_report_of_many_steps(write, tmp_path, capsys, monkeypatch):
    answer = costmodel(capsys, monkeypatch, "report", write(timesteps=10**9), "-d", "loihi", "--out", tmp_path / "r.html")
    assert answer.code == 0
    assert (tmp_path / "r.html").exists()
