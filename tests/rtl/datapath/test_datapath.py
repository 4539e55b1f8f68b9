"""Datapaths of neurons: circuit = integer twin, integer twin ≈ equations."""

import numpy as np
import pytest

from costmodel.graphs.neurons import neuron
from costmodel.rtl.datapath import Precision, compile_neuron
from costmodel.rtl.datapath.compiling.ranges import float_steps, observed_ranges
from costmodel.rtl.datapath.evaluate import run
from tests.datapaths import CASES, Spiky, compiled, currents, equations, random_inputs, simulate, sweep

FORMS = dict.fromkeys(("if", "i", "li", "lif", "alif", "sigma-delta", "qif", "leaky", "leaky-undelayed"), "membrane")
FORMS |= dict.fromkeys(("lif-euler", "li-euler", "lsnn", "lapicque", "qif-euler", "eif-euler"), "membrane")
FORMS |= dict.fromkeys(("lif-bounded", "if-bounded"), "membrane")

# type → least share of the equations' spikes that the default widths give in the very same step. Exact where nothing rounds. A
# spike near the threshold may come a step early or late, and what it resets stays shifted: the worse, the more a neuron runs away.
SAME_STEP = {
    "if": 1.0,
    "threshold": 1.0,
    "sigma-delta": 1.0,
    "ttfs": 1.0,
    "lif": 0.97,
    "leaky": 0.97,
    "leaky-undelayed": 0.97,
    "synaptic": 0.95,
    "synaptic-raised": 0.95,
    "synaptic-undelayed": 0.95,
    "cubalif-decays": 0.95,
    "lif-euler": 0.97,
    "cubalif-euler": 0.95,
    "lsnn": 0.9,
    "lapicque": 0.97,
    "alpha": 0.95,
    "lif-bounded": 0.97,
    "if-bounded": 1.0,
    "cubaeif-euler": 0.95,
    "cubaadex-euler": 0.9,
    "cubalif-refractory": 0.95,
    "cubalif-ahp": 0.95,
    "klif": 0.97,
    "klif-whole": 0.97,
    "qif-euler": 0.95,
    "eif-euler": 0.95,
    "izhikevich-euler": 0.95,
    "alif": 0.95,
    "cubalif": 0.95,
    "qif": 0.95,
    "resonate-and-fire": 0.95,
    "izhikevich": 0.95,
    "hodgkin-huxley": 0.6,
}


@pytest.mark.parametrize("multiply", ["shift-add", "dsp"])
@pytest.mark.parametrize("case", CASES)
def test_circuit_is_the_integer_twin(case, multiply):
    datapath = compiled(case, precision=Precision(multiply=multiply))
    rng = np.random.default_rng(1)
    values = random_inputs(datapath, rng, 150)
    clear = rng.random(150) < 0.1
    wanted = datapath.evaluate(values)
    found = simulate(datapath, values, clear, 2)
    for name, array in wanted.items():
        assert datapath.outputs[name].low <= array.min()
        assert array.max() <= datapath.outputs[name].high
        expected = np.where(clear, datapath.initial[name], array) if name in datapath.stored else array
        np.testing.assert_array_equal(found[name], expected, err_msg=name)


@pytest.mark.parametrize("case", CASES)
def test_torch_is_numpy(case):
    torch = pytest.importorskip("torch")
    datapath = compiled(case)
    values = random_inputs(datapath, np.random.default_rng(3), 500)
    tensors = datapath.evaluate({name: torch.from_numpy(value) for name, value in values.items()})
    for name, array in datapath.evaluate(values).items():
        assert tensors[name].dtype == torch.int64
        np.testing.assert_array_equal(array, tensors[name].numpy())


@pytest.mark.parametrize("case", CASES)
def test_it_follows_the_equations(case):
    """Over 1000 steps: spikes in the same steps, values to a thousandth of their span, states (by their median) to a hundredth.

    In the form "membrane" what is stored has flowed into the next step already.
    """
    datapath = compiled(case)
    assert datapath.form == FORMS.get(case, "input")
    history, steps = sweep(datapath, currents(case)), equations(case)
    if "spike" in history:
        wanted = np.array([made.spikes for made in steps])
        assert wanted.sum() >= 16
        assert (history["spike"] & wanted).sum() >= SAME_STEP[case] * wanted.sum()
        assert abs(int(history["spike"].sum()) - int(wanted.sum())) <= 0.01 * wanted.sum()
    if "value" in history:
        wanted = np.array([made.sent for made in steps])
        sent = history.get("spike", 1) == 1
        error = np.abs(history["value"] * datapath.scales["value"] - wanted)
        assert (error * sent).max() <= 0.001 * np.ptp(wanted)
    for name in neuron(case).states.keys() & history.keys():
        ahead = datapath.form == "membrane"
        wanted = np.array([made.flowed[name] for made in steps[1:]] if ahead else [made.after[name] for made in steps])
        stored = history[name][: len(wanted)] * datapath.scales[name]
        assert np.median(np.abs(stored - wanted)) <= 0.01 * np.ptp(wanted)


def test_a_leaky_membrane_stays_within_a_few_units():
    """Each step rounds by at most half a unit, and the leak forgets: ½ ÷ (1 − P) and what the leak's own rounding does."""
    datapath = compiled("li")
    error = np.abs(sweep(datapath, currents("li"))["value"] - [made.sent / datapath.scales["v"] for made in equations("li")])
    leak = 1 - np.exp(-1 / 20)
    assert error.max() <= 0.5 / leak + 2.0**-12 / leak * 20 + 1


