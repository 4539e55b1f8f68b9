"""Leaky integrate and fire behind a synaptic current, in steps, whose spike acts within its step."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class SynapticUndelayed(Neuron):
    """`Synaptic` that spikes at its threshold, and whose spike acts at once. Rockpool: LIFTorch; Spyx: CuBaLIF.

    i ← α i + I;  v ← β v + i with the new i;  spike where v ≥ v_threshold.
    subtract: v ← v − v_drop;  zero: v ← 0.
    """

    type = "synaptic-undelayed"
    stand_in = "cubalif"
    i = State("V")
    v = State("V")
    alpha = Param("1", meaning="share of the synaptic current that a step leaves")
    beta = Param("1", meaning="share of the membrane potential that a step leaves")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    v_drop = Param("V", 1.0, meaning="what a spike takes off")
    update = {i: alpha * i + I, v: beta * v + (alpha * i + I)}
    spike = v - v_threshold
    reset = {"subtract": {v: v - v_drop}, "zero": {v: 0}}
