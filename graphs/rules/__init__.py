"""Learning rules, one file each, named after the rule ("r-stdp" in ``r_stdp.py``).

A rule is a function ``lower(lowering)`` that gives the tasks of one training step of a batch: what the rule really has to do,
and what it has to keep.
"""

import importlib
import pkgutil
from collections.abc import Callable

from graphs.errors import InputError, nearest
from graphs.lowering import Lowering, Task


def rule_names() -> list[str]:
    """Every shipped rule."""
    return sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(__path__))


def learning_rule(name: str) -> Callable[[Lowering], list[Task]]:
    """The lowering of a rule, by its name.

    Raises:
        InputError: there is no such rule.
    """
    if name not in rule_names():
        raise InputError(f"there is no learning rule '{name}'", mend=nearest(name, rule_names()))
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}").lower
