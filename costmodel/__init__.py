"""What a spiking neural network costs on any hardware, and what that hardware would have to be like to win.

import costmodel as cm

network = cm.load("mnist-784-128-10")
cm.estimate(network, "loihi").latency.value
cm.compare(network)
"""

import importlib
from typing import Any

_WHERE = {
    "InputError": "graphs.errors",
    "Network": "graphs.network",
    "load": "graphs.network",
    "examples": "graphs.network",
    "from_nir": "costmodel.imports",
    "from_torch": "costmodel.imports",
    "lower": "graphs.lowering",
    "Activity": "graphs.activity",
    "summarise": "graphs.summary",
    "part": "devices.part",
    "parts": "devices.part",
    "Estimate": "costmodel.estimate",
    "Estimator": "costmodel.estimate",
    "estimate": "costmodel.estimate",
    "compare": "costmodel.compare",
    "explain": "costmodel.explain",
    "whatif": "costmodel.whatif",
    "report": "costmodel.report",
}

__all__ = sorted(_WHERE)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Loads a name of the public interface when it is first asked for."""
    if name not in _WHERE:
        raise AttributeError(f"module 'costmodel' has no attribute '{name}'")
    return getattr(importlib.import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return __all__
