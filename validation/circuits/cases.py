"""Circuits of the whole range drawn at random, simulated and kept: what docs/analog.md holds closed forms against.

``python -m costmodel.validation.circuits`` simulates what is not yet kept, and writes docs/analog.md anew.
"""

import dataclasses
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costmodel.devices.circuits.catalogue import circuits
from costmodel.devices.circuits.circuit import AnalogCircuit
from costmodel.devices.circuits.crossbar import Crossbar
from costmodel.devices.circuits.draws import draws
from costmodel.devices.spice import Failure, run_many
from costmodel.devices.spice.session import session
from costmodel.graphs.files import write
from costmodel.validation.circuits import crossbars
from costmodel.validation.runs.progress import counted

KEPT = Path(__file__).parents[1] / "measured" / "circuits.json"
"""The rows of all circuits but the crossbar, which has a file of its own."""

SEED, DRAWS = 4711, 60
"""Of the grid: other than of any test, and looked at by nobody while closed forms were written."""


@dataclasses.dataclass(frozen=True)
class Case:
    """A circuit that was simulated.

    Attributes:
        circuit: itself.
        simulated: quantity → value; None where SPICE did not finish.
        seconds: that SPICE took; None: not kept.
    """

    circuit: AnalogCircuit
    simulated: dict[str, float] | None
    seconds: float | None


def kept() -> dict[str, list[Case]]:
    """Circuit → its cases."""
    stored = json.loads(KEPT.read_text(encoding="utf-8"))["rows"] if KEPT.exists() else {}
    found = {
        name: [Case(circuits()[name](**row["parameters"]), row["simulated"], row["seconds"]) for row in rows]
        for name, rows in stored.items()
    }
    arrays = crossbars.read()["rows"]
    return {"crossbar": [Case(Crossbar(**row["crossbar"]), row["simulated"], row["seconds"]) for row in arrays], **found}


def measure(say=print) -> None:
    """Simulates the grids of circuits that are not kept, a circuit at a time, and keeps each."""
    stored: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {"provenance": {}, "rows": {}}
    for name, kind in circuits().items():
        if name in stored["rows"] or name == "crossbar":
            continue
        grid = draws(kind, DRAWS, SEED)
        rows = []
        started = time.perf_counter()
        with counted(name) as progress:
            outcomes = run_many([circuit.job() for circuit in grid], progress=progress)
        for circuit, waves in zip(grid, outcomes, strict=True):
            simulated = None if isinstance(waves, Failure) else circuit.simulated(waves)
            rows.append({"parameters": dataclasses.asdict(circuit), "simulated": simulated, "seconds": None})
        for row in rows:
            row["seconds"] = round((time.perf_counter() - started) / len(rows), 4)
        stored["rows"][name] = rows
        stored["provenance"][name] = {
            "script": "python -m costmodel.validation.circuits",
            "seed": SEED,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "ngspice": str(session().ngspice_version),
        }
        text = ",\n".join(
            f"{json.dumps(key)}: [\n" + ",\n".join(map(json.dumps, found)) + "\n]" for key, found in stored["rows"].items()
        )
        write(KEPT, f'{{"provenance": {json.dumps(stored["provenance"], indent=1)},\n"rows": {{\n{text}\n}}}}\n')
        say(f"{name}: {len(rows)} simulated")
