"""Leaky integrate and fire behind a synaptic current, with a reset in the spike's own step."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class CubaLIFSteps(Neuron):
    """Leaky integrate-and-fire whose input decays as a synaptic current, from step to step. SpikingJelly: CUBALIFNode.

    i ← alpha i + I;  v ← beta v + i with the new i;  spike where v ≥ v_threshold;  v ← v_reset, or v − v_threshold, at once.
    (Fang et al., "SpikingJelly", Science Advances 9, eadi1480, 2023; release 2.0, CUBALIFNode.)
    """

    type = "cubalif-steps"
    stand_in = "cubalif"
    alpha = Param("1", meaning="share of the synaptic current that a step leaves")
    beta = Param("1", meaning="share of the membrane potential that a step leaves")
    v_threshold = Param("V", 1.0, meaning="firing threshold")
    v_reset = Param("V", 0.0, meaning="potential after a spike, where it starts")
    i = State("V")
    v = State("V", v_reset)
    new_i = alpha * i + I
    update = {i: new_i, v: beta * v + new_i}
    spike = v - v_threshold
    reset = {"value": {v: v_reset}, "subtract": {v: v - v_threshold}, "none": {}}
