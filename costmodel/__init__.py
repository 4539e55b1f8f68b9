"""What a spiking neural network costs on any hardware, and what that hardware would have to be like to win.

>>> import costmodel as cm
>>> network = cm.load("mnist-784-128-10")
>>> cm.estimate(network, "loihi").bound_by
'host'
>>> cm.compare(network, ["loihi", "h100"]).feasible.all()
True
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costmodel.deciding.against import versus
    from costmodel.deciding.changing import whatif
    from costmodel.deciding.crossing import crossover
    from costmodel.deciding.drawing import monte_carlo, odds
    from costmodel.deciding.sensitivities import sensitivity
    from costmodel.deciding.solving import solve
    from costmodel.devices.part import part, parts
    from costmodel.estimates.comparing import compare
    from costmodel.estimates.estimated import Estimate
    from costmodel.estimates.estimating import Estimator, Workload, estimate
    from costmodel.estimates.explaining import explain
    from costmodel.exporting import export
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.lowering.activity import Activity
    from costmodel.graphs.lowering.lowering import lower
    from costmodel.graphs.lowering.summary import summarise
    from costmodel.graphs.network import Network
    from costmodel.graphs.reading.imports import from_nir, from_torch
    from costmodel.graphs.reading.loading import examples, load
    from costmodel.graphs.reading.modules.known import register
    from costmodel.graphs.reading.modules.layer import Layer
    from costmodel.graphs.reading.profiling import profile
    from costmodel.reporting import report

__all__ = [
    "Activity", "Estimate", "Estimator", "InputError", "Layer", "Network", "Workload", "compare", "crossover", "estimate",
    "examples", "explain", "export", "from_nir", "from_torch", "load", "lower", "monte_carlo", "odds", "part", "parts", "profile",
    "register", "report", "sensitivity", "solve", "summarise", "versus", "whatif",
]  # fmt: skip

_HOME = {
    "costmodel.deciding.against": ("versus",),
    "costmodel.deciding.changing": ("whatif",),
    "costmodel.estimates.comparing": ("compare",),
    "costmodel.deciding.crossing": ("crossover",),
    "costmodel.deciding.drawing": ("monte_carlo", "odds"),
    "costmodel.estimates.estimated": ("Estimate",),
    "costmodel.estimates.estimating": ("Estimator", "Workload", "estimate"),
    "costmodel.estimates.explaining": ("explain",),
    "costmodel.exporting": ("export",),
    "costmodel.graphs.reading.imports": ("from_nir", "from_torch"),
    "costmodel.reporting": ("report",),
    "costmodel.deciding.sensitivities": ("sensitivity",),
    "costmodel.deciding.solving": ("solve",),
    "costmodel.devices.part": ("part", "parts"),
    "costmodel.graphs.lowering.activity": ("Activity",),
    "costmodel.graphs.errors": ("InputError",),
    "costmodel.graphs.lowering.lowering": ("lower",),
    "costmodel.graphs.reading.loading": ("examples", "load"),
    "costmodel.graphs.reading.modules.known": ("register",),
    "costmodel.graphs.reading.modules.layer": ("Layer",),
    "costmodel.graphs.reading.profiling": ("profile",),
    "costmodel.graphs.network": ("Network",),
    "costmodel.graphs.lowering.summary": ("summarise",),
}
"""Where each public name lives. No module of this package has the name of a function, which importing it would hide."""


def __getattr__(name: str) -> Any:
    """Loads a name of the public interface when it is first asked for."""
    for module, names in _HOME.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module 'costmodel' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
