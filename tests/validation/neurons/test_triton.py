"""The neurons' kernels for GPUs: interpreted, against numba and the twin; and compiled for a GPU that need not be there."""

import importlib.util
from dataclasses import replace
from functools import cache

import pytest
import sympy
import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from costmodel.graphs.equations.neuron import NEURONS, I, Neuron, Param, State
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.neurons import all_neurons, neuron
from costmodel.validation.kernels.printing import BlockPrinter, ScalarPrinter
from costmodel.validation.learning import local
from costmodel.validation.learning.teaching import learner
from costmodel.validation.neurons import layer as layers
from costmodel.validation.neurons.equations import step_equations
from costmodel.validation.neurons.kernel import BLOCK, kernel, load_source, triton_kernel
from costmodel.validation.neurons.layer import NeuronLayer
from costmodel.validation.neurons.triton_source import triton_source
from tests.validation.neurons.parameters import OWN

# Where a block reaches beyond the last element.
pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in (divide|multiply):RuntimeWarning")

SHIPPED = all_neurons()
VALUES = {"tau": 0.01, "tau_syn": 0.004, "tau_mem": 0.009, "tau_a": 0.1, "omega": 200.0, "b": -30.0}
DRIVE = {"izhikevich": 20.0, "hodgkin-huxley": 5.0, "resonate-and-fire": 800.0, "cubalif": 5.0, "ttfs": 5.0}
STEP = {"hodgkin-huxley": 1e-4}
"""Time steps other than 1 ms, s: of fewer substeps."""


@pytest.fixture(autouse=True)
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture
def interpreted(monkeypatch):
    """Every layer on the CPU runs Triton's kernel, interpreted."""
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    known = cache(triton_kernel)
    for module in (layers, local):
        monkeypatch.setattr(module, "kernel", lambda recipe, dtype, device: known(recipe, dtype))


def parameters(name: str) -> dict[str, float]:
    return {k: v for k, v in (VALUES | OWN.get(name, {})).items() if k in SHIPPED[name].params}


