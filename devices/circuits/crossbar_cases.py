"""Random crossbars, drawn alike for fitting closed forms and for simulating them, from seeds that do not meet."""

from dataclasses import replace

import numpy as np

from costmodel.devices.circuits.crossbar import Crossbar
from costmodel.devices.circuits.nodal import Nodal
from costmodel.devices.circuits.relaxation import Relaxation, relaxation

RANGES = {
    "r_on": (1e3, 1e7),
    "r_off / r_on": (2, 1000),
    "share_on": (0.1, 0.9),
    "share_driven": (0.05, 1),
    "r_wire": (0.5, 10),
    "c_wire": (0.5e-15, 5e-15),
    "r_driver": (100, 10e3),
    "r_sense": (10, 1e3),
    "v_read": (0.1, 1),
    "tolerance": (2e-3, 0.1),
    "read_time / settling time": (1, 3),
}
"""Lowest and highest; shares and r_wire are uniform, the others log-uniform."""

UNIFORM = ("share_on", "share_driven", "r_wire")


def solved(crossbar: Crossbar) -> Relaxation:
    """How it settles, exactly."""
    equations = Nodal(crossbar.conductance, crossbar.r_wire, crossbar.r_driver, crossbar.r_sense)
    return relaxation(equations, crossbar.sources, crossbar.c_wire)


def drawn(seed: tuple[int, int], size: int) -> Crossbar:
    """A random crossbar with ``size`` rows and as many columns, or, every other time, with 4 … ``size`` of the one."""
    random = np.random.default_rng(seed)

    def value(name: str) -> float:
        low, high = RANGES[name]
        found = random.uniform(low, high) if name in UNIFORM else np.exp(random.uniform(np.log(low), np.log(high)))
        return float(f"{found:.4g}")

    shape = [size, size if random.random() < 0.5 else int(2 ** random.integers(2, int(np.log2(size)) + 1))]
    rows, columns = shape if random.random() < 0.5 else shape[::-1]
    named = ("share_on", "share_driven", "r_wire", "c_wire", "r_driver", "r_sense", "v_read", "tolerance")
    r_on = value("r_on")
    crossbar = Crossbar(
        rows=rows,
        columns=columns,
        r_on=r_on,
        r_off=r_on * value("r_off / r_on"),
        seed=int(random.integers(2**31)),
        **{name: value(name) for name in named},
    )
    settled = float(solved(crossbar).settling(crossbar.tolerance).max())
    return replace(crossbar, read_time=float(f"{settled * value('read_time / settling time'):.4g}"))
