"""``costmodel versus``: two networks side by side, and the rate at which they cost the same."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.commands.options import BoundaryOption, Devices, Json, Model, StaticOption, Trust

if TYPE_CHECKING:
    from costmodel.estimates.request import Request
    from costmodel.graphs.network import Network

_KINDS = "a network file, a .nir file, a torch module (.pt, .pth, .pt2), or a shipped example"


def run(
    one: Annotated[str, typer.Argument(metavar="ANN", help=f"the first network: {_KINDS}")],
    other: Annotated[str, typer.Argument(metavar="SNN", help=f"the second network: {_KINDS}")],
    device: Devices = None,
    metric: Annotated[str, typer.Option("--metric", help="what they are held against each other by: energy or latency")] = "energy",
    input_: Annotated[
        Path | None,
        typer.Option("--input", metavar="FILE.npz", help="an array 'input' (T, batch, …): activity of both is measured on it"),
    ] = None,
    model: Model = None,
    trust: Trust = False,
    boundary: BoundaryOption = None,
    static: StaticOption = "whole",
    json: Json = False,
) -> None:
    """Two networks for one task, as an ANN and its SNN: counts, costs on every part, and the rate at which they cross."""
    from costmodel.deciding.against import versus
    from costmodel.deciding.tables import show_versus
    from costmodel.graphs.reading.importers.torch_module import SUFFIXES
    from costmodel.graphs.reading.loading import load
    from costmodel.output import print_json, print_notes

    asked = []
    for source in (one, other):
        if Path(source).suffix in SUFFIXES:
            network, given = _of_module(Path(source), input_, model, trust=trust), None
        else:
            network, given = load(source), input_
        asked.append(_asked(network, device, given, boundary, static))
    first, second = asked
    found = versus(first.workload, second.workload, first.parts, metric=metric)
    common = [note for note in first.notes if note in second.notes]
    for each in asked:
        print_notes(f"{each.network.name}: {note}" for note in each.notes if note not in common)
    print_notes(common)
    if json:
        print_json(found.to_dict())
    else:
        show_versus(found)


def _of_module(path: Path, given: Path | None, model: str | None, *, trust: bool) -> "Network":
    """An artificial network as it runs on the mean of the inputs over time.

    Raises:
        InputError: as `torch_module.saved`, or it holds neurons, whose time the inputs' need not be.
    """
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.network import Network
    from costmodel.graphs.nodes.population import Population
    from costmodel.graphs.reading.importers.torch_module import saved, stored

    sample = None if given is None else tuple(array.mean(axis=0) for array in stored(given))
    found = saved(path, sample, trust=trust, model=model, measure=given is not None)
    network = Network.from_document(found.document, found.arrays, path.name, tuple(found.told), found.elements)
    if network.timesteps > 1 or any(isinstance(node, Population) for node in network.nodes.values()):
        mend = f"make a network file of it first: costmodel import {path.name} --sample FILE.npz --out {path.stem}.json"
        raise InputError("its neurons want inputs as its forward takes them", mend=mend, where=str(path))
    return network.with_timesteps(1)


def _asked(network: "Network", device: list[str] | None, given: Path | None, boundary: str | None, static: str) -> "Request":
    from costmodel.estimates.request import request

    if given is None:
        return request(network, device, boundary=boundary, static=static)
    from costmodel.validation.runner.measuring import measured_on

    measured, told = measured_on(network, given)
    asked = request(network, device, measured=measured, boundary=boundary, static=static)
    return asked if told is None else replace(asked, notes=(*asked.notes, told))
