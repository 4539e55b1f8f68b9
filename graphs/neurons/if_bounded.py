"""Integrate and fire whose membrane is bounded from below, in steps."""

from sympy import Max

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class IFBounded(Neuron):
    """`LIFBounded` without a leak, from step to step. Sinabs: IAF with a min_v_mem.

    v ← max(v, v_min) + I;  spike where v ≥ v_threshold;  v ← v − v_threshold, or 0.
    """

    type = "if-bounded"
    stand_in = "if"
    v = State("V")
    v_min = Param("V", -1.0, meaning="lowest potential that a step starts from")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    update = {v: Max(v, v_min) + I}
    spike = v - v_threshold
    reset = {"subtract": {v: v - v_threshold}, "zero": {v: 0}}
