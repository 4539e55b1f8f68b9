"""Reports: what a network costs on some parts, as one HTML file that needs nothing beside it."""

from collections.abc import Iterable
from pathlib import Path

from costmodel.devices.part import Part, part
from costmodel.devices.part import parts as catalogue
from costmodel.estimates.estimating import Workload
from costmodel.graphs.files import write
from costmodel.graphs.network import Network
from costmodel.reporting.page import page
from costmodel.reporting.study import Study

__all__ = ["Study", "report"]


def report(
    workload: Network | Workload,
    parts: Iterable[str | Part] | None = None,
    notes: Iterable[str] = (),
    path: Path | str | None = None,
) -> str:
    """The report of a network on some parts (all of the catalogue by default), as HTML.

    Args:
        workload: the network, or the network as it is to be run.
        parts: names, part files, or parts.
        notes: assumptions to state.
        path: the file to write, whole or not at all; None: none.

    Raises:
        InputError: anything at fault, the folder of ``path`` included; then nothing is written.
    """
    asked = workload if isinstance(workload, Workload) else Workload(workload)
    chosen = tuple(on if isinstance(on, Part) else part(on) for on in (catalogue() if parts is None else parts))
    html = page(Study(asked, chosen, tuple(notes)))
    if path is not None:
        write(Path(path), html)
    return html
