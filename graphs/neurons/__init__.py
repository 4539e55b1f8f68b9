"""The neurons, one file each, named after the neuron's type ("resonate-and-fire" in ``resonate_and_fire.py``)."""

import importlib
import keyword
import pkgutil

from costmodel.graphs.equations.neuron import NEURONS, Neuron


def neuron(type_name: str) -> type[Neuron] | None:
    """The neuron of that type, or None. Only its own file is imported (and whatever already defined it)."""
    if type_name not in NEURONS:
        module = type_name.replace("-", "_")
        module += "_" if keyword.iskeyword(module) else ""
        if any(found.name == module for found in pkgutil.iter_modules(__path__)):
            importlib.import_module(f"{__name__}.{module}")
    return NEURONS.get(type_name)


def all_neurons() -> dict[str, type[Neuron]]:
    """Every shipped neuron and every one defined elsewhere so far, by type."""
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}")
    return dict(sorted(NEURONS.items()))


def stand_in(type_name: str) -> str | None:
    """Type of the neuron that a chip of fixed neurons may run in the place of another; None where there is none."""
    found = neuron(type_name)
    return None if found is None else found.stand_in
