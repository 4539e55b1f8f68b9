"""``costmodel export``: a network as a file that other tools read."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.options import Json, NetworkArgument


def run(
    network: NetworkArgument,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="the file to write: .nir, .json or .py")],
    json: Json = False,
) -> None:
    """Writes NETWORK, with its weights, as a NIR file (.nir), a network file (.json) or a torch module (.py), which spike alike."""
    from costmodel.exporting import export
    from costmodel.graphs.reading.loading import load
    from costmodel.output import print_json, print_notes

    loaded = load(network)
    files, told = export(loaded, to)
    print_notes([*loaded.told, *told])
    if json:
        print_json(
            {"schema": 1, "files": [str(file) for file in files], "nodes": len(loaded.nodes), "notes": [*loaded.told, *told]}
        )
    else:
        typer.echo(f"{', '.join(map(str, files))}: {len(loaded.nodes)} nodes")
