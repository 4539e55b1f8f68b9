"""Networks of linear nodes, delays and populations in spike times."""

from functools import cached_property

import numpy as np
import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from costmodel.graphs.equations.first_spike import closed_form
from costmodel.graphs.nodes.population import Population
from costmodel.validation.events.first_spikes import FirstSpikes
from costmodel.validation.events.linear_neuron import LinearNeuron, linear_neuron
from costmodel.validation.events.response import TimedResponse
from costmodel.validation.events.sections import Section, sections
from costmodel.validation.events.spikes import Spikes
from costmodel.validation.runner.delays import DelayedLinear, DelayLine, Delays, Held
from costmodel.validation.runner.parts import NetworkParts, key

Events = tuple[torch.Tensor, torch.Tensor]
"""Spikes (B, K) in order of time, s, infinite where there are no more; and which neuron each is of, (B, K)."""


class TimedModel(NetworkParts):
    """Base: which sections lead where, and what their modules are."""

    rule = ""

    def sections(self) -> dict[str, list[Section]]:
        """As `validation.events.sections.sections`."""
        return sections(self.network, self.rule)

    def _linear(self, section: Section) -> nn.Linear:
        part = self.parts[key(section.linear)]
        linear = part.linear if isinstance(part, DelayedLinear) else part
        if not isinstance(linear, nn.Linear):
            raise TypeError(f"node '{section.linear}' is not linear")
        return linear

    def _weight(self, section: Section) -> torch.Tensor:
        return self._linear(section).weight.double()

    def raise_weights(self, section: Section, neurons: torch.Tensor, amount: float) -> None:
        """Adds an amount to all weights of some neurons, (N,) booleans, where the node is trained."""
        linear = self._linear(section)
        # Under noise ``weight`` is what the hardware makes of the weights, anew each time.
        held = is_parametrized(linear, "weight")
        stored = linear.get_parameter("parametrizations.weight.original" if held else "weight")
        if stored.requires_grad:
            stored.data[neurons] += amount

    def _delay(self, name: str | None) -> torch.Tensor | float:
        """Delays of a node, s: one, or one per element."""
        part = None if name is None else self.parts[key(name)]
        if isinstance(part, DelayLine):
            return _seconds(part.delays).flatten()
        if isinstance(part, Held):
            return part.steps * self.dt if isinstance(part.steps, int) else part.steps.flatten().double() * self.dt
        return 0.0

    def _constants_of(self, name: str) -> tuple[dict[str, float], np.ndarray | None]:
        """The parameters of a population, the mean where its neurons' differ; and their thresholds, where these do."""
        part, node = self.parts[key(name)], self._population(name)
        precision = torch.get_default_dtype()  # as weights and inputs have it
        values = {parameter: getattr(part, parameter).detach().to(precision).double() for parameter in node.neuron.params}
        thresholds = values.get("v_threshold")
        different = None if thresholds is None or thresholds.ndim == 0 else thresholds.numpy()
        return {parameter: float(value.mean()) for parameter, value in values.items()}, different

    def _population(self, name: str) -> Population:
        node = self.network.nodes[name]
        if not isinstance(node, Population):
            raise TypeError(f"node '{name}' is no population")
        return node

    def arrival(self, section: Section, times: torch.Tensor) -> torch.Tensor:
        """When spikes reach the neurons, (B, 1 or N, M), s."""
        arrival = (times + self._delay(section.before)).unsqueeze(1)
        part = self.parts[key(section.linear)]
        if isinstance(part, DelayedLinear):
            arrival = arrival + _seconds(part.delays)
        if section.behind is not None:
            late = torch.as_tensor(self._delay(section.behind))
            arrival = arrival + late.reshape(-1, 1)
        return arrival

    @property
    def duration(self) -> float:
        """Length of a sample, s."""
        return self.network.timesteps * self.dt


class FirstSpikeModel(TimedModel):
    """Networks of first-spike neurons: every spike in closed form."""

    rule = "SpikeProp"

    def forward(self, inputs: torch.Tensor) -> TimedResponse:
        """First spikes of all neurons for inputs at (B, *shape), s."""
        times = {self.network.inputs[0]: self.noise.times(inputs.flatten(1).double(), training=self.training)}
        for name, parts in self.sections().items():
            arrivals = [self.arrival(section, times[section.source]) for section in parts]
            widest = max(arrival.shape[1] for arrival in arrivals)
            arrival = torch.cat([a.expand(-1, widest, -1) for a in arrivals], dim=2)
            weight = torch.cat([self._weight(section) for section in parts], dim=1)
            node, (known, thresholds) = self._population(name), self._constants_of(name)
            height = known["r"] * self.dt / known["tau_syn"]
            theta = np.full(len(weight), known["v_threshold"]) if thresholds is None else thresholds
            form = closed_form(node.parameters(), node.id, self.network.where)
            found = FirstSpikes.apply(arrival, weight, form, known["tau_syn"], (theta - known["v_leak"]) / height)
            times[name] = self.noise.times(found, training=self.training)
        counts = {name: (t <= self.duration).float() for name, t in times.items()}
        return TimedResponse(self.network, times, counts)


