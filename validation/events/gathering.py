"""What neurons hear until they spike no more: the activity that an event-driven run takes its time for."""

import torch

from costmodel.graphs.nodes.population import Population
from costmodel.validation.events.model import TimedModel


@torch.no_grad()
def rates(model: TimedModel, inputs: torch.Tensor) -> dict[str, float]:
    """Of a batch of inputs at (B, *shape), s.

    Returns:
        For every input and population the spikes per element and step, and for every weighted node of neurons that spike once those
        that they gather until then, per connection and step; of a neuron before them that spikes more than once the first counts.
    """
    response, steps = model(inputs), model.network.timesteps
    elements = {name: first.shape[1] * steps for name, first in response.first.items()}
    found = {name: float(sent.double().sum(dim=1).mean()) / elements[name] for name, sent in response.counts.items()}
    for name, parts in model.sections().items():
        node = model.network.nodes[name]
        if not (isinstance(node, Population) and node.neuron.single_spike):
            continue
        for section in parts:
            arrivals = model.arrival(section, response.first[section.source])
            pairs = zip(arrivals, response.first[name], strict=True)
            shares = [((arrival <= until[:, None]) & arrival.isfinite()).double().mean() for arrival, until in pairs]
            found[section.linear] = float(torch.stack(shares).mean()) / steps
    return found
