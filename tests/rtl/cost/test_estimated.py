"""Costs of hardware that has not been planned: cycles from mean rates, and data paths from counts of arithmetic."""

import numpy as np
import pytest
import torch

from costmodel.estimates.estimating import estimate
from costmodel.graphs.equations.discretise import arithmetic
from costmodel.graphs.neurons import neuron
from costmodel.graphs.reading.loading import load
from costmodel.rtl.cost import datapath
from costmodel.rtl.cycles.expected import expected_cycles
from costmodel.rtl.planning import plan
from costmodel.rtl.planning.parallel import widened
from costmodel.rtl.reference import QuantisedNetwork
from costmodel.rtl.timing import predict
from costmodel.validation.built.hardware import stimuli
from tests.datapaths import CASES, compiled


@pytest.mark.parametrize("case", sorted(CASES))
def test_stages_from_counts_are_within_three_of_the_compiled(case):
    known = CASES[case][0]
    kind = neuron(case)
    zero = frozenset(name for name, param in kind.params.items() if known.get(name, param.default) == 0)
    counts = arithmetic(kind, None, zero, 1)
    stages = compiled(case).depth
    assert abs(float(datapath.depth(counts.multiply, counts.exponential, counts.compare)) - stages) <= max(3, 0.35 * stages)


@pytest.mark.parametrize("name", ["digits", "yin-yang"])
def test_cycles_from_mean_rates_are_within_five_percent(name):
    network = load(name)
    planned = plan(network, "ecp5")
    model = QuantisedNetwork(planned)
    with torch.no_grad():
        sent = {k: v.numpy() for k, v in model(model.quantised(stimuli(network, 16).inputs)).items()}
    rates = {k: float((v != 0).mean()) for k, v in sent.items()}
    for lanes, units in ((4, 1), (16, 4)):
        design = widened(planned, lanes, units)
        cycles = [predict(design, [{k: v[:, n] for k, v in sent.items()}]).cycles for n in range(16)]
        assert expected_cycles(design, rates) == pytest.approx(np.mean(cycles), rel=0.05)


@pytest.mark.parametrize("name", ["mnist-784-128-10-spikes", "digits"])
def test_the_estimate_reads_the_same_cycles(name):
    """Latency times clock is what the design's equations say at the file's rates, but for the host's link."""
    network = load(name)
    design = widened(plan(network, "ecp5"), 8, 1)
    rates = {n: network.nodes[n].rate.mean for n in (design.source, *design.layers)}
    found = estimate(network, "ecp5-25f", values={"t_event": 0.0, "f_clk": 1e8, "lanes": 8.0, "units": 1.0})
    assert found.latency.value * 1e8 == pytest.approx(expected_cycles(design, rates), rel=0.03)
