"""``python -m rtl.fitting measure [PART …]`` or ``python -m rtl.fitting fit``."""

import sys

from rtl.fitting.measure import measure
from rtl.fitting.measured import FAMILIES

if __name__ == "__main__":
    measure(sys.argv[2:] or list(FAMILIES))
