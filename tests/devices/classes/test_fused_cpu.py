"""The class of costmodel's own runner by hand, and the memory of a training step against torch."""

from itertools import pairwise

import numpy as np
import pytest
import sympy
import torch

from costmodel.devices.classes.cpu_fused import FusedCPU
from costmodel.devices.classes.gpu_fused import FusedGPU
from costmodel.devices.classes.gpu_graph import GraphGPU
from costmodel.devices.evaluation.evaluate import evaluate
from costmodel.devices.evaluation.symbolic import symbol, symbolic_operator, work
from costmodel.estimates.estimating import Workload
from costmodel.graphs.lowering.footprint import training_peak
from costmodel.graphs.lowering.operators import KINDS
from costmodel.graphs.network import Network
from costmodel.validation.calibration.drawn import Limits, drawn
from costmodel.validation.calibration.stopwatch import Subject
from tests.dimensions import dimension, of_unit

FREE = {name: 1e30 if param.unit in ("op/s", "B/s", "B") else 0.0 for name, param in FusedCPU.params.items()}
ZERO = FREE | {
    "weight_bits": 32.0,
    "state_bits": 32.0,
    "vector": 16.0,
    "chips": 1.0,
    "k_time": 1.0,
    "k_energy": 1.0,
    "static_share": 1.0,
    "latency_residual": 1.0,
    "event_residual": 1.0,
    "training_residual": 1.0,
    "event_training_residual": 1.0,
}


def network(widths: list[int], timesteps: int, *, loop: bool = False) -> Network:
    nodes: list[dict] = [{"id": "in", "type": "input", "shape": [widths[0]], "rate": 0.1}]
    edges, last = [], "in"
    for i, width in enumerate(widths[1:], 1):
        nodes += [{"id": f"fc{i}", "type": "linear", "features": width, "bias": False}]
        nodes += [{"id": f"n{i}", "type": "if", "v_threshold": 1.0}]
        edges += [[last, f"fc{i}"], [f"fc{i}", f"n{i}"]]
        last = f"n{i}"
    if loop:
        nodes.append({"id": "rec", "type": "linear", "features": widths[1], "bias": False})
        edges += [["n1", "rec"], ["rec", "n1"]]
    settings = {"name": "by hand", "dt": "1 ms", "timesteps": timesteps, "training": {"rule": "bptt"}}
    return Network.from_document({**settings, "nodes": nodes, "edges": edges})


def latency(workload: Workload, **values: float) -> float:
    columns = workload.columns("mean", 32.0, 32.0, given=False)
    figures = evaluate(FusedCPU({**ZERO, **values}), workload.table, columns, float(workload.batch))
    return float(np.ravel(figures.latency)[0])


def test_a_layer_is_dispatched_once_for_all_steps():
    asked = Workload(network([32, 64, 10], timesteps=25), batch=4)
    assert latency(asked, t_linear=1.0) == pytest.approx(2)
    assert latency(asked, t_neurons=1.0) == pytest.approx(2)
    assert latency(asked, t_call=1.0) == pytest.approx(1)


def test_a_loop_is_dispatched_at_every_step():
    asked = Workload(network([32, 64, 10], timesteps=25, loop=True), batch=4)
    assert latency(asked, t_loop=1.0) == pytest.approx(2 * 25)
    assert latency(asked, t_linear=1.0) == pytest.approx(2)


def test_products_take_whole_vectors():
    asked = Workload(network([32, 64, 10], timesteps=25), batch=4)
    assert latency(asked, f_matmul=1.0) == pytest.approx(2 * 25 * 4 * (32 * 64 + 64 * 32), rel=1e-6)


@pytest.mark.parametrize(
    ("columns", "vector", "vectors"),
    [(16, 16, 1), (1, 16, 1), (10, 16, 2), (15, 16, 4), (31, 16, 5), (40, 16, 3), (15, 8, 4), (40, 8, 5)],
)
def test_what_is_left_after_whole_vectors_is_taken_in_halves(columns, vector, vectors):
    asked = Workload(network([32, columns], timesteps=4), batch=5)
    assert latency(asked, f_matmul=1.0, vector=vector) == pytest.approx(2 * 4 * 5 * 32 * vectors * vector, rel=1e-6)


@pytest.mark.parametrize("rows", [1, 3, 4, 9])
def test_a_product_of_few_rows_takes_its_weights_row_by_row(rows):
    """32 × 16 weights, 2 kB, in a cache of 1 kB; a loop's steps are products of their own."""
    asked = Workload(network([32, 16], timesteps=1), batch=rows)
    weights, passed, few = 4 * 32 * 16, 4 * rows * (32 + 16), rows < 4
    assert latency(asked, f_matmul=1.0) == pytest.approx(0 if few else 2 * 32 * 16 * rows, abs=1e-6)
    assert latency(asked, b_product=1.0) == pytest.approx(passed if few else weights + passed)
    assert latency(asked, b_rows=1.0) == pytest.approx(rows * weights if few else 0, abs=1e-6)
    resident = weights + rows * 16 * 4
    again = (rows - 1) * weights * (1 - 1e3 / weights) if few else 0
    moved = rows * 2 * 16 * 4 + rows * 4 * 16 * 4  # of the neurons
    missed = weights * (1 - 1e3 / resident) + again + moved * (1 - 1e3 / max(moved, 1e3)) + passed * (1 - 1e3 / max(passed, 1e3))
    assert latency(asked, b_memory=1.0, cache=1e3) == pytest.approx(missed, rel=1e-6)
    looped = Workload(network([32, 16], timesteps=8, loop=True), batch=rows)
    assert latency(looped, b_rows=1.0) == pytest.approx(7 * rows * 4 * 16 * 16 if few else 0, abs=1e-6)


