"""NIR files mean what their writer's steps do: spikes of snnTorch and SpikingJelly from their own files."""

import itertools
import json
from pathlib import Path

import nir
import numpy as np
import pytest
import snntorch as snn
import torch
from snntorch.export_nir import export_to_nir
from snntorch.import_nir import import_from_nir

import costmodel as cm
from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.dialects import WRITERS, dialect
from costmodel.graphs.reading.imports import from_nir
from costmodel.graphs.reading.loading import load
from costmodel.validation.runner.model import NetworkModel
from tests.command import costmodel
from tests.same_spikes import dyadic, first_difference, here, spike_train

GOLDEN = Path(__file__).with_name("spikingjelly")
INPUTS, HIDDEN, OUTPUTS = 6, 16, 4


def chain(*nodes: nir.NIRNode, shape: tuple[int, ...]) -> nir.NIRGraph:
    """Nodes between an input and an output, without NIR's own checks."""
    named = {"input": nir.Input(np.array(shape)), **{f"n{i}": node for i, node in enumerate(nodes)}}
    named["output"] = nir.Output(np.array([1]))
    return nir.NIRGraph(named, list(itertools.pairwise(named)), type_check=False)


def cubalif(size: int, **changed) -> nir.CubaLIF:
    values = {"tau_syn": 2e-4, "tau_mem": 4e-4, "r": 4.0, "v_leak": 0.0, "v_threshold": 1.0, "w_in": 2.0, "v_reset": 0.0}
    return nir.CubaLIF(**{name: np.full(size, value) for name, value in {**values, **changed}.items()})


LIF = {"tau": 2e-4, "r": 2.0, "v_leak": 0.0, "v_threshold": 1.0, "v_reset": 0.0}


def lif(size: int, **changed) -> nir.LIF:
    return nir.LIF(**{name: np.full(size, value) for name, value in {**LIF, **changed}.items()})


def theirs(layers: list[torch.nn.Module], inputs: torch.Tensor) -> dict[str, torch.Tensor]:
    """Spikes of snnTorch's neurons after each of two linear layers, (T, batch, neurons)."""
    first, one, second, two = layers
    states = [[], []]
    spikes = ([], [])
    for x in inputs:
        for i, (linear, neurons) in enumerate(((first, one), (second, two))):
            x, *states[i] = neurons(linear(x), *states[i])
            spikes[i].append(x)
    return {"1": torch.stack(spikes[0]), "3": torch.stack(spikes[1])}


@pytest.mark.parametrize("reset", ["zero", "subtract"])
@pytest.mark.parametrize("kind", ["leaky", "synaptic"])
@pytest.mark.parametrize("seed", range(5))
def test_snntorch_files_spike_as_snntorch(kind, reset, seed, tmp_path):
    """As the writer's own network spikes: its file says nothing of its reset."""
    dice = torch.Generator().manual_seed(seed)
    late = reset == "subtract"  # snnTorch's default, delayed; from a file it makes neurons that reset at once, to zero

    def neurons(size: int) -> torch.nn.Module:
        beta, threshold = torch.full((size,), 0.75), torch.full((size,), 1.0)
        if kind == "leaky":
            return snn.Leaky(beta=beta, threshold=threshold, reset_mechanism=reset, reset_delay=late)
        alpha = torch.full((size,), 0.5)
        return snn.Synaptic(alpha=alpha, beta=beta, threshold=threshold, reset_mechanism=reset, reset_delay=late)

    linear = [torch.nn.Linear(INPUTS, HIDDEN), torch.nn.Linear(HIDDEN, OUTPUTS)]
    layers = [dyadic(linear[0], dice), neurons(HIDDEN), dyadic(linear[1], dice), neurons(OUTPUTS)]
    net = torch.nn.Sequential(*layers)
    inputs = spike_train((INPUTS,), dice)
    with torch.no_grad():
        expected = theirs(layers, inputs)
    for layer in (layers[1], layers[3]):
        layer.reset_mem()
        layer.init_hidden = True
    nir.write(tmp_path / "net.nir", export_to_nir(net, inputs[0], ignore_dims=[0]))
    ours = here(load(tmp_path / "net.nir", dialect("snntorch", reset=reset)), inputs, tmp_path, ["1", "3"])
    assert expected["1"].sum() > 100
    assert first_difference(expected, ours) is None


