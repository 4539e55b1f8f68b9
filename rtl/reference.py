"""The integer arithmetic of a `Design` in torch: what its hardware sends, to the last bit, for whole batches at once."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from costmodel.graphs.errors import InputError
from costmodel.rtl.design import Delayed, Design, Flattened, Link, Shrunk, after
from costmodel.rtl.layer import Layer, Port
from costmodel.rtl.reach import ConvReach
from costmodel.rtl.readout import Readout
from costmodel.rtl.space import Space

Sent = Mapping[str, torch.Tensor]
"""Input or layer → what it sends, integers (T, batch, elements) in hardware order: 0 or 1 of spikes, else values."""


class QuantisedNetwork(nn.Module):
    """A design as a torch module without parameters that are trained.

    Args:
        design: the hardware.
    """

    def __init__(self, design: Design) -> None:
        super().__init__()
        self.design = design
        self._numbers = torch.as_tensor(design.entries.numbers())
        self._weights = {(layer.name, i): _matrix(port) for layer in design.layers.values() for i, port in enumerate(layer.ports)}

    def quantised(self, inputs: torch.Tensor) -> torch.Tensor:
        """Inputs as the network file has them, (T, batch, *shape), as integers (T, batch, elements) in hardware order.

        Raises:
            InputError: values that do not fit, or spikes that are neither 0 nor 1.
        """
        flat = inputs.flatten(2)
        ordered = torch.empty(flat.shape, dtype=torch.int64)
        ordered[..., self._numbers] = torch.round(flat / self.design.value_scale).long()
        largest = round(1 / self.design.value_scale)
        if ordered.abs().max() > largest or (not self.design.value_bits and bool((flat != ordered[..., self._numbers]).any())):
            what = f"inputs lie between {float(flat.min()):g} and {float(flat.max()):g}"
            wanted = "values from −1 to 1" if self.design.value_bits else "spikes, 0 or 1"
            raise InputError(what, mend=f"hardware takes {wanted}")
        return ordered

    def forward(self, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        """What the input and all layers send.

        Args:
            inputs: integers (T, batch, elements) in hardware order, as `quantised` gives them.
        """
        sent = {self.design.source: inputs}
        for group in self.design.order:
            layers = [self.design.layers[name] for name in group]
            if any(port.late for layer in layers for port in layer.ports):
                self._loop(layers, sent)
            else:
                sent[group[0]] = self._whole(layers[0], sent)
        return sent

    def answers(self, sent: Sent) -> torch.Tensor:
        """What leaves the hardware, integers (steps, batch, elements): what the output sends, or one step with the class.

        Args:
            sent: as `forward` gives it.
        """
        out, readout = sent[self.design.output], self.design.readout
        return out if readout is None else nn.functional.one_hot(winners(readout, out), readout.classes)[None]

    def _whole(self, layer: Layer, sent: Sent) -> torch.Tensor:
        """A layer over all time steps."""
        total = torch.stack([self._received(link, sent[link.source]) for link in self.design.into(layer.name)]).sum(dim=0)
        state = _start(layer)
        out = []
        for current in total:
            one, state = self._sweep(layer, current, state)
            out.append(one)
        return torch.stack(out)

    def _loop(self, layers: list[Layer], sent: dict[str, torch.Tensor]) -> None:
        """Layers that excite each other, step by step; what comes from outside is summed up at once."""
        outside, late = {}, {}
        for layer in layers:
            links = self.design.into(layer.name)
            late[layer.name] = [link for link in links if self.design.late(link)]
            at_once = [self._received(link, sent[link.source]) for link in links if not self.design.late(link)]
            outside[layer.name] = torch.stack(at_once).sum(dim=0)
        states = {layer.name: _start(layer) for layer in layers}
        out: dict[str, list[torch.Tensor]] = {layer.name: [] for layer in layers}
        for t in range(len(sent[self.design.source])):
            currents = {layer.name: outside[layer.name][t] for layer in layers}
            for name, links in late.items():
                for link in links if t else ():
                    recent = torch.stack(out[link.source][-_memory(link) :])
                    currents[name] = currents[name] + self._received(link, recent)[-1]
            for layer in layers:
                one, states[layer.name] = self._sweep(layer, currents[layer.name], states[layer.name])
                out[layer.name].append(one)
        sent.update({name: torch.stack(steps) for name, steps in out.items()})

    def _received(self, link: Link, sent: torch.Tensor) -> torch.Tensor:
        """Sums of weights (T, batch, accumulators), in hardware order."""
        design, layer = self.design, self.design.layers[link.target]
        space = design.space(link.source)
        for stage in link.stages:
            sent, space = _passed(stage, sent, space), after(space, stage)
        port, weights = layer.ports[link.port], self._weights[link.target, link.port]
        steps, batch = sent.shape[:2]
        exact = weights.to(torch.float64)
        if not isinstance(port.reach, ConvReach):
            return (sent.to(torch.float64) @ exact.t()).long()
        image = _image(sent, space).flatten(0, 1).permute(0, 3, 1, 2).to(torch.float64)
        rows, columns = port.reach.rows, port.reach.columns
        padded = nn.functional.pad(image, (columns.before, columns.after, rows.before, rows.after))
        out = nn.functional.conv2d(padded, exact, stride=(rows.stride, columns.stride), dilation=(rows.dilation, columns.dilation))
        return out.permute(0, 2, 3, 1).reshape(steps, batch, -1).long()

    def _sweep(self, layer: Layer, current: torch.Tensor, state: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict]:
        """The end of a step: what is sent (batch, neurons), and what is stored."""
        path = layer.datapath
        if layer.window is not None:
            current = _pooled(layer, current)
        acc = state["acc"] + (current << path.weight_shift) if layer.accumulates else current
        given = {name: value for name, value in state.items() if name != "acc"}
        result: dict[str, torch.Tensor] = {}
        for number in range(layer.passes):
            known = {**given, "acc": acc}
            if layer.passes > 1:
                known["final_pass"] = torch.tensor(int(number == layer.passes - 1))
            result = path.evaluate(known)
            given = {name: result[name] for name in layer.states}
        stored = {**given, "acc": result["acc"]} if layer.accumulates else given
        if not layer.value_bits:
            return result["spike"].long(), stored
        value = result["value"].long()
        return (value * result["spike"].long() if "spike" in result else value), stored


def _memory(link: Link) -> int:
    """Steps that a link still holds, the latest included."""
    return 1 + sum(int(np.max(stage.steps)) for stage in link.stages if isinstance(stage, Delayed))


def _start(layer: Layer) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(value) for name, value in layer.datapath.initial.items()}


def _matrix(port: Port) -> torch.Tensor:
    return torch.as_tensor(port.reach.weights)


def _image(sent: torch.Tensor, space: Space) -> torch.Tensor:
    """(T, batch, rows, columns, channels)."""
    return sent.unflatten(2, (space.rows, space.columns, space.channels))


def _passed(stage: object, sent: torch.Tensor, space: Space) -> torch.Tensor:
    """What comes out of a stage."""
    if isinstance(stage, Shrunk):
        rows, columns = space.rows // stage.rows, space.columns // stage.columns
        image = _image(sent, space)[:, :, : rows * stage.rows, : columns * stage.columns]
        windows = image.unflatten(3, (columns, stage.columns)).unflatten(2, (rows, stage.rows))
        pooled = windows.amax(dim=(3, 5)) if stage.largest else windows.sum(dim=(3, 5))
        return pooled.flatten(2)
    if isinstance(stage, Delayed):
        steps = torch.as_tensor(stage.steps).expand(space.elements)
        held = torch.zeros_like(sent)
        for delay in steps.unique().tolist():
            chosen = steps == delay
            if delay < len(sent):
                held[delay:, :, chosen] = sent[: len(sent) - delay, :, chosen]
        return held
    if isinstance(stage, Flattened):
        return sent
    raise TypeError(f"no arithmetic for {type(stage).__name__}")


def _pooled(layer: Layer, sums: torch.Tensor) -> torch.Tensor:
    """(batch, accumulators) → (batch, neurons)."""
    window, space = layer.window, layer.space
    if window is None:
        return sums
    image = sums.unflatten(1, (layer.summed.rows, layer.summed.columns, space.channels))
    image = image[:, : space.rows * window.rows, : space.columns * window.columns]
    windows = image.unflatten(2, (space.columns, window.columns)).unflatten(1, (space.rows, window.rows))
    return (windows.amax(dim=(2, 4)) if window.kind == "max" else windows.sum(dim=(2, 4))).flatten(1)


def winners(readout: Readout, sent: torch.Tensor) -> torch.Tensor:
    """The class of every sample, (batch), from what the output sends, integers (T, batch, classes)."""
    match readout.kind:
        case "sum":
            scores = sent.sum(dim=0)
        case "max":
            scores = sent.amax(dim=0)
        case "last":
            scores = sent[-1]
        case "first":
            scores = -(1 - sent).cumprod(dim=0).sum(dim=0)
    return scores.argmax(dim=1)
