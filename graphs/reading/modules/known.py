"""Which modules of torch are neuron layers: those of the libraries that have a file here, and those that somebody registered."""

from collections.abc import Callable
from functools import cache
from typing import Any

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Layer
from costmodel.graphs.settings.folder import Folder

LIBRARIES = Folder("costmodel.graphs.reading.modules", "library", apart=("known", "layer", "recurrence"))
"""A file for each, named as its package: ``NEURONS``, names of its classes; ``STATEFUL``, bases of all that keep a state;
``step(part)``, the length of a time step that a layer states, s, or None; ``layer(part, shape, dt, where)``, a `Layer`; and
``reset(part)``, which forgets its states."""

REGISTERED: dict[type, Callable[[Any], dict | Layer]] = {}
"""Users' neuron layers: class → what makes a node's fields, or a `Layer`, of a module of it."""


def register(kind: type, node: Callable[[Any], dict | Layer]) -> None:
    """Makes a class of torch modules known as a neuron layer.

    Args:
        kind: the class; its ``forward`` takes what a time step brings and returns spikes, or spikes and states.
        node: takes a module of the class and gives the fields of a node, as in a network file without the id, ``{"type": "lif",
            "tau": 0.02}``; or a `Layer`, where there is more to say. A neuron that no type describes is first declared
            (`graphs.equations.neuron`).

    Raises:
        InputError: ``kind`` is no class of modules, or ``node`` cannot be called.
    """
    if not (isinstance(kind, type) and hasattr(kind, "forward") and callable(node)):
        what = f"{kind!r} is no class of torch modules, or what describes it no function"
        raise InputError(
            what, mend="give a class and a function, as in register(MyLIF, lambda layer: {'type': 'lif', 'tau': 0.02})"
        )
    REGISTERED[kind] = node


def library(part: Any) -> Any | None:
    """The file of a neuron layer's library; None for what is no neuron layer.

    Raises:
        InputError: it is one of a library's, and not known here.
    """
    found, unknown = _of_class(type(part))
    if found is not None and unknown is not None:
        known = ", ".join(sorted(found.NEURONS))
        raise InputError(f"'{type(part).__name__}' of {unknown} has no counterpart here", mend=f"known are {known}; or register it")
    return found


@cache
def _of_class(whole: type) -> tuple[Any | None, str | None]:
    """The file of a class's library, and the library's name where the class keeps a state and is not known."""
    for kind in whole.__mro__:
        package = kind.__module__.partition(".")[0]
        if package not in _names():
            continue
        found = LIBRARIES.load(package)
        own = next(k for k in whole.__mro__ if "forward" in vars(k))
        if kind.__name__ in found.NEURONS and own.__module__.partition(".")[0] == package:
            return found, None
        stateful = any(k.__name__ in found.STATEFUL and k.__module__.partition(".")[0] == package for k in whole.__mro__)
        return (found, package) if stateful else (None, None)
    return None, None


@cache
def _names() -> frozenset[str]:
    return frozenset(LIBRARIES.names())


def described(part: Any, sent: tuple[int, ...], dt: float, where: str) -> Layer:
    """A neuron layer as nodes.

    Args:
        part: the layer.
        sent: shape of what it sends, with its batch and time.
        dt: length of a time step, s.
        where: what errors call it.

    Raises:
        InputError: it does something that no node does.
    """
    for kind in type(part).__mro__:
        if kind in REGISTERED:
            made = REGISTERED[kind](part)
            return made if isinstance(made, Layer) else Layer({"": made})
    found = library(part)
    if found is None:
        raise TypeError(f"{type(part).__name__} is no neuron layer")
    layer = found.layer(part, sent[1:], dt, where)
    return found.layer(part, sent[2:], dt, where) if layer.time in ("first", "second") else layer


def is_neurons(part: Any) -> bool:
    """Whether a module is a neuron layer.

    Raises:
        InputError: as `library`.
    """
    return any(kind in REGISTERED for kind in type(part).__mro__) or library(part) is not None


def step(part: Any) -> float | None:
    """The length of a time step that a layer states, s."""
    found = None if any(kind in REGISTERED for kind in type(part).__mro__) else library(part)
    return None if found is None else found.step(part)


def reset(part: Any) -> None:
    """Forgets what earlier runs left in a layer."""
    found = None if any(kind in REGISTERED for kind in type(part).__mro__) else library(part)
    if found is not None:
        found.reset(part)


def keeps_states(part: Any) -> bool:
    """Whether a layer keeps its states between calls; else it starts anew where they are not given back to it."""
    found = None if any(kind in REGISTERED for kind in type(part).__mro__) else library(part)
    return getattr(found, "KEEPS_STATES", True)
