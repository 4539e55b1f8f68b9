"""Topologies of the published rows as networks."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from costmodel.graphs.network import Network

Nodes = list[dict[str, Any]]


def perceptron(sizes: Sequence[int], neuron: str = "lif", timesteps: int = 1) -> Network:
    """A chain of fully connected layers.

    Args:
        sizes: inputs, then the neurons of each layer.
        neuron: type of the neurons; "relu" makes it a network of values.
        timesteps: T.
    """
    nodes: Nodes = [_input(sizes[0], spiking=neuron != "relu")]
    for index, features in enumerate(sizes[1:], 1):
        nodes += [_linear(f"fc{index}", features), _neuron(f"n{index}", neuron)]
    return _network(f"{'-'.join(map(str, sizes))} {neuron}", nodes, timesteps=timesteps)


def branches(count: int, neuron: str = "relu", timesteps: int = 1) -> Network:
    """390-256, then ``count`` branches of ten layers of 256 side by side, concatenated into 256, then 29: the scaled networks of
    Blouw et al. 2019. Concatenated branches times a matrix are a sum of branches times its blocks, as which they are written.

    Args:
        count: branches; 0 leaves 390-256-256-29.
        neuron: type of the neurons.
        timesteps: T.
    """
    nodes: Nodes = [_input(390, spiking=neuron != "relu"), _linear("first", 256), _neuron("n-first", neuron)]
    edges = [("in", "first"), ("first", "n-first")]
    for branch in range(count):
        before = "n-first"
        for depth in range(10):
            layer = f"b{branch}-{depth}"
            nodes += [_linear(layer, 256), _neuron(f"n-{layer}", neuron)]
            edges += [(before, layer), (layer, f"n-{layer}")]
            before = f"n-{layer}"
        nodes.append(_linear(f"join{branch}", 256))
        edges += [(before, f"join{branch}"), (f"join{branch}", "n-join")]
    if count == 0:
        nodes.append(_linear("join", 256))
        edges += [("n-first", "join"), ("join", "n-join")]
    nodes += [_neuron("n-join", neuron), _linear("last", 29), _neuron("n-last", neuron)]
    edges += [("n-join", "last"), ("last", "n-last")]
    return _network(f"{count} branches {neuron}", nodes, edges, timesteps=timesteps)


def looped(neurons: int, timesteps: int) -> Network:
    """A fully connected layer and LIF neurons, one time step after another: n-n."""
    nodes: Nodes = [_input(neurons, spiking=False), _linear("fc", neurons), _neuron("out", "lif")]
    return _network(f"looped {neurons}", nodes, timesteps=timesteps, training={"optimizer": "sgd"})


def product(neurons: int) -> Network:
    """The fully connected layer alone: with T times the batch, what a framework does that takes all time steps at once."""
    return _network(f"product {neurons}", [_input(neurons, spiking=False), _linear("fc", neurons)], training={"optimizer": "sgd"})


def population(neurons: int, timesteps: int) -> Network:
    """LIF neurons alone, over the results of `product`. A trained time constant makes gradients pass them."""
    neuron = {**_neuron("out", "lif"), "trained": {"tau": "layer"}}
    nodes = [_input(neurons, spiking=False), neuron]
    return _network(f"population {neurons}", nodes, timesteps=timesteps, training={"optimizer": "sgd"})


def recurrent(neurons: int, connections: int, neuron: str = "lif", timesteps: int = 1) -> Network:
    """Neurons connected among themselves; the one input that a network must have is silent, and nothing is read."""
    nodes: Nodes = [_input(1), _sparse("start", neurons, 1), _sparse("loop", neurons, connections), _neuron("out", neuron)]
    edges = [("in", "start"), ("start", "out"), ("out", "loop"), ("loop", "out")]
    return _network(f"recurrent {neurons} {neuron}", nodes, edges, timesteps=timesteps, readout={"type": "none"})


def hidden(inputs: int, neurons: Mapping[str, int], outputs: int, timesteps: int) -> Network:
    """Inputs, populations that are all connected with one another and themselves, and leaky integrators that read them all.

    Args:
        inputs: how many.
        neurons: type of each population → its neurons; the population's id is its type.
        outputs: how many.
        timesteps: T.
    """
    nodes, edges = [_input(inputs)], []
    for kind, count in neurons.items():
        nodes += [_linear(f"in-{kind}", count), _neuron(kind, kind)]
        edges += [("in", f"in-{kind}"), (f"in-{kind}", kind)]
    for before in neurons:
        for after, count in neurons.items():
            nodes.append(_linear(f"{before}-{after}", count))
            edges += [(before, f"{before}-{after}"), (f"{before}-{after}", after)]
    nodes.append(_neuron("out", "li"))
    for kind in neurons:
        nodes.append(_linear(f"{kind}-out", outputs))
        edges += [(kind, f"{kind}-out"), (f"{kind}-out", "out")]
    return _network(f"{inputs}-{neurons}rec-{outputs}", nodes, edges, timesteps=timesteps)


def populations(inputs: int, *layers: tuple[int, int]) -> Network:
    """Populations n1, n2, … of LIF neurons one behind another, for one step.

    Args:
        inputs: sources of input spikes.
        layers: of each population its neurons, and the connections that it has with what is before it.
    """
    nodes = [_input(inputs)]
    for index, (neurons, connections) in enumerate(layers, 1):
        nodes += [_sparse(f"to{index}", neurons, connections), _neuron(f"n{index}", "lif")]
    return _network(f"populations {inputs} {layers}", nodes)


def convolutions(side: int, timesteps: int) -> Network:
    """32C3S1-32C3S2-32C3S1-AP4-32FC on two polarities of a square event camera.

    Args:
        side: pixels along an edge.
        timesteps: T.
    """
    nodes: Nodes = [{"id": "in", "type": "input", "shape": [2, side, side]}]
    for index, stride in enumerate((1, 2, 1), 1):
        kernel = {"features": 32, "kernel": 3, "stride": stride, "padding": 1}
        nodes += [{"id": f"conv{index}", "type": "conv2d", **kernel}, _neuron(f"n{index}", "if")]
    nodes += [
        {"id": "pool", "type": "sumpool2d", "kernel": 4},
        {"id": "flat", "type": "flatten"},
        _linear("fc", 32),
        _neuron("n4", "if"),
    ]
    return _network(f"convolutions {side}", nodes, timesteps=timesteps)


def stack(shape: list[int], convs: Sequence[tuple[int, int, int]], timesteps: int) -> Network:
    """Convolutions of IF neurons one behind another.

    Args:
        shape: channels, height and width of the input.
        convs: features, kernel and stride of each.
        timesteps: T.
    """
    nodes: Nodes = [{"id": "in", "type": "input", "shape": shape}]
    for index, (features, kernel, stride) in enumerate(convs, 1):
        conv = {"id": f"conv{index}", "type": "conv2d", "features": features, "kernel": kernel, "stride": stride}
        nodes += [conv, _neuron(f"n{index}", "if")]
    return _network(f"stack {shape} {convs}", nodes, timesteps=timesteps)


def digits(timesteps: int) -> Network:
    """28×28-6c5-p2-12c5-p2-120c4-10, in which pools are neurons too: n1 … n6.

    Args:
        timesteps: T.
    """
    return _pooled([1, 28, 28], ((6, 5), (12, 5), (120, 4)), 0, (10,), timesteps)


def hands(timesteps: int) -> Network:
    """40×40×2-8c3-p2-16c3-p2-32c3-512-5, borders kept, in which pools are neurons too (Ceolini et al. 2020).

    Args:
        timesteps: T.
    """
    return _pooled([2, 40, 40], ((8, 3), (16, 3), (32, 3)), 1, (512, 5), timesteps)


def pilotnet(timesteps: int) -> Network:
    """PilotNet of lava-dl: 66×200×3, five convolutions of kernels of 3, and 100-50-10-1.

    Args:
        timesteps: T.
    """
    nodes: Nodes = [{"id": "in", "type": "input", "shape": [3, 66, 200]}]
    layers = ((24, [2, 2], [0, 0]), (36, [2, 2], [0, 0]), (48, [2, 2], [0, 0]), (64, [2, 1], [1, 0]), (64, [1, 1], [0, 0]))
    for index, (features, stride, padding) in enumerate(layers, 1):
        conv = {"id": f"conv{index}", "type": "conv2d", "features": features, "kernel": 3, "stride": stride, "padding": padding}
        nodes += [conv, _neuron(f"c{index}", "lif")]
    nodes.append({"id": "flat", "type": "flatten"})
    for index, features in enumerate((100, 50, 10, 1), 1):
        nodes += [_linear(f"fc{index}", features), _neuron(f"n{index}", "lif")]
    return _network("pilotnet", nodes, timesteps=timesteps)


def gestures(images: str, muscles: Sequence[int] = ()) -> Network:
    """Gestures seen and felt (Ceolini et al. 2020): nets of values side by side, whose five outputs each, where there are several
    nets, are concatenated into five, which is written as a sum as in `branches`.

    Args:
        images: "cnn" (40x40-8c3-p2-16c3-p2-32c3-512-5), "mlp" (four quarters of 400 pixels, 400-210-5 each) or "" for none.
        muscles: sizes of the net of the 16 features of the muscles; none: it is left out.
    """
    chains: list[Nodes] = []
    if images == "cnn":
        chain: Nodes = [{**_input(1, spiking=False), "shape": [1, 40, 40]}]
        for index, features in enumerate((8, 16, 32), 1):
            chain += [{"id": f"conv{index}", "type": "conv2d", "features": features, "kernel": 3}, _neuron(f"c{index}", "relu")]
            chain += [{"id": f"pool{index}", "type": "maxpool2d", "kernel": 2}] if index < 3 else []
        chains.append([*chain, {"id": "flat", "type": "flatten"}, *_layers((512, 5))])
    elif images == "mlp":
        chains += [[_input(400, spiking=False), *_layers((210, 5))] for _ in range(4)]
    if muscles:
        chains.append([_input(muscles[0], spiking=False), *_layers(muscles[1:])])
    nodes, edges = [], []
    for number, chain in enumerate(chains):
        named = [{**node, "id": f"{node['id']}-{number}"} for node in chain]
        named += [_linear(f"join-{number}", 5)] if muscles and images else []
        nodes += named
        edges += [(before["id"], after["id"]) for before, after in pairwise(named)]
        edges += [(f"join-{number}", "answer")] if muscles and images else []
    nodes += [_neuron("answer", "relu")] if muscles and images else []
    return _network(f"gestures {images} {len(muscles)}", nodes, edges)


def _layers(sizes: Sequence[int]) -> Nodes:
    """Fully connected layers of values."""
    made = [(_linear(f"fc{index}", size), _neuron(f"r{index}", "relu")) for index, size in enumerate(sizes, 1)]
    return [node for pair in made for node in pair]


def _pooled(shape: list[int], convs: Sequence[tuple[int, int]], padding: int, dense: Sequence[int], timesteps: int) -> Network:
    """Convolutions (features, kernel) of IF neurons n1, n3, …, pools of IF neurons n2, n4, … between them, and dense layers."""
    nodes: Nodes = [{"id": "in", "type": "input", "shape": shape}]
    for index, (features, kernel) in enumerate(convs):
        conv = {"id": f"conv{index}", "type": "conv2d", "features": features, "kernel": kernel, "padding": padding}
        nodes += [conv, _neuron(f"n{2 * index + 1}", "if")]
        if index < len(convs) - 1:
            nodes += [{"id": f"pool{index}", "type": "sumpool2d", "kernel": 2}, _neuron(f"n{2 * index + 2}", "if")]
    nodes.append({"id": "flat", "type": "flatten"})
    for index, features in enumerate(dense):
        nodes += [_linear(f"fc{index}", features), _neuron(f"n{2 * len(convs) + index}", "if")]
    return _network(f"pooled {shape} {convs} {dense}", nodes, timesteps=timesteps)


def _input(size: int, *, spiking: bool = True) -> dict[str, Any]:
    return {"id": "in", "type": "input", "shape": [size]} | ({} if spiking else {"encoder": {"type": "direct"}})


def _linear(name: str, features: int) -> dict[str, Any]:
    return {"id": name, "type": "linear", "features": features}


def _sparse(name: str, features: int, connections: int) -> dict[str, Any]:
    return {"id": name, "type": "sparse", "features": features, "connections": connections}


def _neuron(name: str, kind: str) -> dict[str, Any]:
    return {"id": name, "type": kind} | (
        {"tau": "10 ms"} if kind in ("lif", "li") else {"tau": "10 ms", "tau_a": "100 ms"} if kind == "alif" else {}
    )


def _network(
    name: str,
    nodes: Nodes,
    edges: list[tuple[str, str]] | None = None,
    timesteps: int = 1,
    training: dict[str, Any] | None = None,
    readout: dict[str, Any] | None = None,
) -> Network:
    document: dict[str, Any] = {"name": name, "dt": "1 ms", "timesteps": timesteps, "nodes": nodes}
    given = {"edges": [list(edge) for edge in edges or ()], "training": training, "readout": readout}
    return Network.from_document(document | {key: value for key, value in given.items() if value}, where=name)