@pytest.mark.parametrize("neurons", [lif(HIDDEN, r=1.0), cubalif(HIDDEN, w_in=1.0), lif(HIDDEN, tau=4e-4, v_threshold=0.5)])
def test_snntorch_reads_nir_as_from_snntorch_does(neurons, tmp_path):
    """snnTorch's own reader is the other implementation, also where an input's gain is not 1."""
    dice = torch.Generator().manual_seed(1)
    weight = dyadic(torch.nn.Linear(INPUTS, HIDDEN, bias=False), dice).weight.detach().numpy()
    graph = chain(nir.Linear(weight * 2), neurons, shape=(INPUTS,))
    inputs, net = spike_train((INPUTS,), dice), import_from_nir(graph)
    state, expected = None, []
    with torch.no_grad():
        for x in inputs:
            out, state = net(x, state)
            expected.append(out)
    ours = here(from_nir(graph, writer="snntorch"), inputs, tmp_path, ["n1"])
    found = torch.stack(expected)
    assert found.sum() > 50
    assert first_difference({"n1": found}, ours) is None


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.nir")))
def test_spikingjelly_files_spike_as_spikingjelly(name, tmp_path):
    """Golden spikes of SpikingJelly 2.0.0 (spikingjelly/write.py)."""
    with np.load(GOLDEN / "spikes.npz") as stored:
        given = torch.as_tensor(stored[f"{name}.input"]).float()
        spikes = [torch.as_tensor(stored[f"{name}.{i}"]) for i in range(2)]
    network = load(GOLDEN / f"{name}.nir", dialect("spikingjelly"))
    populations = [key for key, node in network.nodes.items() if hasattr(node, "v_threshold")]
    ours = here(network, given, tmp_path, populations)
    assert all(int(each.sum()) > 0 for each in spikes)
    assert first_difference(dict(zip(populations, spikes, strict=True)), ours) is None


def test_an_euler_step_is_one_of_the_equations(tmp_path):
    """x ← x + dt dx/dt by hand, against what a network read with an Euler integrator sends."""
    graph = chain(nir.LI(tau=np.array([0.02, 0.05]), r=np.array([2.0, 3.0]), v_leak=np.array([0.5, -1.0])), shape=(2,))
    network = from_nir(graph, dt=1e-3, integrator="euler")
    inputs = torch.rand((30, 2, 2), generator=torch.Generator().manual_seed(0))
    v, expected = np.zeros((2, 2)), []
    for x in inputs.double().numpy():
        v = v + 1e-3 * (np.array([0.5, -1.0]) - v + np.array([2.0, 3.0]) * x) / np.array([0.02, 0.05])
        expected.append(v)
    sent = NetworkModel(network.with_timesteps(30))(inputs)
    assert sent["n0"].numpy() == pytest.approx(np.stack(expected), rel=1e-5, abs=1e-6)


def test_what_is_given_besides_the_writer_comes_first():
    assert dialect("snntorch", dt=1e-3, reset="subtract").dt == 1e-3
    assert dialect("snntorch").dt == WRITERS["snntorch"].dt == 1e-4
    network = from_nir(chain(lif(3, tau=2e-3), shape=(3,)), writer="snntorch", dt=1e-3)
    assert network.dt == 1e-3
    assert network.nodes["n0"].beta == 0.5


