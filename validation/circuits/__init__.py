"""Analog circuits and networks against SPICE, and their report."""
