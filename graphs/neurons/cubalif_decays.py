"""Leaky integrate and fire behind a synaptic current that decays as it arrives, in steps."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class CubaLIFDecays(Neuron):
    """Leaky integrate-and-fire whose input decays as a synaptic current, from step to step. Rockpool: LIFTorch, LIFBitshiftTorch.

    i ← beta (i + I);  v ← alpha v + i + bias with the new i;  spike where v ≥ v_threshold;
    subtract: v ← v − v_threshold;  zero: v ← 0. Sinabs: LIF and IAF with a tau_syn.
    (Muir et al., Rockpool 3.1, nn/modules/torch/lif_torch.py; alpha = e^(−dt/τ_mem), beta = e^(−dt/τ_syn).)
    """

    type = "cubalif-decays"
    stand_in = "cubalif"
    alpha = Param("1", meaning="share of the membrane potential that a step leaves")
    beta = Param("1", meaning="share of the synaptic current, and of what arrives, that a step leaves")
    bias = Param("V", 0.0, meaning="added at every step")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    i = State("V")
    v = State("V")
    new_i = beta * (i + I)
    update = {i: new_i, v: alpha * v + new_i + bias}
    spike = v - v_threshold
    reset = {"subtract": {v: v - v_threshold}, "zero": {v: 0}, "none": {}}
