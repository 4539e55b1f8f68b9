"""Leaky integrate and fire in steps."""

from sympy import Piecewise

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class Leaky(Neuron):
    """Leaky integrate-and-fire from step to step, without units of time. snnTorch: Leaky, RLeaky.

    v ← β v + I;  spike where v > v_threshold. What a spike at one step does:
    subtract: v ← β v + I − v_threshold at the next step, after the leak;  zero: v ← 0 at once;
    refractory: v ← 0 at the next step, whatever arrives;  none: nothing.
    (Eshraghian et al., "Training spiking neural networks using lessons from deep learning", Proc. IEEE 111(9), 2023, eqs. 3–4.)
    """

    type = "leaky"
    stand_in = "lif"
    v = State("V")
    beta = Param("1", meaning="share of the membrane potential that a step leaves")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    update = {v: beta * v + I}
    late = {
        "subtract": {v: beta * v + I - Piecewise((v_threshold, v > v_threshold), (0, True))},
        "refractory": {v: Piecewise((0, v > v_threshold), (beta * v + I, True))},
    }
    spike = v - v_threshold
    gate = v - v_threshold
    reset = {"subtract": {}, "zero": {v: 0}, "refractory": {}, "none": {}}