def drive(name: str, steps=8, batch=3, neurons=BLOCK // 2 + 1, dtype=torch.float64) -> torch.Tensor:
    """As many elements as fill no whole number of blocks."""
    drawn = torch.rand(steps, batch, neurons, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return (drawn * DRIVE.get(name, 3.0)).to(dtype)


def trained(name: str) -> str | None:
    """A parameter with bounds, or any."""
    params = SHIPPED[name].params
    return next((p for p in params if params[p].low is not None), next(iter(params), None))


def run(layer: NeuronLayer, inputs: torch.Tensor) -> list[torch.Tensor]:
    """What is sent, the last state, and the gradients of inputs, first state and trained parameters."""
    inputs = inputs.clone().requires_grad_(True)
    start = (layer.initial_state(inputs) * 0.9).requires_grad_(True)
    out, state = layer(inputs, start)
    weights = torch.linspace(0.5, 1.5, out.numel(), dtype=out.dtype).reshape(out.shape)
    ((out * weights).sum() + (state * 0.3).sum()).backward()
    grads = [start.grad if start.grad is not None else torch.zeros_like(start), *(p.grad for p in layer.parameters())]
    return [out.detach(), state.detach(), inputs.grad, *grads]


def apart(ours: list[torch.Tensor], theirs: list[torch.Tensor]) -> float:
    """The largest difference, relative to the largest value."""
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if b.numel()]
    return max(float((a - b).abs().max() / b.abs().max().clamp(min=1e-30)) for a, b in pairs)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_interpreted_kernel_agrees_with_numba_and_the_twin(name, request):
    one = {trained(name)} - {None}

    def result(backend, dtype=torch.float64):
        torch.set_default_dtype(dtype)
        layer = NeuronLayer(SHIPPED[name], parameters(name), STEP.get(name, 1e-3), trained=frozenset(one), backend=backend)
        return layer.recipe.repeats, run(layer, drive(name, dtype=dtype))

    twin, numba = result("torch"), result("fused")
    request.getfixturevalue("interpreted")
    repeats, ours = result("fused")
    assert repeats == {"hodgkin-huxley": 2, "izhikevich": 2}.get(name, 1)
    assert torch.equal(ours[0] != 0, twin[1][0] != 0)
    if SHIPPED[name].spiking() and name != "if":
        assert 0 < ours[0].count_nonzero() < ours[0].numel()
    assert apart(ours, twin[1]) < 1e-9
    assert apart(ours, numba[1]) < 1e-9
    single, plain = result("fused", torch.float32)[1], result("torch", torch.float32)[1]
    assert all(x.dtype == torch.float32 for x in single)
    assert apart(single, plain) < (1e-2 if name == "hodgkin-huxley" else 1e-4)  # its rates: 0 / 0 at some potentials


@pytest.mark.usefixtures("interpreted")
def test_without_a_way_back_the_same_comes_out():
    """Bit for bit between Triton's kernels, interpreted on one machine."""
    layer, inputs = NeuronLayer(neuron("cubalif"), parameters("cubalif"), 1e-3), drive("cubalif")
    out, state = layer(inputs)
    with torch.no_grad():
        plain = layer(inputs)
    sent, states = layer.trace(inputs)
    assert out.any()
    assert torch.equal(plain[0], out)
    assert torch.equal(plain[1], state)
    assert torch.equal(sent, out)
    assert torch.equal(states[:, -1], state)


def test_neurons_that_excite_themselves(request):
    across = torch.randn(9, 9, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    results = []
    for backend in ("torch", "fused"):
        if backend == "fused":
            request.getfixturevalue("interpreted")
        layer = NeuronLayer(neuron("alif"), parameters("alif"), 1e-3, trained=frozenset({"tau_a"}), backend=backend)
        weight, inputs = across.clone().requires_grad_(True), drive("alif", neurons=9).requires_grad_(True)
        out, _ = layer(inputs, None, weight)
        (out * torch.linspace(0, 1, out.numel()).reshape(out.shape)).sum().backward()
        results.append([out.detach(), inputs.grad, weight.grad, *(p.grad for p in layer.parameters())])
    assert results[0][0].any()
    assert apart(results[1], results[0]) < 1e-10


def test_three_factor_rules(request):
    network = Network.from_document(
        {
            "name": "three-factors",
            "dt": 1e-3,
            "timesteps": 6,
            "nodes": [
                {"id": "in", "type": "input", "shape": [5]},
                {"id": "fc1", "type": "linear", "features": 7},
                {"id": "hidden", "type": "lif", "tau": 0.01},
                {"id": "fc2", "type": "linear", "features": 3},
                {"id": "out", "type": "li", "tau": 0.01},
            ],
        }
    )
    results = []
    for interpreted in (False, True):
        if interpreted:
            request.getfixturevalue("interpreted")
        taught = learner(network, "e-prop")
        taught(drive("lif", 6, 2, 5)).scores().pow(2).sum().backward()
        results.append([p.grad for p in taught.parameters() if p.grad is not None])
    assert len(results[0]) == 4
    assert apart(results[1], results[0]) < 1e-10


class Unusual(Neuron):
    """Powers, a step in the dynamics, and states that are the same after every step."""

    type = "test-unusual"
    v, count, flag = State("V"), State("1"), State("1")
    tau, v_threshold = Param("s", 0.01, low=0), Param("V", 1.0)
    update = {
        v: v * sympy.exp(-1 / (1 + 100 * tau)) + I / (1 + v**2) ** sympy.Rational(3, 2) + sympy.log(1 + v**2),
        count: sympy.Integer(2),
        flag: sympy.sqrt(1 + sympy.Abs(v)) * sympy.Heaviside(v, 1),
    }
    spike = v - v_threshold
    reset = {"value": {v: 0}}
    every_step = {flag: flag / 2}


NEURONS.pop("test-unusual")


def test_whatever_equations_may_say(request):
    twin = run(NeuronLayer(Unusual, {}, 1e-3, trained=frozenset({"tau"}), backend="torch"), drive("lif"))
    request.getfixturevalue("interpreted")
    ours = run(NeuronLayer(Unusual, {}, 1e-3, trained=frozenset({"tau"})), drive("lif"))
    assert ours[0].any()
    assert apart(ours, twin) < 1e-10


@pytest.mark.parametrize("neurons", [64, 1])
@pytest.mark.parametrize("name", ["ttfs", "izhikevich", "sigma-delta", "test-unusual"])
def test_the_kernel_compiles_for_a_gpu(name, neurons, monkeypatch):
    """To machine code: types that the interpreter is lenient about are checked. Sizes of 1 are constants to Triton."""
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)
    plain = NeuronLayer(SHIPPED.get(name, Unusual), parameters(name) if name in SHIPPED else {}, 1e-3).recipe
    recipe = replace(plain, trained=step_equations(plain.neuron, plain.reset, plain.zero).constants)
    precision, pointer = ("float32", "*fp32") if neurons == 1 else ("float64", "*fp64")
    module = load_source(f"{name}_gpu", triton_source(recipe, precision))
    fixed = {"BLOCK": BLOCK, **({"size": 1, "neurons": 1} if neurons == 1 else {})}
    for function in (module.infer, module.forward, module.backward):
        numbers = {name: "constexpr" if name in fixed else "i32" for name in ("steps", "size", "neurons", "BLOCK")}
        signature = {name: numbers.get(name, pointer) for name in function.arg_names}
        built = triton.compile(ASTSource(function, signature, constexprs=fixed), target=GPUTarget("cuda", 80, 32))
        assert (".f64" in built.asm["ptx"]) == (precision == "float64")
        assert built.asm["cubin"]


def test_what_has_no_kernel_is_told(monkeypatch):
    x, p = sympy.symbols("x p", real=True)
    with pytest.raises(InputError, match=r"'tanh\(x\)'.*write the neuron's equations with"):
        ScalarPrinter().doprint(sympy.tanh(x))
    with pytest.raises(InputError, match=r"'x\*\*p'.*exponent as a number"):
        BlockPrinter().doprint(x**p)
    layer = NeuronLayer(neuron("lif"), parameters("lif"), 1e-3)
    with pytest.raises(InputError, match="no neuron kernel for 'meta'; use cpu or cuda"):
        layer.to("meta")(drive("lif").to("meta"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install triton"):
        kernel(layer.recipe, torch.float32, "cuda")


def test_learners_say_where_they_do_not_run(monkeypatch):
    neurons = {"type": "cubalif", "tau_mem": 0.01, "tau_syn": 0.005, "reset": "value"}
    nodes = [
        {"id": "in", "type": "input", "shape": [5], "encoder": "latency"},
        {"id": "fc", "type": "linear", "features": 3, "bias": False},
        {"id": "out", **neurons},
    ]
    network = Network.from_document({"name": "timed", "dt": 1e-3, "timesteps": 6, "readout": "first-spike", "nodes": nodes})
    with pytest.raises(InputError, match="EventProp follows spikes one by one, on the cpu alone, not on 'cuda:0'"):
        learner(network, "eventprop").on("cuda:0")
    assert learner(network, "eventprop").on("cpu")
    with pytest.raises(InputError, match="use cpu or cuda"):
        learner(network, "bptt").on("mps")
    assert next(learner(network, "rtrl").on("meta").parameters()).is_meta
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install triton"):
        learner(network, "bptt").on("cuda")


ENCODED = ["direct", "poisson", "latency", "events", "delta", "population"]
NOISY = [
    {"type": "static", "deviation": 0.1},
    {"type": "read-variation", "deviation": 0.1},
    {"type": "spike-jitter", "deviation": 1e-3},
    {"type": "weight-quantisation", "bits": 4},
]


@pytest.mark.parametrize("encoder", ENCODED)
def test_nothing_on_a_networks_way_leaves_its_device(encoder):
    """On the device "meta", which computes nothing and mixes with no other: random numbers come from the CPU's generator."""
    nodes = [
        {"id": "in", "type": "input", "shape": [1, 8, 8], "encoder": encoder},
        {"id": "wait", "type": "delay", "delay": 2e-3},
        {"id": "conv", "type": "conv2d", "features": 4, "kernel": 3},
        {"id": "pool", "type": "maxpool2d", "kernel": 2},
        {"id": "hidden", "type": "sigma-delta"},
        {"id": "flat", "type": "flatten"},
        {"id": "fc", "type": "linear", "features": 3},
        {"id": "out", "type": "lif", "tau": 0.01},
    ]
    document = {"name": "way", "dt": 1e-3, "timesteps": 5, "noise": NOISY, "nodes": nodes}
    network = Network.from_document({**document, "training": {"surrogate": "triangular"}})
    taught = learner(network, "rtrl").on("meta").train()
    values = torch.rand(1, 2, *taught.input.encoder.sample_shape((1, 8, 8)), device="meta")
    with torch.no_grad():
        response = taught(taught.encode(values, torch.Generator().manual_seed(0)))
    assert response.scores().is_meta
    assert all(rate.is_meta for rate in response.activity().values())
