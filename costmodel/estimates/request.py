"""What a user asks for, from the words of the command line to workloads and parts."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from costmodel.devices.part import Part, part, parts
from costmodel.estimates.counting import Counting
from costmodel.estimates.estimating import Estimator, Phase, Workload
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.lowering.activity import is_spiking, rate_sources
from costmodel.graphs.lowering.measurement import Measurement
from costmodel.graphs.network import Network
from costmodel.graphs.neurons import stand_in
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.reading.loading import load
from costmodel.graphs.settings.units import parse

NETWORK_PARAMETERS = ("timesteps", "batch", "bits", "rate")


@dataclass(frozen=True)
class Settings:
    """Replaced parameters: of the network (``cores`` of its layers among them), and of parts (name → parameter → value), and the
    host modes of parts."""

    timesteps: int | None = None
    batch: int | None = None
    bits: int | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    cores: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)

    def hosted(self, on: Part) -> Part:
        """A part, fed as it was set."""
        mode = self.hosts.get(on.name)
        return on if mode is None else on.hosted(mode)


@dataclass(frozen=True)
class Request:
    """A network as it is to be run, on some parts."""

    workload: Workload
    parts: tuple[Part, ...]
    notes: tuple[str, ...]

    @property
    def network(self) -> Network:
        """The network."""
        return self.workload.network

    def estimators(self) -> Iterable[Estimator]:
        """One per part."""
        return (Estimator(self.workload, on) for on in self.parts)


def request(
    network: str | Network,
    devices: list[str] | None = None,
    *,
    phase: Phase = "inference",
    batch: int | None = None,
    timesteps: int | None = None,
    rate: list[str] | None = None,
    settings: list[str] | None = None,
    measured: Measurement | None = None,
    boundary: str | None = None,
    static: str = "whole",
) -> Request:
    """A request from the command line's words; no device means every catalogued part.

    What was ``measured`` replaces the file's rates.

    ``boundary`` is what energies count, each part's own where it is None; ``static`` whether the standing power of a chip counts
    whole, or the used share of it. Of parts that nobody asked for by name those are left out that have no such figure.

    Raises:
        InputError: anything at fault, naming the word.
    """
    chosen = [part(name) for name in (devices or parts())]
    loaded = network if isinstance(network, Network) else load(network)
    measured = measured or Measurement()
    loaded = loaded.with_rates(measured.rates) if measured.rates else loaded
    loaded = loaded.with_elements(measured.elements) if measured.elements else loaded
    found = read_settings(list(settings or []), chosen)
    found = replace(found, rates={**found.rates, **read_rates(rate or [])})
    steps = timesteps if timesteps is not None else found.timesteps
    if steps is not None:
        loaded = loaded.with_timesteps(steps)
    if found.cores:
        loaded = loaded.with_placement(found.cores)
    workload = Workload(loaded, phase, batch=batch if batch is not None else found.batch, rates=found.rates, bits=found.bits)
    counting = Counting(boundary, static, strict=bool(devices))
    kept = counting.parts([found.hosted(on) for on in chosen], found.parts, workload)
    told = (*notes(loaded, found.rates, workload.rule), *unplaced(workload), *counting.notes)
    return Request(workload, tuple(kept), told)


def read_rates(words: list[str]) -> dict[str, float]:
    """``[NODE=]R`` words, as node → rate, "*" for all nodes.

    Raises:
        InputError: a word that is no rate.
    """
    rates = {}
    for word in words:
        node, equals, value = word.rpartition("=")
        if not value or (equals and not node):
            raise InputError(f"'{word}' is no rate", mend="write R or NODE=R, as in lif1=0.05", where="--rate")
        try:
            rates[node or "*"] = parse(value, "1")
        except InputError as error:
            raise error.at(f"--rate {word}") from None
    return rates


def read_settings(words: list[str], chosen: list[Part]) -> Settings:
    """``[D.]PARAM=VALUE`` words; a parameter without a device is set on every chosen part that has it.

    Raises:
        InputError: a word without "=", an unknown parameter or device, or a value of the wrong unit.
    """
    counts: dict[str, int] = {}
    rates: dict[str, float] = {}
    of_parts: dict[str, dict[str, float]] = {}
    cores: dict[str, int] = {}
    hosts: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name or not value:
            raise InputError(f"'{word}' is no setting", mend="write PARAM=VALUE, as in r_on=10kΩ", where="--set")
        owner, _, plain = name.rpartition(".")
        try:
            if plain == "host":
                _host_of_parts(owner, value, chosen, hosts)
            elif name.startswith("cores."):
                cores[name.removeprefix("cores.")] = _whole(value)
            elif name in ("timesteps", "batch", "bits"):
                counts[name] = _whole(value)
            elif name == "rate" or name.startswith("rate."):
                rates["*" if name == "rate" else name.removeprefix("rate.")] = parse(value, "1")
            else:
                _set_on_parts(name, value, chosen, of_parts)
        except InputError as error:
            raise error.at(f"--set {word}") from None
    return Settings(counts.get("timesteps"), counts.get("batch"), counts.get("bits"), rates, cores, of_parts, hosts)


def notes(network: Network, rates: Mapping[str, float], rule: str | None = None) -> Iterable[str]:
    """What was assumed because nobody said it, in words."""
    yield from network.assumptions
    if rule == "spikeprop":
        yield "SpikeProp trains on spike times in closed form, without time steps; inference is costed step by step"
    direct = [name for name, node in network.nodes.items() if isinstance(node, Input) and not node.spiking]
    if direct:
        yield f"{', '.join(direct)} sends values: event-driven devices are charged one event for each that is not zero"
    short = [name for name, node in network.nodes.items() if isinstance(node, Population) and _shortest(node) < network.dt]
    if short:
        yield f"{', '.join(short)}: a time constant is shorter than a step of {network.dt * 1e3:g} ms; is dt the network's?"
    kinds = sorted({node.neuron.type for node in network.nodes.values() if isinstance(node, Population) and node.neuron.stand_in})
    for kind in kinds:
        yield f"{kind}: a chip of fixed neurons is charged its {stand_in(kind)}, whose reset is another"
    given = set(network.nodes) if "*" in rates else set(rates)
    silent = [n for n, node in network.nodes.items() if node.rate is None and is_spiking(node) and n not in given]
    if silent:
        sources = rate_sources(network)
        used = sorted({sources[n].mean for n in silent})
        shown = ", ".join(silent[:4]) + (f" and {len(silent) - 4} more" if len(silent) > 4 else "")
        values = ", ".join(f"{value:.3g}" for value in used)
        yield f"rate of {shown}: {values} events per element and step assumed; give 'rate' in the file or --rate NODE=R"


def _shortest(node: Population) -> float:
    """The shortest time constant of a population, s; infinite where it has none."""
    held = node.parameters()
    return min((held[name] for name, param in node.neuron.params.items() if param.unit == "s" and held[name] > 0), default=math.inf)


def unplaced(workload: Workload) -> Iterable[str]:
    """Which operations are those of a mean rate and depend on where their inputs are active, in words."""
    found = workload.table.unplaced(workload.activities["mean"])
    if found:
        several = [f"{name} {crowding:.2f}" for name, crowding in found.items()]
        told = ", ".join(several[:4]) + (f" and {len(several) - 4} more" if len(several) > 4 else "")
        yield (
            f"activity is a mean: away from its border an input of a convolution reaches more, at most {told} times as much; "
            "intervals hold that, and --rates RUN counts each element"
        )


def _set_on_parts(name: str, value: str, chosen: list[Part], into: dict[str, dict[str, float]]) -> None:
    """One parameter, on the part it names or on all that have it."""
    owner, dot, parameter = name.partition(".")
    targets = [on for on in chosen if on.name == owner] if dot else chosen
    if dot and not targets:
        raise InputError(f"'{owner}' is not among the devices asked for", mend=nearest(owner, [on.name for on in chosen]))
    parameter = parameter if dot else name
    having = [on for on in targets if parameter in on.constants]
    if not having:
        known = {*NETWORK_PARAMETERS, *(known for on in targets for known in on.constants)}
        raise InputError(f"no device asked for has a parameter '{parameter}'", mend=nearest(parameter, known))
    for on in having:
        into.setdefault(on.name, {})[parameter] = parse(value, on.device.params[parameter].unit)


def _host_of_parts(owner: str, mode: str, chosen: list[Part], into: dict[str, str]) -> None:
    """A host mode, of the part it names or of all that have modes."""
    targets = [on for on in chosen if on.name == owner] if owner else [on for on in chosen if on.hosts]
    if owner and not targets:
        raise InputError(f"'{owner}' is not among the devices asked for", mend=nearest(owner, [on.name for on in chosen]))
    if not targets:
        raise InputError("no device asked for has host modes", mend="leave out host=")
    having = targets if owner else [on for on in targets if mode in on.hosts]
    if not having:
        known = dict.fromkeys(each for on in targets for each in on.hosts)
        raise InputError(f"no device asked for has a host mode '{mode}'", mend=nearest(mode, known))
    for on in having:
        into[on.hosted(mode).name] = mode


def _whole(value: str) -> int:
    number = parse(value, "1")
    if number != int(number) or number < 1:
        raise InputError(f"'{value}' will not do", mend="give a whole number of 1 or more")
    return int(number)
