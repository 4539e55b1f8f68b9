"""docs/fpga-resources.md: what was measured, what the equations say, and how far apart they are."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from costmodel.graphs import files
from costmodel.rtl.cost.core import core_cost
from costmodel.rtl.cost.design import resources
from costmodel.rtl.cost.pieces import piece_cost
from costmodel.rtl.cost.resources import FpgaCost
from costmodel.rtl.fitting.fit import core_rows, piece_of, piece_rows, problems, sizes_of
from costmodel.rtl.fitting.measured import FAMILIES, load
from costmodel.rtl.fitting.pieces import designs
from costmodel.rtl.fitting.shapes import Shape

PAGE = Path(__file__).resolve().parents[2] / "docs" / "fpga-resources.md"

HEAD = """# What the hardware takes of an FPGA

Written by `python -m costmodel.rtl.fitting fit`; do not edit. `rtl/cost` predicts LUTs, flip-flops, memory blocks, multiplier
blocks and the clock of a layer's core, of queues and stages, and of a whole design, in closed form. This page holds
them against synthesis.

Flip-flops, memory blocks and multiplier blocks are counted from the structure; no number in their equations is fitted.
LUTs are a sum over what a core is made of, and the clock's period a sum over what lies on its longest path, with
non-negative coefficients that have the least squared relative error. In the tables below a core's LUTs and clock are
predicted by coefficients that the *other* cores give (left out one at a time). A difference is predicted over measured,
less 1. Placement is for one seed; others move a clock by some percent. Weights are random, so that no bit of a memory
is alike in all words.
"""


def write() -> None:
    """Writes the page."""
    sections = [HEAD, *(_part(part) for part in FAMILIES)]
    files.write(PAGE, "\n".join(sections))


def summary(part: str) -> dict[str, np.ndarray]:
    """The errors of all cores of a part: of LUTs and clock left out; of what is counted, the difference."""
    family, rows = FAMILIES[part], core_rows(part)
    costs = [core_cost(sizes_of(row), family) for row in rows]
    found = problems(part)
    errors = {"luts": found["core luts"].left_out()}
    errors["ffs"] = np.array([float(cost.ffs) / row["ffs"] - 1 for cost, row in zip(costs, rows, strict=True)])
    for name in ("brams", "dsps"):
        errors[name] = np.array([float(getattr(cost, name)) - row[name] for cost, row in zip(costs, rows, strict=True)])
    if "core period" in found:
        errors["fmax_hz"] = 1 / (1 + found["core period"].left_out()) - 1
    return errors


def _part(part: str) -> str:
    known, errors = load(part), summary(part)
    tools = ", ".join(f"{tool} {version}" for tool, version in known["provenance"]["tools"].items())
    refused = [Shape(**row["shape"]).name + f" ({row['refused']})" for row in known["cores"] if "refused" in row]
    lines = [f"## {part}", "", f"{tools}; {known['provenance']['date']}, seed {known['provenance']['seed']}.", ""]
    names = {"luts": "LUTs", "ffs": "flip-flops", "fmax_hz": "clock"}
    for name, label in names.items():
        if name in errors:
            size = np.abs(errors[name])
            lines.append(f"- {label}: median {np.median(size):.1%}, mean {size.mean():.1%}, worst {size.max():.1%}")
    for name, label in (("brams", "memory blocks"), ("dsps", "multiplier blocks")):
        lines.append(f"- {label}: {np.count_nonzero(errors[name] == 0)} of {len(errors[name])} cores exact")
    if refused:
        lines += ["", f"Not among them, as a tool failed or the part is too small: {'; '.join(refused)}."]
    lines += ["", "### Cores", "", *_cores(part, errors), "", "### Queues and stages", "", *_pieces(part)]
    if found := [row for row in known["designs"] if "refused" not in row]:
        lines += ["", "### Whole designs", "", *_designs(part, found)]
    return "\n".join([*lines, ""])


def _cores(part: str, errors: dict[str, np.ndarray]) -> list[str]:
    rows = []
    for i, row in enumerate(core_rows(part)):
        cells = [Shape(**row["shape"]).name]
        for name, scale in (("luts", 1), ("ffs", 1), ("fmax_hz", 1e-6)):
            cells += [_number(row[name], scale), f"{errors[name][i]:+.1%}" if name in errors else ""]
        for name in ("brams", "dsps"):
            cells += [f"{row[name]:g}", f"{errors[name][i]:+g}" if errors[name][i] else "0"]
        rows.append((max(abs(errors["luts"][i]), abs(errors["ffs"][i])), cells))
    rows.sort(key=lambda row: -row[0])
    head = ["core", "LUTs", "Δ", "flip-flops", "Δ", "MHz", "Δ", "blocks", "Δ", "multipliers", "Δ"]
    return _table(head, [cells for _, cells in rows])


def _pieces(part: str) -> list[str]:
    family = FAMILIES[part]
    rows = []
    for row in piece_rows(part):
        block = row["block"]
        said = {key: "×".join(map(str, v)) if isinstance(v, list) else v for key, v in block.items() if key != "kind"}
        what = " ".join(f"{key} {value}" for key, value in said.items())
        rows.append([f"{block['kind']}: {what}", *_compared(row, piece_cost(piece_of(block, family), family))])
    return _table(["block (coefficients fitted to these)", *COMPARED], rows)


def _designs(part: str, rows: list[dict[str, Any]]) -> list[str]:
    made = designs(FAMILIES[part])
    cells = [[row["design"], *_compared(row, resources(made[row["design"]], FAMILIES[part]))] for row in rows]
    return _table(["design (no coefficient fitted to these)", *COMPARED], cells)


COMPARED = ("LUTs", "Δ", "flip-flops", "Δ", "blocks", "Δ", "multipliers", "Δ", "MHz", "Δ")


def _compared(row: dict[str, Any], cost: FpgaCost) -> list[str]:
    cells = []
    for name in ("luts", "ffs"):
        predicted = float(getattr(cost, name))
        cells += [f"{row[name]}", f"{predicted / row[name] - 1:+.1%}" if row[name] else f"{predicted:+.0f}"]
    for name in ("brams", "dsps"):
        cells += [f"{row[name]:g}", f"{float(getattr(cost, name)) - row[name]:+g}".replace("+0", "0")]
    timed = row["fmax_hz"] and cost.fmax_hz
    return [*cells, _number(row["fmax_hz"], 1e-6), f"{cost.fmax_hz / row['fmax_hz'] - 1:+.1%}" if timed else ""]


def _number(value: float | None, scale: float) -> str:
    return "" if value is None else f"{value * scale:.0f}"


def _table(head: Iterable[str], rows: Sequence[Sequence[str]]) -> list[str]:
    heads = list(head)
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
