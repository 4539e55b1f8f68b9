"""Datapaths of neurons: circuit = integer twin, integer twin ≈ equations, and every part they are made of."""

import numpy as np
import pytest

from graphs.neurons import neuron
from rtl.datapath import Precision, compile_neuron
from rtl.datapath.ranges import float_steps, observed_ranges

# type → parameters, dt, real value of a weight's unit, bounds of a step's sum
CASES = {
    "if": ({}, 1e-3, 4.0, (-400, 400)),
    "i": ({}, 1e-3, 4.0, (-400, 400)),
    "li": ({"tau": 20e-3}, 1e-3, 0.05, (-400, 400)),
    "lif": ({"tau": 20e-3}, 1e-3, 0.05, (-400, 400)),
    "alif": ({"tau": 20e-3, "tau_a": 0.1}, 1e-3, 0.05, (-400, 400)),
    "cubalif": ({"tau_syn": 5e-3, "tau_mem": 20e-3}, 1e-3, 0.05, (-400, 400)),
}
PORTS = list(CASES)


def currents(case, steps=1000, neurons=16, seed=5):
    """Integer sums of weights of random steps, slowly changing, and mostly far from the bounds."""
    low, high = CASES[case][3]
    rng = np.random.default_rng(seed)
    slow = np.repeat(rng.normal(0.1, 0.15, (-(-steps // 20), neurons)), 20, axis=0)[:steps]
    return np.clip(np.round((slow + rng.normal(0, 0.1, slow.shape)) * high), low, high).astype(np.int64)


def compiled(case, **options):
    parameters, dt, scale, bounds = CASES[case]
    kind = neuron(case)
    reset = options.get("reset")
    ranges = options.pop("ranges", None) or observed_ranges(kind, reset, parameters, dt, currents(case) * scale)
    return compile_neuron(kind, parameters, dt, input_scale=scale, bounds=bounds, ranges=ranges, **options)


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
@pytest.mark.parametrize("case", PORTS)
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


@pytest.mark.parametrize("case", PORTS)
def test_torch_is_numpy(case):
    torch = pytest.importorskip("torch")
    datapath = compiled(case)
    values = random_inputs(datapath, np.random.default_rng(3), 500)
    tensors = datapath.evaluate({name: torch.from_numpy(value) for name, value in values.items()})
    for name, array in datapath.evaluate(values).items():
        assert tensors[name].dtype == torch.int64
        np.testing.assert_array_equal(array, tensors[name].numpy())


@pytest.mark.parametrize("case", PORTS)
def test_spikes_and_states_follow_the_equations(case):
    parameters, dt, scale, _ = CASES[case]
    sums = currents(case)
    datapath = compiled(case)
    history = sweep(datapath, sums)
    steps = list(float_steps(neuron(case), None, parameters, dt, sums * scale))
    if "spike" in history:
        agreement = (history["spike"] == [spikes for _, spikes, _, _ in steps]).mean()
        assert history["spike"].mean() > 0.005
        assert agreement > 0.99
    else:
        wanted = np.array([value for _, _, value, _ in steps])
        error = np.abs(history["value"] * datapath.scales["value"] - wanted).max()
        assert error < 0.01 * np.abs(wanted).max()
