"""The published rows, and the split of them that was fixed before anything was fitted."""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from costmodel.graphs.errors import InputError

FOLDER = Path(__file__).parents[2] / "measured"
ROWS, SPLIT = FOLDER / "published.csv", FOLDER / "published_split.toml"


@dataclass(frozen=True)
class Row:
    """A published measurement.

    Attributes:
        name: its id, unlike any other.
        family: the kind of hardware.
        role: "calibrate", "score" or "show".
        platform: device and software; empty where the row is only shown.
        reason: why it is only shown, or why a single row calibrates.
        quantities: what was measured, SI: latency (s, of a batch), dynamic_energy, idle_energy and, where these two are not told
            apart, energy (J, per sample).
        batch: samples together.
        sustained: whether the latency is the batch over the throughput of a stream of batches.
        fields: the row as it stands in the file.
    """

    name: str
    family: str
    role: str
    platform: str
    reason: str
    quantities: dict[str, float]
    batch: int
    sustained: bool
    fields: dict[str, str]

    @property
    def source(self) -> str:
        """Where it was published, and what its energy counts."""
        boundary = self.fields["boundary"]
        return self.fields["source"] + (f"; {boundary}" if boundary else "")

    @property
    def size(self) -> float:
        """Dense operations of a batch."""
        return (_number(self.fields["dense_macs_or_syn"]) or 0.0) * self.batch


@cache
def split() -> dict[str, tuple[str, str, str, str]]:
    """Row → role, family, platform, reason.

    Raises:
        InputError: a row has two places.
    """
    document, found = tomllib.loads(SPLIT.read_text(encoding="utf-8")), {}
    places = [
        *(
            (row, (role, entry["family"], entry["name"], entry.get("seen", "")))
            for entry in document["platform"]
            for role in ("calibrate", "score")
            for row in entry[role]
        ),
        *((row, ("show", entry["family"], "", entry["reason"])) for entry in document["shown"] for row in entry["rows"]),
    ]
    for row, place in places:
        if row in found:
            raise InputError(f"the row '{row}' has two places", mend="leave it in one", where=SPLIT.name)
        found[row] = place
    return found


@cache
def rows() -> dict[str, Row]:
    """All rows by id, in the order of the file.

    Raises:
        InputError: a row has no place in the split, or the split has a row that there is not.
    """
    with ROWS.open(encoding="utf-8", newline="") as file:
        table = {fields["id"]: fields for fields in csv.DictReader(file)}
    places = split()
    if wrong := sorted(table.keys() ^ places.keys()):
        raise InputError(f"'{wrong[0]}' is in one of {ROWS.name}, {SPLIT.name} only", mend="add it to the other", where=SPLIT.name)
    return {name: _row(fields, places[name]) for name, fields in table.items()}


def _row(fields: dict[str, str], place: tuple[str, str, str, str]) -> Row:
    role, family, platform, reason = place
    batch = int(_number(fields["batch"]) or 1)
    return Row(
        fields["id"], family, role, platform, reason, _quantities(fields), batch, bool(_number(fields["throughput_per_s"])), fields
    )


def _quantities(fields: dict[str, str]) -> dict[str, float]:
    """What is a plain positive number: ratios, ranges and bounds are none."""
    names = {"latency": "latency_s", "energy": "energy_total_J_per_inf", "dynamic_energy": "energy_dynamic_J_per_inf"}
    found = {name: value for name, column in names.items() if (value := _number(fields[column])) is not None and value > 0}
    if "energy" in found and "dynamic_energy" in found:
        found["idle_energy"] = found.pop("energy") - found["dynamic_energy"]
    return found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
