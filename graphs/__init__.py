"""What is computed: a network, its neurons as equations, and the work that it lowers to.

Rooms, from the ground up: `equations` (neurons, their update and adjoint, optimisers, the algebra they share), `settings` (what
files may say), `neurons`, `encoders`, `nodes`, `readouts`, `noise` (a file each, found by name), `answers` (which nodes answer),
`assembling` (networks from arrays), `document` (what a network file holds), `elements` (measured activity), `network`, `lowering`
(operators, activity, counts), `rules` (what learning takes), `reading` (files and other libraries), `exporting` (files for other
tools).
"""
