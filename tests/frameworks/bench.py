"""``python -m tests.frameworks.bench``: runs every test that holds spikes to a framework's, and writes their table.

The table stands in docs/models.md.

It wants the overlays that ``make test`` installs: `.venv/frameworks` and `.venv/nir-1.0.4`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/models.md"
BEGIN, END = "<!-- bench -->\n", "<!-- end of bench -->\n"
RUNS = ((".venv/frameworks", "tests/frameworks"), (".venv/nir-1.0.4", "tests/nir_1_0_4"), ("", "tests/graphs/reading"))
"""Overlay and tests."""
FRAMEWORKS = (
    ("tests/nir_1_0_4", "Sinabs 3.1.3"),
    ("test_same_spikes_sinabs", "Sinabs 2.0.3"),
    ("test_same_spikes", "snnTorch 1.0.0"),
    ("test_dialects", "NIR files: snnTorch, SpikingJelly"),
    ("published", "NIR files that others publish"),
    ("test_models_page", "SEW-ResNet18, Spikformer-4-256 of SpikingJelly 2.0.0"),
    ("test_spikingjelly", "SpikingJelly 2.0.0"),
    ("test_norse", "Norse 1.1.0"),
    ("test_rockpool", "Rockpool 3.1.0"),
    ("test_nir_graphs", "NIR graphs: Norse, Rockpool, Sinabs"),
    ("test_net", "lava-dl files (.net)"),
    ("[norse-", "NIR files: Norse"),
    ("[rockpool-", "NIR files: Rockpool"),
    ("[sinabs-", "NIR files: Sinabs"),
    ("[spikingjelly-", "NIR files: SpikingJelly"),
    ("[spyx-", "NIR files: Spyx 1.0.0"),
    ("test_random_modules", "torch: random modules"),
    ("tests/graphs/reading", "torch: loops, functions, layers"),
)
"""What a test's name holds → whose networks it runs; the first counts."""


def lines() -> list[dict]:
    """What every comparison of spikes found."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "spikes.jsonl"
        for overlay, tests in RUNS:
            env = os.environ | {"SAME_SPIKES": str(kept), "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / overlay)])}
            subprocess.run([sys.executable, "-m", "pytest", "-o", "addopts=-q", tests], check=True, env=env, cwd=ROOT)
        return [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]


def table(found: list[dict]) -> str:
    """A row for each framework."""
    rows: dict[str, list[dict]] = defaultdict(list)
    for line in found:
        rows[next(name for part, name in FRAMEWORKS if part in line["test"])].append(line)
    head = "| networks of | networks | layers | steps × samples | spikes | of them different |\n|---|---|---|---|---|---|\n"
    return head + "".join(_row(name, rows[name]) for _, name in FRAMEWORKS if rows[name])


def _row(name: str, rows: list[dict]) -> str:
    sizes = sorted({(row["steps"], row["batch"]) for row in rows})
    shown = f"{sizes[0][0]} × {sizes[0][1]}" + (f" to {sizes[-1][0]} × {sizes[-1][1]}" if len(sizes) > 1 else "")
    total = {key: sum(row[key] for row in rows) for key in ("layers", "spikes", "different")}
    return f"| {name} | {len(rows)} | {total['layers']} | {shown} | {total['spikes']:,} | {total['different']:,} |\n"


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table(lines()) + END + rest.partition(END)[2], encoding="utf-8")
