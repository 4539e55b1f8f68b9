"""Current-based leaky integrate and fire."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class CubaLIF(Neuron):
    """Leaky integrate-and-fire behind an exponential synapse. NIR: CubaLIF.

    τ_syn di/dt = −i + w_in I
    τ_mem dv/dt = (v_leak − v) + R i;  spike where v ≥ v_threshold.
    """

    type = "cubalif"
    nir = "CubaLIF"
    i = State("A")
    v = State("V")
    tau_syn = Param("s", low=0, meaning="synaptic time constant")
    tau_mem = Param("s", low=0, meaning="membrane time constant")
    r = Param("ohm", 1.0, meaning="resistance")
    v_leak = Param("V", 0.0, meaning="leak potential")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    v_reset = Param("V", 0.0, meaning="potential after a spike")
    w_in = Param("1", 1.0, meaning="input weight of the synapse")
    dynamics = {i: (w_in * I - i) / tau_syn, v: ((v_leak - v) + r * i) / tau_mem}
    spike = v - v_threshold
    reset = {"subtract": {v: v - v_threshold}, "value": {v: v_reset}, "none": {}}
