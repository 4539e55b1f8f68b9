"""Leaky integrator."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class LI(Neuron):
    """Leaky integrator: a membrane that never spikes; its potential is what it sends. NIR: LI.

    τ dv/dt = (v_leak − v) + R I.
    """

    type = "li"
    nir = "LI"
    v = State("V")
    tau = Param("s", low=0, meaning="membrane time constant")
    r = Param("ohm", 1.0, meaning="resistance")
    v_leak = Param("V", 0.0, meaning="leak potential")
    dynamics = {v: ((v_leak - v) + r * I) / tau}
    output = v
