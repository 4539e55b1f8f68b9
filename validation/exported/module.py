"""A network as a Python file with one torch module, and an .npz beside it: they need torch and numpy alone.

Layers outside loops run over all time steps at once, loops step by step, in the order of `validation.runner`.
"""

import io
import keyword
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.validation.exported.neurons import POPULATION, constants, neuron_class
from costmodel.validation.exported.nodes import HELPERS, Code, code
from costmodel.validation.neurons.layer import NeuronLayer
from costmodel.validation.neurons.recipe import Recipe
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.parts import key, weighted
from costmodel.validation.runner.stepping import Stepper


def contents(network: Network, path: Path) -> tuple[dict[Path, bytes], list[str]]:
    """The Python file and its arrays; and what they do not say.

    Raises:
        InputError: noise, delays that are trained or of every connection, or a name that Python cannot import.
    """
    if network.settings.noise:
        raise InputError("a module has no noise", mend="take 'noise' out of the network file", where=network.where)
    if not path.stem.isidentifier() or keyword.iskeyword(path.stem):
        raise InputError(f"'{path.name}' cannot be imported", mend="name it of letters, digits and _", where="--to")
    written = _Written(network)
    stream = io.BytesIO()
    np.savez_compressed(stream, **written.arrays)
    arrays = path.with_suffix(".npz")
    drawn = written.model.drawn
    told = [f"weights of {', '.join(drawn)} were drawn at random, for the file holds none"] if drawn else []
    encoded = [name for name in network.inputs if _encoded(network, name)]
    told += [f"{', '.join(encoded)}: the module takes what the encoder gives, spikes or values of every step"] if encoded else []
    return {path: written.source().encode("utf-8"), arrays: stream.getvalue()}, told


def _encoded(network: Network, name: str) -> bool:
    node = network.nodes[name]
    return isinstance(node, Input) and node.encoder.type != "events"


