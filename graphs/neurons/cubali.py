"""Current-based leaky integrator."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class CubaLI(Neuron):
    """Leaky integrator behind an exponential synapse. NIR: CubaLI.

    τ_syn di/dt = −i + w_in I
    τ_mem dv/dt = (v_leak − v) + R i.
    """

    type = "cubali"
    nir = "CubaLI"
    i = State("A")
    v = State("V")
    tau_syn = Param("s", low=0, meaning="synaptic time constant")
    tau_mem = Param("s", low=0, meaning="membrane time constant")
    r = Param("ohm", 1.0, meaning="resistance")
    v_leak = Param("V", 0.0, meaning="leak potential")
    w_in = Param("1", 1.0, meaning="input weight of the synapse")
    dynamics = {i: (w_in * I - i) / tau_syn, v: ((v_leak - v) + r * i) / tau_mem}
    output = v
