"""Readouts, one file each: how what the output sends becomes a score per class, or predicted values."""
