"""Populations and the arrays that connect them, as SONATA, PyNN and Brian2 keep them, as a network document."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.neurons import all_neurons, neuron

Given = Mapping[str, Any]
Assembled = tuple[dict[str, Any], dict[str, dict[str, np.ndarray]], dict[str, np.ndarray]]
"""A network document, the arrays of its nodes, and events per step of the elements of inputs whose rates differ."""


class Synapses(NamedTuple):
    """Synapses between two populations, no two of them between the same neurons: one entry each, delays in s."""

    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    delay: np.ndarray


def assembled(
    populations: Mapping[str, Given],
    connections: Sequence[Given],
    inputs: Mapping[str, Given],
    dt: float,
    timesteps: int,
    name: str,
    outputs: Iterable[str],
) -> Assembled:
    """The document of a network that is given by arrays. `graphs.network.Network.from_arrays` says what each holds.

    Raises:
        InputError: a population, an input or a connection is at fault; it is named.
    """
    if not isinstance(dt, int | float) or not 0 < dt < math.inf:
        raise InputError(f"a dt of {dt!r}", mend="give the length of a time step in s, as in 1e-3", where=name)
    if twice := populations.keys() & inputs.keys():
        raise InputError(f"'{min(twice)}' is a population and an input", mend="rename one", where=name)
    nodes: list[dict[str, Any]] = []
    arrays: dict[str, dict[str, np.ndarray]] = {}
    elements: dict[str, np.ndarray] = {}
    sizes: dict[str, int] = {}
    for key, given in inputs.items():
        place = f"{name}: input '{key}'"
        _known(given, ("size", "rate"), place)
        sizes[key] = _size(given, place)
        rate = _numbers(given.get("rate", 0.0), "rate", place)
        if rate.size not in (1, sizes[key]) or (rate < 0).any():
            what = f"rates of shape {rate.shape}" if rate.size not in (1, sizes[key]) else f"a rate of {rate.min():g} Hz"
            raise InputError(what, mend=f"give one of 0 or more in Hz, or {sizes[key]}", where=place)
        if rate.size > 1:
            elements[key] = rate.reshape(sizes[key]) * dt
        given_rate = {"rate": float(rate.mean()) * dt} if "rate" in given else {}
        nodes.append({"id": key, "type": "input", "shape": [sizes[key]], **given_rate})
    for key, given in populations.items():
        place = f"{name}: population '{key}'"
        sizes[key] = _size(given, place)
        fields, own = _neurons(given, sizes[key], place)
        nodes.append({"id": key, **fields})
        if own:
            arrays[key] = own
    edges: list[list[str]] = []
    for source, target, place, synapses, loops in _checked(connections, populations, sizes, name):
        for part in _simple(synapses):
            made = _between(f"{source}.{target}", part, (sizes[source], sizes[target]), dt, loops=loops, where=place)
            chain = [source]
            for fields, own in made:
                taken = {node["id"] for node in nodes}
                free = next(key for n in range(1, len(nodes) + 2) if (key := f"{fields['id']}{n if n > 1 else ''}") not in taken)
                nodes.append({**fields, "id": free})
                chain.append(free)
                if own:
                    arrays[free] = own
            edges += [list(edge) for edge in zip(chain, [*chain[1:], target], strict=True)]
    for key in outputs:
        if key not in populations:
            raise InputError(f"no population '{key}'", mend=nearest(key, populations), where=f"{name}: outputs")
        nodes.append({"id": f"{key}.out", "type": "output"})
        edges.append([key, f"{key}.out"])
    return {"name": name, "dt": dt, "timesteps": timesteps, "nodes": nodes, "edges": edges}, arrays, elements


def _known(given: Given, keys: Iterable[str], where: str) -> None:
    """Refuses what is no mapping, and keys that mean nothing."""
    if not isinstance(given, Mapping):
        raise InputError(f"a {type(given).__name__}", mend=f"give a mapping of {', '.join(keys)}", where=where)
    for key in given:
        if key not in keys:
            raise InputError(f"unknown key '{key}'", mend=nearest(str(key), keys), where=where)


def _size(given: Given, where: str) -> int:
    """How many neurons a size or a shape is."""
    if not isinstance(given, Mapping) or "size" not in given:
        raise InputError("it has no size", mend='add "size", a number of neurons or a shape', where=where)
    sizes = given["size"] if isinstance(given["size"], tuple | list) else (given["size"],)
    if not sizes or any(not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 1 for n in sizes):
        raise InputError(f"a size of {given['size']!r}", mend="give a whole number of 1 or more, or a tuple of them", where=where)
    return math.prod(int(n) for n in sizes)


def _numbers(given: Any, what: str, where: str) -> np.ndarray:
    """Finite numbers as an array of double precision."""
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"its {what} is no array of numbers", mend="give numbers", where=where) from None
    if not np.isfinite(array).all():
        raise InputError(f"its {what} holds values that are not finite", mend="remove NaN and infinity", where=where)
    return array


def _neurons(given: Given, size: int, where: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The fields of a population's node without its id, and the parameters that its neurons have each of their own."""
    kind = given.get("type")
    found = neuron(kind) if isinstance(kind, str) else None
    if found is None:
        what = "it has no type" if kind is None else f"'{kind}' is no kind of neuron"
        raise InputError(what, mend=nearest(str(kind), all_neurons()), where=where)
    _known(given, ("type", "size", "reset", "bits", "rate", *found.params), where)
    fields = {key: given[key] for key in ("type", "reset", "bits", "rate") if key in given}
    own = {}
    for key in found.params:
        if key not in given:
            continue
        if isinstance(given[key], str):  # with its unit, which the network reads
            fields[key] = given[key]
            continue
        values = _numbers(given[key], key, where)
        if values.size not in (1, size):
            raise InputError(f"its '{key}' has shape {values.shape}", mend=f"give 1 value or {size}", where=where)
        fields[key] = float(values.mean())
        if values.size > 1:
            own[key] = values.reshape(size)
    return fields, own


