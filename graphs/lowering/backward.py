"""The parts that backward passes are put together from."""

import math
from collections.abc import Callable
from itertools import pairwise

from costmodel.graphs.equations.arithmetic import Arithmetic
from costmodel.graphs.lowering.lowering import Lowering, Task
from costmodel.graphs.lowering.trained import delays
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.elementwise import Elementwise
from costmodel.graphs.nodes.operands import MatMul, Product
from costmodel.graphs.nodes.pool import Pool
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.reducing import Reduce
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.graphs.nodes.wiring import Wiring


def transposed(lowering: Lowering, name: str, *, on_spikes: bool = False) -> Task:
    """Wᵀ δ: the gradient that a weighted node passes to its inputs; on every input, or only where the input spiked."""
    g = lowering.geometry(name)
    sizes = {
        "inputs": g.outputs, "outputs": g.inputs, "connections": g.connections, "weights": g.weights, "biases": 0,
        "rows": g.columns, "columns": g.rows, "positions": g.positions, "groups": g.groups, "reduces": 0, "most_inputs": g.columns,
    }  # fmt: skip
    if on_spikes:
        sizes |= {"inputs": g.inputs, "outputs": g.outputs}
    signal = name if on_spikes else None
    return Task(f"{name}.input-gradient", name, "input gradient", "synapses", "backward", sizes, signal, precision=32)


def outer_product(lowering: Lowering, name: str, *, on_spikes: bool = False) -> Task:
    """δ xᵀ: the gradient of a weighted node's weights, summed over the steps; over all inputs, or only those that spiked."""
    g = lowering.geometry(name)
    sizes = {
        "inputs": g.inputs, "outputs": g.outputs, "connections": g.connections, "weights": g.weights, "biases": g.biases,
        "rows": g.positions, "columns": g.columns, "positions": g.rows, "groups": g.groups, "reduces": 1,
        "most_inputs": g.positions,
    }  # fmt: skip
    signal = name if on_spikes else None
    return Task(f"{name}.weight-gradient", name, "weight gradient", "synapses", "backward", sizes, signal, precision=32)


def operand_gradients(lowering: Lowering, name: str, node: MatMul) -> list[Task]:
    """δ Bᵀ and Aᵀ δ: the gradients of both inputs of a matrix product."""
    one, other = lowering.operand_shapes(node)
    n, k, m = one[-2], one[-1], other[-1]
    places = math.prod(one[:-2])
    shared = {"connections": places * n * k * m, "biases": 0, "groups": places, "reduces": 0}
    first = {
        "inputs": places * n * m,
        "outputs": places * n * k,
        "weights": places * k * m,
        "rows": m,
        "columns": k,
        "positions": n,
    }
    second = {
        "inputs": places * n * k,
        "outputs": places * k * m,
        "weights": places * n * m,
        "rows": n,
        "columns": m,
        "positions": k,
    }
    labels = {"first input's gradient": first, "second input's gradient": second}
    tasks = []
    for label, own in labels.items():
        sizes = {**own, **shared, "most_inputs": own["rows"]}
        tasks.append(Task(f"{name}.{label.replace(' ', '-')}", name, label, "synapses", "backward", sizes, precision=32))
    return tasks


def accumulation(lowering: Lowering, name: str) -> Task:
    """Σ over the steps: a step's gradient is added to what the later steps gave, once for the whole batch."""
    g = lowering.geometry(name)
    sizes = {"neurons": g.weights + g.biases, "states": 0, "substeps": 1, "graded": 0, **Arithmetic(add=1)._asdict()}
    return Task(f"{name}.accumulation", name, "gradient accumulation", "neurons", "backward", sizes, per_sample=False, precision=32)


def stored(name: str, label: str, elements: float, bits: int = 32) -> Task:
    """What is kept of each step until the backward pass has used it. It is there anyway, so keeping it moves nothing."""
    sizes = {"elements": 0, "kept": elements}
    return Task(f"{name}.{label.replace(' ', '-')}", name, label, "memory", "forward", sizes, unrolled=True, precision=bits)


