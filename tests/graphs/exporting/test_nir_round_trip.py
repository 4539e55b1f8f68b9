"""What `export --to FILE.nir` writes is the same network, to the last bit, and other readers of NIR take it."""

import subprocess
import sys
from pathlib import Path

import h5py
import nir
import nirtorch
import numpy as np
import pytest
import snntorch.import_nir
import torch
from hypothesis import HealthCheck, find, given, settings

import costmodel as cm
from costmodel.exporting import export
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.validation.runner.model import NetworkModel
from tests.command import costmodel
from tests.graphs.exporting.drawn import networks
from tests.networks import LIF, chain, linear, network
from tests.same_spikes import spike_train


def whole(*nodes: dict, shape=(4,), **fields) -> Network:
    """A chain whose linear nodes n0, n2, … have weights."""
    document = chain(list(shape), *nodes, timesteps=30, **fields)
    dice, arrays, size = np.random.default_rng(3), {}, shape[0]
    for node in document["nodes"][1:]:
        if node["type"] == "linear":
            arrays[node["id"]] = {"weight": dice.integers(-4, 9, (node["features"], size)) / 8}
            arrays[node["id"]] |= {"bias": np.zeros(node["features"])} if node.get("bias", True) else {}
            size = node["features"]
    return Network.from_document(document, arrays)


def traced(found: Network, inputs: torch.Tensor) -> tuple[dict, dict]:
    return NetworkModel(found).trace(inputs)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(found=networks())
def test_a_network_comes_back_to_the_last_bit(found, tmp_path_factory):
    """Everything sent and every membrane, (T, batch, …), for weights and parameters of any value."""
    path = tmp_path_factory.mktemp("nir") / "net.nir"
    export(found, path)
    again = cm.load(path)
    assert (again.dt, again.timesteps, again.assumptions) == (found.dt, found.timesteps, [])
    shape = found.shapes[found.inputs[0]][1]
    inputs = spike_train(shape, torch.Generator().manual_seed(0))
    (sent, states), (sent_again, states_again) = traced(found, inputs), traced(again, inputs)
    for name, values in sent.items():
        assert torch.equal(values, sent_again[name]), name
    for name in states:
        here = states[name]
        if found.nodes[name].type != "leaky":
            assert torch.equal(here, states_again[name]), name


def test_the_drawn_networks_spike():
    """Or the round trip would compare zeros."""

    def busy(found: Network) -> bool:
        sent, _ = traced(found, spike_train(found.shapes[found.inputs[0]][1], torch.Generator().manual_seed(0)))
        last = [name for name in found.nodes if hasattr(found.nodes[name], "v_threshold")][-1]
        return float(sent[last].mean()) > 0.1

    find(networks(), busy, settings=settings(deadline=None, database=None))


def test_nir_itself_reads_it(tmp_path):
    """nir 1.0.8 with its own type check, and nirtorch every node of it; a subtracted threshold survives the way through nir."""
    fast = {**LIF, "r": 12.0}
    nodes = (
        linear(5),
        {**fast, "reset": "subtract"},
        linear(3, bias=False),
        {**fast, "reset": "value"},
        {"type": "li", "tau": "5 ms"},
    )
    found = whole(*nodes)
    told = export(found, tmp_path / "net.nir").told
    assert ["n1" in line and "n3" not in line and "reset by subtraction" in line for line in told] == [True]
    graph = nir.read(tmp_path / "net.nir")
    kinds = {name: type(node).__name__ for name, node in graph.nodes.items()}
    assert kinds == {"in": "Input", "n0": "Affine", "n1": "LIF", "n2": "Linear", "n3": "LIF", "n4": "LI", "output": "Output"}
    again, inputs = cm.from_nir(graph), spike_train((4,), torch.Generator().manual_seed(1))
    sent, sent_again = traced(found, inputs)[0], traced(again, inputs)[0]
    assert sent["n3"].sum() > 0
    assert all(torch.equal(values, sent_again[name]) for name, values in sent.items())
    assert again.nodes["n1"].model_dump()["reset"] == "subtract"
    made = nirtorch.nir_to_torch(graph, dict.fromkeys((nir.LIF, nir.LI), lambda _: torch.nn.Identity()))
    assert made(torch.ones(1, 4))[0].shape == (1, 3)


