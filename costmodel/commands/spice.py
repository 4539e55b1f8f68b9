"""``costmodel spice``: a circuit, or a small network as one, simulated and held against its closed form."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.commands.dialects import NETWORK
from costmodel.commands.options import Json, Timesteps

if TYPE_CHECKING:
    from costmodel.validation.circuits.simulating import Simulated


def run(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[CIRCUIT|NETWORK]", help="a circuit (without: their names), or a small network"),
        NETWORK,
    ] = None,
    device: Annotated[str | None, typer.Option("-d", "--device", metavar="D", help="the part whose values are taken")] = None,
    changes: Annotated[list[str] | None, typer.Option("--set", metavar="PARAM=VALUE", help="a value of the circuit's")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="where the netlist goes")] = Path("spice"),
    timesteps: Timesteps = None,
    seed: Annotated[int, typer.Option("--seed", help="of a network's input spikes")] = 0,
    json: Json = False,
) -> None:
    """Writes the netlist of CIRCUIT or NETWORK into DIR, runs it, and prints what was predicted and simulated.

    Without a name it lists the circuits.
    """
    from costmodel.devices.circuits.catalogue import circuits
    from costmodel.graphs.files import make_folder, write
    from costmodel.output import print_json, print_notes
    from costmodel.validation.circuits.simulating import circuit

    if what is None:
        _list(json)
        return
    if what not in circuits():
        _check_network(what)
    make_folder(out)
    if what in circuits():
        found = circuit(what, device, changes or [], out)
    else:
        found = _network(what, device or "memfpaa-hfox", changes or [], timesteps, seed, out)
    netlist = out / f"{found.name}.cir"
    write(netlist, found.netlist)
    print_notes(found.notes)
    if json:
        print_json({"schema": 1, "netlist": str(netlist), "rows": [row.to_dict() for row in found.rows]})
    else:
        found.show()
        typer.echo(f"netlist: {netlist}")


def _list(json: bool) -> None:
    """The circuits: the name of each, and what it is."""
    from costmodel.devices.circuits.catalogue import circuits, title
    from costmodel.output import print_json

    known = {name: title(kind) for name, kind in circuits().items()}
    if json:
        print_json({"schema": 1, "circuits": [{"name": name, "title": told} for name, told in known.items()]})
        return
    width = max(map(len, known))
    for name, told in known.items():
        typer.echo(f"{name.ljust(width)}  {told}")


def _check_network(name: str) -> None:
    """Refuses a name that is neither a file's nor an example's."""
    from costmodel.devices.circuits.catalogue import circuits
    from costmodel.graphs.errors import InputError, nearest
    from costmodel.graphs.reading.loading import examples

    if name not in examples() and not Path(name).suffix:
        meant = nearest(name, {*circuits(), *examples()})
        mend = meant if meant.startswith("did you mean") else f"circuits are {', '.join(circuits())}; or give a network file"
        raise InputError(f"there is no circuit or network '{name}'", mend=mend)


def _network(name: str, device: str, changes: list[str], timesteps: int | None, seed: int, out: Path) -> "Simulated":
    from costmodel.devices.part import part
    from costmodel.estimates.request import read_settings
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.installing import install
    from costmodel.graphs.reading.loading import load
    from costmodel.output import print_notes

    network = load(name)
    print_notes(network.told)
    if timesteps is not None:
        network = network.with_timesteps(timesteps)
    on = part(device)
    chosen = read_settings(changes, [on])
    try:
        from costmodel.validation.circuits.analog import simulated
    except ImportError as error:
        what = f"{error.name} is needed to run a network, and not installed"
        raise InputError(what, mend=install("torch", "spice")) from None
    return simulated(network, on.override(chosen.parts.get(on.name, {})), seed, out)
