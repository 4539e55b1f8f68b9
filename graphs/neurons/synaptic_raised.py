"""Leaky integrate and fire behind a synaptic current, in steps, the threshold taken off within the step of the spike."""

from sympy import Piecewise

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class SynapticRaised(Neuron):
    """`Synaptic` whose spike takes the threshold off within its step. snnTorch: Synaptic and RSynaptic with reset_delay=False.

    i ← α i + I;  v ← β v + i with the new i;  spike where v > v_threshold + raised;  v ← v − v_threshold at a spike.
    raised: as that of `LeakyUndelayed`. (The steps are those of snnTorch 0.7 to 1.0.)
    """

    type = "synaptic-raised"
    stand_in = "cubalif"
    i = State("V")
    v = State("V")
    raised = State("V")
    alpha = Param("1", meaning="share of the synaptic current that a step leaves")
    beta = Param("1", meaning="share of the membrane potential that a step leaves")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    new_i = alpha * i + I
    update = {i: new_i, v: beta * v + new_i, raised: Piecewise((v_threshold, v > v_threshold), (0, True))}
    spike = v - v_threshold - raised
    gate = v - v_threshold - raised
    reset = {"subtract": {v: v - v_threshold}}
