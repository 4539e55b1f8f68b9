"""Leaky integrate and fire in Euler's steps."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class LIFEuler(Neuron):
    """Leaky integrate-and-fire from step to step by Euler's forward step. Norse: LIFBox, and with a ``share`` of 1 IAF.

    v ← v + share ((v_leak − v) + I), from v_leak on;  spike where v > v_threshold;  v ← v_reset, or v − v_threshold.
    (Pehle & Pedersen, Norse 1.1, functional/lif_box.py; ``share`` is its dt tau_mem_inv.)
    """

    type = "lif-euler"
    stand_in = "lif"
    share = Param("1", meaning="of the difference to what drives it, that a step takes: dt/τ")
    v_leak = Param("V", 0.0, meaning="leak potential, where it starts")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    v_reset = Param("V", 0.0, meaning="potential after a spike")
    v = State("V", v_leak)
    update = {v: v + share * ((v_leak - v) + I)}
    spike = v - v_threshold
    gate = v - v_threshold
    reset = {"value": {v: v_reset}, "subtract": {v: v - v_threshold}, "none": {}}
