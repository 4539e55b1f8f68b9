"""Neurons in torch: one kernel over all time steps, generated from the neuron's own equations; nothing here knows a neuron."""
