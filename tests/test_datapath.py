"""Datapaths of neurons: circuit = integer twin, integer twin ≈ equations, and every part they are made of."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.errors import InputError
from graphs.neuron import NEURONS, I, Neuron, Param, State
from graphs.neurons import neuron
from rtl.datapath import Precision, compile_neuron
from rtl.datapath.constants import exponential
from rtl.datapath.digits import multiply_shift, rounded, signed_digits
from rtl.datapath.evaluate import run
from rtl.datapath.nodes import Builder, Node
from rtl.datapath.ranges import float_steps, observed_ranges
from rtl.datapath.tables import tabulate

# type → parameters, dt, real value of a weight's unit, bounds of a step's sum. Where nothing decays the numbers are dyadic, so that
# integers and floating point agree to the last bit.
CASES = {
    "if": ({"r": 1024.0}, 2.0**-10, 2.0**-8, (-400, 400)),
    "i": ({"r": 1024.0}, 2.0**-10, 2.0**-8, (-400, 400)),
    "li": ({"tau": 20e-3}, 1e-3, 0.05, (-400, 400)),
    "lif": ({"tau": 20e-3}, 1e-3, 0.05, (-400, 400)),
    "alif": ({"tau": 20e-3, "tau_a": 0.1}, 1e-3, 0.05, (-400, 400)),
    "cubalif": ({"tau_syn": 5e-3, "tau_mem": 20e-3}, 1e-3, 0.05, (-400, 400)),
    "cubali": ({"tau_syn": 5e-3, "tau_mem": 20e-3}, 1e-3, 0.05, (-400, 400)),
    "ttfs": ({"tau_syn": 5e-3, "tau_mem": 20e-3}, 1e-3, 0.05, (-400, 400)),
    "threshold": ({"threshold": 3.1}, 1e-3, 0.05, (-400, 400)),
    "sigma-delta": ({"v_threshold": 0.125}, 1e-3, 2.0**-10, (-400, 400)),
    "qif": ({"tau": 20e-3}, 1e-3, 0.02, (-400, 400)),
    "resonate-and-fire": ({"b": -20.0, "omega": 100.0}, 1e-3, 1.0, (-400, 400)),
    "izhikevich": ({}, 1e-3, 0.2, (-400, 400)),
    "hodgkin-huxley": ({}, 0.1e-3, 0.002, (-400, 400)),
}
FORMS = dict.fromkeys(("if", "i", "li", "lif", "alif", "sigma-delta", "qif"), "membrane")

# type → least share of the equations' spikes that the default widths give in the very same step. Exact where nothing rounds. A
# spike near the threshold may come a step early or late, and what it resets stays shifted: the worse, the more a neuron runs away.
SAME_STEP = {
    "if": 1.0,
    "threshold": 1.0,
    "sigma-delta": 1.0,
    "ttfs": 1.0,
    "lif": 0.97,
    "alif": 0.95,
    "cubalif": 0.95,
    "qif": 0.95,
    "resonate-and-fire": 0.95,
    "izhikevich": 0.95,
    "hodgkin-huxley": 0.6,
}


def currents(case, steps=1000, neurons=16, seed=5):
    """Integer sums of weights of random steps, slowly changing, and mostly far from the bounds."""
    low, high = CASES[case][3]
    rng = np.random.default_rng(seed)
    slow = np.repeat(rng.normal(0.1, 0.15, (-(-steps // 20), neurons)), 20, axis=0)[:steps]
    return np.clip(np.round((slow + rng.normal(0, 0.1, slow.shape)) * high), low, high).astype(np.int64)


@cache
def observed(case):
    parameters, dt, scale, _ = CASES[case]
    return observed_ranges(neuron(case), None, parameters, dt, currents(case) * scale)


@cache
def equations(case):
    """The last substeps of the equations' run over `currents`."""
    parameters, dt, scale, _ = CASES[case]
    return [made for made in float_steps(neuron(case), None, parameters, dt, currents(case) * scale) if made.final]


