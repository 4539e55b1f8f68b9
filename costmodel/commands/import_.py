"""``costmodel import``: NIR or a saved torch module to a network file."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.dialects import NETWORK
from costmodel.commands.options import Json, Model, Trust


def run(
    file: Annotated[str, typer.Argument(metavar="FILE", help="a .nir or .net file, or a torch module (.pt, .pth, .pt2)"), NETWORK],
    out: Annotated[Path, typer.Option("--out", metavar="NETWORK.json", help="the network file to write; its arrays go beside it")],
    shape: Annotated[str | None, typer.Option("--shape", metavar="2,34,34", help="shape of one sample, for a torch module")] = None,
    sample: Annotated[
        Path | None,
        typer.Option("--sample", metavar="FILE.npz", help="what a torch module's forward takes; activity is measured on it"),
    ] = None,
    over_time: Annotated[
        bool, typer.Option("--over-time", help="forward takes one time step, and the sample's first axis is time")
    ] = False,
    model: Model = None,
    trust: Trust = False,
    json: Json = False,
) -> None:
    """Turns FILE into a network file, and its weights and measured activity into .npz files beside it."""
    from costmodel.exporting import export
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.lowering.summary import summarise
    from costmodel.graphs.network import Network
    from costmodel.graphs.reading.importers import torch_module
    from costmodel.graphs.reading.imports import read
    from costmodel.graphs.reading.loading import dialect_of
    from costmodel.output import print_json, print_notes

    if out.suffix != ".json":
        raise InputError(f"'{out.name}' is no network file", mend="let it end in .json", where="--out")
    if Path(file).suffix in torch_module.SUFFIXES:
        given = _shape(shape) if sample is None else torch_module.stored(sample)
        found = torch_module.saved(Path(file), given, trust=trust, model=model, over_time=over_time, measure=sample is not None)
        document, arrays, told, elements = found.document, found.arrays, found.told, found.elements
    else:
        (document, arrays, told), elements = read(Path(file), _shape(shape), dialect_of(file)), {}
    print_notes(told)
    network = Network.from_document(document, arrays, Path(file).name, elements=elements)
    weights = [path for path in export(network, out).files if path == out.with_suffix(".npz")]
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