def _checked(
    connections: Sequence[Given], populations: Mapping[str, Given], sizes: Mapping[str, int], name: str
) -> Iterator[tuple[str, str, str, Synapses, bool]]:
    """Every connection: source, target, what errors call it, its synapses, and whether it is part of a loop."""
    graph, ends = nx.DiGraph(), []
    for i, given in enumerate(connections):
        place = f"{name}: connections[{i}]"
        _known(given, ("source", "target", "weight", "delay"), place)
        for key, known in (("source", sizes), ("target", populations)):
            if given.get(key) not in known:
                what = f"no {'population or input' if key == 'source' else 'population'} '{given.get(key)}'"
                raise InputError(what, mend=nearest(str(given.get(key)), known), where=place)
        ends.append((given["source"], given["target"], place))
        graph.add_edge(given["source"], given["target"])
    loop_of = {key: i for i, loop in enumerate(nx.strongly_connected_components(graph)) for key in loop}
    for given, (source, target, place) in zip(connections, ends, strict=True):
        synapses = _synapses(given, sizes[source], sizes[target], place)
        yield source, target, place, synapses, loop_of[source] == loop_of[target]


def _synapses(given: Given, before: int, after: int, where: str) -> Synapses:
    """The synapses of a matrix (source, target), in which 0 is none, or of (source indices, target indices, weights)."""
    weight, shape = given.get("weight"), (before, after)
    if isinstance(weight, tuple):
        if len(weight) != 3:
            raise InputError(f"{len(weight)} arrays of weights", mend="give (source, target, weight)", where=where)
        values = _numbers(weight[2], "weight", where)
        source, target = (_indices(weight[i], shape[i], ("source", "target")[i], where) for i in (0, 1))
        values = np.full(source.shape, float(values)) if values.ndim == 0 else values
        if not source.shape == target.shape == values.shape or source.ndim != 1:
            what = f"arrays of shapes {source.shape}, {target.shape} and {values.shape}"
            raise InputError(what, mend="give one source, target and weight for each synapse", where=where)
    else:
        matrix = _numbers(weight, "weight", where)
        if matrix.shape != shape:
            what = f"weights of shape {matrix.shape}"
            raise InputError(what, mend=f"(source, target) is {shape}; or give (source, target, weight) arrays", where=where)
        source, target = np.nonzero(matrix)
        values = matrix[source, target]
    if not len(values):
        raise InputError("it has no synapses", mend="remove it", where=where)
    delay = np.asarray(-1.0) if given.get("delay") is None else _numbers(given["delay"], "delay", where)
    if given.get("delay") is not None and (delay < 0).any():
        raise InputError(f"a delay of {delay.min():g} s", mend="give 0 or more", where=where)
    if delay.shape == shape and not isinstance(weight, tuple):
        delay = delay[source, target]
    if delay.ndim and delay.shape != values.shape:
        mend = f"give one, or one for each of the {len(values)} synapses, shaped as the weights"
        raise InputError(f"delays of shape {delay.shape}", mend=mend, where=where)
    return Synapses(source, target, values, np.broadcast_to(delay, values.shape))


