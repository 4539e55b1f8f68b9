"""First-spike leaky integrate and fire."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class TTFS(Neuron):
    """Leaky integrate-and-fire with exponential synapses that spikes once per sample; the time of that spike is its value.

    τ_syn di/dt = −i + I
    τ_mem dv/dt = (v_leak − v) + R i;  one spike, where v first reaches v_threshold.
    (Göltz et al., "Fast and energy-efficient neuromorphic deep learning with first-spike times", 2021, eq. 1.)
    """

    type = "ttfs"
    i = State("A")
    v = State("V")
    fired = State("1")
    tau_syn = Param("s", low=0, meaning="synaptic time constant")
    tau_mem = Param("s", low=0, meaning="membrane time constant")
    r = Param("ohm", 1.0, meaning="resistance")
    v_leak = Param("V", 0.0, meaning="leak potential")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    dynamics = {i: (I - i) / tau_syn, v: ((v_leak - v) + r * i) / tau_mem}
    spike = v - v_threshold
    gate = 1 - fired
    reset = {"none": {fired: 1}}
    single_spike = True
