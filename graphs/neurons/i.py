"""Integrator."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class Integrator(Neuron):
    """Perfect integrator that never spikes. NIR: I.

    dv/dt = R I.
    """

    type = "i"
    nir = "I"
    v = State("V")
    r = Param("ohm", 1.0, meaning="resistance")
    dynamics = {v: r * I}
    output = v
