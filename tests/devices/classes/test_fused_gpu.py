"""The GPU classes of costmodel's own runner by hand: occupancy, graph replay, and what a fit finds of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.devices.classes.cpu_fused import FusedCPU
from costmodel.devices.classes.gpu_fused import FusedGPU
from costmodel.devices.classes.gpu_graph import GraphGPU
from costmodel.devices.evaluation.evaluate import evaluate
from costmodel.estimates.estimating import Workload
from costmodel.graphs.network import Network
from costmodel.validation.calibration import gpu, gpu_graph
from costmodel.validation.calibration.drawn import STEPPED, drawn
from costmodel.validation.calibration.fit import Observation, fit, latencies
from tests.devices.classes.test_fused_cpu import ZERO, network
from tests.networks import linear
from tests.networks import network as chain

FREE = {name: ZERO.get(name, 0.0) for name in (*FusedGPU.params, *GraphGPU.params)}
FREE |= {"multiprocessors": 1.0, "tile": 1.0, "saturation": 1.0}
KNOWN = {"multiprocessors": 132.0, "vector": 8.0, "state_bits": 32.0, "weight_bits": 32.0, "ops_per_divide": 5.0}


def latency(device: type[FusedGPU], workload: Workload, **values: float) -> float:
    columns = workload.columns("mean", 32.0, 32.0, given=False)
    figures = evaluate(device(FREE | values), workload.table, columns, float(workload.batch))
    return float(np.ravel(figures.latency)[0])


def population(neurons: int, timesteps: int) -> Network:
    return chain([neurons], linear(neurons, bias=False), {"type": "if", "v_threshold": 1.0}, timesteps=timesteps)


BUSY = {"f_vector": 1e12, "b_cache": 1e12}


def test_a_population_that_saturates_a_gpu_takes_what_it_takes_on_a_core():
    """Element-wise work over its rates, launches and matrix products being free."""
    asked = Workload(population(400, 25), batch=10)
    columns = asked.columns("mean", 32.0, 32.0, given=False)
    core = float(np.ravel(evaluate(FusedCPU(ZERO | BUSY), asked.table, columns, 10.0).latency)[0])
    for saturation in (4000.0, 100.0):
        assert latency(FusedGPU, asked, **BUSY, saturation=saturation) == pytest.approx(core, rel=1e-9)


def test_a_tenth_of_the_elements_that_saturate_it_take_ten_times_as_long():
    asked = Workload(population(400, 25), batch=10)
    whole, tenth = (latency(FusedGPU, asked, **BUSY, saturation=saturation) for saturation in (4e3, 4e4))
    assert tenth == pytest.approx(10 * whole, rel=1e-9)


def test_time_steps_are_not_in_flight_together():
    """Below saturation neurons are free, for they only fill what is idle; time steps wait for one another."""
    few, more = (latency(FusedGPU, Workload(population(n, 25)), f_vector=1e12, saturation=1e5) for n in (100, 1000))
    assert more == pytest.approx(few, rel=1e-9)
    short, long = (latency(FusedGPU, Workload(population(100, t)), f_vector=1e12, saturation=1e5) for t in (10, 100))
    assert long == pytest.approx(10 * short, rel=1e-9)


def test_a_products_occupancy_is_its_waves():
    """132 multiprocessors: 133 tiles take as long as 264, and one as long as 132; threads do not count."""
    asked = Workload(network([64, 64], timesteps=1))
    given = {"f_matmul": 1e12, "saturation": 1e9}
    alone = latency(FusedGPU, asked, **given)
    assert latency(FusedGPU, asked, **given, multiprocessors=132.0, tile=64.0) == pytest.approx(132 * alone)
    assert latency(FusedGPU, asked, **given, multiprocessors=60.0, tile=1.0) == pytest.approx(120 / 64 * alone)


def test_a_replayed_graph_is_the_sum_of_its_kernels_by_hand():
    """Two layers: a product of 2 · 25 · 64² operations takes 2 µs, and every population's kernel 10 µs."""
    asked = Workload(network([64, 64, 64], timesteps=25))
    rates = {"f_matmul": 2 * 25 * 64 * 64 / 2e-6}
    assert latency(GraphGPU, asked, **rates) == pytest.approx(2 * 2e-6, rel=1e-6)
    (ops,) = {
        task.sizes["add"] + task.sizes["multiply"] + task.sizes["compare"] for task in asked.table.tasks if task.kind == "neurons"
    }
    rates["f_vector"] = 25 * 64 * ops / 10e-6
    graph, launched = {"t_graph": 8e-6, "t_kernel": 3e-6}, {"t_call": 5e-5, "t_linear": 3e-5, "t_neurons": 4e-5}
    layer = 3e-6 + 3 * 3e-6 + 10e-6  # the product hides in its least time; three copies; the population
    assert latency(GraphGPU, asked, **rates, **graph) == pytest.approx(8e-6 + 3e-6 + 2 * layer, rel=1e-6)
    assert latency(FusedGPU, asked, **rates, **launched) == pytest.approx(5e-5 + 2 * (3e-5 + 4e-5), rel=1e-6)


