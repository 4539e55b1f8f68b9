"""A membrane that follows an alpha function, in steps."""

from sympy import Piecewise

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class Alpha(Neuron):
    """Spike response as an alpha function: the difference of two exponentials, from step to step. snnTorch: Alpha.

    e ← α e + I;  h ← β h − I;  v = gain (e + h);  spike where v > v_threshold; a spike shows in the next step:
    refractory: e ← 0, h ← 0 whatever arrives;  none: nothing. What arrives moves v from the next step on.
    (Gerstner and Kistler, "Spiking Neuron Models", Cambridge, 2002, section 4.2; the steps are those of snnTorch 1.0, with gain =
    ln α / (ln β − ln α) + 1.)
    """

    type = "alpha"
    stand_in = "cubalif"
    e = State("V")
    h = State("V")
    alpha = Param("1", meaning="share of the excitatory current that a step leaves")
    beta = Param("1", meaning="share of the inhibitory current that a step leaves, below alpha")
    gain = Param("1", 1.0, meaning="membrane potential per difference of the currents")
    v_threshold = Param("V", 1.0, meaning="firing threshold, itself without a spike")
    update = {e: alpha * e + I, h: beta * h - I}
    spiked = gain * (e + h) > v_threshold
    late = {"refractory": {e: Piecewise((0, spiked), (alpha * e + I, True)), h: Piecewise((0, spiked), (beta * h - I, True))}}
    spike = gain * (e + h) - v_threshold
    gate = gain * (e + h) - v_threshold
    reset = {"refractory": {}, "none": {}}