class EventModel(TimedModel):
    """Networks of linear neurons whose membranes do not jump with their inputs: simulated event by event."""

    rule = "EventProp"

    @cached_property
    def _built(self) -> dict[str, tuple[tuple, LinearNeuron]]:
        """Matrices that were built, by population, and for which parameters."""
        return {}

    def forward(self, inputs: torch.Tensor) -> TimedResponse:
        """All spikes for inputs at (B, *shape), s."""
        given = self.noise.times(inputs.flatten(1).double(), training=self.training)
        sent = {self.network.inputs[0]: in_order(given)}
        sizes = {self.network.inputs[0]: inputs.flatten(1).shape[1]}
        for name, parts in self.sections().items():
            outer = [section for section in parts if section.source != name]
            inner = [self._weight(section) for section in parts if section.source == name]
            weights = [self._weight(section) for section in outer]
            coming = [self._late(section, sent[section.source]) for section in outer]
            times, sources = merged(coming, [weight.shape[1] for weight in weights])
            weight = torch.cat(weights, dim=1)
            across = torch.stack(inner).sum(dim=0) if inner else weight.new_zeros((0, 0))
            found, whose = Spikes.apply(times, sources, weight, across, self._neuron(name), self.duration)
            sent[name] = again_in_order(self.noise.times(found, training=self.training), whose)
            sizes[name] = len(weight)
        first = {name: first_of(events, sizes[name]) for name, events in sent.items()}
        counts = {name: spikes_of(events, sizes[name], self.duration) for name, events in sent.items()}
        return TimedResponse(self.network, first, counts)

    def _late(self, section: Section, events: Events) -> Events:
        """Events after their axonal delay, in order again."""
        late = self._delay(section.before)
        if not isinstance(late, torch.Tensor):
            return events[0] + late, events[1]
        return again_in_order(events[0] + late[events[1]], events[1])

    def _neuron(self, name: str) -> LinearNeuron:
        """The matrices of a population: built once for its parameters as they are."""
        node = self._population(name)
        known, thresholds = self._constants_of(name)
        wanted = (*known.values(), None if thresholds is None else thresholds.tobytes())
        before, found = self._built.get(name, (None, None))
        if found is None or before != wanted:
            found = linear_neuron(node.neuron, known, node.reset_name(), self.dt, thresholds)
            self._built[name] = wanted, found
        return found


def in_order(times: torch.Tensor) -> Events:
    """One spike an element (B, N) as events."""
    return times.sort(dim=1)


def again_in_order(times: torch.Tensor, who: torch.Tensor) -> Events:
    """Events whose times have been changed."""
    ordered, order = times.sort(dim=1)
    return ordered, who.gather(1, order)


def merged(several: list[Events], sizes: list[int]) -> Events:
    """Events of several sources as those of one, whose neurons are numbered one source after another."""
    if len(several) == 1:
        return several[0]
    offsets = [sum(sizes[:i]) for i in range(len(sizes))]
    times, order = torch.cat([times for times, _ in several], dim=1).sort(dim=1)
    return times, torch.cat([who + offset for (_, who), offset in zip(several, offsets, strict=True)], dim=1).gather(1, order)


def first_of(events: Events, neurons: int) -> torch.Tensor:
    """The first spike of every neuron, (B, N), s; infinite where there is none; differentiable."""
    times, who = events
    place = torch.full((len(times), neurons), times.shape[1], device=times.device)
    index = torch.arange(times.shape[1], device=times.device).expand_as(who)
    place = place.scatter_reduce(1, who, torch.where(times.isfinite(), index, times.shape[1]), "amin")
    padded = torch.cat([times, times.new_full((len(times), 1), torch.inf)], dim=1)
    return padded.gather(1, place)


def spikes_of(events: Events, neurons: int, until: float) -> torch.Tensor:
    """Spikes of every neuron before a time, s: (B, N)."""
    times, who = events
    return torch.zeros((len(times), neurons), device=times.device).scatter_add(1, who, (times < until).float())


def _seconds(delays: Delays) -> torch.Tensor:
    value = delays.delay
    if not isinstance(value, torch.Tensor):
        raise TypeError("delays are a tensor")
    return value.double()
