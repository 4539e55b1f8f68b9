"""``costmodel spice``: a circuit, or a small network as one, simulated and held against its closed form."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.commands.options import Json, Timesteps

if TYPE_CHECKING:
    from costmodel.validation.circuits.simulating import Simulated


def run(
    what: Annotated[str, typer.Argument(metavar="CIRCUIT|NETWORK", help="a circuit (without: their names), or a small network")],
    device: Annotated[str | None, typer.Option("-d", "--device", metavar="D", help="the part whose values are taken")] = None,
    changes: Annotated[list[str] | None, typer.Option("--set", metavar="PARAM=VALUE", help="a value of the circuit's")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="where the netlist goes")] = Path("spice"),
    timesteps: Timesteps = None,
    seed: Annotated[int, typer.Option("--seed", help="of a network's input spikes")] = 0,
    json: Json = False,
) -> None:
    """Writes the netlist of CIRCUIT or NETWORK into DIR, runs it, and prints what was predicted and simulated."""
    from costmodel.devices.circuits.catalogue import circuits
    from costmodel.graphs.files import make_folder, write
    from costmodel.output import print_json, print_notes
    from costmodel.validation.circuits.simulating import circuit

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


def _network(name: str, device: str, changes: list[str], timesteps: int | None, seed: int, out: Path) -> "Simulated":
    from costmodel.devices.circuits.catalogue import circuits
    from costmodel.devices.part import part
    from costmodel.estimates.request import read_settings
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.installing import install
    from costmodel.graphs.reading.loading import examples, load

    if name not in examples() and not Path(name).suffix:
        known = ", ".join(circuits())
        raise InputError(f"there is no circuit or network '{name}'", mend=f"circuits are {known}; or give a network file")
    network = load(name)
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
