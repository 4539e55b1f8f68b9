"""Where libngspice is."""

import ctypes.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from costmodel.graphs.errors import InputError

VARIABLE = "NGSPICE_LIBRARY_PATH"
"""Names the library's file; it goes before all places."""

INSTALL = (
    "install it: 'apt install libngspice0' (Debian, Ubuntu), 'dnf install libngspice' (Fedora), 'brew install libngspice' (macOS) "
    f"or 'conda install -c conda-forge ngspice-lib'; or name its file in {VARIABLE}"
)

PLACES = ("/usr/lib", "/usr/lib64", "/usr/lib/*-linux-gnu", "/usr/local/lib", "/opt/homebrew/lib", "/opt/local/lib")
NAMES = ("libngspice.so", "libngspice.so.*", "libngspice.dylib", "libngspice.*.dylib", "ngspice.dll")


def find() -> str:
    """The path of libngspice, or a name that the system's loader knows: the variable's, the loader's own, this Python's or Conda's
    folder, the usual places. Distributions that leave out ``libngspice.so`` have ``libngspice.so.0``, which is found too.

    Raises:
        InputError: it is in none of them, or the variable names no file.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).exists():
            raise InputError(f"there is no file '{named}'", mend=INSTALL, where=VARIABLE)
        return named
    known = ctypes.util.find_library("ngspice")
    found = known or next(_candidates(), None)
    if found is None:
        raise InputError("libngspice was not found: circuits cannot be simulated (estimates need none)", mend=INSTALL)
    return found


def _candidates() -> Iterator[str]:
    own = [Path(sys.prefix) / "lib", *([Path(os.environ["CONDA_PREFIX"]) / "lib"] if "CONDA_PREFIX" in os.environ else [])]
    spread = [place for pattern in PLACES for place in sorted(Path("/").glob(pattern[1:]))]
    for place in (*own, *spread):
        for name in NAMES:
            yield from (str(path) for path in sorted(place.glob(name)))