def compiled(case, **options):
    parameters, dt, scale, bounds = CASES[case]
    options = {"ranges": observed(case), "bounds": bounds, "input_scale": scale, "parameters": parameters} | options
    return compile_neuron(neuron(case), options.pop("parameters"), dt, **options)


def sweep(datapath, sums):
    """The integer twin over steps of sums (T, N): its outputs, one list per name."""
    shape = sums.shape[1:]
    state = {name: np.full(shape, start, np.int64) for name, start in datapath.initial.items()}
    history = {name: [] for name in datapath.outputs}
    for step in sums:
        for turn in range(datapath.passes):
            values = dict(state)
            if datapath.form == "membrane":
                values["acc"] = state["acc"] + (step << datapath.weight_shift)
            else:
                values["acc"] = step
            if datapath.passes > 1:
                values["final_pass"] = np.full(shape, turn == datapath.passes - 1, np.int64)
            out = datapath.evaluate(values)
            state = {name: out[name] for name in datapath.stored}
        for name, value in out.items():
            history[name].append(value)
    return {name: np.array(value) for name, value in history.items()}


def random_inputs(datapath, rng, count):
    """Values over the whole interval of every input, its ends among them."""
    values = {}
    for name, port in datapath.inputs.items():
        drawn = rng.integers(port.low, port.high + 1, count)
        drawn[rng.random(count) < 0.1] = port.low
        drawn[rng.random(count) < 0.1] = port.high
        values[name] = drawn
    return values


def simulate(datapath, values, clear, seed):
    """What the circuit makes of the inputs, with ``advance`` at random."""
    from amaranth.sim import Simulator

    from rtl.datapath.circuit import NeuronUnit

    unit = NeuronUnit(datapath)
    rng = np.random.default_rng(seed)
    count = len(clear)
    results = []

    async def bench(ctx):
        for index in range(count + datapath.depth):
            while rng.random() < 0.3:
                ctx.set(unit.advance, 0)
                for name, port in datapath.inputs.items():
                    ctx.set(getattr(unit, name), int(rng.integers(port.low, port.high + 1)))
                await ctx.tick()
            ctx.set(unit.advance, 1)
            for name in datapath.inputs:
                ctx.set(getattr(unit, name), int(values[name][min(index, count - 1)]))
            ctx.set(unit.clear, bool(clear[min(index, count - 1)]))
            await ctx.tick()
            if index >= datapath.depth - 1:
                results.append({name: ctx.get(getattr(unit, unit.output(name))) for name in datapath.outputs})

    simulator = Simulator(unit)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return {name: np.array([result[name] for result in results[:count]]) for name in datapath.outputs}


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
    """Over 1000 steps: spikes in the same steps, values to a thousandth of their span, states (by their median) to a hundredth."""
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
        wanted = np.array([made.after[name] for made in steps])
        assert np.median(np.abs(history[name] * datapath.scales[name] - wanted)) <= 0.01 * np.ptp(wanted)


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


