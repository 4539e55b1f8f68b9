"""Quadratic integrate and fire in steps."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class QIFEuler(Neuron):
    """Quadratic integrate-and-fire from step to step. SpikingJelly: QIFNode.

    v ← v + (I + a₀ (v − v_rest)(v − v_c)) / tau, from v_reset on;  spike where v ≥ v_threshold;  v ← v_reset, or v − v_threshold.
    (Fang et al., "SpikingJelly", Science Advances 9, eadi1480, 2023; release 2.0, QIFNode.)
    """

    type = "qif-euler"
    stand_in = "qif"
    tau = Param("1", 2.0, low=0, meaning="membrane time constant, in steps")
    a_0 = Param("1/V", 1.0, meaning="curvature of the quadratic")
    v_rest = Param("V", 0.0, meaning="resting potential")
    v_c = Param("V", 0.8, meaning="critical potential: above it the membrane runs away")
    v_threshold = Param("V", 1.0, meaning="potential at which the spike is cut")
    v_reset = Param("V", 0.0, meaning="potential after a spike, where it starts")
    v = State("V", v_reset)
    update = {v: v + (I + a_0 * (v - v_rest) * (v - v_c)) / tau}
    spike = v - v_threshold
    reset = {"value": {v: v_reset}, "subtract": {v: v - v_threshold}, "none": {}}
