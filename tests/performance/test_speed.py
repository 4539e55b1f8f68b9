"""Speed: run with ``make performance``. Nothing here asserts a time; docs/performance.md has the targets and what was measured."""

import subprocess
import sys

import pytest

from costmodel.devices.boundary import POWERS
from costmodel.devices.part import part, parts
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.network import Network
from costmodel.graphs.reading.loading import load
from tests.networks import LIF, linear

EVERY_PART = parts()


def test_cold_process_over_all_parts(benchmark):
    """``costmodel estimate EXAMPLE --json``: a new process, every part. Target: 1.5 s."""
    words = [sys.executable, "-m", "costmodel", "estimate", "mnist-784-128-10", "--json"]
    benchmark.pedantic(lambda: subprocess.run(words, check=True, capture_output=True), rounds=5, warmup_rounds=1)


def test_chain_of_ten_thousand_layers_over_all_parts(benchmark):
    """A document of 10,000 linear layers, each with its neurons, read, lowered and costed on every part. Target: 2 s."""
    nodes = [{"id": "in", "type": "input", "shape": [64]}]
    for i in range(10_000):
        nodes += [{"id": f"fc{i}", **linear(64)}, {"id": f"lif{i}", **LIF}]
    document = {"name": "chain", "timesteps": 10, "nodes": nodes}
    for name in EVERY_PART:
        part(name)

    def run():
        workload = Workload(Network.from_document(document))
        return [Estimator(workload, part(name)).estimate() for name in EVERY_PART]

    assert len(benchmark.pedantic(run, rounds=3, warmup_rounds=1)) == len(EVERY_PART)


@pytest.mark.parametrize("name", EVERY_PART)
def test_one_estimate_after_changing_one_parameter(benchmark, name):
    """A warm process, one parameter of the part replaced. Target: 1 ms."""
    estimator = Estimator(Workload(load("mnist-784-128-10"), bits=2), part(name))
    estimator.estimate()
    name, power = next((name, value) for name, value in estimator.part.values.items() if name in POWERS and value is not None)
    count = iter(range(1, 10**9))
    benchmark(lambda: estimator.estimate({name: power * (1 + 1e-9 * next(count))}))
