"""Encoders, one file each: how samples become what the network sees at each time step."""
