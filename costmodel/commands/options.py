"""Arguments and options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.commands.dialects import NETWORK

if TYPE_CHECKING:
    from costmodel.estimates.estimating import Phase
    from costmodel.graphs.lowering.measurement import Measurement

NetworkArgument = Annotated[
    str, typer.Argument(metavar="NETWORK", help="a network file (.json), a .nir file, or a shipped example"), NETWORK
]
Devices = Annotated[
    list[str] | None, typer.Option("-d", "--device", metavar="DEVICE", help="a part or part file; repeat for more; all by default")
]
OneDevice = Annotated[list[str], typer.Option("-d", "--device", metavar="DEVICE", help="a part or part file")]
PhaseOption = Annotated[str, typer.Option("--phase", help="inference or training")]
Batch = Annotated[int | None, typer.Option("--batch", help="samples run together")]
Timesteps = Annotated[int | None, typer.Option("--timesteps", help="time steps of a sample")]
Rates = Annotated[
    list[str] | None, typer.Option("--rate", metavar="[NODE=]R", help="events per element and step, of all nodes or of one")
]
Measured = Annotated[
    Path | None, typer.Option("--rates", metavar="RUN", help="activity measured by a run (its folder) or a simulation (its traces)")
]
DrawsOption = Annotated[
    int | None, typer.Option("--draws", metavar="N", min=20, help="intervals from N Monte Carlo draws, not to first order")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="[D.]PARAM=VALUE", help="replace a parameter, as in r_on=10kΩ")
]
BoundaryOption = Annotated[
    str | None, typer.Option("--boundary", help="what energies count: chip, board or system; by default each part's own")
]
StaticOption = Annotated[
    str, typer.Option("--static", help="standing power of the whole chip, or of the used share of it: whole or used")
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="FILE.py:NAME", help="of a state dict: what makes the module; the file is run")
]
Trust = Annotated[bool, typer.Option("--trust", help="read a module saved whole, a pickle: that runs its writer's code")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON document")]


def one(devices: list[str]) -> list[str]:
    """The one device, as a list.

    Raises:
        InputError: there are several.
    """
    from costmodel.graphs.errors import InputError

    if len(devices) != 1:
        raise InputError(f"{len(devices)} devices were given ({', '.join(devices)})", mend="give one", where="-d")
    return devices


def phase(word: str) -> "Phase":
    """The phase, checked.

    Raises:
        InputError: neither inference nor training.
    """
    from costmodel.graphs.errors import InputError, nearest

    if word == "inference" or word == "training":
        return word
    raise InputError(f"there is no phase '{word}'", mend=nearest(word, ("inference", "training")), where="--phase")


def measured(where: Path | None) -> "Measurement | None":
    """The activity that a run or a simulation measured; none where nothing is named.

    Raises:
        InputError: a folder that holds no finished run, or a file that holds no traces.
    """
    if where is None:
        return None
    if where.suffix == ".npz":
        from costmodel.graphs.lowering.measurement import of_traces

        return of_traces(where)
    from costmodel.validation.records.folder import RunFolder

    return RunFolder(where).measured()


def require(extra: str, *packages: str) -> None:
    """Says what to install where a package is missing.

    Raises:
        InputError: one is.
    """
    from importlib.util import find_spec

    from costmodel.graphs.errors import InputError

    for package in packages:
        if find_spec(package) is None:
            raise InputError(f"{package} is needed for this, and not installed", mend=f'pip install "costmodel[{extra}]"')
