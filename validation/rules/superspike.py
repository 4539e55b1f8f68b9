"""SuperSpike: three factors at each synapse."""

from costmodel.graphs.equations.discretise import linear
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.settings.training import Training
from costmodel.validation.learning.learner import Learner
from costmodel.validation.learning.local import LocalModel
from costmodel.validation.learning.unfit import UnfitError
from costmodel.validation.rules.e_prop import membranes
from costmodel.validation.runner.parts import Differentiation


class SuperSpikeModel(LocalModel):
    """Errors reach hidden layers by the weights as they are, whatever the neurons on the way do."""

    feedback = "as it is"


def learner(network: Network, seed: int) -> Learner:
    """∂w_ij/∂t = r e_i(t) σ'(U_i(t)) (ε ∗ S_j)(t), with e_i = ∂L/∂S_i of the output, and Σ_k w_ki e_k of hidden neurons.

    The filter α of the paper's van Rossum loss is part of ∂L/∂S here, so any readout has its own.
    (Zenke & Ganguli, "SuperSpike: supervised learning in multilayer spiking neural networks", Neural Computation 30, 2018.)

    Raises:
        UnfitError: a neuron without a response kernel ε.
    """
    for name, node in network.nodes.items():
        if isinstance(node, Population) and node.neuron.dynamics and linear(node.neuron) is None:
            raise UnfitError(f"SuperSpike needs a response kernel, and '{node.type}' of node '{name}' is not linear")
    training = network.settings.training or Training(surrogate="superspike")
    neurons = {node.neuron for node in network.nodes.values() if isinstance(node, Population)}
    how = Differentiation(training.surrogate, training.steepness, {n.type: membranes(n) for n in neurons})
    return Learner(network, SuperSpikeModel(network, seed=seed, how=how))
