"""Weighted sums that are answers themselves: no neuron follows."""

from costmodel.graphs.equations.neuron import I, Neuron


class Sum(Neuron, listed=False):
    """Sends the sum of a step: y = I."""

    type = "sum"
    output = I
