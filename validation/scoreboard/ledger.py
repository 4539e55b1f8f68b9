"""A family's predictions and measurements on disk: lines are added and none is ever changed.

The first line is the provenance. A prediction of a case stands in a line before its measurement; a second prediction of the
same case is refused, so that nothing can be edited once the truth is known. A run that was killed goes on where it ended;
half a line at the end, which a crash leaves, is dropped.
"""

import dataclasses
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costmodel.graphs.errors import InputError
from costmodel.graphs.files import make_folder, write
from costmodel.validation.scoreboard.family import Predicted, Prediction


class Ledger:
    """The lines of one family.

    Args:
        path: of the file; it is made when something is put in.

    Raises:
        InputError: the file is not a ledger.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.provenance: dict[str, Any] = {}
        self.predicted: dict[str, Prediction] = {}
        self.visits: dict[str, list[dict[str, float]]] = {}
        if path.exists():
            self._read(path.read_text(encoding="utf-8"))

    def begin(self, provenance: dict[str, Any]) -> None:
        """Puts the provenance in, unless the ledger has one."""
        if not self.provenance:
            make_folder(self.path.parent)
            self.provenance = {**provenance, "begun": _now()}
            write(self.path, json.dumps({"provenance": self.provenance}) + "\n")

    def predict(self, case: str, prediction: Prediction) -> None:
        """Adds a prediction.

        Raises:
            ValueError: the case has one.
        """
        if case in self.predicted:
            raise ValueError(f"'{case}' has been predicted; a prediction is never changed")
        self._add({"case": case, "predicted": dataclasses.asdict(prediction), "at": _now()})
        self.predicted[case] = prediction

    def measure(self, case: str, measured: dict[str, float], visit: int = 1) -> None:
        """Adds a measurement.

        Args:
            case: its name.
            measured: what was found.
            visit: which one of the case this is, 1 the first.

        Raises:
            ValueError: the case has none predicted, or has been measured that often.
        """
        if case not in self.predicted or visit != self.visited(case) + 1:
            raise ValueError(f"'{case}' must be predicted before it is measured, and each visit measured once")
        self._add({"case": case, "measured": measured, "at": _now()})
        self.visits.setdefault(case, []).append(measured)

    def visited(self, case: str) -> int:
        """Times that a case has been measured."""
        return len(self.visits.get(case, []))

    @property
    def measured(self) -> dict[str, dict[str, float]]:
        """Case → quantity → its value, the least of all visits."""
        return {case: {name: min(visit[name] for visit in found) for name in found[0]} for case, found in self.visits.items()}

    def _add(self, entry: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self, text: str) -> None:
        if text and not text.endswith("\n"):  # a crash within a line
            text = text[: text.rfind("\n") + 1]
            write(self.path, text)
        for number, line in enumerate(text.splitlines(), 1):
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                what = f"line {number} is none of a scoreboard's ({error})"
                raise InputError(what, mend="give another --out, or remove the file", where=str(self.path)) from None

    def _take(self, entry: dict[str, Any]) -> None:
        if "provenance" in entry:
            self.provenance = entry["provenance"]
        elif "predicted" in entry:
            said = entry["predicted"]
            quantities = {name: Predicted(**value) for name, value in said["quantities"].items()}
            self.predicted.setdefault(entry["case"], Prediction(quantities, said["note"]))
        else:
            self.visits.setdefault(entry["case"], []).append(entry["measured"])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
