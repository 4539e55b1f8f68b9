"""Adaptive exponential integrate and fire behind an exponential synapse, in Euler's steps."""

from sympy import exp

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class CubaAdExEuler(Neuron):
    """Current-based adaptive exponential integrate-and-fire from step to step by Euler's forward step. Norse: LIFAdEx.

    i ← i + I;  v ← v + share_mem ((v_leak − v) + delta e^((v − v_threshold) / delta) + i − a);  i ← i − share_syn i;
    a ← a + share_adapt (coupling (v − v_leak) − a) with the old v;  spike where v > v_threshold;  v ← v_reset, a ← a + rise.
    (Brette and Gerstner, J. Neurophysiol. 94(5), 2005; the steps are those of Pehle & Pedersen, Norse 1.1, functional/lif_adex.py.)
    """

    type = "cubaadex-euler"
    stand_in = "cubalif"
    share_syn = Param("1", meaning="of the current, that a step takes: dt/τ_syn")
    share_mem = Param("1", meaning="of the difference to what drives the membrane, that a step takes: dt/τ_mem")
    share_adapt = Param("1", meaning="of the difference to what drives the adaptation, that a step takes: dt/τ_ada")
    delta = Param("V", 0.5, low=0, meaning="sharpness of the exponential")
    coupling = Param("1", 4.0, meaning="of the adaptation to the membrane")
    rise = Param("V", 0.02, meaning="of the adaptation at a spike")
    v_leak = Param("V", 0.0, meaning="leak potential, where it starts")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    v_reset = Param("V", 0.0, meaning="potential after a spike")
    i = State("V")
    a = State("V")
    v = State("V", v_leak)
    jumped = i + I
    update = {
        i: jumped - share_syn * jumped,
        a: a + share_adapt * (coupling * (v - v_leak) - a),
        v: v + share_mem * ((v_leak - v) + delta * exp((v - v_threshold) / delta) + jumped - a),
    }
    spike = v - v_threshold
    gate = v - v_threshold
    reset = {"value": {v: v_reset, a: a + rise}, "none": {a: a + rise}}
