"""Learning rules in torch, one file each, named after the rule ("e-prop" in ``e_prop.py``).

`validation.learning.teaching` finds them. A rule is a function ``learner(network, seed)`` that gives a `Learner`: a module whose
backward pass gives the rule's gradients. What a step of the rule costs stands in the file of the same name in `graphs.rules`.
"""
