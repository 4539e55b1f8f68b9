"""The class of costmodel's own runner by hand, and the memory of a training step against torch."""

import numpy as np
import pytest
import sympy
import torch

from costmodel.estimating import Workload
from devices.classes.cpu_fused import FusedCPU
from devices.classes.gpu_fused import FusedGPU
from devices.classes.gpu_graph import GraphGPU
from devices.evaluate import evaluate
from devices.symbolic import symbol, symbolic_operator, work
from graphs.footprint import training_peak
from graphs.network import Network
from graphs.operators import KINDS
from tests.dimensions import dimension, of_unit
from validation.drawn import Limits, drawn
from validation.stopwatch import Subject

FREE = {name: 1e30 if param.unit in ("op/s", "B/s", "B") else 0.0 for name, param in FusedCPU.params.items()}
ZERO = FREE | {
    "weight_bits": 32.0,
    "state_bits": 32.0,
    "vector": 16.0,
    "packing": 1.0,
    "chips": 1.0,
    "latency_residual": 1.0,
    "event_residual": 1.0,
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
    assert latency(asked, f_matmul=1.0) == pytest.approx(2 * 25 * 4 * (32 * 64 + 64 * 16), rel=1e-6)


def test_a_loop_receives_nothing_at_its_first_step():
    once, twice = (Workload(network([32, 64, 10], steps, loop=True)) for steps in (1, 3))
    assert latency(once, f_matmul=1.0) == pytest.approx(2 * (32 * 64 + 64 * 16), rel=1e-6)
    assert latency(twice, f_matmul=1.0) == pytest.approx(3 * 2 * (32 * 64 + 64 * 16) + 2 * 2 * 64 * 64, rel=1e-6)


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
