"""SpikeProp: gradients of first-spike times in closed form."""

from costmodel.graphs.equations.between_spikes import starts_below
from costmodel.graphs.equations.first_spike import closed_form
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.population import Population
from costmodel.validation.events.learner import TimedLearner
from costmodel.validation.events.model import FirstSpikeModel
from costmodel.validation.events.sections import sections
from costmodel.validation.learning.learner import Learner
from costmodel.validation.learning.unfit import UnfitError


def learner(network: Network, seed: int) -> Learner:
    """Exact first spikes and their exact derivatives by weights, input times and delays.

    (Bohté, Kok & La Poutré, Neurocomputing 48, 2002; closed forms: Göltz et al., Nat. Mach. Intell. 3, 2021; delays: Göltz et al.,
    "DelGrad: exact event-based gradients for training delays and weights on spiking neuromorphic hardware", 2024.)

    Raises:
        UnfitError: neurons that spike more than once or rest at their threshold, time constants without a closed form, or nodes
            other than linear ones.
    """
    for name, node in network.nodes.items():
        if isinstance(node, Population):
            if not node.neuron.single_spike:
                raise UnfitError(f"SpikeProp needs neurons that spike once, and node '{name}' is '{node.type}'")
            known = node.parameters()
            if not starts_below(node.neuron, known) or known["v_threshold"] <= known["v_leak"]:
                raise UnfitError(f"SpikeProp needs membranes that rest below their threshold, and those of '{name}' do not")
            if node.trained_parameters():
                raise UnfitError(f"SpikeProp trains weights and delays, not {', '.join(node.trained_parameters())} of '{name}'")
            if network.arrays.get(name):
                raise UnfitError(f"SpikeProp needs the same parameters in all neurons, and those of '{name}' differ")
            try:
                closed_form(node.parameters(), node.id, network.where)
            except InputError as error:
                raise UnfitError(error.what) from None
    for name, parts in sections(network, "SpikeProp").items():
        if any(section.source == name for section in parts):
            raise UnfitError(f"SpikeProp needs a network without loops, and '{name}' excites itself")
    return TimedLearner(network, FirstSpikeModel(network, seed=seed))
