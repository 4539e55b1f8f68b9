"""Leaky integrate and fire behind an exponential synapse that rests after a spike, in Euler's steps."""

from sympy import Piecewise

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class CubaLIFRefractory(Neuron):
    """`CubaLIFEuler` whose membrane stands still for some steps after a spike; its current goes on. Norse: LIFRefrac.

    i ← i + I;  v ← v + share_mem ((v_leak − v) + i) where rho is 0;  i ← i − share_syn i;  rho ← max(0, rho − 1);  spike where
    v > v_threshold;  v ← v_reset, rho ← pause. (Pehle & Pedersen, Norse 1.1, functional/lif_refrac.py; pause is its rho_reset.)
    """

    type = "cubalif-refractory"
    stand_in = "cubalif"
    share_syn = Param("1", meaning="of the current, that a step takes: dt/τ_syn")
    share_mem = Param("1", meaning="of the difference to what drives the membrane, that a step takes: dt/τ_mem")
    pause = Param("1", 5.0, meaning="steps that the membrane rests after a spike")
    v_leak = Param("V", 0.0, meaning="leak potential, where it starts")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    v_reset = Param("V", 0.0, meaning="potential after a spike, below the threshold")
    i = State("V")
    rho = State("1")
    v = State("V", v_leak)
    jumped = i + I
    update = {
        i: jumped - share_syn * jumped,
        rho: Piecewise((rho - 1, rho > 1), (0, True)),
        v: Piecewise((v, rho > 0), (v + share_mem * ((v_leak - v) + jumped), True)),
    }
    spike = v - v_threshold
    gate = v - v_threshold
    reset = {"value": {v: v_reset, rho: pause}, "none": {}}
