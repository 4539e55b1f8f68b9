"""Adaptive leaky integrate and fire."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class ALIF(Neuron):
    """Leaky integrate-and-fire whose threshold rises with each spike and decays again (Bellec et al., Nat. Commun. 11, 2020).

    τ dv/dt = (v_leak − v) + R I
    τ_a da/dt = −a,  a ← a + 1 at a spike;  spike where v ≥ v_threshold + β a.
    A spike takes off the threshold at rest, or the threshold as it is then: subtract-raised. Sinabs: ALIF.
    """

    type = "alif"
    v = State("V")
    a = State("1")
    tau = Param("s", low=0, meaning="membrane time constant")
    tau_a = Param("s", low=0, meaning="time constant of the adaptation")
    beta = Param("V", 0.07, meaning="rise of the threshold per spike")
    r = Param("ohm", 1.0, meaning="resistance")
    v_leak = Param("V", 0.0, meaning="leak potential")
    v_threshold = Param("V", 1.0, meaning="firing threshold at rest")
    v_reset = Param("V", 0.0, meaning="potential after a spike")
    dynamics = {v: ((v_leak - v) + r * I) / tau, a: -a / tau_a}
    spike = v - (v_threshold + beta * a)
    reset = {
        "subtract": {v: v - v_threshold, a: a + 1},
        "subtract-raised": {v: v - (v_threshold + beta * a), a: a + 1},
        "value": {v: v_reset, a: a + 1},
        "none": {a: a + 1},
    }
