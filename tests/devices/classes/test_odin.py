"""ODIN's part file reproduces the published energy and rate of its synaptic operations (Frenkel et al., IEEE TBioCAS 2019)."""

import pytest

from costmodel.devices.part import part
from costmodel.graphs.lowering.operators import Synapses

CROSSBAR = {"inputs": 256, "outputs": 256, "connections": 256 * 256, "rate": 0.1, "fan_out": 256, "binary": 1, "bits": 4}


@pytest.fixture
def odin():
    found = part("odin")
    return found.device(found.values)


@pytest.fixture
def crossbar():
    return Synapses(dict.fromkeys(Synapses.fields(), 1.0) | CROSSBAR)


def test_incremental_energy_of_a_synaptic_operation(odin, crossbar):
    assert odin.synapses(crossbar).energy / crossbar.synops == pytest.approx(8.43e-12, rel=0.01)


def test_rate_of_synaptic_operations(odin, crossbar):
    assert crossbar.synops / odin.synapses(crossbar).time == pytest.approx(37.5e6, rel=0.01)


def test_total_energy_at_the_full_rate(odin, crossbar):
    cost = odin.synapses(crossbar)
    static = odin.p_chip + odin.e_clock * odin.f_clk
    assert (cost.energy + static * cost.time) / crossbar.synops == pytest.approx(12.7e-12, rel=0.01)
