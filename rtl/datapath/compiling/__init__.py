"""From a neuron's equations to a datapath: constants, widths, sums, integer operations."""
