"""What a neuron's data path comes to by the arithmetic of its step, where it has not been compiled: close, not exact.

The compiled one is `rtl.datapath.compile_neuron`; tests/rtl/cost/test_estimated.py says how far these are from it. A leak by a
multiplication with a constant becomes shifts and additions, a function of one variable a table.
"""

from costmodel.graphs.equations.algebra import Value, ceiling


def depth(multiply: Value, exponential: Value, compare: Value) -> Value:
    """Pipeline stages: ⌈1.5 + 0.65 multiply + 0.5 compare⌉; the products by tabulated functions run beside the others.

    Args:
        multiply, exponential, compare: operations of one substep.
    """
    return ceiling(1.5 + 0.65 * (multiply - exponential) + 0.5 * compare + 0.65 * exponential)


def adder_bits(multiply: Value, compare: Value, state_bits: Value) -> Value:
    """Bits of adders: two of a state's width for every product by a constant, one for every comparison."""
    return state_bits * (2.0 * multiply + 1.5 * compare)


def register_bits(multiply: Value, exponential: Value, state_bits: Value) -> Value:
    """Bits of pipeline registers."""
    return state_bits * (2.0 + 4.0 * multiply + 6.0 * exponential)


def multipliers(exponential: Value) -> Value:
    """Products of two variables: one for each tabulated function that multiplies a state."""
    return exponential