@pytest.mark.parametrize("case", ["lif", "cubali", "izhikevich", "hodgkin-huxley"])
def test_more_bits_are_nearer(case):
    errors = []
    steps = equations(case)[:200]
    for bits in (10, 14, 20):
        datapath = compiled(case, precision=Precision(state_bits=bits, constant_bits=min(bits, 16), table_bits=min(bits, 12)))
        history = sweep(datapath, currents(case)[:200])
        found = history["spike"] if case == "lif" else history["v"] * datapath.scales["v"]
        wanted = np.array([made.spikes if case == "lif" else made.after["v"] for made in steps])
        errors.append(np.abs(found - wanted).mean())
    assert errors[0] > errors[1] > errors[2]


def test_both_forms_of_a_neuron_spike_alike():
    membrane, taken = sweep(compiled("lif"), currents("lif")), sweep(compiled("lif", form="input"), currents("lif"))
    assert (membrane["spike"] & taken["spike"]).sum() > 0.97 * membrane["spike"].sum()


@pytest.mark.parametrize("case", CASES)
def test_every_value_stays_in_its_interval(case):
    datapath = compiled(case)
    values = random_inputs(datapath, np.random.default_rng(7), 2000)
    found = run(datapath.nodes, range(len(datapath.nodes)), values, {table.name: table for table in datapath.tables})
    for node, value in zip(datapath.nodes, found, strict=True):
        assert node.low <= np.min(value), node
        assert np.max(value) <= node.high, node


def test_parameters_differ_between_neurons():
    """Every neuron as if compiled alone: leaks, thresholds and biases of their own."""
    tau, threshold, bias = np.array([5e-3, 20e-3, 80e-3, 20e-3]), np.array([1.0, 1.0, 0.7, 1.5]), np.array([0, 3, 1, -2])
    kind, scale, bounds = neuron("lif"), 0.05, (-400, 400)
    sums = currents("lif", neurons=4)
    parameters = {"tau": tau, "v_threshold": threshold}
    ranges = observed_ranges(kind, None, parameters, 1e-3, (sums + bias) * scale)
    together = compile_neuron(kind, parameters, 1e-3, input_scale=scale, bounds=bounds, bias=bias, ranges=ranges)
    assert together.form == "input", "neurons weigh their input differently"
    found = sweep(together, sums)["spike"]
    wanted = np.array([made.spikes for made in float_steps(kind, None, parameters, 1e-3, (sums + bias) * scale)])
    assert (wanted.sum(0) > 20).all()
    assert ((found & wanted).sum(0) >= 0.95 * wanted.sum(0)).all()
    thresholds = compile_neuron(kind, {"tau": 20e-3, "v_threshold": threshold}, 1e-3, input_scale=scale, bounds=bounds, bias=bias)
    assert thresholds.form == "membrane", "thresholds may differ"
    leaks = {"tau": 20e-3, "v_leak": threshold / 10}
    own_start = compile_neuron(kind, leaks, 1e-3, input_scale=scale, bounds=bounds, ranges=ranges)
    assert own_start.form == "input", "a membrane that has flowed once would start from a value of its own in each neuron"
    assert set(thresholds.constants) == {"bias", "k0"}
    values = random_inputs(thresholds, np.random.default_rng(0), 100)
    np.testing.assert_array_equal(simulate(thresholds, values, np.zeros(100), 0)["spike"], thresholds.evaluate(values)["spike"])


def test_the_membrane_never_wraps():
    """The worst sums on top of the largest membrane fit, and the clamp is kept only where it can act."""
    datapath = compile_neuron(neuron("lif"), {"tau": 20e-3}, 1e-3, input_scale=0.05, bounds=(-4000, 9000), bias=[5, -7])
    acc, stored = datapath.inputs["acc"], datapath.outputs["acc"]
    assert stored.low + (-4000 << datapath.weight_shift) >= acc.low
    assert stored.high + (9000 << datapath.weight_shift) <= acc.high
    assert acc.low + (-7 << datapath.weight_shift) >= -(2 ** (acc.width - 1))
    assert acc.high + (5 << datapath.weight_shift) < 2 ** (acc.width - 1)
    leaky = compile_neuron(neuron("li"), {"tau": 2e-3}, 1e-3, input_scale=0.05, bounds=(-400, 400))
    assert not any(node.op == "clamp" for node in leaky.nodes), "the worst input held for ever still fits"


def test_shifts_for_leaks_and_dsp_for_products():
    shifted = compiled("lif", precision=Precision(decay="shift")).census()
    assert shifted.adder_bits < compiled("lif").census().adder_bits
    assert not shifted.multipliers
    assert len(compiled("lif", precision=Precision(multiply="dsp")).census().multipliers) == 1
    assert len(compiled("qif").census().multipliers) == 1
    assert len(compiled("hodgkin-huxley").census().tables) == 7
    assert not compiled("izhikevich").census().tables


def test_a_neuron_that_nobody_shipped():
    """Piecewise, Min, exponentials of one and of several variables, a gate and a flag."""
    sums, scale = currents("lif") + 60, 0.1
    ranges = observed_ranges(Spiky, None, {}, 1e-3, sums * scale)
    datapath = compile_neuron(Spiky, {}, 1e-3, input_scale=scale, bounds=(-400, 460), ranges=ranges)
    assert datapath.inputs["refractory"].width == 1
    assert len(datapath.tables) == 2
    history = sweep(datapath, sums)
    wanted = np.array([made.spikes for made in float_steps(Spiky, None, {}, 1e-3, sums * scale)])
    assert wanted.sum() > 100
    assert (history["spike"] & wanted).sum() > 0.8 * wanted.sum()
    values = random_inputs(datapath, np.random.default_rng(1), 100)
    found, expected = simulate(datapath, values, np.zeros(100), 1), datapath.evaluate(values)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)