def test_what_was_taken_for_granted_is_told():
    graph = chain(lif(3), shape=(3,))
    assert "exact steps" in from_nir(graph).assumptions[0]
    told = from_nir(graph, writer="snntorch", reset="subtract").with_timesteps(5).assumptions
    assert told == ["time steps of 0.1 ms, neurons by euler steps, as snntorch writes them, a spike's reset: subtract"]


def test_nir_defaults_and_axes_of_the_batch():
    """w_in is 1 where a file says none; an input's axes of 1 before those of a sample are the batch's."""
    bare = cubalif(3)
    bare.w_in = None
    network = from_nir(chain(nir.Affine(np.ones((3, 2)), np.zeros(3)), bare, shape=(1, 1, 2)))
    assert network.nodes["n1"].w_in == 1
    assert network.shapes["input"][1] == (2,)
    assert "'input': shape (1, 1, 2) read as (2,), without axes of 1 for the batch" in network.assumptions
    image = nir.Conv2d((4, 4), np.ones((2, 1, 3, 3)), 1, 0, 1, 1, np.zeros(2))
    assert from_nir(chain(image, shape=(1, 1, 4, 4))).shapes["input"][1] == (1, 4, 4)
    assert from_nir(chain(image, shape=(1, 4, 4))).shapes["input"][1] == (1, 4, 4)
    kept = nir.LIF(**{name: np.full((1, 3), value) for name, value in LIF.items()})
    whole = from_nir(chain(nir.Affine(np.ones((3, 2)), np.zeros(3)), kept, shape=(1, 2)))
    assert whole.shapes["n1"][1] == (1, 3)
    for shape in ((2, 3), (1.5, 3)):
        with pytest.raises(InputError):
            from_nir(chain(lif(3), shape=shape))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "snntorc"], "--from: 'snntorc' is not known"),
        (["--integrator", "rk4"], "--integrator: 'rk4' is not known"),
        (["--reset", "soft"], "--reset: 'soft' is not known"),
        (["--dt", "3 volts"], "--dt"),
        (["--dt", "-1ms"], "has no length"),
        (["--dt", "1ms", "--integrator", "euler"], "an Euler step of 1 ms is longer than its tau of 0.2 ms"),
    ],
)
@pytest.mark.parametrize("command", [["estimate"], ["simulate"], ["import", "--out", "x.json"]])
def test_dialects_that_make_no_sense_are_refused(words, said, command, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nir.write("net.nir", chain(lif(3), shape=(3,)))
    answer = costmodel(capsys, monkeypatch, command[0], "net.nir", *command[1:], *words)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert said in answer.err


def test_what_a_writer_does_not_have_is_refused():
    with pytest.raises(InputError, match="snntorch writes no neurons of type 'if'"):
        from_nir(chain(nir.IF(np.ones(3), np.ones(3), np.zeros(3)), shape=(3,)), writer="snntorch")
    with pytest.raises(InputError, match="its membrane rests at, and is reset to, 0"):
        from_nir(chain(lif(3, v_leak=0.5), shape=(3,)), writer="snntorch")
    with pytest.raises(InputError, match="a gain of 0"):
        from_nir(chain(lif(3, r=0.0), shape=(3,)), writer="snntorch")
    with pytest.raises(InputError, match="--from norse, rockpool, snntorch, spikingjelly, spyx"):
        from_nir(chain(cubalif(3), shape=(3,)), dt=1e-4, integrator="euler")
    with pytest.raises(InputError, match="which are for"):
        load("yin-yang", dialect("snntorch"))


def test_an_imported_file_keeps_its_steps(tmp_path, capsys, monkeypatch):
    """`import --from` writes a network file that spikes as `simulate --from` of the NIR file does."""
    monkeypatch.chdir(tmp_path)
    answer = costmodel(capsys, monkeypatch, "import", str(GOLDEN / "lif.nir"), "--from", "spikingjelly", "--out", "lif.json")
    assert (answer.code, "as spikingjelly writes them" in answer.err) == (0, True)
    with np.load(GOLDEN / "spikes.npz") as stored:
        given, spikes = torch.as_tensor(stored["lif.input"]).float(), torch.as_tensor(stored["lif.1"])
    network = cm.load("lif.json")
    (last,) = network.graph.pred[network.output]
    assert network.dt == 1e-4
    assert first_difference({last: spikes}, here(network, given, tmp_path, [last])) is None


def test_the_table_of_the_docs_is_the_code():
    text = (Path(__file__).parents[3] / "docs" / "nir-dialects.md").read_text(encoding="utf-8")
    first = text.partition("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in first if line.startswith("| ")][1:]
    assert {row[0]: tuple(row[2:7]) for row in rows} == {
        name: (
            "in the file" if by.dt is None else f"{by.dt * 1e3:g} ms",
            by.tau,
            by.integrator,
            by.reset,
            "batch or time first" if by.batched else "a sample's",
        )
        for name, by in WRITERS.items()
    }


def test_the_help_names_every_framework(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    text = costmodel(capsys, monkeypatch, "estimate", "--help").out
    assert all(name in text for name in WRITERS)


@pytest.mark.parametrize(
    "words",
    [
        ["explain", "-d", "loihi"],
        ["whatif", "-d", "loihi", "--set", "timesteps=5"],
        ["solve", "-d", "loihi", "--for", "timesteps", "--until", "latency <= 1s"],
        ["crossover", "-d", "loihi", "-d", "h100", "--over", "timesteps=1:20"],
        ["sensitivity", "-d", "loihi"],
        ["sweep", "-d", "loihi", "--over", "timesteps=1:3:3"],
        ["pareto", "-d", "loihi", "--over", "timesteps=1:3", "--evaluations", "10"],
        ["report", "-d", "loihi", "--out", "r.html", "--notebook", "r.ipynb"],
        ["export", "--to", "again.json"],
        ["import", "--out", "again.json"],
        ["rtl", "--part", "ice40-hx8k", "--out", "rtl"],
    ],
)
def test_every_command_takes_the_options(words, tmp_path, capsys, monkeypatch):
    """A file of snnTorch's at 0.1 ms, whose Euler step of 1 ms would be longer than its τ: read, and refused, by every command."""
    monkeypatch.chdir(tmp_path)
    graph = chain(nir.Linear(np.ones((3, 2)) / 2), lif(3), shape=(2,))
    nir.write("net.nir", graph)
    command, *more = words
    answer = costmodel(capsys, monkeypatch, command, "net.nir", *more, "--from", "snntorch", "--reset", "subtract")
    assert answer.code == 0, answer.err
    assert "time steps of 0.1 ms" in answer.err
    refused = costmodel(capsys, monkeypatch, command, "net.nir", *more, "--from", "snntorch", "--dt", "1ms")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "an Euler step of 1 ms is longer than its tau" in refused.err


@pytest.mark.parametrize("words", [["run"], ["to-accuracy", "--target", "0.5"], ["spice"], ["simulate"]])
def test_commands_that_run_take_the_options(words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nir.write("net.nir", chain(nir.Linear(np.ones((3, 2)) / 2), lif(3), shape=(2,)))
    refused = costmodel(capsys, monkeypatch, words[0], "net.nir", *words[1:], "--from", "snntorch", "--dt", "1ms")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "an Euler step of 1 ms is longer than its tau" in refused.err


def test_a_notebook_reads_in_the_same_dialect(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nir.write("net.nir", chain(nir.Linear(np.ones((3, 2)) / 2), lif(3), shape=(2,)))
    words = ("--out", "r.html", "--notebook", "r.ipynb", "-d", "loihi", "--from", "snntorch")
    assert costmodel(capsys, monkeypatch, "report", "net.nir", *words).code == 0
    cells = json.loads((tmp_path / "r.ipynb").read_text())["cells"]
    code = next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    found: dict = {}
    exec(code, found)
    assert found["network"].dt == 1e-4
    assert found["network"].nodes["n1"].type == "leaky"
