"""Leaky integrator behind an exponential synapse, in Euler's steps."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class CubaLIEuler(Neuron):
    """Leaky integrator behind an exponential synapse, from step to step by Euler's forward step. Norse: LI.

    i ← i + I;  v ← v + share_mem ((v_leak − v) + i);  i ← i − share_syn i;  v is what it sends.
    (Pehle & Pedersen, Norse 1.1, functional/leaky_integrator.py.)
    """

    type = "cubali-euler"
    stand_in = "cubali"
    share_syn = Param("1", meaning="of the current, that a step takes: dt/τ_syn")
    share_mem = Param("1", meaning="of the difference to what drives the membrane, that a step takes: dt/τ_mem")
    v_leak = Param("V", 0.0, meaning="leak potential, where it starts")
    i = State("V")
    v = State("V", v_leak)
    jumped = i + I
    update = {i: jumped - share_syn * jumped, v: v + share_mem * ((v_leak - v) + jumped)}
    output = v
