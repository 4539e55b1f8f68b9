"""What a :class:`rtl.dense.DenseCore` costs, in closed form: cycles, memory and logic cells.

Every function takes numbers, numpy arrays or sympy symbols. Throughout: ``inputs`` and ``outputs`` are neurons before and after
the weights, ``lanes`` is P, ``weight_bits`` and ``state_bits`` are widths; ``leak`` and ``bias`` are 1 with and 0 without.
"""

import math

from graphs.algebra import Value, ceiling, log, maximum, minimum
