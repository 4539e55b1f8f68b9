"""Leaky integrate and fire behind a synaptic current, pulled down after its spikes, in steps."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class CubaLIFAHP(Neuron):
    """`CubaLIFDecays` whose spikes bring a second current back, an after-hyperpolarisation. Rockpool: aLIFTorch.

    i ← beta (i + I);  a ← gamma a;  v ← alpha v + i + a + bias with the new currents;  spike where v ≥ v_threshold;
    v ← v − v_threshold, a ← a + w_ahp.
    (Muir et al., Rockpool 3.1, nn/modules/torch/ahp_lif_torch.py; gamma = e^(−dt/τ_ahp).)
    """

    type = "cubalif-ahp"
    stand_in = "cubalif"
    alpha = Param("1", meaning="share of the membrane potential that a step leaves")
    beta = Param("1", meaning="share of the synaptic current, and of what arrives, that a step leaves")
    gamma = Param("1", meaning="share of the current after spikes that a step leaves")
    w_ahp = Param("V", -0.9, meaning="what a spike adds to the current after spikes")
    bias = Param("V", 0.0, meaning="added at every step")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    i = State("V")
    a = State("V")
    v = State("V")
    new_i = beta * (i + I)
    update = {i: new_i, a: gamma * a, v: alpha * v + (new_i + gamma * a) + bias}
    spike = v - v_threshold
    reset = {"subtract": {v: v - v_threshold, a: a + w_ahp}}
