"""The examples for MNIST as hardware, on its digits: ``python -m tests.hardware_mnist FILE``, minutes.

Every answer is the integer reference's, to the cycle; 8-bit weights cost at most 0.5 points of accuracy, 6-bit ones 1.5.
"""

import sys
from pathlib import Path

from costmodel.rtl.planning import Options, plan
from tests.hardware import check_design, measured

CASES = {
    "mnist-784-128-10": (1000, Options(lanes=32)),
    "mnist-784-128-10-spikes": (200, Options(lanes=32)),
    "mnist-conv-tudelft": (100, Options(lanes=32, units=4)),
}


def main(file):
    for name, (count, options) in CASES.items():
        found = measured(name, 2000, file)
        check_design(plan(found.network, "ecp5", options), found.inputs[:, :count], "cxxrtl", timed=20, all_send=False)
        lost = {bits: found.lost(bits) for bits in (8, 6)}
        print(f"{name}: {found.accuracy(found.exact):.2%}; points lost {lost}; {count} digits simulated", flush=True)
        assert lost[8] <= 0.5
        assert lost[6] <= 1.5


if __name__ == "__main__":
    main(Path(sys.argv[1]))
