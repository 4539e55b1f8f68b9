"""Random networks of nodes that NIR can say, weights and parameters of any floating-point value."""

import numpy as np
from hypothesis import strategies as st

from costmodel.graphs.network import Network

_NEURONS = {
    "if": {"r": (100, 900)},
    "lif": {"tau": (1e-3, 2e-2), "r": (1, 4), "v_leak": (-0.2, 0.2)},
    "cubalif": {"tau_mem": (1e-3, 2e-2), "tau_syn": (1e-3, 9e-3), "r": (1, 4), "v_leak": (-0.2, 0.2), "w_in": (1, 3)},
    "leaky": {"beta": (0, 0.95)},
}
_VALUES = {
    "i": {"r": (100, 900)},
    "li": {"tau": (1e-3, 2e-2), "r": (0.5, 2), "v_leak": (-0.2, 0.2)},
    "cubali": {"tau_mem": (1e-3, 2e-2), "tau_syn": (1e-3, 9e-3), "r": (1, 4), "v_leak": (-0.2, 0.2), "w_in": (1, 3)},
}
_SIDE = 6


@st.composite
def networks(draw) -> Network:
    """A chain, with convolutions in front or not, some layers recurrent, one skipped by a second path or not."""
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    nodes, arrays, edges = [], {}, []
    images = draw(st.booleans())
    shape = (draw(st.integers(1, 3)), _SIDE, _SIDE) if images else (draw(st.integers(1, 6)),)

    def put(node: dict, after: list[str], **own: np.ndarray) -> str:
        name = f"{node['type']}.{len(nodes)}"
        nodes.append({"id": name, **node})
        edges.extend([before, name] for before in after)
        arrays.update({name: own} if own else {})
        return name

    def neurons(kinds: dict, after: list[str], size: tuple[int, ...]) -> str:
        kind = draw(st.sampled_from(sorted(kinds)))
        node, own = {"type": kind}, {}
        spread = draw(st.booleans())
        for name, (low, high) in kinds[kind].items():
            values = dice.uniform(low, high, size)
            node[name] = float(values.mean()) if spread else float(dice.uniform(low, high))
            own |= {name: values} if spread else {}
        if kinds is _NEURONS:
            node["v_threshold"] = float(dice.uniform(0.3, 1.5))
            node["reset"] = "zero" if kind == "leaky" else draw(st.sampled_from(["subtract", "value"]))
            node |= {"v_reset": float(dice.uniform(-0.3, 0.2))} if node["reset"] == "value" else {}
        return put(node, after, **own)

    def linear(after: list[str], inputs: int, outputs: int, kind: str = "linear") -> str:
        bias = draw(st.booleans())
        weight = dice.normal(0.3, 0.8, (outputs, inputs)).astype(np.float32)
        own = {"weight": weight} | ({"bias": dice.normal(0, 0.2, outputs).astype(np.float32)} if bias else {})
        density = {"density": 1.0} if kind == "sparse" else {}
        return put({"type": kind, "features": outputs, "bias": bias, **density}, after, **own)

    last = put({"type": "input", "shape": list(shape)}, [])
    if images:
        last, shape = _image_layers(draw, dice, put, neurons, last, shape)
    for _ in range(draw(st.integers(1, 3))):
        size = draw(st.integers(1, 5))
        weighted = linear([last], shape[0], size, draw(st.sampled_from(["linear", "sparse"])))
        around = draw(st.sampled_from(["", "delay", "scale", "three paths"]))
        paths = [weighted]
        if around == "delay":
            paths = [put({"type": "delay", "kind": "dendritic", "delay": draw(st.integers(0, 3)) * 1e-3}, paths)]
        elif around == "scale":
            paths = [put({"type": "scale", "scale": 1.0}, paths, scale=dice.uniform(0.5, 2, size).astype(np.float32))]
        elif around == "three paths":
            paths = [linear([last], shape[0], size), weighted, linear([last], shape[0], size)]
        last, shape = neurons(_NEURONS, paths, (size,)), (size,)
        if draw(st.booleans()):
            edges.append([linear([last], size, size), last])
    if draw(st.booleans()):
        neurons(_VALUES, [linear([last], shape[0], 2)], (2,))
    if draw(st.booleans()):
        put({"type": "output"}, [nodes[-1]["id"]])
    document = {"name": "drawn", "dt": draw(st.sampled_from([1e-4, 1e-3])), "timesteps": 12, "nodes": nodes, "edges": edges}
    return Network.from_document(document, arrays)


def _image_layers(draw, dice, put, neurons, last: str, shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    """A convolution, neurons, a pool and flattening: the last node and the shape behind it."""
    groups, features = shape[0], 2 * shape[0]
    kernel, stride, padding = draw(st.sampled_from([(3, 1, "same"), (2, 2, 1), ([3, 2], 1, 0), (2, 2, "same")]))
    window = kernel if isinstance(kernel, list) else [kernel, kernel]
    weight = dice.normal(0.5, 0.8, (features, shape[0] // groups, *window)).astype(np.float32)
    own = {"weight": weight, "bias": dice.normal(0, 0.2, features).astype(np.float32)}
    conv = {"type": "conv2d", "features": features, "kernel": kernel, "stride": stride, "padding": padding, "groups": groups}
    last = put(conv, [last], **own)
    high, wide = (-(-_SIDE // stride) if isinstance(padding, str) else (_SIDE + 2 * padding - k) // stride + 1 for k in window)
    last = neurons(_NEURONS, [last], (features, high, wide))
    pool = draw(st.sampled_from(["sumpool2d", "avgpool2d"]))
    last = put({"type": pool, "kernel": 2}, [last])
    last = put({"type": "flatten"}, [last])
    return last, (features * (high // 2) * (wide // 2),)
