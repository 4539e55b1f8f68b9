"""What a NIR file leaves open, and what each framework means by it: time step, how neurons step, what a spike does.

A NIR graph is a set of differential equations. It holds neither the step that its writer took, nor the integrator, and its spikes
set the membrane to ``v_reset`` even where its writer subtracts. Frameworks write the parameters for which *their* step comes out:
``docs/nir-dialects.md`` has the table. (Pedersen et al., "Neuromorphic intermediate representation", Nature Communications 15,
8122, 2024, on continuous-time semantics.)
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType

from costmodel.graphs.document import Settings
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.reading.writers.dialect import INTEGRATORS, PLAIN, RESETS, Dialect
from costmodel.graphs.reading.writers.neuron import Fields, Neuron, Own, as_it_is
from costmodel.graphs.reading.writers.spyx import through_recurrent
from costmodel.graphs.settings.folder import Folder

OURS = {"writer": "costmodel", "integrator": "exact", "spike": "v >= v_threshold"}
"""What a file that this product wrote says of itself in its metadata, besides its dt: nothing in it is open."""

FOR_NIR_ALONE = "leave out --from, --dt, --integrator and --reset, which are for .nir files"
"""How to mend a dialect given for a file that leaves nothing open."""

FRAMEWORKS = Folder("costmodel.graphs.reading.writers", "framework that writes NIR files", apart=("dialect", "neuron"))
WRITERS: dict[str, Dialect] = {name: FRAMEWORKS.load(name).DIALECT for name in FRAMEWORKS.names()}
"""Framework → what it writes and reads."""


def dialect(writer: str | None = None, dt: float | None = None, integrator: str | None = None, reset: str | None = None) -> Dialect:
    """A dialect from words; what is given besides the writer replaces the writer's.

    Raises:
        InputError: a word that is not known or not for this writer, or a step of no length.
    """
    words = (("--from", writer, WRITERS), ("--integrator", integrator, INTEGRATORS), ("--reset", reset, RESETS))
    for option, word, known in words:
        if word is not None and word not in known:
            raise InputError(f"'{word}' is not known", mend=nearest(word, known), where=option)
    if dt is not None and not dt > 0:
        raise InputError(f"a step of {dt:g} s has no length", mend="give a time above 0, as in 0.1ms", where="--dt")
    given = {"dt": dt, "integrator": integrator, "reset": reset}
    found = PLAIN if writer is None else WRITERS[writer]
    if reset == "subtract-at-once" and not found.delayed:
        what = "'subtract-at-once' is for --from snntorch, where 'subtract' acts a step later"
        raise InputError(what, mend="give --reset subtract", where="--reset")
    return replace(found, **{name: value for name, value in given.items() if value is not None})


def understood(
    document: Fields, arrays: Mapping[str, Own], by: Dialect, where: str, writer: str | None = None
) -> tuple[Fields, dict[str, Own], list[str]]:
    """The document of a NIR graph in a dialect: neurons whose steps are the writer's.

    Args:
        document: as the graph stands.
        arrays: arrays of its nodes.
        by: the dialect.
        where: what errors call the file.
        writer: what the file itself says of who wrote it.

    Returns:
        Document and arrays, and what was taken for granted, in words.

    Raises:
        InputError: a neuron that the writer does not have, or whose Euler step has no decay between 0 and 1.
    """
    kinds = {node["type"] for node in document["nodes"]}
    if by == PLAIN and writer == OURS["writer"]:
        return document, dict(arrays), []
    if by == PLAIN:
        open_ = kinds & {"li", "lif", "cubali", "cubalif"}
        told = ["neurons take exact steps; give --from or --integrator euler where the file's writer did not"] if open_ else []
        if any(node.get("reset") == "subtract" for node in document["nodes"]):
            told.append("spikes subtract the threshold, for the file says no v_reset; --reset gives another")
        if entered := through_recurrent(document):
            names = ", ".join(entered)
            told.append(f"what enters passes through the recurrent weights {names}, as the file says; --from spyx if Spyx wrote it")
        return document, dict(arrays), told
    framework = FRAMEWORKS.load(by.writer) if by.writer else None
    own = {name: dict(values) for name, values in arrays.items()}
    dt = _step(document, own, by, framework, where)
    nodes = []
    for node in document["nodes"]:
        neuron = Neuron(node, own.get(node["id"], {}), dt, by, f"{where}: node '{node['id']}'")
        _step_as(neuron, framework.NEURONS if framework else None)
        nodes.append(neuron.node)
        own[node["id"]] = neuron.own
    found = {**document, "dt": dt, "nodes": nodes}
    told = f"time steps of {dt * 1e3:g} ms, neurons by {by.integrator or 'exact'} steps"
    told += f", as {by.writer} writes them" if by.writer else ""
    told += f", time constants in {by.tau}" if by.tau != "s" else ""
    told += f", a spike's reset: {by.reset}" if by.reset else ""
    arranged = getattr(framework, "arranged", None)
    more = [] if arranged is None else arranged(found, own, dt)
    more += [f"a file of {by.writer} does not say: {by.lost}"] if by.lost else []
    found["provenance"] = f"{document['provenance']} Read with {told}."
    return found, {name: values for name, values in own.items() if values}, [told, *more]


def _step(document: Fields, own: dict[str, Own], by: Dialect, framework: ModuleType | None, where: str) -> float:
    """The length of a step, s: as given, as the framework's, as its file tells, or as the file's metadata say."""
    step = getattr(framework, "step", None)
    told = step(document, own, where) if by.dt is None and step is not None else by.dt
    return told if told is not None else document.get("dt", Settings.model_fields["dt"].default)


def _step_as(neuron: Neuron, writes: Mapping[str, Callable[[Neuron], None]] | None) -> None:
    """A node as the framework steps it, or by the dialect's integrator; other nodes as they are.

    Raises:
        InputError: a neuron that the framework does not write.
    """
    if "v_threshold" in neuron.node:
        neuron.take_reset()
    if writes is not None and neuron.kind in writes:
        writes[neuron.kind](neuron)
    elif neuron.kind in _EULER and writes is not None:
        what, known = f"{neuron.by.writer} writes no neurons of type '{neuron.kind}'", ", ".join(writes)
        raise InputError(what, mend=f"it writes {known}: name the file's own writer", where=neuron.where)
    elif neuron.kind in _EULER and neuron.by.integrator == "euler":
        _EULER[neuron.kind](neuron)


def _two_states(neuron: Neuron) -> None:
    """Refuses: with two states an Euler step may take the current before or after its own step."""
    knowing = [name for name in WRITERS if "cubalif" in FRAMEWORKS.load(name).NEURONS]
    what = "an Euler step of a current and a membrane is not one step: NIR does not say which of both comes first"
    raise InputError(what, mend=f"name who wrote it: --from {', '.join(knowing)}", where=neuron.where)


_EULER: dict[str, Callable[[Neuron], None]] = {
    **dict.fromkeys(("if", "i"), as_it_is),
    **dict.fromkeys(("lif", "li"), Neuron.euler),
    **dict.fromkeys(("cubalif", "cubali"), _two_states),
}
"""NIR's neurons, and how Euler's rule steps them."""
