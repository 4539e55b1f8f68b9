"""e-prop: eligibility traces of each neuron's own states, times a learning signal."""

import sympy

from costmodel.graphs.equations.neuron import Neuron
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.settings.training import Training
from costmodel.validation.learning.learner import Learner
from costmodel.validation.learning.local import LocalModel
from costmodel.validation.runner.parts import Differentiation


def learner(network: Network, seed: int) -> Learner:
    """dE/dW_ji = Σ_t L_j^t e_ji^t with e_ji^t the influence of the weight on its own neuron's spike, through the neuron's states.

    Learning signals are symmetric: L_j^t = Σ_k W_kj ∂E/∂(what k received at t), exact through readouts that do not spike. The reset
    of the membrane is held fixed, adaptation is not.
    (Bellec et al., "A solution to the learning dilemma for recurrent networks of spiking neurons", Nat. Commun. 11, 2020.)
    """
    training = network.settings.training or Training()
    neurons = {node.neuron for node in network.nodes.values() if isinstance(node, Population)}
    how = Differentiation(training.surrogate, training.steepness, {n.type: membranes(n) for n in neurons})
    return Learner(network, LocalModel(network, seed=seed, how=how))


def membranes(neuron: type[Neuron]) -> frozenset[str]:
    """States that a reset sets, but for those by which spikes make further ones less likely: adaptation."""
    if neuron.spike is None:
        return frozenset()
    names = {str(state) for after in neuron.reset.values() for state in after}
    slopes = {name: sympy.diff(neuron.spike, sympy.Symbol(name, real=True)) for name in names}
    positive = {sympy.Symbol(name, real=True): sympy.Symbol(name, positive=True) for name in neuron.params}
    return frozenset(name for name, slope in slopes.items() if not slope.xreplace(positive).is_negative)
