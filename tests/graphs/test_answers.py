"""Where answers leave a network that has no output node, and what that costs."""

import json

import numpy as np
import pytest

from costmodel.estimates.request import request
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from tests.command import costmodel
from tests.networks import LIF, linear

SETTINGS = {"name": "loops", "dt": "1 ms", "timesteps": 10}
NODES = {
    "in": {"type": "input", "shape": [8, 8], "encoder": {"type": "direct"}},
    "f": {"type": "flatten"},
    "fc": linear(10),
    "l": LIF,
    "w": linear(10),
    "l2": LIF,
    "w2": linear(10),
    "l3": LIF,
    "w3": linear(10),
    "d": {"type": "delay", "delay": "3 ms"},
    "r": {"type": "relu"},
    "out": {"type": "output"},
}
START = "in f, f fc, fc l"
RECURRENT = f"{START}, l w, w l"


def document(edges: str, **changes) -> dict:
    """The network of the nodes that the edges ("a b, b c") name."""
    pairs = [edge.split() for edge in edges.split(", ")]
    used = {name for pair in pairs for name in pair}
    nodes = [{"id": name, **node} for name, node in (NODES | changes).items() if name in used]
    return {**SETTINGS, "nodes": nodes, "edges": pairs}


@pytest.fixture
def write(tmp_path):
    def written(found: dict) -> str:
        (tmp_path / "net.json").write_text(json.dumps(found))
        return str(tmp_path / "net.json")

    return written


@pytest.mark.parametrize(
    ("edges", "answering"),
    [
        (RECURRENT, ["l"]),
        (f"{START}, l l", ["l"]),
        (f"{START}, l d, d w, w l", ["l"]),
        (f"{START}, l w, w l2, l2 w2, w2 l2", ["l2"]),
        (f"{START}, l w, w l2, l w2, w2 l3, l3 w3, w3 l3", ["l2", "l3"]),
        (f"{START}, l w, w l, l w2", ["w2"]),
        (f"{START}, l w, w l2, l2 w2, w2 l, l out", ["out"]),
        (f"{START}, l w, l w2", ["w", "w2"]),
        ("in f, f d, d d", ["d"]),
    ],
    ids=["loop", "onto itself", "through a delay", "last of two", "two ends", "left again", "marked", "two sums", "delay"],
)
def test_answers_come_from_the_ends(edges, answering):
    assert Network.from_document(document(edges)).outputs == answering


@pytest.mark.parametrize(
    ("edges", "could", "suggested"),
    [
        (f"{START}, l w, w l2, l2 w2, w2 l", "l or l2", '["l2", "out"]'),
        (f"{START}, l w, w l2, l2 w2, w2 l3, l3 w3, w3 l", "l or l2 or l3", '["l3", "out"]'),
        ("in f, f fc, fc r, r d, d w, w r", "w or d or r", '["r", "out"]'),
    ],
    ids=["two in a loop", "ring", "no neurons"],
)
@pytest.mark.parametrize("command", ["estimate", "run", "to-accuracy", "rtl"])
def test_a_loop_that_says_nothing_of_its_answer_is_refused(command, edges, could, suggested, write, tmp_path, capsys, monkeypatch):
    more = {
        "estimate": ["-d", "loihi"],
        "run": ["--benchmark", "digits"],
        "to-accuracy": ["--benchmark", "digits", "--target", "90%"],
        "rtl": ["--part", "ecp5-25f", "--out", tmp_path / "hw"],
    }[command]
    answer = costmodel(capsys, monkeypatch, command, write(document(edges)), *more)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert f"its answer could be that of {could}" in answer.err
    assert suggested in answer.err
    assert not (tmp_path / "hw").exists()


def test_a_loop_without_a_rule_still_runs(write, tmp_path, capsys, monkeypatch):
    """Traces need no answer."""
    path = write(document(f"{START}, l w, w l2, l2 w2, w2 l"))
    assert costmodel(capsys, monkeypatch, "simulate", path, "--out", tmp_path / "traces.npz").code == 0
    assert {"spikes.l", "spikes.l2"} <= set(np.load(tmp_path / "traces.npz").files)


@pytest.mark.parametrize("phase", ["inference", "training"])
def test_the_output_node_changes_no_cost(phase, write):
    costs = []
    for edges in (RECURRENT, f"{RECURRENT}, l out"):
        asked = request(write(document(edges)), phase=phase)
        found = [estimator.estimate().to_dict() for estimator in asked.estimators()]
        for one in found:
            one["breakdown"] = sorted(
                ({**row, "node": "l" if row["node"] == "out" else row["node"]} for row in one["breakdown"]), key=str
            )
        costs.append(found)
    assert costs[0] == costs[1]
    assert any(row["operator"] == "answer" and row["latency_s"] > 0 for one in costs[0] for row in one["breakdown"])


def test_the_output_node_changes_no_run(write, capsys, monkeypatch):
    told = []
    for edges in (RECURRENT, f"{RECURRENT}, l out"):
        words = ("run", write(document(edges)), "--benchmark", "digits", "--epochs", "1", "--json")
        answer = costmodel(capsys, monkeypatch, *words)
        assert answer.code == 0
        found = json.loads(answer.out)
        told.append((found["accuracy"], found["rates"], found["confusion"]))
    assert told[0] == told[1]


def test_several_answers_cannot_be_read(write, capsys, monkeypatch):
    path = write(document(f"{START}, l w, l w2"))
    assert costmodel(capsys, monkeypatch, "estimate", path, "-d", "loihi").code == 0
    answer = costmodel(capsys, monkeypatch, "run", path, "--benchmark", "digits", "--epochs", "1")
    assert answer.code == 2
    assert "2 nodes answer: w, w2; one can be read" in answer.err


def test_hardware_does_not_take_the_first_of_two_signals_for_their_sum():
    from costmodel.rtl.planning import plan

    found = document(f"{START}, f w, w l2, l out, l2 out")
    arrays = {name: {"weight": np.ones((10, 64)), "bias": np.zeros(10)} for name in ("fc", "w")}
    with pytest.raises(InputError, match="node 'out': output node: 2 signals meet there"):
        plan(Network.from_document(found, arrays), "ecp5")
