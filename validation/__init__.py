"""The truth: any network run in torch, taught, disturbed, built as hardware, and predictions held against measurements.

Rooms, from the ground up: `kernels` (compiled code), `neurons` (in torch, from their equations), `disturbances`, `runner` (networks
in time steps), `benchmarks`, `records` (folders of runs), `learning`, `events` (networks in spike times), `rules` (found by name),
`runs`, `built` (as FPGA hardware), `circuits` (against SPICE), `exported` (as files that run alone), `calibration` (of this
machine), `scoreboard` (predicted against measured).
"""
