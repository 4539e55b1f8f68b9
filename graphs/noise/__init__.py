"""Noise, one file each: what disturbs the inputs, and what hardware does to weights, thresholds and spikes."""
