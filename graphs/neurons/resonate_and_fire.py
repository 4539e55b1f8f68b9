"""Resonate and fire."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class ResonateAndFire(Neuron):
    """A damped oscillator with a threshold (Izhikevich, Neural Networks 14, 2001), z = u + i v:

    dz/dt = (b + i ω) z + I, that is
    du/dt = b u − ω v + I
    dv/dt = ω u + b v;  spike where v ≥ v_threshold;  reset z ← i v_threshold.
    """

    type = "resonate-and-fire"
    u = State("V")
    v = State("V")
    b = Param("1/s", high=0, meaning="damping, negative")
    omega = Param("1/s", low=0, meaning="angular frequency")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    dynamics = {u: b * u - omega * v + I, v: omega * u + b * v}
    spike = v - v_threshold
    reset = {"value": {u: 0, v: v_threshold}, "none": {}}
