"""Learning rules, one file each, named after the rule ("r-stdp" in ``r_stdp.py``); found by `graphs.settings.training.RULES`.

A rule is a function ``lower(lowering)`` that gives the tasks of one training step of a batch: what the rule really has to do,
and what it has to keep.
"""