def operation(b, which, places, values, by, fill, low):
    """One of all operations, as a node and in numbers."""
    (p, q, flag), (u, v, set_) = places, values
    if which == 0:
        return b.add(p, q), u + v
    if which == 1:
        return b.sub(p, q), u - v
    if which == 2:
        return b.mul(p, q), u * v
    if which == 3:
        return b.shl(p, by, fill), u * 2**by + fill
    if which == 4:
        return b.shr(p, by), u >> by
    if which == 5:
        return b.ge(p, q), (u >= v) * 1
    if which == 6:
        return b.eq(p, q), (u == v) * 1
    if which == 7:
        return b.mux(b.ge(p, q), p, q), np.maximum(u, v)
    if which == 8:
        return b.clamp(p, low, low + 7), np.clip(u, low, low + 7)
    if which == 9:
        return b.and_(b.ge(p, q), b.not_(flag)), (u >= v) & (set_ == 0)
    return b.or_(b.ge(p, q), flag), (u >= v) | (set_ == 1)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_operations_keep_their_intervals_and_values(data):
    """Random programs of all operations, against Python's integers."""
    b = Builder()
    ends = sorted(data.draw(st.lists(st.integers(-50, 50), min_size=2, max_size=2, unique=True)))
    places = [b.input("x", ends[0], ends[1]), b.input("flag", 0, 1), b.const(data.draw(st.integers(-9, 9)))]
    numbers = {"x": np.arange(ends[0], ends[1] + 1), "flag": np.arange(ends[1] - ends[0] + 1) & 1}
    expected = [numbers["x"], numbers["flag"], b[places[2]].value + 0 * numbers["x"]]
    for _ in range(data.draw(st.integers(1, 8))):
        i, j = (data.draw(st.integers(0, len(places) - 1)) for _ in range(2))
        by, low = data.draw(st.integers(0, 3)), data.draw(st.integers(-20, 20))
        fill = data.draw(st.integers(0, 2**by - 1))
        operands, operand_values = (places[i], places[j], places[1]), (expected[i], expected[j], expected[1])
        place, value = operation(b, data.draw(st.integers(0, 10)), operands, operand_values, by, fill, low)
        if np.abs(value).max() < 2**40:
            places.append(place)
            expected.append(value * 1)
    for place, found, value in zip(places, run(b.nodes, places, numbers, {}), expected, strict=True):
        np.testing.assert_array_equal(found * np.ones_like(value), value)
        assert b[place].low <= value.min()
        assert value.max() <= b[place].high


@given(st.integers(-(2**16), 2**16).filter(bool), st.integers(0, 20), st.integers(1, 9))
def test_signed_digits_multiply(factor, shift, extra):
    """Exactly without a shift; else less than a unit away, and without the halves that had no room."""
    digits = signed_digits(factor)
    assert sum(sign << place for place, sign in digits) == factor
    assert all(b - a >= 2 for (a, _), (b, _) in pairwise(digits))
    b = Builder()
    x = np.append(np.random.default_rng(0).integers(-(2**15), 2**15, 200), [-(2**15), 2**15 - 1, 0])
    node, added = multiply_shift(b, b.input("x", -(2**15), 2**15 - 1), factor, shift, extra)
    product = run(b.nodes, [node], {"x": x}, {})[0] * np.ones_like(x)
    exact = x * abs(factor) / 2**shift + (extra - 1) / 2 * added
    if shift == 0:
        np.testing.assert_array_equal(product, x * abs(factor))
    elif added:
        assert np.abs(product - exact).max() <= 0.5 + 1e-9
    else:
        assert np.abs(product - exact).max() < 1


@given(st.floats(1e-6, 1e6), st.integers(2, 16), st.sampled_from([1, -1]))
def test_constants_keep_their_significant_bits(value, bits, sign):
    k, s = rounded(sign * value, bits)
    reference = value - 1 if sign > 0 and 0.5 < value < 1.5 and value != 1 else value
    assert abs(k * 2.0**-s - sign * value) <= abs(reference) * 2.0**-bits * (1 + 1e-9)


def test_the_exponential_of_a_matrix():
    from scipy.linalg import expm

    matrix = np.random.default_rng(0).normal(0, 3, (5, 4, 4))
    np.testing.assert_allclose(exponential(matrix), [expm(m) for m in matrix], rtol=1e-9, atol=1e-9)


def test_tables_err_as_they_say():
    """Against the function at every value of the variable, a removable singularity among them."""
    v = sympy.Symbol("v", real=True)
    for low, high in ((-3000, 5000), (0, 2000), (-2, 1)):
        table = tabulate("t", v / (1 - sympy.exp(-v)), v, Node("input", (), low, high), 1 / 512, 8, 12)
        x = np.arange(low, high + 1)
        real = np.array([1.0 if n == 0 else (n / 512) / -np.expm1(-n / 512) for n in x])
        found = table.entries[(x >> table.shift) & (table.depth - 1)] * table.unit
        assert table.error == pytest.approx(np.abs(found - real).max(), rel=1e-3)
        assert table.error < (1 << table.shift) / 512 + table.unit
        assert table.depth <= 256
        assert table.width <= 12


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


