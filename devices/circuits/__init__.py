"""Analog circuits, one file each: the netlist, and beside it the closed form that device classes use."""
