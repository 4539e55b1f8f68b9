"""``costmodel import``: NIR or a saved torch module to a network file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from costmodel.commands.options import IntegratorOption, Json, ResetOption, StepLength, Writer, dialect


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="a .nir file, or a torch module saved whole (.pt, .pth)")],
    out: Annotated[Path, typer.Option("--out", metavar="NETWORK.json", help="the network file to write; its arrays go beside it")],
    shape: Annotated[str | None, typer.Option("--shape", metavar="2,34,34", help="shape of one sample, for a torch module")] = None,
    from_: Writer = None,
    dt: StepLength = None,
    integrator: IntegratorOption = None,
    reset: ResetOption = None,
    json: Json = False,
) -> None:
    """Turns FILE into a network file, and its weights into an .npz beside it."""
    import io
    from json import dumps

    import numpy as np

    from costmodel.graphs.errors import InputError
    from costmodel.graphs.files import check_writable, write, write_bytes
    from costmodel.graphs.lowering.summary import summarise
    from costmodel.graphs.network import Network
    from costmodel.graphs.reading.imports import read
    from costmodel.output import print_json, print_notes

    if out.suffix != ".json":
        raise InputError(f"'{out.name}' is no network file", mend="let it end in .json", where="--out")
    document, arrays, told = read(file, _shape(shape), dialect(from_, dt, integrator, reset))
    print_notes(told)
    network = Network.from_document(document, arrays, file.name)
    arrays = network.arrays
    weights = out.with_suffix(".npz")
    for path in (out, weights):
        check_writable(path)
    for node in document["nodes"]:
        if node["id"] in arrays:
            node["weights"] = weights.name
    if arrays:
        stream = io.BytesIO()
        stored: dict[str, Any] = {f"{node}.{name}": array for node, own in arrays.items() for name, array in own.items()}
        np.savez_compressed(stream, **stored)
        write_bytes(weights, stream.getvalue())
    write(out, dumps(document, indent=1, ensure_ascii=False) + "\n")
    summary = summarise(network)
    if json:
        print_json(
            {
                "schema": 1,
                "out": str(out),
                "weights": str(weights) if arrays else None,
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
