"""The same network with more or less hardware side by side."""

from collections.abc import Mapping
from dataclasses import replace

from costmodel.rtl.design import Design
from costmodel.rtl.layer import Layer


def widened(design: Design, lanes: int | Mapping[str, int], units: int) -> Design:
    """A design with other P and R; P is at most a layer's channels, R a divisor of P.

    Args:
        design: the network, as planned.
        lanes: P of all layers, or by name (others keep theirs).
        units: R of all layers.
    """
    layers = {}
    for name, layer in design.layers.items():
        wanted = lanes if isinstance(lanes, int) else lanes.get(name, layer.lanes)
        layers[name] = _layer(layer, min(wanted, layer.space.channels), units)
    return replace(design, layers=layers)


def _layer(layer: Layer, lanes: int, units: int) -> Layer:
    ports = tuple(replace(port, reach=replace(port.reach, lanes=lanes)) for port in layer.ports)
    return replace(layer, ports=ports, lanes=lanes, units=largest_divisor(lanes, units))


def largest_divisor(lanes: int, most: int) -> int:
    """The largest divisor of ``lanes`` up to ``most``."""
    return max(n for n in range(1, min(most, lanes) + 1) if lanes % n == 0)
