"""Runs families: everything is predicted, then everything is measured, and both are kept as they come."""

from collections.abc import Callable
from pathlib import Path

from costmodel.graphs.errors import InputError
from costmodel.validation.scoreboard import families
from costmodel.validation.scoreboard.family import Family
from costmodel.validation.scoreboard.ledger import Ledger
from costmodel.validation.scoreboard.score import Row, rows

Told = Callable[[int, int, str], None]
"""Who is told of cases done, of how many, and which was the last."""


def left_out(folder: Path) -> dict[str, str]:
    """Families that cannot be measured here, and why; one that has rows in the folder is not left out."""
    why = {name: one.missing() for name, one in families.known().items() if not (folder / f"{name}.jsonl").exists()}
    return {name: missing for name, missing in why.items() if missing is not None}


def run(name: str, folder: Path, told: Told) -> tuple[Family, Ledger, list[Row]]:
    """A family, from the start or from where it was interrupted.

    Args:
        name: of the family.
        folder: where its ledger is.
        told: of the progress.

    Raises:
        InputError: there is no such family, or something that it needs is not there.
    """
    family, ledger = families.family(name)(), Ledger(folder / f"{name}.jsonl")
    cases = family.cases()
    if any(ledger.visited(case.name) < family.visits for case in cases):
        if (missing := family.missing()) is not None:
            raise InputError(f"'{name}' cannot be measured: {missing}", mend="run it where there is one")
        family.prepare(ledger.provenance)
        ledger.begin(family.provenance)
    for case in cases:
        if case.name not in ledger.predicted:
            ledger.predict(case.name, family.predict(case))
    for visit in range(1, family.visits + 1):
        for done, case in enumerate(cases, 1):
            if ledger.visited(case.name) < visit:
                ledger.measure(case.name, family.measure(case), visit)
            told((visit - 1) * len(cases) + done, family.visits * len(cases), case.name)
    return family, ledger, rows(family, ledger)
