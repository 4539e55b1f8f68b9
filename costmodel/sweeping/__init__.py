"""Sweeps: a network's costs over a grid of design points, by one compiled loop."""
