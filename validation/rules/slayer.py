"""SLAYER: errors through the response kernel, the reset not differentiated."""

from costmodel.graphs.equations.discretise import linear
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.settings.training import Training
from costmodel.validation.learning.learner import Learner
from costmodel.validation.learning.unfit import UnfitError
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.parts import Differentiation


def learner(network: Network, seed: int) -> Learner:
    """The adjoint of linear dynamics with resets held fixed: e = ε ⊙ δ in time, δ = ρ(u) · (Wᵀ e).

    (Shrestha & Orchard, "SLAYER: spike layer error reassignment in time", NeurIPS 2018, eqs. 12–15.)

    Raises:
        UnfitError: a neuron without a response kernel.
    """
    apart = {}
    for name, node in network.nodes.items():
        if isinstance(node, Population):
            if node.neuron.dynamics and linear(node.neuron) is None:
                raise UnfitError(f"SLAYER needs a response kernel, and '{node.type}' of node '{name}' is not linear")
            apart[node.neuron.type] = frozenset(node.neuron.states)
    training = network.settings.training or Training()
    how = Differentiation(training.surrogate, training.steepness, apart)
    return Learner(network, NetworkModel(network, seed=seed, how=how))