def test_snntorch_reads_a_leaky_and_steps_it_otherwise(tmp_path):
    """snnTorch takes any τ as Euler's at 0.1 ms: at that step, of β = 1 − dt/τ, where an exact step has exp(−dt/τ)."""
    found = whole(linear(5), {"type": "leaky", "beta": 0.5, "reset": "zero"}, dt=1e-4)
    export(found, tmp_path / "net.nir")
    made = snntorch.import_nir.import_from_nir(nir.read(tmp_path / "net.nir"))
    (leaky,) = [module for module in made.modules() if type(module).__name__ == "Leaky"]
    assert float(leaky.beta.mean()) == pytest.approx(1 + np.log(0.5), rel=1e-5)


def test_nir_1_0_4_reads_what_it_has_words_for(tmp_path):
    """It knows no v_reset: a spike subtracts the threshold there, which is what a file without one means."""
    older = Path(sys.prefix) / "nir-1.0.4"
    code = "import sys, nir; g = nir.read(sys.argv[1]); print(nir.version, sorted(type(n).__name__ for n in g.nodes.values()))"

    def read(path: Path) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "-c", code, path], env={"PYTHONPATH": str(older)}, capture_output=True, text=True)

    images = whole({"type": "sumpool2d", "kernel": 2}, {"type": "flatten"}, shape=(2, 4, 4))
    for i, found in enumerate([whole(linear(5), {**LIF, "reset": "subtract"}), images]):
        export(found, tmp_path / f"{i}.nir")
        answer = read(tmp_path / f"{i}.nir")
        assert answer.returncode == 0, answer.stderr
        assert ("'LIF'" in answer.stdout, "'Flatten'" in answer.stdout) == (i == 0, i == 1)
    export(whole(linear(5), {**LIF, "reset": "value"}), tmp_path / "value.nir")
    assert "unexpected keyword argument 'v_reset'" in read(tmp_path / "value.nir").stderr
    with h5py.File(tmp_path / "0.nir") as subtracts, h5py.File(tmp_path / "value.nir") as sets:
        assert (subtracts["version"][()], sets["version"][()]) == (b"1.0.5", b"1.0.8")


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([linear(3), {"type": "alif", "tau": "10 ms", "tau_a": "1 s"}], "node 'n1': NIR has no neuron 'alif'"),
        (
            [linear(3), {"type": "leaky", "beta": 0.5}],
            "node 'n1': NIR has no neuron 'leaky' with reset 'subtract'; give it reset 'zero'",
        ),
        ([linear(3), {"type": "leaky", "beta": 1.5, "reset": "zero"}], "β of 1.5 to 1.5 is no decay"),
        ([linear(3), {**LIF, "reset": "none"}], "node 'n1': NIR's neurons are reset by their spikes"),
        ([linear(3), {"type": "synaptic", "alpha": 0.5, "beta": 0.5, "reset": "zero"}], "NIR has no neuron 'synaptic'"),
        ([{"type": "relu"}], "node 'n0': NIR has no node 'relu'"),
        ([{"type": "batchnorm"}], "node 'n0': NIR has no node 'batchnorm'"),
        ([{"type": "delay", "delay": "2 ms", "trained": True}], "NIR's delays are fixed"),
    ],
)
def test_what_nir_cannot_say_is_refused_by_name(nodes, said, tmp_path):
    with pytest.raises(InputError) as refused:
        export(whole(*nodes), tmp_path / "net.nir")
    assert said in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_files_without_weights_and_names_of_paths_are_refused(tmp_path):
    with pytest.raises(InputError, match="node 'n0': it has no weight"):
        export(network([4], linear(3), LIF), tmp_path / "net.nir")
    slashed = {"name": "n", "nodes": [{"id": "a/b", "type": "input", "shape": [2]}, {"id": "c", **LIF}]}
    with pytest.raises(InputError, match="without '/'"):
        export(Network.from_document(slashed), tmp_path / "net.nir")
    maximum = Network.from_document(chain([1, 4, 4], {"type": "maxpool2d", "kernel": 2}))
    with pytest.raises(InputError, match="use sumpool2d or avgpool2d"):
        export(maximum, tmp_path / "net.nir")


def test_the_command_writes_what_it_says(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = costmodel(capsys, monkeypatch, "export", "yin-yang", "--to", "net.nir")
    assert (answer.code, answer.out) == (0, "net.nir: 6 nodes\n")
    assert "NIR does not hold the encoder of in" in answer.err
    assert cm.load("net.nir").timesteps == cm.load("yin-yang").timesteps
    for words, said in ((["x.onnx"], "'.onnx' is no kind of file"), (["no/net.nir"], "no such folder")):
        answer = costmodel(capsys, monkeypatch, "export", "yin-yang", "--to", *words)
        assert (answer.code, answer.err.count("\n")) == (2, 1)
        assert said in answer.err