def test_a_replayed_loop_has_its_kernels_at_every_step():
    """25 · 2 and the four around them; the two layers outside have one and four, reading the answers one."""
    asked = Workload(network([64, 64, 10], timesteps=25, loop=True))
    assert latency(GraphGPU, asked, t_kernel=1.0) == pytest.approx((2 * 25 + 4) + 1 + (1 + 4) + 1)


WORKLOADS = [
    Workload(one.network, phase, batch=one.batch)
    for number in range(36)
    for one in [drawn(number, STEPPED[number % 3], gpu.LIMITS[number // 3 % 3])]
    for phase in ("inference", "training")
]
"""As many networks as a calibration sees at least."""

SCALES = st.floats(0.1, 10.0)


@given(st.sampled_from(WORKLOADS), st.sampled_from(["saturation", "t_kernel", "t_graph"]), SCALES, SCALES)
def test_more_to_fill_and_longer_kernels_take_no_less_time(workload, name, scale, factor):
    low, high = sorted((scale, scale * factor))
    given = KNOWN | gpu_graph.START
    one, other = (latency(GraphGPU, workload, **given | {name: given[name] * value}) for value in (low, high))
    assert one <= other * (1 + 1e-12)


@given(st.sampled_from(WORKLOADS), SCALES)
def test_a_graph_lies_between_its_work_and_its_work_and_all_kernels(workload, scale):
    given = KNOWN | gpu_graph.START | {"t_kernel": gpu_graph.START["t_kernel"] * scale}
    found, work = latency(GraphGPU, workload, **given), latency(GraphGPU, workload, **given | {"t_kernel": 0.0})
    kernels = latency(GraphGPU, workload, t_kernel=given["t_kernel"], t_graph=given["t_graph"])
    assert max(work, kernels) * (1 - 1e-9) <= found <= (work + kernels) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("device", "start", "moved"),
    [
        (FusedGPU, gpu.START, {"saturation": 4e5, "f_vector": 3e12, "t_linear": 2e-5, "t_loop": 1.5e-5}),
        (GraphGPU, gpu_graph.START, {"saturation": 4e5, "f_vector": 3e12, "t_graph": 7e-6, "t_kernel": 3e-6}),
    ],
)
def test_a_fit_finds_what_made_the_times(device, start, moved):
    """What was moved from where the fit starts, to 15 %; launches, rates and threads are told apart."""
    fixed, asked = dict.fromkeys(device.params, 1.0) | KNOWN, [Observation(workload, 1.0) for workload in WORKLOADS]
    seconds = latencies(device, fixed | start | moved, asked)[:, 0]
    found = fit(device, fixed, start, [Observation(one.workload, value) for one, value in zip(asked, seconds, strict=True)])
    assert np.abs(found.residuals).max() < 0.05
    for name, value in moved.items():
        assert found.values[name] == pytest.approx(value, rel=0.15), name
