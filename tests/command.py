"""Running the command line within the test process."""

import sys
from dataclasses import dataclass

import pytest

from costmodel.cli import main


@dataclass
class Answer:
    code: int
    out: str
    err: str


def costmodel(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, *words: str) -> Answer:
    """Exit code, standard output and standard error of ``costmodel WORDS``."""
    monkeypatch.setattr(sys, "argv", ["costmodel", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        main()
    told = capsys.readouterr()
    return Answer(int(stopped.value.code or 0), told.out, told.err)
