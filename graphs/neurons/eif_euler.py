"""Exponential integrate and fire in steps."""

from sympy import exp

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class EIFEuler(Neuron):
    """Exponential integrate-and-fire from step to step. SpikingJelly: EIFNode.

    v ← v + (I + v_rest − v + δ e^((v − θ_rh)/δ)) / tau, from v_reset on;  spike where v ≥ v_threshold;  v ← v_reset, or
    v − v_threshold. (Fourcaud-Trocmé et al., J. Neuroscience 23(37), 2003; the steps are those of SpikingJelly 2.0, EIFNode.)
    """

    type = "eif-euler"
    tau = Param("1", 2.0, low=0, meaning="membrane time constant, in steps")
    delta = Param("V", 1.0, low=0, meaning="sharpness of the upstroke")
    theta_rh = Param("V", 0.8, meaning="rheobase threshold")
    v_rest = Param("V", 0.0, meaning="resting potential")
    v_threshold = Param("V", 1.0, meaning="potential at which the spike is cut")
    v_reset = Param("V", 0.0, meaning="potential after a spike, where it starts")
    v = State("V", v_reset)
    update = {v: v + (I + v_rest - v + delta * exp((v - theta_rh) / delta)) / tau}
    spike = v - v_threshold
    reset = {"value": {v: v_reset}, "subtract": {v: v - v_threshold}, "none": {}}
