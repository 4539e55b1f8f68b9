"""How signals come to a population in a network file: through which synapses, and through what before and after them."""

import math
from dataclasses import dataclass, replace

import networkx as nx
import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.nodes import Node
from costmodel.graphs.nodes.boundary import Input, Output
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.elementwise import BatchNorm, Scale
from costmodel.graphs.nodes.flatten import Flatten
from costmodel.graphs.nodes.pool import Pool
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.graphs.nodes.window import axes
from costmodel.rtl.design import Delayed, Flattened, Shrunk, Stage
from costmodel.rtl.layer import Window
from costmodel.rtl.space import Space


@dataclass(frozen=True, eq=False)
class Path:
    """From what sends to a population.

    Attributes:
        source: an input or a population.
        stages: what lies before the synapses.
        gain: factor of what passes there (means are sums divided by the window's size).
        multiplicity: most events of one address in a step.
        synapses: the weighted node.
        window: pooling between the synapses and the population.
        scale, shift: of each output channel, between the synapses and the population: a normalisation, a mean's divisor.
        biases: how many biases of the synapses a neuron gets: as many as a window sums up.
        late: whether source and population are in one loop.
    """

    source: str
    stages: tuple[Stage, ...]
    gain: float
    multiplicity: int
    synapses: str
    window: Window | None
    scale: np.ndarray
    shift: np.ndarray
    biases: int
    late: bool = False


def layers(network: Network) -> list[str]:
    """The nodes that become cores: populations, and weighted sums that are answers themselves."""
    ends = [name for name in network.outputs for name in _before_output(network, name)]
    return [n for n, node in network.nodes.items() if isinstance(node, Population) or (n in ends and isinstance(node, SynapseNode))]


def _before_output(network: Network, name: str) -> list[str]:
    return list(network.graph.pred[name]) if isinstance(network.nodes[name], Output) else [name]


def paths(network: Network, layer: str) -> list[Path]:
    """Every way into a layer: those from its own loop first, others as signals flow, what comes from the front first.

    Ports are served in this order. A layer that waited for a source while the queue from what that source listens to is full
    would wait for ever: both hear the same events, and nothing can be sent until all have room for it.

    Raises:
        InputError: a node that has no hardware, or stands where it has none.
    """
    whole = nx.condensation(network.graph)
    loops = {n: i for i, part in enumerate(nx.topological_sort(whole)) for n in whole.nodes[part]["members"]}
    ends = [layer] if isinstance(network.nodes[layer], SynapseNode) else list(network.graph.pred[layer])
    found = [path for end in ends for path in _to_synapses(network, end)]
    found = [replace(path, late=loops[path.source] == loops[layer]) for path in found]
    if found and all(path.late for path in found):
        raise _unfit(network, layer, "receives from its own loop only", "let something from outside reach it")
    return sorted(found, key=lambda path: (not path.late, loops[path.source]))


def _to_synapses(network: Network, end: str) -> list[Path]:
    """Back from the node before a population to the synapses, and from there to all that sends."""
    window, biases, scale, shift, name = None, 1, np.ones(1), np.zeros(1), end
    while not isinstance(node := network.nodes[name], SynapseNode):
        own = network.arrays.get(name, {})
        if isinstance(node, Pool) and window is None and not (node.type.startswith("max") and (scale < 0).any()):
            rows, columns = _kernel(network, name)
            window = Window(rows, columns, "max" if node.type.startswith("max") else "sum")
            biases = 1 if window.kind == "max" else rows * columns
            scale = scale / (rows * columns if node.type.startswith("avg") else 1)
        elif isinstance(node, Scale) and np.ndim(own.get("scale", node.scale)) == 0:
            scale = scale * float(own.get("scale", node.scale))
        elif isinstance(node, BatchNorm) and own:
            gain = own["weight"] / np.sqrt(own["running_var"] + node.eps)
            shift = shift + scale * biases * (own["bias"] - gain * own["running_mean"])
            scale = scale * gain
        else:
            what = "no hardware for it between synapses and neurons, or neurons without synapses before them"
            raise _unfit(network, name, what, "let a linear or conv2d node come right before the neurons")
        name = only_before(network, name)
    return [
        _to_source(network, source, Path("", (), 1.0, 1, name, window, scale, shift, biases)) for source in network.graph.pred[name]
    ]


def _to_source(network: Network, before: str, path: Path) -> Path:
    """The same path, completed from the synapses back to what sends."""
    stages: list[Stage] = []
    gain, multiplicity, name = 1.0, 1, before
    while not isinstance(node := network.nodes[name], Input | Population):
        shape = network.shapes[name][0]
        if isinstance(node, Pool):
            rows, columns = _kernel(network, name)
            largest = node.type.startswith("max")
            stages.append(Shrunk(rows, columns, largest))
            if not largest:
                multiplicity *= rows * columns
                gain /= rows * columns if node.type.startswith("avg") else 1
        elif isinstance(node, Flatten) and len(network.shapes[name][1]) == 1:
            stages.append(Flattened())
        elif isinstance(node, Scale) and "scale" not in network.arrays.get(name, {}):
            gain *= node.scale
        elif isinstance(node, Delay) and not node.per_connection(network.arrays.get(name, {})):
            stages.append(Delayed(_steps(network, name, node, shape)))
        else:
            raise _unfit(network, name, f"a {node.type} node there has no hardware", "see docs/fpga.md for what has")
        name = only_before(network, name)
    return replace(path, source=name, stages=tuple(reversed(stages)), gain=gain, multiplicity=multiplicity)


def _steps(network: Network, name: str, node: Delay, shape: tuple[int, ...]) -> np.ndarray | int:
    """Whole steps of delay, one number or one for each element in hardware order."""
    own = network.arrays.get(name, {}).get("delay")
    if own is None:
        return round(node.delay / network.dt)
    steps = np.empty(math.prod(shape), np.int64)
    steps[Space.of(shape).numbers()] = np.round(own.reshape(-1) / network.dt)
    return steps


def _kernel(network: Network, name: str) -> tuple[int, int]:
    """Rows and columns of a pool whose windows lie side by side."""
    node = network.nodes[name]
    if not isinstance(node, Pool):
        raise TypeError(f"'{name}' is no pool")
    found = axes(
        network.shapes[name][0], node.dimensions, node.kernel, node.kernel if node.stride is None else node.stride, node.padding
    )
    if any(axis.before or axis.after or axis.stride != axis.kernel for axis in found):
        raise _unfit(network, name, "its windows overlap or are padded", "let the stride be the kernel, without padding")
    sizes = [axis.kernel for axis in found]
    return (1, sizes[0]) if len(sizes) == 1 else (sizes[0], sizes[1])


def only_before(network: Network, name: str) -> str:
    """The one node before a node; InputError where several are."""
    before = list(network.graph.pred[name])
    if len(before) != 1:
        raise _unfit(network, name, f"{len(before)} signals meet there", "let them meet at a linear or conv2d node or at neurons")
    return before[0]


def _unfit(network: Network, name: str, what: str, mend: str) -> InputError:
    node: Node = network.nodes[name]
    return InputError(f"{node.type} node: {what}", mend=mend, where=f"{network.where}: node '{name}'")
