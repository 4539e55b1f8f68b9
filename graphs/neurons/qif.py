"""Quadratic integrate and fire."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class QIF(Neuron):
    """Quadratic integrate-and-fire (Gerstner et al., Neuronal Dynamics, eq. 5.16).

    τ dv/dt = a₀ (v − v_rest)(v − v_c) + R I;  spike where v ≥ v_threshold.
    """

    type = "qif"
    v = State("V", initial=0)
    tau = Param("s", low=0, meaning="membrane time constant")
    a_0 = Param("1/V", 1.0, low=0, meaning="curvature of the quadratic")
    v_rest = Param("V", 0.0, meaning="resting potential")
    v_c = Param("V", 0.5, meaning="critical potential: above it the membrane runs away")
    r = Param("ohm", 1.0, meaning="resistance")
    v_threshold = Param("V", 1.0, meaning="potential at which the spike is cut")
    v_reset = Param("V", 0.0, meaning="potential after a spike")
    dynamics = {v: (a_0 * (v - v_rest) * (v - v_c) + r * I) / tau}
    integrator = "forward-euler"
    max_step = 1e-3
    spike = v - v_threshold
    reset = {"value": {v: v_reset}, "subtract": {v: v - v_threshold}, "none": {}}
