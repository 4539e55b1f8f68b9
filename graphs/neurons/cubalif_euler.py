"""Leaky integrate and fire behind an exponential synapse, in Euler's steps."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class CubaLIFEuler(Neuron):
    """Current-based leaky integrate-and-fire from step to step by Euler's forward step. Norse: LIF.

    i ← i + I;  v ← v + share_mem ((v_leak − v) + i);  i ← i − share_syn i;  spike where v > v_threshold;  v ← v_reset.
    The membrane takes the current before it decays. (Pehle & Pedersen, Norse 1.1, functional/lif.py; the shares are its
    dt tau_mem_inv and dt tau_syn_inv.)
    """

    type = "cubalif-euler"
    stand_in = "cubalif"
    share_syn = Param("1", meaning="of the current, that a step takes: dt/τ_syn")
    share_mem = Param("1", meaning="of the difference to what drives the membrane, that a step takes: dt/τ_mem")
    v_leak = Param("V", 0.0, meaning="leak potential, where it starts")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    v_reset = Param("V", 0.0, meaning="potential after a spike")
    i = State("V")
    v = State("V", v_leak)
    jumped = i + I
    update = {i: jumped - share_syn * jumped, v: v + share_mem * ((v_leak - v) + jumped)}
    spike = v - v_threshold
    gate = v - v_threshold
    reset = {"value": {v: v_reset}, "subtract": {v: v - v_threshold}, "none": {}}
