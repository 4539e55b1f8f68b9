"""Leaky integrate and fire with a threshold that rises at spikes, in Euler's steps."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class LSNN(Neuron):
    """Current-based leaky integrate-and-fire with an adaptive threshold, by Euler's forward steps. Norse: LSNN.

    v ← v + share_mem ((v_leak − v) + i);  i ← i − share_syn i + I;  b ← b + share_adapt (v_threshold − b);  spike where v > b;
    v ← v_reset, b ← b + beta. What arrives drives the membrane from the next step on.
    (Bellec et al., "Long short-term memory and learning-to-learn in networks of spiking neurons", NeurIPS 2018; the steps are those
    of Pehle & Pedersen, Norse 1.1, functional/lsnn.py.)
    """

    type = "lsnn"
    stand_in = "alif"
    share_syn = Param("1", meaning="of the current, that a step takes: dt/τ_syn")
    share_mem = Param("1", meaning="of the difference to what drives the membrane, that a step takes: dt/τ_mem")
    share_adapt = Param("1", meaning="of the threshold's rise, that a step takes: dt/τ_adapt")
    v_leak = Param("V", 0.0, meaning="leak potential, where it starts")
    v_threshold = Param("V", 1.0, meaning="threshold at rest, itself without a spike")
    v_reset = Param("V", 0.0, meaning="potential after a spike")
    beta = Param("V", 1.8, meaning="rise of the threshold at a spike")
    i = State("V")
    b = State("V", v_threshold)
    v = State("V", v_leak)
    update = {
        v: v + share_mem * ((v_leak - v) + i),
        i: i - share_syn * i + I,
        b: b + share_adapt * (v_threshold - b),
    }
    spike = v - b
    gate = v - b
    reset = {"value": {v: v_reset, b: b + beta}, "none": {}}
