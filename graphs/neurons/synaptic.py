"""Leaky integrate and fire behind a synaptic current, in steps."""

from sympy import Piecewise

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class Synaptic(Neuron):
    """Leaky integrate-and-fire whose input decays as a synaptic current, from step to step. snnTorch: Synaptic, RSynaptic.

    i ← α i + I;  v ← β v + i with the new i;  spike where v > v_threshold; resets as those of `Leaky`.
    (Eshraghian et al., "Training spiking neural networks using lessons from deep learning", Proc. IEEE 111(9), 2023.)
    """

    type = "synaptic"
    stand_in = "cubalif"
    i = State("V")
    v = State("V")
    alpha = Param("1", meaning="share of the synaptic current that a step leaves")
    beta = Param("1", meaning="share of the membrane potential that a step leaves")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    new_i = alpha * i + I
    update = {i: new_i, v: beta * v + new_i}
    late = {
        "subtract": {v: beta * v + new_i - Piecewise((v_threshold, v > v_threshold), (0, True))},
        "refractory": {v: Piecewise((0, v > v_threshold), (beta * v + new_i, True))},
    }
    spike = v - v_threshold
    gate = v - v_threshold
    reset = {"subtract": {}, "zero": {v: 0}, "refractory": {}, "none": {}}
