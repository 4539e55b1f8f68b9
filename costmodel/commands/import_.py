"""``costmodel import``: NIR or a saved torch module to a network file."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.dialects import NETWORK
from costmodel.commands.options import Json


def run(
    file: Annotated[str, typer.Argument(metavar="FILE", help="a .nir file, or a torch module saved whole (.pt, .pth)"), NETWORK],
    out: Annotated[Path, typer.Option("--out", metavar="NETWORK.json", help="the network file to write; its arrays go beside it")],
    shape: Annotated[str | None, typer.Option("--shape", metavar="2,34,34", help="shape of one sample, for a torch module")] = None,
    json: Json = False,
) -> None:
    """Turns FILE into a network file, and its weights into an .npz beside it."""
    from costmodel.exporting import export
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.lowering.summary import summarise
    from costmodel.graphs.network import Network
    from costmodel.graphs.reading.imports import read
    from costmodel.graphs.reading.loading import dialect_of
    from costmodel.output import print_json, print_notes

    if out.suffix != ".json":
        raise InputError(f"'{out.name}' is no network file", mend="let it end in .json", where="--out")
    document, arrays, told = read(Path(file), _shape(shape), dialect_of(file))
    print_notes(told)
    network = Network.from_document(document, arrays, Path(file).name)
    weights = export(network, out).files[1:]
    summary = summarise(network)
    if json:
        print_json(
            {
                "schema": 1,
                "out": str(out),
                "weights": str(weights[0]) if weights else None,
                "nodes": len(network.nodes),
                "parameters": summary.parameters,
            }
        )
    else:
        typer.echo(f"{out}: {len(network.nodes)} nodes, {summary.neurons:,} neurons, {summary.parameters:,} parameters")


def _shape(text: str | None) -> tuple[int, ...] | None:
    from costmodel.graphs.errors import InputError

    if text is None:
        return None
    try:
        return tuple(int(size) for size in text.split(","))
    except ValueError:
        raise InputError(f"'{text}' is no shape", mend="write sizes with commas, as in 2,34,34", where="--shape") from None
