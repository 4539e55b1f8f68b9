"""Which rows a catalogued part is held against, in which role, and what their sources say of how it ran."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from costmodel.devices.part import Part, part
from costmodel.graphs.errors import InputError
from costmodel.graphs.settings.units import parse
from costmodel.validation.scoreboard.published.measurements import FOLDER

RUNS = FOLDER / "catalogue.toml"
Role = Literal["train", "score", "show"]


@dataclass(frozen=True)
class Run:
    """How a part ran, as the source says; whatever it does not say is the part's own.

    Attributes:
        row: id of the published row.
        part, family: the catalogued part, and the kind of hardware it is told under.
        role: whether constants may come from it, or it is scored, or only shown.
        series: what it was published with.
        seen: what of the part file came from the whole series before any split; empty where nothing did.
        said: what the source says.
        host, boundary, static: how it is fed, and what its energy counts; None: as the part has it.
        serving: whether what serves the chip counts as "dynamic" or as "idle".
        rest: power that the publication subtracts as idle, W; None: the part's standing power.
        settings: parameters of the part, SI.
        cores: node → cores that it is on.
    """

    row: str
    part: str
    family: str
    role: Role
    series: str
    seen: str
    said: str
    host: str | None = None
    boundary: str | None = None
    static: str = "whole"
    serving: str = "dynamic"
    rest: float | None = None
    settings: Mapping[str, float] = field(default_factory=dict)
    cores: Mapping[str, int] = field(default_factory=dict)

    def on(self) -> Part:
        """The part as it ran; its standing power still counts whole."""
        found = part(self.part)
        found = found if self.host is None else found.hosted(self.host)
        found = found if self.boundary is None else found.within(self.boundary)
        return found.override(self.settings)


@cache
def runs() -> dict[str, Run]:
    """All of them by row, part by part.

    Raises:
        InputError: a row has no run, or two, or a run has no part.
    """
    document = tomllib.loads(RUNS.read_text(encoding="utf-8"))
    said = {row: entry for entry in document["run"] for row in entry["rows"]}
    found: dict[str, Run] = {}
    for entry in document["part"]:
        for series in entry["series"]:
            for role in ("train", "score", "show"):
                for row in series.get(role, []):
                    if row in found or row not in said:
                        raise InputError(f"'{row}' has two places, or no [[run]]", mend="give it one of each", where=RUNS.name)
                    found[row] = _run(row, entry, series, role, said[row])
    if lost := sorted(said.keys() - found.keys()):
        raise InputError(f"'{lost[0]}' is in no series", mend="add it to one", where=RUNS.name)
    return found


def _run(row: str, entry: Mapping, series: Mapping, role: Role, said: Mapping) -> Run:
    params = part(entry["name"]).device.params
    settings = {name: parse(value, params[name].unit) for name, value in said.get("set", {}).items()}
    given = {key: value for key, value in said.items() if key not in ("rows", "set", "said", "rest")}
    given["rest"] = parse(said["rest"], "W") if "rest" in said else None
    return Run(
        row=row, part=entry["name"], family=entry["family"], role=role, series=series["of"], seen=series.get("seen", ""),
        said=said["said"], settings=settings, **given,
    )  # fmt: skip
