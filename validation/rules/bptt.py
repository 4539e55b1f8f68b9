"""Backpropagation through time."""

from costmodel.graphs.network import Network
from costmodel.graphs.settings.training import Training
from costmodel.validation.learning.learner import Learner
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.parts import Differentiation


def learner(network: Network, seed: int) -> Learner:
    """The exact adjoint of every step, with a surrogate in place of the spike's derivative.

    (Neftci, Mostafa & Zenke, "Surrogate gradient learning in spiking neural networks", IEEE Signal Process. Mag. 36, 2019.)
    """
    training = network.settings.training or Training()
    return Learner(network, NetworkModel(network, seed=seed, how=Differentiation(training.surrogate, training.steepness)))
