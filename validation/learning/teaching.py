"""A network under a learning rule, by the rule's name."""

from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.network import Network
from costmodel.graphs.settings.folder import Folder
from costmodel.graphs.settings.training import RULES
from costmodel.validation.learning.learner import Learner
from costmodel.validation.learning.unfit import UnfitError

TRAINABLE = Folder("costmodel.validation.rules", "learning rule")
"""The rules that the runner trains with: ``load(name).learner(network, seed)``."""


def learner(network: Network, rule: str, seed: int = 0) -> Learner:
    """A network under a rule.

    Args:
        network: the network; weights that it does not hold are drawn.
        rule: name of the rule.
        seed: of the weights that are drawn.

    Raises:
        InputError: there is no such rule, or it does not fit the network; it names those that do.
    """
    if rule not in TRAINABLE.names():
        if rule in RULES.names():
            what = f"the rule '{rule}' can be costed, and the runner does not train with it"
            raise InputError(what, mend=f"train with one of {', '.join(TRAINABLE.names())}", where=network.where)
        raise InputError(f"there is no learning rule '{rule}'", mend=nearest(rule, TRAINABLE.names()), where=network.where)
    try:
        return TRAINABLE.load(rule).learner(network, seed)
    except UnfitError as error:
        fit = [other for other in TRAINABLE.names() if other != rule and _fits(network, other, seed)]
        raise InputError(error.what, mend=f"rules that fit are {', '.join(fit)}", where=network.where) from None


def _fits(network: Network, rule: str, seed: int) -> bool:
    try:
        TRAINABLE.load(rule).learner(network, seed)
    except UnfitError:
        return False
    return True
