"""Threshold."""

from costmodel.graphs.equations.neuron import I, Neuron, Param


class Threshold(Neuron):
    """Stateless: a spike wherever the input reaches the threshold. NIR: Threshold.

    z = H(I − threshold).
    """

    type = "threshold"
    nir = "Threshold"
    threshold = Param("V", 1.0, meaning="smallest input that spikes")
    spike = I - threshold
