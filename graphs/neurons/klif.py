"""Leaky integrate and fire with a learned slope, in steps."""

from sympy import Max

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class KLIF(Neuron):
    """Leaky integrate-and-fire whose charged membrane is scaled by k and cut at 0 from below. SpikingJelly: KLIFNode.

    v ← max(0, k (v + (I − (v − v_leak)) / tau));
    spike where v ≥ v_threshold;  v ← v_reset, or v − v_threshold.
    (Jiang and Zhang, "KLIF", arXiv:2302.09238, 2023; the steps are those of SpikingJelly 2.0, KLIFNode with decay_input.)
    """

    type = "klif"
    stand_in = "lif"
    tau = Param("1", 2.0, low=0, meaning="membrane time constant, in steps")
    k = Param("1", 1.0, meaning="slope of the charged membrane")
    v_leak = Param("V", 0.0, meaning="potential that the membrane leaks to")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    v_reset = Param("V", 0.0, meaning="potential after a spike, where it starts")
    v = State("V", v_reset)
    update = {v: Max(0, k * (v + (I - (v - v_leak)) / tau))}
    spike = v - v_threshold
    reset = {"value": {v: v_reset}, "subtract": {v: v - v_threshold}, "none": {}}
