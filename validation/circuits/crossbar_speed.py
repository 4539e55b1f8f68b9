"""Seconds of SPICE and of the closed forms on the same crossbar: ``python -m costmodel.validation.circuits.crossbar_speed``."""

import argparse
import timeit

import numpy as np

from costmodel.devices.circuits.crossbar import Crossbar, attenuation, read_energy, settling_time
from costmodel.devices.spice.session import simulate

POINTS = 1000
"""Crossbars of one call: design points of a sweep."""


def seconds(crossbar: Crossbar) -> tuple[float, float]:
    """Of settling time, read energy and attenuation: of the crossbar alone, and of each of `POINTS` design points in one call."""
    line, settles = crossbar.line(), crossbar.settles()
    powers = {"c_wire": crossbar.c_wire, "v_read": crossbar.v_read, "time": crossbar.read_time, "driven": settles["driven"]}

    def forms(line: dict) -> None:
        settling_time(**settles, **line)
        read_energy(**powers, **line)
        attenuation(**line)

    many = line | {"g_cell": line["g_cell"] * np.linspace(0.5, 1.5, POINTS)}
    alone = min(timeit.repeat(lambda: forms(line), number=20, repeat=5)) / 20
    return alone, min(timeit.repeat(lambda: forms(many), number=5, repeat=5)) / 5 / POINTS


def main() -> None:
    """Prints both, one crossbar alone and as one of many in an array."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=32)
    size = parser.parse_args().size
    crossbar = Crossbar(rows=size, columns=size, share_driven=0.5, read_time=1e-10)
    alone, each = seconds(crossbar)
    job = crossbar.job()
    simulate(Crossbar(rows=2, columns=2).job())  # loads the library
    spice = timeit.timeit(lambda: simulate(job), number=1)
    print(f"{size} × {size}: SPICE {spice:.3g} s")
    print(f"closed forms, alone: {alone:.3g} s, {spice / alone:,.0f} times faster")
    print(f"closed forms, of {POINTS} design points each: {each:.3g} s, {spice / each:,.0f} times faster")


if __name__ == "__main__":
    main()
