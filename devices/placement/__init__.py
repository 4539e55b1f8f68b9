"""Placement: where each neuron of a network goes on a chip, and what that costs."""
