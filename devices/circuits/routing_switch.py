"""The path from a neuron to a row through routing switches: transmission or floating gates of an FPAA, or programmed memristors.

Each of k switches is a resistance r_on and leaves c_node at the node behind it; a memFPAA's has a line of r_line besides. The path is
an RC ladder that ends in a load (r_load, c_load) and starts at a driver (r_driver). Its delay is Elmore's (J. Appl. Phys. 19, 1948),
as a single pole of that time constant, with a correction by the second moment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from graphs.algebra import Value, maximum, sqrt
from graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from devices.spice.job import Waves