def _indices(given: Any, size: int, end: str, where: str) -> np.ndarray:
    """Whole numbers from 0 to ``size`` − 1."""
    values = _numbers(given, f"{end} indices", where)
    if (values != np.floor(values)).any() or (values < 0).any() or (values >= size).any():
        wrong = values[(values != np.floor(values)) | (values < 0) | (values >= size)].flat[0]
        raise InputError(f"a {end} index of {wrong:g}", mend=f"its neurons count from 0 to {size - 1}", where=where)
    return values.astype(np.int64)


def _simple(synapses: Synapses) -> Iterator[Synapses]:
    """The synapses in parts in which no two are between the same neurons: first synapses, second ones, and so on."""
    pairs = np.stack([synapses.source, synapses.target])
    order = np.lexsort(pairs)
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (pairs[:, order[1:]] != pairs[:, order[:-1]]).any(axis=0)
    starts = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
    turn = np.empty(len(order), dtype=np.int64)
    turn[order] = np.arange(len(order)) - starts
    for k in range(int(turn.max()) + 1):
        yield Synapses(*(values[turn == k] for values in synapses))


def _between(
    name: str, synapses: Synapses, shape: tuple[int, int], dt: float, *, loops: bool, where: str
) -> list[tuple[dict[str, Any], dict[str, np.ndarray]]]:
    """The nodes of a connection, each with its arrays: what delays, and what weighs.

    A delay that all synapses of a source share stands on its axon. What comes around a loop arrives one step later by itself, so
    that a delay there says what it is longer than that.
    """
    (before, after), count = shape, len(synapses.weight)
    weight = np.zeros((after, before))
    weight[synapses.target, synapses.source] = synapses.weight
    steps = np.where(synapses.delay < 0, float(loops), np.rint(synapses.delay / dt)) - loops
    if (steps < 0).any():
        raise InputError("a delay of less than a time step in a loop", mend=f"give at least {dt:g} s", where=where)
    delay = np.zeros((after, before))
    delay[synapses.target, synapses.source] = steps * dt
    longest, nodes = float(delay.max()), []
    on_axon = np.zeros(before)
    on_axon[synapses.source] = steps * dt
    synaptic = bool((on_axon[synapses.source] != steps * dt).any())
    if longest > 0:
        own = {"delay": delay} if synaptic else {"delay": on_axon}
        shared = not synaptic and bool((steps == steps[0]).all())
        fields = {"id": f"{name}.delay", "type": "delay", "kind": "synaptic" if synaptic else "axonal", "delay": longest}
        nodes.append((fields, {} if shared else own))
    whole = synaptic or count == before * after
    kind = {"type": "linear"} if whole else {"type": "sparse", "connections": count}
    nodes.append(({"id": name, **kind, "features": after, "bias": False}, {"weight": weight}))
    return nodes
