"""``costmodel simulate``: runs a network in torch and writes what every node sends and every membrane."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.dialects import seconds
from costmodel.commands.options import Json, NetworkArgument, Timesteps


def run(
    network: NetworkArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.npz", help="the traces to write")] = Path("traces.npz"),
    input_: Annotated[Path | None, typer.Option("--input", metavar="FILE.npz", help="(T, batch, *shape) per input node")] = None,
    dt: Annotated[str | None, typer.Option("--dt", metavar="DT", help="length of a time step, as in 0.1ms")] = None,
    timesteps: Timesteps = None,
    json: Json = False,
) -> None:
    """Runs NETWORK in torch; without --input it is driven at its input's rate. FILE.npz holds spikes.NODE and state.NODE."""
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.files import check_kind
    from costmodel.graphs.installing import install
    from costmodel.graphs.lowering.measurement import beside
    from costmodel.graphs.reading.loading import load
    from costmodel.output import print_json, print_notes

    check_kind(out, ".npz file", ".npz")
    step = None if dt is None or network.endswith(".nir") else seconds(dt, "--dt")  # a .nir file is read at its step already
    loaded = load(network)
    if timesteps is not None:
        loaded = loaded.with_timesteps(timesteps)
    try:
        from costmodel.validation.runner.simulate import simulate
    except ImportError as error:
        what = f"{error.name} is needed to run a network, and not installed"
        raise InputError(what, mend=install("torch")) from None
    rates, notes = simulate(loaded, out, input_, step)
    print_notes([*loaded.told, *notes])
    if json:
        elements = str(beside(out))
        print_json({"schema": 1, "out": str(out), "elements": elements, "timesteps": loaded.timesteps, "rates": rates})
    else:
        for name, rate in rates.items():
            typer.echo(f"{name}: {rate:.4g} events per element and step")
        typer.echo(f"traces: {out}")
