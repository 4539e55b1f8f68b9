"""Leaky integrator in Euler's steps."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class LIEuler(Neuron):
    """Leaky integrator from step to step by Euler's forward step. Norse: LIBox.

    v ← v + share ((v_leak − v) + I);  v is what it sends. (Pehle & Pedersen, Norse 1.1, functional/leaky_integrator_box.py.)
    """

    type = "li-euler"
    stand_in = "li"
    share = Param("1", meaning="of the difference to what drives it, that a step takes: dt/τ")
    v_leak = Param("V", 0.0, meaning="leak potential, where it starts")
    v = State("V", v_leak)
    update = {v: v + share * ((v_leak - v) + I)}
    output = v
