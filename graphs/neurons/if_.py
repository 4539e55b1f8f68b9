"""Integrate and fire."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class IF(Neuron):
    """Perfect integrator with a threshold (Lapicque 1907, without leak). NIR: IF.

    dv/dt = R I;  spike where v ≥ v_threshold.
    """

    type = "if"
    nir = "IF"
    v = State("V")
    r = Param("ohm", 1.0, meaning="resistance")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    v_reset = Param("V", 0.0, meaning="potential after a spike")
    dynamics = {v: r * I}
    spike = v - v_threshold
    reset = {"subtract": {v: v - v_threshold}, "value": {v: v_reset}, "none": {}}
