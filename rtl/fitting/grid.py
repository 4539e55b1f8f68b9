"""The layers that are synthesised."""

import numpy as np

from costmodel.rtl.fitting.shapes import Shape

LIF = [
    Shape("lif", 32, 32, 1, 1, 4, 12),
    Shape("lif", 64, 32, 2, 1, 8, 16),
    Shape("lif", 64, 64, 4, 1, 8, 16),
    Shape("lif", 64, 32, 8, 1, 8, 16),
    Shape("lif", 64, 32, 8, 2, 6, 16, bias=True),
    Shape("lif", 64, 16, 16, 1, 4, 12),
    Shape("lif", 64, 16, 16, 4, 4, 16),
    Shape("lif", 32, 64, 4, 4, 8, 24, bias=True),
    Shape("lif", 96, 48, 8, 8, 5, 12),
    Shape("lif", 128, 128, 2, 2, 2, 12),
    Shape("lif", 40, 100, 5, 1, 8, 16),
    Shape("lif", 90, 30, 6, 3, 3, 20, bias=True),
    Shape("lif", 64, 32, 4, 2, 6, 16, varied="tau"),
    Shape("lif", 32, 48, 4, 1, 6, 16, varied="v_threshold"),
    Shape("lif", 64, 40, 4, 2, 8, 16, decay="shift"),
    Shape("lif", 48, 40, 6, 2, 8, 16, multiply="dsp"),
    Shape("lif", 128, 32, 32, 1, 4, 16),
    Shape("lif", 128, 16, 32, 8, 8, 12),
    Shape("lif", 256, 128, 8, 1, 4, 16),
    Shape("lif", 64, 512, 2, 1, 4, 16),
]
"""Fully connected, leaky integrate-and-fire."""

OTHERS = [
    Shape("if", 64, 32, 4, 1, 8, 16),
    Shape("if", 48, 64, 8, 4, 4, 12),
    Shape("if", 100, 20, 1, 1, 8, 20),
    Shape("if", 32, 16, 16, 2, 2, 16, bias=True),
    Shape("if", 256, 64, 4, 1, 4, 16),
    Shape("cubalif", 64, 32, 4, 1, 8, 16),
    Shape("cubalif", 64, 32, 8, 2, 6, 12),
    Shape("cubalif", 33, 40, 3, 3, 4, 20, bias=True),
    Shape("alif", 64, 32, 4, 2, 8, 16),
    Shape("alif", 40, 64, 8, 1, 5, 12),
    Shape("li", 10, 64, 2, 1, 8, 16),
    Shape("li", 20, 32, 4, 4, 6, 16),
    Shape("sum", 10, 100, 5, 1, 8, 16),
    Shape("izhikevich", 32, 32, 4, 1, 8, 16),
    Shape("izhikevich", 24, 16, 2, 2, 6, 12),
    Shape("qif", 32, 32, 4, 2, 6, 16),
    Shape("resonate-and-fire", 32, 32, 2, 1, 8, 16),
    Shape("sigma-delta", 32, 32, 4, 2, 6, 16),
    Shape("ttfs", 32, 32, 2, 1, 6, 12),
    Shape("threshold", 40, 32, 8, 2, 4, 12),
]
"""Fully connected, other neurons."""

VALUES_AND_LOOPS = [
    Shape("lif", 32, 32, 4, 1, 8, 16, value_bits=9),
    Shape("if", 32, 32, 2, 2, 6, 16, value_bits=5),
    Shape("lif", 32, 32, 4, 1, 6, 16, recurrent=True),
    Shape("cubalif", 32, 24, 8, 2, 4, 12, recurrent=True),
    Shape("alif", 24, 24, 2, 2, 8, 16, recurrent=True, bias=True),
]
"""With multipliers before the accumulators; with a second port."""

CONVOLUTIONS = [
    Shape("if", 8, 2, 4, 1, 4, 12, image=8),
    Shape("lif", 16, 1, 8, 2, 6, 16, image=12, kernel=5, stride=2, padding=0),
    Shape("lif", 8, 4, 2, 2, 8, 16, image=6),
    Shape("lif", 8, 2, 8, 1, 6, 16, image=8, padding=0, bias=True),
    Shape("lif", 8, 2, 4, 1, 4, 16, image=8, window=2),
    Shape("if", 8, 1, 8, 4, 6, 12, image=10, padding=0, window=2, pool="sum"),
    Shape("lif", 12, 1, 4, 2, 6, 16, image=14, kernel=4, stride=2, value_bits=9),
    Shape("alif", 6, 3, 3, 1, 4, 12, image=9, stride=2),
]
"""Convolutions."""


MORE = [
    Shape("lif", 10, 64, 10, 1, 8, 16),
    Shape("li", 16, 24, 8, 8, 6, 12),
    Shape("lif", 64, 24, 16, 1, 6, 16),
    Shape("lif", 24, 24, 2, 1, 6, 16, value_bits=7),
    Shape("if", 10, 48, 10, 2, 6, 12),
    Shape("if", 96, 16, 24, 1, 4, 16),
    Shape("qif", 24, 24, 2, 1, 4, 12),
    Shape("sum", 16, 32, 4, 4, 4, 16),
    Shape("if", 4, 2, 2, 1, 4, 12, image=6),
    Shape("lif", 8, 2, 8, 2, 5, 16, image=9, window=2),
    Shape("cubalif", 48, 16, 16, 1, 4, 12),
    Shape("li", 10, 40, 10, 1, 8, 16),
    Shape("lif", 40, 24, 2, 1, 6, 14, multiply="dsp"),
    Shape("if", 32, 16, 4, 2, 4, 12, recurrent=True),
    Shape("lif", 10, 64, 10, 10, 8, 16),
    Shape("if", 32, 16, 8, 1, 4, 16, value_bits=4),
    Shape("lif", 72, 20, 6, 2, 4, 18),
    Shape("izhikevich", 16, 16, 1, 1, 4, 16),
    Shape("lif", 8, 3, 8, 2, 5, 16, image=10, stride=2),
    Shape("if", 16, 1, 4, 1, 8, 16, image=7, kernel=5, padding=2),
    Shape("lif", 48, 32, 12, 2, 5, 14),
    Shape("if", 128, 16, 32, 1, 4, 12),
    Shape("hodgkin-huxley", 16, 16, 1, 1, 4, 16),
]
"""More lanes, one word of accumulators, values that are sent by several units, products, tables."""


DEEP = [
    Shape("lif", 128, 784, 8, 1, 8, 16),
    Shape("lif", 128, 784, 16, 2, 4, 16),
    Shape("if", 64, 600, 8, 1, 6, 16),
    Shape("lif", 96, 400, 4, 1, 8, 16),
    Shape("if", 32, 1000, 16, 2, 5, 16),
    Shape("if", 48, 300, 2, 1, 6, 12),
]
"""Weights of many inputs: memory blocks behind one another, and all over the part."""


def grid() -> list[Shape]:
    """All, in an order in which each part of the list has some of every kind."""
    shapes = [*LIF, *OTHERS, *VALUES_AND_LOOPS, *CONVOLUTIONS]
    return [shapes[i] for i in np.random.default_rng(1).permutation(len(shapes))] + MORE + DEEP
