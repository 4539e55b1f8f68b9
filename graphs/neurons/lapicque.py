"""Leaky integrate and fire as a resistor and a capacitor, in steps."""

from sympy import Piecewise

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class Lapicque(Neuron):
    """Leaky integrate-and-fire of an RC circuit, by Euler's step. snnTorch: Lapicque.

    v ← gain I + left v, with gain = step / C and left = 1 − step / (R C);  spike where v > v_threshold; a spike shows in the next
    step: subtract: v_threshold is taken off;  refractory: v ← 0 whatever arrives;  none: nothing.
    (Brunel and van Rossum, "Lapicque's 1907 paper", Biol. Cybern. 97, 2007; the steps are those of snnTorch 1.0.)
    """

    type = "lapicque"
    stand_in = "lif"
    v = State("V")
    gain = Param("1", meaning="share of the input that a step takes in")
    left = Param("1", meaning="share of the membrane potential that a step leaves")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    charged = gain * I + left * v
    update = {v: charged}
    late = {
        "subtract": {v: charged - Piecewise((v_threshold, v > v_threshold), (0, True))},
        "refractory": {v: Piecewise((0, v > v_threshold), (charged, True))},
    }
    spike = v - v_threshold
    gate = v - v_threshold
    reset = {"subtract": {}, "refractory": {}, "none": {}}