CONVOLUTION = {"channels": 3, "features": 5, "size": 4, "kernel": 3, "batch": 7}


def convolution() -> Network:
    """3 channels of 4 × 4 → 5, padded by 1."""
    known = CONVOLUTION
    nodes = [
        {"id": "in", "type": "input", "shape": [known["channels"], known["size"], known["size"]], "rate": 0.1},
        {"id": "first", "type": "conv2d", "features": 3, "kernel": 1, "bias": False},
        {"id": "n1", "type": "if", "v_threshold": 1.0},
        {"id": "conv", "type": "conv2d", "features": known["features"], "kernel": 3, "padding": 1, "bias": False},
        {"id": "n2", "type": "if", "v_threshold": 1.0},
        {"id": "pool", "type": "avgpool2d", "kernel": 2},
        {"id": "flat", "type": "flatten"},
        {"id": "fc", "type": "linear", "features": 10, "bias": False},
        {"id": "out", "type": "if", "v_threshold": 1.0},
    ]
    names = [node["id"] for node in nodes]
    content = {"name": "by hand", "dt": "1 ms", "timesteps": 1, "nodes": nodes, "edges": [list(x) for x in pairwise(names)]}
    return Network.from_document(content | {"training": {"rule": "bptt"}})


def test_convolutions_fill_vectors_with_channels_and_take_rows_of_padding():
    """At 4 places and 3 taps with a padding of 1 on each side, 10 of 12 taps of a dimension lie in the input."""
    batch = CONVOLUTION["batch"]
    taps = 10 * 12  # of both dimensions, one with its padding
    first = 2 * batch * 3 * 16 * 16  # of 3 channels into 16, at 16 places
    assert latency(Workload(convolution(), batch=batch), f_convolution=1.0) == pytest.approx(2 * batch * 3 * 16 * taps + first)
    training = Workload(convolution(), "training", batch=batch)
    back = 2 * batch * 5 * 16 * taps  # of 5 channels into 16, which 3 fill
    assert latency(training, f_convolution=1.0) == pytest.approx(2 * (2 * batch * 3 * 16 * taps + first) + back)
    passed = 4 * batch * 16 * ((3 + 3) + (3 + 5))
    assert latency(Workload(convolution(), batch=batch), b_convolution=1.0) == pytest.approx(passed)


def test_windows_take_their_inputs_one_by_one():
    assert latency(Workload(convolution(), batch=7), f_pool=1.0) == pytest.approx(7 * 5 * 16)


def test_a_loop_receives_nothing_at_its_first_step():
    once, thrice = (Workload(network([32, 64, 16], steps, loop=True), batch=4) for steps in (1, 3))
    assert latency(once, f_matmul=1.0) == pytest.approx(4 * 2 * (32 * 64 + 64 * 16), rel=1e-6)
    assert latency(thrice, f_matmul=1.0) == pytest.approx(4 * (3 * 2 * (32 * 64 + 64 * 16) + 2 * 2 * 64 * 64), rel=1e-6)


def test_a_training_step_has_two_gradients_of_all_weights_but_the_first():
    asked = Workload(network([32, 64, 10], timesteps=5), "training", batch=2)
    assert latency(asked, t_gradient=1.0) == pytest.approx(3)
    assert latency(asked, t_update=1.0) == pytest.approx(2)
    assert latency(asked, t_adjoint=1.0) == pytest.approx(2)
    assert latency(asked, t_step=1.0) == pytest.approx(1)


@pytest.mark.parametrize("kind", ["feed-forward", "recurrent", "convolutional"])
def test_the_memory_of_a_training_step_is_what_torch_allocates(kind):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    off = []
    for seed in range(6):
        one = drawn(200 + seed, kind, Limits(operations=3e8, elements=2e6))
        predicted = training_peak(Workload(one.network, "training", batch=one.batch).table, one.batch)
        off.append(abs(predicted / Subject(one.network, one.batch).training_bytes() - 1))
    torch.set_num_threads(threads)
    assert np.median(off) <= 0.05
    assert max(off) <= 0.25  # convolutions of a few kilobytes, for which the library wants room of its own


@pytest.mark.parametrize("device", [FusedCPU, FusedGPU, GraphGPU])
@pytest.mark.parametrize("kind", KINDS)
def test_equations_are_times_and_energies(device, kind):
    known = {name: param.unit for name, param in device.params.items()} | dict.fromkeys((*KINDS[kind].fields(), *work(kind)), "1")
    cost = device({name: symbol(name) for name in device.params}).cost(symbolic_operator(kind))
    for value, unit in ((cost.time, "s"), (cost.energy, "J"), *((bound, "s") for bound in cost.bounds.values())):
        assert dimension(sympy.sympify(value), known) in (None, of_unit(unit))
