"""NetX files spike as whole numbers of Loihi do, stepped in numpy."""

from itertools import pairwise

import h5py
import numpy as np
import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.loading import load
from costmodel.validation.runner.model import NetworkModel
from tests.command import costmodel

DICE = np.random.default_rng(0)
SIZES = (20, 30, 8)


def written(path, current=4096, voltage=1024, bias=True, **changed):
    with h5py.File(path, "w") as file:
        for i, (before, after) in enumerate(pairwise(SIZES)):
            layer = file.create_group(f"layer/{i}")
            layer["type"] = np.array([changed.get("type", "dense")], dtype="S10")
            layer["shape"], layer["inFeatures"], layer["outFeatures"] = [after], before, after
            layer["weight"] = DICE.integers(-10, 20, (after, before)).astype(np.float32)
            if bias:
                layer["bias"] = DICE.integers(-4, 5, after).astype(np.float32)
            for name, value in {"iDecay": current, "vDecay": voltage, "vThMant": 25, "refDelay": 1}.items():
                layer[f"neuron/{name}"] = value
            layer["neuron/type"] = changed.get("neuron", "CUBA").encode()
    return path


def stepped(path, x):
    """Spikes of each layer: whole numbers, rounded towards zero."""
    found = []
    with h5py.File(path) as file:
        for i in range(len(SIZES) - 1):
            layer = file[f"layer/{i}"]
            left = [4096 - int(layer[f"neuron/{name}"][()]) for name in ("iDecay", "vDecay")]
            bias = layer["bias"][()].astype(np.int64) if "bias" in layer else 0
            u, v, sent = np.int64(0), np.int64(0), []
            for arriving in x.astype(np.int64) @ layer["weight"][()].astype(np.int64).T:
                u = np.sign(u * left[0]) * (abs(u * left[0]) >> 12) + 64 * arriving
                v = np.sign(v * left[1]) * (abs(v * left[1]) >> 12) + u + 64 * bias
                sent.append(v > 25 * 64)
                v = v * ~sent[-1]
            x = np.array(sent)
            found.append(x)
    return found


@pytest.mark.parametrize(
    ("current", "voltage", "most"), [(4096, 0, 0.0), (4096, 4096, 0.0), (0, 4096, 0.0), (4096, 1024, 1e-3), (1000, 409, 5e-3)]
)
def test_a_file_spikes_as_loihi_does(tmp_path, current, voltage, most):
    """Equal where decays leave whole numbers; else the roundings move few."""
    path = written(tmp_path / "x.net", current, voltage, bias=current == 4096)
    x = DICE.random((40, 8, SIZES[0])) < 0.2
    network = load(path)
    with torch.no_grad():
        ours = NetworkModel(network)(torch.as_tensor(x).float())
    for i, theirs in enumerate(stepped(path, x)):
        assert theirs.mean() > 0.02
        assert not theirs.all()
        assert (ours[f"layer{i}"].numpy() != theirs).mean() <= most
    assert any("round" in told for told in network.assumptions)


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"type": "dense_rec"}, "'dense_rec' is not known"), ({"neuron": "SDNN"}, "'SDNN' is not known")],
)
def test_what_is_not_known_is_refused_by_name(tmp_path, changed, told):
    with pytest.raises(InputError, match=told):
        load(written(tmp_path / "x.net", **changed))


@pytest.mark.parametrize("content", [b"", b"no HDF5", None])
def test_a_broken_file_is_told_in_a_line(tmp_path, capsys, monkeypatch, content):
    path = written(tmp_path / "x.net")
    path.write_bytes(path.read_bytes()[:1500] if content is None else content)
    answer = costmodel(capsys, monkeypatch, "import", path, "--out", tmp_path / "x.json")
    assert answer.code == 2
    assert len(answer.err.strip().splitlines()) == 1