class _Written:
    """The pieces of the file: names of nodes in code, classes of neurons, expressions, arrays."""

    def __init__(self, network: Network) -> None:
        self.network, self.model = network, NetworkModel(network)
        self.names = _identifiers(list(network.nodes))
        self.arrays: dict[str, Any] = {}
        self.classes: dict[Recipe, str] = {}
        self.populations: dict[str, str] = {}
        self.code: dict[str, Code] = {}
        for name, node in network.nodes.items():
            part = self.model.parts[key(name)]
            if isinstance(part, NeuronLayer):
                self._population(name, part)
            elif not isinstance(node, Input):
                own = dict(network.arrays.get(name, {}))
                if isinstance(node, SynapseNode):
                    inner = weighted(part)
                    own = {n: getattr(inner, n).detach().numpy() for n in ("weight", "bias") if getattr(inner, n) is not None}
                try:
                    self.code[name] = code(node, network.shapes[name][0], own, self.model.dt, self.names[name])
                except InputError as error:
                    raise error.at(f"{network.where}: node '{name}'") from None
                self.arrays |= {f"{self.names[name]}_{n}": _single(array) for n, array in self.code[name].arrays.items()}

    def _population(self, name: str, layer: NeuronLayer) -> None:
        recipe = Recipe(layer.recipe.neuron, layer.recipe.reset, layer.recipe.zero, repeats=layer.recipe.repeats)
        if recipe not in self.classes:
            plain = re.sub(r"\W|_", "", recipe.neuron.__name__)
            self.classes[recipe] = f"{plain}{sum(each.startswith(plain) for each in self.classes.values()) + 1}"
        self.populations[name] = self.classes[recipe]
        neurons = int(np.prod(self.network.shapes[name][1]))
        known = layer.constants(torch.zeros(1, 1, neurons)).detach()[: len(constants(recipe))]
        self.arrays |= {f"{self.names[name]}_constants": known.numpy(), f"{self.names[name]}_start": layer.start.flatten().numpy()}

    def source(self) -> str:
        """The file."""
        title = self.network.name.replace("\\", "/").replace('"', "'")
        classes = (neuron_class(recipe, name) for recipe, name in self.classes.items())
        return "\n\n\n".join([_HEAD.format(title=title), HELPERS, POPULATION, *classes, self._network()]) + "\n"

    def _network(self) -> str:
        network, dt = self.network, self.model.dt
        lines = ["class Network(nn.Module):"]
        lines += [f"    # Takes {name!r}: (T, batch, {_comma(network.shapes[name][1])})." for name in network.inputs]
        lines += [f"    dt = {dt!r}", f"    inputs = {tuple(network.inputs)!r}", f"    outputs = {tuple(network.outputs)!r}", ""]
        lines += ["    def __init__(self, arrays=None):", "        super().__init__()"]
        lines += ['        with np.load(arrays or Path(__file__).with_suffix(".npz"), allow_pickle=False) as stored:']
        lines += ["            known = {name: torch.as_tensor(stored[name]) for name in stored.files}"]
        for name, found in self.code.items():
            lines += [self._registered(f"{self.names[name]}_{each}", array) for each, array in found.arrays.items()]
        for name, made in self.populations.items():
            k = self.names[name]
            lines.append(f'        self.{k} = {made}(known["{k}_constants"], known["{k}_start"])')
        lines += ["", "    @torch.no_grad()", "    def forward(self, inputs):"]
        lines += ['        """What every node sends, by its name, (T, batch, *shape)."""']
        lines += ["        sent = dict(inputs) if isinstance(inputs, dict) else {self.inputs[0]: inputs}"]
        for group in self.model.groups:
            looped = len(group) > 1 or network.graph.has_edge(group[0], group[0])
            lines += self._loop(group) if looped else self._whole(group[0])
        return "\n".join([*lines, "        return sent"])

    @staticmethod
    def _registered(k: str, array: np.ndarray) -> str:
        """An array as a buffer; weights of images in the order of memory in which they are run, on which last bits depend."""
        laid = ".to(memory_format=torch.channels_last)" if array.ndim == 4 else ""
        return f'        self.register_buffer("{k}", known["{k}"]{laid})'

    def _whole(self, name: str) -> list[str]:
        if isinstance(self.network.nodes[name], Input):
            return []
        received = ", ".join(f"sent[{before!r}]" for before in self.network.graph.pred[name])
        lines = [f"        x = total([{received}])"]
        if name in self.code:
            return [*lines, f"        sent[{name!r}] = {self.code[name].text}"]
        return [*lines, f"        sent[{name!r}], _ = self.{self.names[name]}(x)"]

    def _loop(self, group: list[str]) -> list[str]:
        """The nodes of a loop, a step at a time: what closes it arrives a step later."""
        stepper = Stepper(self.network, self.model.parts, group)
        like = sorted(stepper.outside)[0]
        lines = [f"        like, states, past = sent[{like!r}], {{}}, {{}}", "        now = {"]
        for name in stepper.order:
            shape = _comma(self.network.shapes[name][1])
            lines.append(f"            {name!r}: like.new_zeros((1, like.shape[1], {shape})),")
        lines += ["        }", "        kept = {name: [] for name in now}", "        for t in range(len(like)):"]
        lines += ["            before, now = now, {}"]
        for name in stepper.order:
            parts = [
                f"sent[{b!r}][t : t + 1]" if b in stepper.outside else f"{'before' if stepper.waits(b, name) else 'now'}[{b!r}]"
                for b in self.network.graph.pred[name]
            ]
            lines.append(f"            x = total([{', '.join(parts)}])")
            if name not in self.code:
                lines.append(f"            now[{name!r}], states[{name!r}] = self.{self.names[name]}(x, states.get({name!r}))")
            elif (waits := self.code[name].waits) > 0:
                lines += [f"            x = past[{name!r}] = torch.cat([past[{name!r}], x] if t else [x])[-{waits + 1} :]"]
                lines += [f"            now[{name!r}] = ({self.code[name].text})[-1:]"]
            else:
                lines.append(f"            now[{name!r}] = {self.code[name].text}")
        lines += ["            for name, values in now.items():", "                kept[name].append(values)"]
        return [*lines, "        sent |= {name: torch.cat(values) for name, values in kept.items()}"]


_HEAD = '''"""{title}, as a torch module. Written by costmodel; it needs torch and numpy, and the .npz beside it."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn'''


def _comma(shape: tuple[int, ...]) -> str:
    return ", ".join(map(str, shape))


def _single(array: np.ndarray) -> np.ndarray:
    """As torch runs it: float32, or whole steps."""
    return array if array.dtype.kind == "i" else np.asarray(array, dtype=np.float32)


def _identifiers(names: list[str]) -> dict[str, str]:
    """Nodes → what they are called in code, no two alike and none a word of Python's or a name of a module's own."""
    found: dict[str, str] = {}
    for name in names:
        plain = "n_" + re.sub(r"\W", "_", name, flags=re.ASCII)
        while plain in found.values():
            plain += "_"
        found[name] = plain
    return found
