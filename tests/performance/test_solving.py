"""How long one question backwards takes, on parts and parameters that are among the slowest. Target: 1 s each."""

import pytest

import costmodel as cm


@pytest.mark.parametrize(("part", "parameter"), [("rtx-4090", "timesteps"), ("a100", "saturation"), ("artix7-100t", "p_chip")])
def test_solve(benchmark, part, parameter):
    workload = cm.Workload(cm.load("mnist-784-128-10"))
    energy = cm.Estimator(workload, cm.part(part)).estimate().energy
    found = benchmark(cm.solve, workload, part, parameter, f"energy <= {1.7 * energy.value!r}")
    assert found.value is not None or found.reason