class Spiky(Neuron):
    """Made up: exponential integrate-and-fire, its input rectified and weaker the more it spiked and the higher it is."""

    type = "test-datapath-spiky"
    v = State("1")
    a = State("1")
    refractory = State("1")
    delta = Param("1", 0.5, low=0)
    theta = Param("1", 1.0)
    kick = delta * sympy.exp((sympy.Min(v, 2) - theta) / delta)
    drive = sympy.Piecewise((I, I > 0), (I / 2, True)) / (1 + sympy.exp(a * v / 4))
    update = {
        v: v + (-v + kick + drive) / 16,
        a: sympy.Min(a * 15 / 16, 3),
    }
    spike = v - theta
    gate = 1 - refractory
    reset = {"value": {v: 0, a: a + 1}}
    every_step = {refractory: sympy.Heaviside(v - theta, 1)}


NEURONS.pop("test-datapath-spiky")


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


@pytest.mark.parametrize(
    ("case", "options", "words"),
    [
        ("lif", {"input_scale": 0.0}, "input_scale is 0.0"),
        ("lif", {"bounds": (3, -3)}, "bounds are (3, -3)"),
        ("lif", {"form": "both"}, "take 'membrane', 'input' or None"),
        ("lif", {"reset": "soft"}, "no reset 'soft'; known are subtract, value, none"),
        ("lif", {"parameters": {}}, "parameter 'tau' is missing; give it, in s"),
        ("lif", {"parameters": {"tau": 0.02, "tua": 1}}, "no parameter 'tua'; did you mean 'tau'?"),
        ("lif", {"parameters": {"tau": [0.02, 0.03], "r": [1, 2, 3]}}, "has 3 values, another has 2"),
        ("lif", {"parameters": {"tau": np.nan}}, "neither a finite number"),
        ("lif", {"bias": [0.5]}, "integers, one per neuron, are needed"),
        ("lif", {"ranges": {"u": (0, 1)}}, "has no state 'u'"),
        ("lif", {"ranges": {"v": (1, 0)}}, "lowest < highest"),
        ("i", {"ranges": {}}, "state 'v' of neuron 'i' has no range"),
        ("cubalif", {"ranges": {}}, "state 'i' of neuron 'cubalif' has no range"),
        ("cubalif", {"form": "membrane"}, "take form 'input'"),
    ],
)
def test_refusals(case, options, words):
    with pytest.raises(InputError) as refused:
        compiled(case, **options)
    assert words in str(refused.value)


def test_more_refusals():
    class Slow(neuron("li")):
        type = "test-datapath-slow"
        max_step = 1e-4

    NEURONS.pop("test-datapath-slow")
    Slow.params, Slow.states = neuron("li").params, neuron("li").states
    with pytest.raises(InputError, match="sends values and needs 10 substeps"):
        compile_neuron(Slow, {"tau": 0.02}, 1e-3, input_scale=1.0, bounds=(-1, 1))
    with pytest.raises(InputError, match="delta differs between neurons; use one value for all"):
        compile_neuron(Spiky, {"delta": [0.5, 0.6]}, 1e-3, input_scale=1.0, bounds=(-1, 1), ranges={"v": (-1, 2), "a": (0, 3)})
    with pytest.raises(InputError, match="grows without bound"):
        observed_ranges(neuron("qif"), "none", {"tau": 0.02}, 1e-3, np.full((4000, 1), 100.0))
    with pytest.raises(InputError, match="needs a value for spiked"):
        compiled("izhikevich").evaluate(dict.fromkeys(("acc", "v", "u", "final_pass"), np.zeros(1, np.int64)))
    for options in ({"state_bits": 3}, {"multiply": "lut"}, {"decay": "none"}, {"table_bits": 20}, {"constant_bits": 1}):
        with pytest.raises(InputError):
            Precision(**options)
