"""Exponential integrate and fire behind an exponential synapse, in Euler's steps."""

from sympy import exp

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class CubaEIFEuler(Neuron):
    """Current-based exponential integrate-and-fire from step to step by Euler's forward step. Norse: LIFEx.

    i ← i + I;  v ← v + share_mem ((v_leak − v) + delta e^((v − v_threshold) / delta) + i);  i ← i − share_syn i;  spike where
    v > v_threshold;  v ← v_reset.
    (Fourcaud-Trocmé et al., J. Neurosci. 23(37), 2003; the steps are those of Pehle & Pedersen, Norse 1.1, functional/lif_ex.py.)
    """

    type = "cubaeif-euler"
    stand_in = "cubalif"
    share_syn = Param("1", meaning="of the current, that a step takes: dt/τ_syn")
    share_mem = Param("1", meaning="of the difference to what drives the membrane, that a step takes: dt/τ_mem")
    delta = Param("V", 0.5, low=0, meaning="sharpness of the exponential")
    v_leak = Param("V", 0.0, meaning="leak potential, where it starts")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    v_reset = Param("V", 0.0, meaning="potential after a spike")
    i = State("V")
    v = State("V", v_leak)
    jumped = i + I
    update = {
        i: jumped - share_syn * jumped,
        v: v + share_mem * ((v_leak - v) + delta * exp((v - v_threshold) / delta) + jumped),
    }
    spike = v - v_threshold
    gate = v - v_threshold
    reset = {"value": {v: v_reset}, "none": {}}
