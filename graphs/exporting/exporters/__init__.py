"""Exporters, one file each: the suffix of what it writes, and how a network becomes such a file."""
