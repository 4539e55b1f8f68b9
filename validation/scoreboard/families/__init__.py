"""What is predicted and measured, one family a file; `known` finds them."""

import importlib
import pkgutil

from costmodel.graphs.errors import InputError, nearest
from costmodel.validation.scoreboard.family import Family


def known() -> dict[str, type[Family]]:
    """Name → class, of every module here that has a ``FAMILY``."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(loaded, "FAMILY"):
            found[loaded.FAMILY.name] = loaded.FAMILY
    return dict(sorted(found.items()))


def family(name: str) -> type[Family]:
    """One of them.

    Raises:
        InputError: there is none of that name.
    """
    families = known()
    if name not in families:
        raise InputError(f"there is no family '{name}'", mend=nearest(name, families))
    return families[name]
