"""Leaky integrate and fire in steps, the threshold taken off within the step of the spike."""

from sympy import Piecewise

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class LeakyUndelayed(Neuron):
    """`Leaky` whose spike takes the threshold off within its step. snnTorch 1.0: Leaky and RLeaky with reset_delay=False.

    v ← β v + I;  spike where v > v_threshold + raised;  v ← v − v_threshold at a spike.
    raised: v_threshold where the step began above the threshold, else 0: what a spike has left above the threshold, the library
    takes for a reset still to come, and asks for another threshold.
    """

    type = "leaky-undelayed"
    stand_in = "lif"
    v = State("V")
    raised = State("V")
    beta = Param("1", meaning="share of the membrane potential that a step leaves")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    update = {v: beta * v + I, raised: Piecewise((v_threshold, v > v_threshold), (0, True))}
    spike = v - v_threshold - raised
    gate = v - v_threshold - raised
    reset = {"subtract": {v: v - v_threshold}}
