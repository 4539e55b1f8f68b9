"""Real-time recurrent learning."""

from costmodel.graphs.network import Network
from costmodel.graphs.nodes.elementwise import BatchNorm
from costmodel.graphs.settings.training import Training
from costmodel.validation.learning.forward_mode import ForwardModel
from costmodel.validation.learning.learner import Learner
from costmodel.validation.learning.unfit import UnfitError
from costmodel.validation.runner.parts import Differentiation


def learner(network: Network, seed: int) -> Learner:
    """The gradients of backpropagation through time, found forward: exact, and as costly as `graphs.rules.rtrl` says.

    (Williams & Zipser, Neural Computation 1, 1989.)

    Raises:
        UnfitError: samples depend on each other.
    """
    for name, node in network.nodes.items():
        if isinstance(node, BatchNorm):
            raise UnfitError(f"RTRL follows every sample by itself, and '{name}' normalises over a batch")
    training = network.settings.training or Training()
    how = Differentiation(training.surrogate, training.steepness, backend="torch")
    return Learner(network, ForwardModel(network, seed=seed, how=how))
