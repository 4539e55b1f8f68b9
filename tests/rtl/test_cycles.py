"""Cycles of a whole design from mean rates: the closed form of steps that are alike against every step followed."""

from itertools import pairwise

import numpy as np
import pytest

from costmodel.rtl.cost import resources, widths_resources
from costmodel.rtl.cost.fitted import FAMILIES
from costmodel.rtl.cycles import core
from costmodel.rtl.cycles.expected import expected_cycles
from costmodel.rtl.planning import plan
from costmodel.rtl.planning.parallel import largest_divisor, widened
from tests.hardware import FLATTEN, LIF, conv, drawn, recurrent
from tests.networks import linear

WIDTHS = [(1, 1), (4, 2), (12, 3), (64, 4)]


def past():
    """Four layers, and a way from the input past them."""
    nodes = [{"id": "in", "type": "input", "shape": [60]}, {"id": "past", **linear(40)}]
    for i in range(4):
        nodes += [{"id": f"fc{i}", **linear(40)}, {"id": f"lif{i}", **LIF}]
    chain = ["in", *(f"{kind}{i}" for i in range(4) for kind in ("fc", "lif"))]
    edges = list(map(list, pairwise(chain)))
    return drawn(nodes, [*edges, ["in", "past"], ["past", "lif3"]], timesteps=40)


def image():
    source, pool = {"type": "input", "shape": [2, 14, 15]}, {"type": "maxpool2d", "kernel": 2}
    delay = {"type": "delay", "delay": "2 ms"}
    return drawn((source, conv(7), LIF, pool, delay, FLATTEN, linear(9), LIF, linear(4)), timesteps=40)


NETWORKS = {"a way past": past, "stages": image, "loop": lambda: recurrent().with_timesteps(40),
            "loop through a delay": lambda: recurrent(delay="2 ms").with_timesteps(40)}  # fmt: skip


@pytest.mark.parametrize("rate", [0.0, 0.03, 0.3, 1.0])
@pytest.mark.parametrize("name", NETWORKS)
def test_closed_form_is_every_step_followed(name, rate):
    planned = plan(NETWORKS[name](), "ecp5")
    for lanes, units in WIDTHS:
        design = widened(planned, lanes, units)
        rates = dict.fromkeys((design.source, *design.layers), rate)
        every = {who: np.full((design.timesteps, design.space(who).elements), rate) for who in rates}
        assert expected_cycles(design, rates) == pytest.approx(expected_cycles(design, every), rel=1e-12)


def test_beats_and_divisors_are_those_of_the_layers():
    """As equations, and as layers count them."""
    planned = plan(image(), "ecp5")
    for lanes, units in [*WIDTHS, (7, 7), (8, 8)]:
        for layer in widened(planned, lanes, units).layers.values():
            own = min(lanes, layer.space.channels)
            assert core.dividing(own, units) == largest_divisor(own, units) == layer.units
            assert core.beats(layer.space.elements, layer.positions, own, core.dividing(own, units)) == layer.beats


def test_several_widths_together_take_what_each_takes_alone():
    planned = plan(image(), "ecp5")
    designs = [widened(planned, *each) for each in WIDTHS]
    for family, found in widths_resources(designs, FAMILIES).items():
        for i, design in enumerate(designs):
            alone = resources(design, family)
            for what in ("luts", "ffs", "brams", "dsps"):
                assert getattr(found, what)[i] == pytest.approx(getattr(alone, what), rel=1e-12)
            assert found.fmax_hz is None if alone.fmax_hz is None else found.fmax_hz[i] == pytest.approx(alone.fmax_hz)
