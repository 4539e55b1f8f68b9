"""What a unit of work costs: device classes (equations), and the catalogue of parts (values with units and sources).

Rooms, from the ground up: `device` (what a class is), `spice` (netlists, simulated), `circuits` (netlist and closed form in one
file), `bases` (what families of classes share), `constant` (a value with its interval and source), `boundary` (what an energy
counts), `hosting` (how a chip is fed), `part` (values that make a class a real device), `evaluation` (equations applied),
`fitting` (whether a design fits an FPGA), `placement` (which core holds what), `classes` (one file each, found by name).
"""
