"""Leaky integrate and fire."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class LIF(Neuron):
    """Leaky integrate-and-fire. NIR: LIF.

    τ dv/dt = (v_leak − v) + R I;  spike where v ≥ v_threshold.
    """

    type = "lif"
    nir = "LIF"
    v = State("V")
    tau = Param("s", low=0, meaning="membrane time constant")
    r = Param("ohm", 1.0, meaning="resistance")
    v_leak = Param("V", 0.0, meaning="leak potential")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    v_reset = Param("V", 0.0, meaning="potential after a spike")
    dynamics = {v: ((v_leak - v) + r * I) / tau}
    spike = v - v_threshold
    reset = {"subtract": {v: v - v_threshold}, "value": {v: v_reset}, "none": {}}
