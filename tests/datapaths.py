"""Datapaths to test: every shipped neuron with inputs for it, and one that is not shipped."""

from functools import cache

import numpy as np
import sympy

from costmodel.graphs.equations.neuron import NEURONS, I, Neuron, Param, State
from costmodel.graphs.neurons import neuron
from costmodel.rtl.datapath import compile_neuron
from costmodel.rtl.datapath.compiling.ranges import float_steps, observed_ranges

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
    "leaky": ({"beta": 0.9375}, 1e-3, 2.0**-8, (-400, 400)),
    "leaky-undelayed": ({"beta": 0.9375}, 1e-3, 2.0**-8, (-400, 400)),
    "synaptic": ({"alpha": 0.5, "beta": 0.9375}, 1e-3, 2.0**-10, (-400, 400)),
    "synaptic-raised": ({"alpha": 0.5, "beta": 0.9375}, 1e-3, 2.0**-10, (-400, 400)),
    "synaptic-undelayed": ({"alpha": 0.5, "beta": 0.9375}, 1e-3, 2.0**-10, (-400, 400)),
    "cubalif-decays": ({"alpha": 0.9375, "beta": 0.5}, 1e-3, 2.0**-10, (-400, 400)),
    "lif-euler": ({"share": 0.0625}, 1e-3, 0.05, (-400, 400)),
    "li-euler": ({"share": 0.0625}, 1e-3, 0.05, (-400, 400)),
    "cubalif-euler": ({"share_syn": 0.25, "share_mem": 0.0625}, 1e-3, 0.02, (-400, 400)),
    "cubali-euler": ({"share_syn": 0.25, "share_mem": 0.0625}, 1e-3, 0.02, (-400, 400)),
    "lsnn": ({"share_syn": 0.25, "share_mem": 0.0625, "share_adapt": 0.0625, "beta": 0.25}, 1e-3, 0.02, (-400, 400)),
    "lapicque": ({"gain": 0.0625, "left": 0.9375}, 1e-3, 0.02, (-400, 400)),
    "alpha": ({"alpha": 0.9375, "beta": 0.75, "gain": 2.0}, 1e-3, 2.0**-10, (-400, 400)),
    "lif-bounded": ({"left": 0.9375}, 1e-3, 2.0**-8, (-400, 400)),
    "if-bounded": ({}, 1e-3, 2.0**-8, (-400, 400)),
    "cubaeif-euler": ({"share_syn": 0.25, "share_mem": 0.0625}, 1e-3, 0.01, (-400, 400)),
    "cubaadex-euler": ({"share_syn": 0.25, "share_mem": 0.0625, "share_adapt": 0.0625, "coupling": 0.25}, 1e-3, 0.01, (-400, 400)),
    "cubalif-refractory": ({"share_syn": 0.25, "share_mem": 0.0625}, 1e-3, 0.02, (-400, 400)),
    "cubalif-ahp": ({"alpha": 0.9375, "beta": 0.5, "gamma": 0.75, "w_ahp": -0.25}, 1e-3, 2.0**-10, (-400, 400)),
    "klif": ({"tau": 16.0}, 1e-3, 0.05, (-400, 400)),
    "klif-whole": ({"tau": 16.0}, 1e-3, 2.0**-8, (-400, 400)),
    "qif-euler": ({"tau": 16.0}, 1e-3, 0.02, (-400, 400)),
    "eif-euler": ({"tau": 16.0}, 1e-3, 0.02, (-400, 400)),
    "izhikevich-euler": ({"tau": 16.0, "tau_w": 16.0, "a": 0.25, "b": 0.0625}, 1e-3, 0.02, (-400, 400)),
    "threshold": ({"threshold": 3.1}, 1e-3, 0.05, (-400, 400)),
    "sigma-delta": ({"v_threshold": 0.125}, 1e-3, 2.0**-10, (-400, 400)),
    "qif": ({"tau": 20e-3}, 1e-3, 0.02, (-400, 400)),
    "resonate-and-fire": ({"b": -20.0, "omega": 100.0}, 1e-3, 1.0, (-400, 400)),
    "izhikevich": ({}, 1e-3, 0.2, (-400, 400)),
    "hodgkin-huxley": ({}, 0.1e-3, 0.002, (-400, 400)),
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

    from costmodel.rtl.datapath.circuit import NeuronUnit

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
