"""A module that `export --to FILE.py` writes runs without this product, and sends what `simulate` does."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings

import costmodel as cm
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.neurons import all_neurons
from costmodel.validation.runner.model import NetworkModel
from tests.graphs.exporting.drawn import networks
from tests.networks import LIF, chain, linear, network
from tests.same_spikes import spike_train
from tests.validation.neurons.parameters import OWN

RUN = """
import importlib, sys
class Refuse:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ("costmodel", "sympy", "networkx", "pydantic", "nir"):
            raise ImportError(f"{name} is not there")
sys.meta_path.insert(0, Refuse())
sys.path.insert(0, sys.argv[1])
import numpy as np, torch
for name in sys.argv[2:]:
    given = dict(np.load(f"{sys.argv[1]}/{name}.in.npz"))
    module = importlib.import_module(name).Network()
    sent = module({key: torch.as_tensor(value) for key, value in given.items()})
    np.savez(f"{sys.argv[1]}/{name}.out.npz", **{key: value.numpy() for key, value in sent.items()})
assert not any(name.partition(".")[0] == "costmodel" for name in sys.modules)
"""


def alone(folder: Path, **found: Network) -> dict[str, tuple[dict, dict]]:
    """What each network sends, here and from its file in a process of its own: node → (T, batch, *shape)."""
    ours = {}
    for name, each in found.items():
        cm.export(each, folder / f"{name}.py")
        dice = torch.Generator().manual_seed(0)
        inputs = {key: spike_train(each.shapes[key][1], dice) for key in each.inputs}
        stored: dict[str, Any] = {key: value.numpy() for key, value in inputs.items()}
        np.savez(folder / f"{name}.in.npz", **stored)
        ours[name] = {key: value.numpy() for key, value in NetworkModel(each).trace(inputs)[0].items()}
    done = subprocess.run([sys.executable, "-c", RUN, str(folder), *found], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return {name: (ours[name], dict(np.load(folder / f"{name}.out.npz"))) for name in found}


def same(ours: dict, theirs: dict) -> None:
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        assert np.array_equal(values, theirs[name]), name


PARAMETERS = {
    "tau": 1e-2,
    "tau_mem": 1e-2,
    "tau_syn": 5e-3,
    "tau_a": 0.1,
    "alpha": 0.5,
    "beta": 0.75,
    "omega": 300.0,
    "r": 8.0,
}


def of_neuron(kind: str, reset: str | None) -> Network:
    """Two layers of it, the second exciting itself."""
    node = {"type": kind, **({"reset": reset} if reset else {})}
    known = all_neurons()[kind].params
    own = {name: value for name, value in (PARAMETERS | OWN.get(kind, {})).items() if name in known}
    nodes = [{"id": "in", "type": "input", "shape": [6]}, {"id": "a", **linear(8)}, {"id": "b", **node, **own}]
    nodes += [{"id": "c", **linear(5)}, {"id": "d", **node, **own}, {"id": "e", **linear(5)}]
    edges = [["in", "a"], ["a", "b"], ["b", "c"], ["c", "d"], ["d", "e"], ["e", "d"]]
    dice, arrays = np.random.default_rng(0), {}
    for name, shape in {"a": (8, 6), "c": (5, 8), "e": (5, 5)}.items():
        arrays[name] = {"weight": dice.integers(-2, 9, shape) / 8, "bias": np.zeros(shape[0])}
    return Network.from_document({"name": kind, "nodes": nodes, "edges": edges, "timesteps": 30}, arrays)


def test_every_neuron_and_reset(tmp_path):
    kinds = all_neurons().items()
    cases = [(kind, reset) for kind, each in kinds if kind != "hodgkin-huxley" and each.states for reset in each.reset]
    named = [(kind, reset if len(all_neurons()[kind].reset) > 1 else None) for kind, reset in cases]
    found = {f"n{i}": of_neuron(*case) for i, case in enumerate(named)}
    done = alone(tmp_path, **found)
    for (kind, reset), (ours, theirs) in zip(cases, done.values(), strict=True):
        for name, values in ours.items():
            assert np.array_equal(values, theirs[name]), (kind, reset, name)
    assert sum(float(np.abs(ours["d"]).sum()) > 0 for ours, _ in done.values()) > len(cases) / 2


def test_neurons_with_exponentials_spike_alike(tmp_path):
    """torch's exp and the kernels' may differ in a last bit, which this neuron's spikes outlast."""
    found = of_neuron("hodgkin-huxley", None)
    arrays = {name: {key: array * 20 for key, array in own.items()} for name, own in found.arrays.items()}
    found = Network(found.settings, found.nodes, arrays, found.where)
    ours, theirs = alone(tmp_path, hh=found)["hh"]
    assert ours["b"].sum() > 5
    assert np.array_equal(ours["b"], theirs["b"])


def test_random_networks(tmp_path_factory):
    kept: list[Network] = []

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(found=networks())
    def collect(found):
        kept.append(found)

    collect()
    for ours, theirs in alone(tmp_path_factory.mktemp("modules"), **{f"m{i}": each for i, each in enumerate(kept)}).values():
        same(ours, theirs)


def test_examples(tmp_path):
    """Images, pools, a learnt recurrent network, as they ship."""
    chosen = ("yin-yang", "yin-yang-ttfs", "mnist-conv-tudelft", "nmnist-conv-snntorch")
    found = {name.replace("-", "_"): cm.load(name).with_timesteps(5) for name in chosen}
    for name, (ours, theirs) in alone(tmp_path, **found).items():
        for node, values in ours.items():
            assert np.array_equal(theirs[node], values), (name, node)


def test_a_delay_in_a_loop(tmp_path):
    nodes = [{"id": "in", "type": "input", "shape": [4]}, {"id": "a", **linear(4)}, {"id": "b", **LIF, "r": 12.0}]
    nodes += [{"id": "wait", "type": "delay", "delay": "2 ms"}, {"id": "back", **linear(4)}]
    edges = [["in", "a"], ["a", "b"], ["b", "wait"], ["wait", "back"], ["back", "b"]]
    dice = np.random.default_rng(1)
    arrays = {name: {"weight": dice.integers(-4, 9, (4, 4)) / 8, "bias": np.ones(4) / 8} for name in ("a", "back")}
    arrays["wait"] = {"delay": np.array([0.0, 1e-3, 2e-3, 1e-3])}
    found = Network.from_document({"name": "loop", "nodes": nodes, "edges": edges, "timesteps": 30}, arrays)
    ours, theirs = alone(tmp_path, loop=found)["loop"]
    assert ours["b"].sum() > 10
    same(ours, theirs)


def test_what_a_module_cannot_say_is_refused(tmp_path):
    waiting = Network.from_document(chain([4], {"type": "delay", "delay": "2 ms", "trained": True}, LIF))
    with pytest.raises(InputError, match="node 'n0': a module has no code for delays that are trained"):
        cm.export(waiting, tmp_path / "net.py")
    with pytest.raises(InputError, match="a module has no noise"):
        cm.export(network([4], linear(3), LIF, noise=[{"type": "weight-clipping", "limit": 0.5}]), tmp_path / "net.py")
    with pytest.raises(InputError, match=r"'my-net\.py' cannot be imported"):
        cm.export(network([4], linear(3), LIF), tmp_path / "my-net.py")
    assert list(tmp_path.iterdir()) == []


def test_drawn_weights_are_told(tmp_path):
    found = network([4], linear(3), LIF)
    assert "weights of n0 were drawn" in cm.export(found, tmp_path / "net.py").told[0]
