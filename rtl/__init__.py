"""Operators as clocked hardware: each block in Amaranth, beside its integer reference and its cost equations.

Plain data first: `design`, `layer`, `readout`, `space`, `reach`, `memories`; `datapath` (a neuron in fixed point), `cost` and
`cycles` (closed forms), `blocks` and `system` (circuits), `planning` (from a network to a design), `reference` (its integers),
`timing` (its cycles, token by token), `stream`, `testbench`, `verilog`; `simulation`, `synthesis`, `boards`, and `fitting` of the
costs.
"""
