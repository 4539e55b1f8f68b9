"""What lies between two populations, for networks in spike times: one linear node, and delays before or behind it."""

from dataclasses import dataclass

from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.flatten import Flatten
from costmodel.graphs.nodes.linear import Linear, Sparse
from costmodel.graphs.nodes.population import Population
from costmodel.validation.learning.unfit import UnfitError


@dataclass(frozen=True)
class Section:
    """How spikes of a node reach a population.

    Attributes:
        source: id of the input or population that sends them.
        linear: id of the weighted node.
        before: id of a delay before it, per input (axonal); None where there is none.
        behind: id of a delay behind it, per neuron (dendritic); None where there is none.
    """

    source: str
    linear: str
    before: str | None
    behind: str | None


def sections(network: Network, rule: str) -> dict[str, list[Section]]:
    """The sections that lead to every population, populations in the order in which they can be run.

    Raises:
        UnfitError: something else lies between.
    """
    found = {}
    for name in network.shapes:
        if isinstance(network.nodes[name], Population):
            found[name] = [_section(network, name, before, rule) for before in network.graph.pred[name]]
    return found


def _section(network: Network, population: str, here: str, rule: str) -> Section:
    """The section that ends at a population with the node ``here``."""
    linear, behind, before = None, None, None
    while True:
        node = network.nodes[here]
        if isinstance(node, Input | Population):
            break
        if isinstance(node, Linear | Sparse) and linear is None:
            if node.bias:
                raise UnfitError(
                    f"{rule} works on spikes, and node '{here}' adds a bias; give it \"bias\": false and add a bias spike"
                )
            linear = here
        elif isinstance(node, Delay) and linear is None and behind is None:
            behind = here
        elif isinstance(node, Delay) and linear is not None and before is None:
            before = here
        elif not isinstance(node, Flatten):
            raise UnfitError(f"{rule} takes one linear node and delays between populations, and '{here}' is '{node.type}'")
        predecessors = list(network.graph.pred[here])
        if len(predecessors) != 1:
            raise UnfitError(f"{rule} takes no sums of nodes, and {len(predecessors)} of them meet at '{here}'")
        here = predecessors[0]
    if linear is None:
        raise UnfitError(f"{rule} needs weights between '{here}' and '{population}'")
    return Section(here, linear, before, behind)