def activations(lowering: Lowering) -> list[Task]:
    """What the backward pass needs of the nodes between populations: inputs of weights, of normalisations and of rectifiers, and
    where a pool found its maximum. What a population sends is kept with its states."""
    network, tasks = lowering.network, []
    for name, node in network.nodes.items():
        before, after = (math.prod(shape) for shape in network.shapes[name])
        if name not in lowering.learning:
            continue
        if isinstance(node, Pool) and node.binary:
            tasks.append(stored(name, "stored maxima", after, 64))
        elif isinstance(node, MatMul | Product):
            tasks.append(stored(name, "stored inputs", sum(math.prod(shape) for shape in lowering.operand_shapes(node))))
        elif (isinstance(node, Elementwise) and not node.folded) or (
            isinstance(node, SynapseNode) and node.trained and not _kept_already(network, name)
        ):
            tasks.append(stored(name, "stored input", before))
    return tasks


def _kept_already(network: Network, name: str) -> bool:
    """Whether a node's input is the output of a population or a rectifier, kept there."""
    sources = list(network.graph.pred[name])
    while sources and all(isinstance(network.nodes[source], Wiring) for source in sources):
        sources = [before for source in sources for before in network.graph.pred[source]]
    return len(sources) == 1 and isinstance(network.nodes[sources[0]], Population)


def elementwise(lowering: Lowering, name: str, label: str, counts: Arithmetic, states: int, substeps: int = 1) -> Task:
    """An element-wise backward task of a population or a stateless node."""
    n = math.prod(lowering.network.shapes[name][1])
    sizes = {"neurons": n, "states": states, "substeps": substeps, "graded": 1, **counts._asdict()}
    return Task(f"{name}.{label.replace(' ', '-')}", name, label, "neurons", "backward", sizes, precision=32)


def parameter_gradients(lowering: Lowering, name: str, node: Population) -> list[Task]:
    """Σ λ_x ∂x/∂θ for every trained parameter θ of every neuron: a multiply-accumulate for every state x it can change."""
    trained, states = len(node.trained_parameters()), max(1, len(node.neuron.states))
    counts = Arithmetic(multiply=trained * states, add=trained * states)
    return [elementwise(lowering, name, "parameter gradient", counts, 0)] if trained else []


def delay_gradient(lowering: Lowering, name: str) -> Task:
    """−δ(t) ẋ(t − d) for every delay, ẋ half the difference of what comes one step later and one step earlier."""
    sizes = {"neurons": delays(lowering.network, name), "states": 0, "substeps": 1, "graded": 1}
    counts = Arithmetic(multiply=2, add=2)._asdict()
    return Task(f"{name}.delay-gradient", name, "delay gradient", "neurons", "backward", sizes | counts, precision=32)


def backward(
    lowering: Lowering,
    population: Callable[[str, Population], list[Task]],
    *,
    on_spikes: bool = False,
) -> list[Task]:
    """The backward pass, last node first, over those that something trained is in or before.

    Args:
        lowering: the network.
        population: the tasks of one population.
        on_spikes: whether gradients pass synapses only where a spike did.
    """
    tasks: list[Task] = []
    for name, node in reversed(lowering.network.nodes.items()):
        if name not in lowering.learning:
            continue
        if isinstance(node, Population):
            tasks += population(name, node)
            tasks += parameter_gradients(lowering, name, node)
        elif isinstance(node, SynapseNode):
            if node.trained:
                tasks.append(outer_product(lowering, name, on_spikes=on_spikes))
            if node.trained and not on_spikes:
                tasks.append(accumulation(lowering, name))
            if lowering.passes(name):
                tasks.append(transposed(lowering, name, on_spikes=on_spikes))
        elif isinstance(node, Delay) and node.trained:
            tasks.append(delay_gradient(lowering, name))
        elif isinstance(node, Pool | Reduce):
            shape = lowering.network.shapes[name][0]
            before, after = (math.prod(shape) for shape in lowering.network.shapes[name])
            window = node.window(shape) if isinstance(node, Reduce) else node.window()
            sizes = {"inputs": after, "outputs": before, "window": window}
            tasks.append(Task(f"{name}.input-gradient", name, "input gradient", "pooling", "backward", sizes))
        elif isinstance(node, MatMul):
            tasks += operand_gradients(lowering, name, node)
        elif isinstance(node, Product):
            tasks.append(elementwise(lowering, name, "input gradients", Arithmetic(multiply=2), 0))
        elif isinstance(node, Elementwise) and node.gradient().total():
            tasks.append(elementwise(lowering, name, "input gradient", node.gradient(), 0))
    for earlier, later in pairwise(tasks):
        later.waits_for = [earlier.name]
    return tasks
