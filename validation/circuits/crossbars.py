"""Random crossbars simulated by SPICE and kept, row by row: what the closed forms are held against.

``python -m costmodel.validation.circuits.crossbars`` goes on where it stopped. A row that SPICE did not finish is kept with its
reason; the same crossbar is tried again with ``--again``.
"""

import argparse
import dataclasses
import json
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costmodel.devices.circuits.crossbar import Crossbar
from costmodel.devices.circuits.crossbar_cases import RANGES, drawn
from costmodel.devices.spice import run
from costmodel.devices.spice.session import session
from costmodel.graphs.errors import InputError
from costmodel.graphs.files import write

KEPT = Path(__file__).parents[1] / "measured" / "crossbar.json"
"""The rows."""

SEED = 2027
"""Other than the fit's."""

GRID = ((4, 12), (8, 13), (16, 15), (32, 12), (64, 6), (4, 1), (128, 1), (4, 6), (8, 12), (16, 15), (32, 6), (128, 2))
"""Longer side, cases: numbered in this order, so that more are appended."""


def read(path: Path = KEPT) -> dict[str, Any]:
    """The kept rows and where they are from; none where there is no file yet."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    provenance = {
        "script": "python -m costmodel.validation.circuits.crossbars",
        "seed": SEED,
        "ranges": {name: list(span) for name, span in RANGES.items()},
    }
    return {"provenance": provenance, "rows": []}


def keep(kept: dict[str, Any], path: Path = KEPT) -> None:
    """Writes them, a row a line, whole or not at all."""
    rows = ",\n".join(json.dumps(row) for row in sorted(kept["rows"], key=lambda row: row["case"]))
    write(path, f'{{"provenance": {json.dumps(kept["provenance"])},\n"rows": [\n{rows}\n]}}\n')


def simulated(case: int, size: int, version: str) -> dict[str, Any]:
    """A row: the crossbar, what SPICE shows, how long it took (start of its process included), when, with what."""
    crossbar = drawn((SEED, case), size)
    started = time.perf_counter()
    row: dict[str, Any] = {"case": case, "size": size, "crossbar": dataclasses.asdict(crossbar)}
    try:
        row["simulated"] = crossbar.simulated(run(crossbar.job()))
    except InputError as error:
        row["simulated"], row["failed"] = None, str(error)
    seconds = round(time.perf_counter() - started, 2)
    return row | {"seconds": seconds, "ngspice": version, "date": datetime.now(UTC).isoformat(timespec="seconds")}


def compared(path: Path = KEPT) -> list[dict[str, Any]]:
    """Every kept row that SPICE finished, with today's predictions: size, crossbar, simulated, predicted."""
    found = []
    for row in read(path)["rows"]:
        if row["simulated"] is not None:
            crossbar = Crossbar(**row["crossbar"])
            found.append({"size": row["size"], "simulated": row["simulated"], "predicted": crossbar.predicted()})
    return found


def main() -> None:
    """Simulates what is not yet kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--again", action="store_true", help="also what failed")
    given = parser.parse_args()
    kept = read()
    version = str(session().ngspice_version)
    done = {row["case"] for row in kept["rows"] if row["simulated"] is not None or not given.again}
    sizes = [size for size, number in GRID for _ in range(number)]
    left = sorted((size, case) for case, size in enumerate(sizes) if case not in done)
    with ThreadPoolExecutor(given.workers) as pool:
        for future in as_completed([pool.submit(simulated, case, size, version) for size, case in left]):
            row = future.result()
            kept["rows"] = [known for known in kept["rows"] if known["case"] != row["case"]] + [row]
            keep(kept)
            print(f"{len(kept['rows'])} of {len(sizes)}: {row['size']}, {row['seconds']} s", flush=True)


if __name__ == "__main__":
    main()
