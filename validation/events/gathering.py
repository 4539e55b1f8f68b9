"""What first-spike neurons gather: the activity that an event-driven run takes its time for."""

import torch

from validation.events.model import FirstSpikeModel


@torch.no_grad()
def rates(model: FirstSpikeModel, inputs: torch.Tensor) -> dict[str, float]:
    """Of a batch of inputs at (B, *shape), s.

    Returns:
        For every input and population the spikes per element and step, and for every weighted node those that its neurons gather
        until they spike, per connection and step.
    """
    response, steps = model(inputs), model.network.timesteps
    elements = {name: first.shape[1] * steps for name, first in response.first.items()}
    found = {name: float(sent.double().mean()) / elements[name] for name, sent in response.counts.items()}
    for name, parts in model.sections().items():
        for section in parts:
            arrivals = model.arrival(section, response.first[section.source])
            pairs = zip(arrivals, response.first[name], strict=True)
            shares = [((arrival <= until[:, None]) & arrival.isfinite()).double().mean() for arrival, until in pairs]
            found[section.linear] = float(torch.stack(shares).mean()) / steps
    return found
