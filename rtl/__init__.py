"""Operators as clocked hardware: each block in Amaranth, beside its integer reference and its cost equations."""
