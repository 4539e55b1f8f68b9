"""Learning rules in torch, one file each, named after the rule ("e-prop" in ``e_prop.py``).

A rule is a function ``learner(network, seed)`` that gives a `Learner`: a module whose backward pass gives the rule's gradients.
What a step of the rule costs stands in the file of the same name in `graphs.rules`.
"""

import importlib
import pkgutil

from graphs.errors import InputError, nearest
from graphs.network import Network
from graphs.rules import rule_names
from validation.learner import Learner
from validation.unfit import UnfitError


def trainable_rules() -> list[str]:
    """Every rule that the runner trains with."""
    return sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(__path__))


def learner(network: Network, rule: str, seed: int = 0) -> Learner:
    """A network under a rule.

    Args:
        network: the network; weights that it does not hold are drawn.
        rule: name of the rule.
        seed: of the weights that are drawn.

    Raises:
        InputError: there is no such rule, or it does not fit the network; it names those that do.
    """
    if rule not in trainable_rules():
        if rule in rule_names():
            what = f"the rule '{rule}' can be costed, and the runner does not train with it"
            raise InputError(what, mend=f"train with one of {', '.join(trainable_rules())}", where=network.where)
        raise InputError(f"there is no learning rule '{rule}'", mend=nearest(rule, trainable_rules()), where=network.where)
    try:
        return _made(network, rule, seed)
    except UnfitError as error:
        fit = [other for other in trainable_rules() if other != rule and _fits(network, other, seed)]
        raise InputError(error.what, mend=f"rules that fit are {', '.join(fit)}", where=network.where) from None


def _made(network: Network, rule: str, seed: int) -> Learner:
    return importlib.import_module(f"{__name__}.{rule.replace('-', '_')}").learner(network, seed)


def _fits(network: Network, rule: str, seed: int) -> bool:
    try:
        _made(network, rule, seed)
    except UnfitError:
        return False
    return True
