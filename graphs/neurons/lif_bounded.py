"""Leaky integrate and fire whose membrane is bounded from below, in steps."""

from sympy import Max

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class LIFBounded(Neuron):
    """Leaky integrate-and-fire whose membrane no inhibition takes below v_min, from step to step. Sinabs: LIF with a min_v_mem.

    v ← left max(v, v_min) + gain I;  spike where v ≥ v_threshold;  v ← v − v_threshold, or 0.
    The library cuts at the end of a step, which is the same: between steps nobody sees v. (Sinabs 2.0, layers/functional/lif.py.)
    """

    type = "lif-bounded"
    stand_in = "lif"
    v = State("V")
    left = Param("1", meaning="share of the membrane potential that a step leaves")
    gain = Param("1", 1.0, meaning="of the input")
    v_min = Param("V", -1.0, meaning="lowest potential that a step starts from")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    update = {v: left * Max(v, v_min) + gain * I}
    spike = v - v_threshold
    reset = {"subtract": {v: v - v_threshold}, "zero": {v: 0}}
