"""EventProp: exact gradients of spike times by the adjoint of event-driven dynamics."""

from costmodel.graphs.equations.between_spikes import starts_below, why_not
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.population import Population
from costmodel.validation.events.learner import TimedLearner
from costmodel.validation.events.model import EventModel
from costmodel.validation.events.sections import sections
from costmodel.validation.learning.learner import Learner
from costmodel.validation.learning.unfit import UnfitError


def learner(network: Network, seed: int) -> Learner:
    """All spikes by event-driven simulation, and the adjoint of every event: hidden layers, and populations that excite themselves.

    (Wunderlich & Pehle, "Event-based backpropagation can compute exact gradients for spiking neural networks", Sci. Rep. 11, 2021.)

    Raises:
        UnfitError: neurons that are not linear between spikes, or whose membrane jumps with its input or starts at its threshold;
            loops through several populations; delays other than fixed axonal ones.
    """
    for name, node in network.nodes.items():
        if isinstance(node, Population):
            why = why_not(node.neuron, node.reset_name())
            if why is not None:
                raise UnfitError(f"EventProp needs linear dynamics with a continuous membrane: {why} (node '{name}')")
            if not starts_below(node.neuron, node.parameters()):
                raise UnfitError(f"EventProp needs membranes that start below their threshold, and those of '{name}' do not")
            if node.trained_parameters() or network.arrays.get(name):
                raise UnfitError(f"EventProp needs fixed parameters, the same in all neurons, and those of '{name}' are not")
        if isinstance(node, Delay) and (node.kind != "axonal" or node.trained):
            raise UnfitError(
                f"EventProp takes fixed axonal delays, and '{name}' is {node.kind}{' and trained' if node.trained else ''}"
            )
    order: list[str] = list(network.inputs)
    for name, parts in sections(network, "EventProp").items():
        if any(section.source != name and section.source not in order for section in parts):
            raise UnfitError(f"EventProp takes populations that excite themselves, and '{name}' lies in a larger loop")
        order.append(name)
    return TimedLearner(network, EventModel(network, seed=seed))
