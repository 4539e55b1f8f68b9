"""The options for what a .nir file leaves open, which every command takes that takes a network."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import typer

NETWORK = "network"
"""Marks, in an argument's annotation, that it names a network file."""

_OPTIONS: dict[str, Any] = {
    "from_": Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FRAMEWORK",
            help="who wrote the .nir file: norse, rockpool, sinabs, snntorch, spikingjelly, spyx",
        ),
    ],
    "dt": Annotated[str | None, typer.Option("--dt", metavar="DT", help="length of a .nir file's time step, as in 0.1ms")],
    "integrator": Annotated[str | None, typer.Option("--integrator", help="how a .nir file's neurons take a step: exact or euler")],
    "reset": Annotated[
        str | None,
        typer.Option("--reset", help="what a spike does in a .nir file: subtract, subtract-at-once, zero, or its own value"),
    ],
}


def with_dialect(run: Callable[..., Any]) -> Callable[..., Any]:
    """A command that takes a network, with these options; any other command as it is.

    The command gets the network as a `Source`, which is its name, and knows the dialect. A ``--dt`` of its own it keeps: of a .nir
    file it is the file's too.
    """
    hints = get_type_hints(run, include_extras=True)
    network = next((name for name, hint in hints.items() if NETWORK in getattr(hint, "__metadata__", ())), None)
    if network is None:
        return run
    own = inspect.signature(run).parameters
    parameters = [parameter.replace(annotation=hints[name]) for name, parameter in own.items()]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint)
        for name, hint in _OPTIONS.items()
        if name not in own
    ]

    def command(**given: Any) -> Any:
        words = {name: given[name] if name in own else given.pop(name) for name in _OPTIONS}
        if "dt" in own and not str(given[network]).endswith(".nir"):
            words["dt"] = None
        if given[network] is not None:
            given[network] = _source(given[network], **words)
        return run(**given)

    command.__doc__, command.__name__ = run.__doc__, run.__name__
    command.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _source(name: str, from_: str | None, dt: str | None, integrator: str | None, reset: str | None) -> Any:
    """The network's name, and what its file leaves open.

    Raises:
        InputError: a word that is not known, or a time that is none.
    """
    from costmodel.graphs.reading.dialects import dialect
    from costmodel.graphs.reading.loading import Source

    return Source(name, dialect(from_, None if dt is None else seconds(dt, "--dt"), integrator, reset))


def seconds(word: str, where: str) -> float:
    """A time, s.

    Raises:
        InputError: it is none.
    """
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.settings.units import parse

    try:
        return parse(word, "s")
    except InputError as error:
        raise error.at(where) from None
