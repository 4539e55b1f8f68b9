"""Those that the runner's speed is compared with: the same layers and weights in snnTorch, SpikingJelly and Norse, or bare."""

import functools
import importlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from costmodel.graphs.network import Network
from costmodel.graphs.nodes.conv import Convolution
from costmodel.graphs.nodes.flatten import Flatten
from costmodel.graphs.nodes.linear import Linear
from costmodel.graphs.nodes.pool import Pool
from costmodel.graphs.nodes.population import Population
from costmodel.validation.runner.parts import NetworkParts, key, weighted


class Chain:
    """A network's nodes as torch modules, for those who run it otherwise.

    Attributes:
        decay: of all neurons, v ← decay · v + input.
    """

    def __init__(self, network: Network, model: NetworkParts, layout: torch.memory_format) -> None:
        self.network, self.parts, self.layout = network, model.parts, layout
        decays = {decay(node) for node in populations(network).values()}
        if len(decays) != 1:
            raise ValueError(f"the neurons of {network.name} decay differently: {decays}")
        self.decay = decays.pop()

    def layers(self) -> Iterator[nn.Module | None]:
        """New modules in the order of the nodes, with the weights of ours; None for neurons."""
        for name, node in self.network.nodes.items():
            before, after = self.network.shapes[name]
            if isinstance(node, Population):
                yield None
            elif isinstance(node, Linear):
                yield self._weighted(name, nn.Linear(before[0], after[0]))
            elif isinstance(node, Convolution):
                yield self._weighted(name, nn.Conv2d(before[0], after[0], node.kernel))
            elif isinstance(node, Pool):
                yield nn.MaxPool2d(node.kernel)
            elif isinstance(node, Flatten):
                yield nn.Flatten()

    def _weighted(self, name: str, module: nn.Module) -> nn.Module:
        module.load_state_dict(weighted(self.parts[key(name)]).state_dict())
        return module.to(memory_format=self.layout)

    def between(self, cell: Callable[[], nn.Module]) -> list[nn.Module]:
        """The modules, with a cell wherever there are neurons."""
        return [cell() if module is None else module for module in self.layers()]


class Bare(nn.Module):
    """The layers without the neurons, all time steps at once."""

    def __init__(self, chain: Chain) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(module for module in chain.layers() if module is not None))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.layers(inputs.flatten(0, 1)).unflatten(0, inputs.shape[:2])


class SnnTorch(nn.Module):
    """Step by step, as in its tutorials; there a spike's reset comes with the next step, and is not differentiated."""

    def __init__(self, chain: Chain, **how: Any) -> None:
        super().__init__()
        import snntorch
        from snntorch import surrogate

        def cell() -> nn.Module:
            return snntorch.Leaky(beta=chain.decay, spike_grad=surrogate.fast_sigmoid(slope=25), **how)

        self.layers = nn.ModuleList(chain.between(cell))
        self.cells = {i for i, layer in enumerate(self.layers) if isinstance(layer, snntorch.Leaky)}

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        membranes, sent = {i: self.layers[i].reset_mem() for i in self.cells}, []
        for x in inputs:
            for i, layer in enumerate(self.layers):
                if i in self.cells:
                    x, membranes[i] = layer(x, membranes[i])
                else:
                    x = layer(x)
            sent.append(x)
        return torch.stack(sent)


class SpikingJelly(nn.Module):
    """Multi-step mode: a layer over all time steps at once, its neurons in a loop, or in one CUDA kernel by cupy.

    Without ``v_reset`` they reset by subtraction.
    """

    def __init__(self, chain: Chain, backend: str) -> None:
        super().__init__()
        from spikingjelly.activation_based import functional, layer, neuron

        made, waiting = [], []
        for module in chain.layers():
            if module is not None:
                waiting.append(module)
                continue
            tau = 1 / (1 - chain.decay)
            lif = neuron.LIFNode(tau, decay_input=False, v_reset=None, step_mode="m", backend=backend)
            made += [layer.SeqToANNContainer(*waiting), lif]
            waiting = []
        self.layers, self.reset = nn.Sequential(*made), functional.reset_net

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.reset(self.layers)
        return self.layers(inputs)


class Norse(nn.Module):
    """Step by step through a `SequentialState`; its one-state neuron resets to zero.

    It takes (1 − decay) of its input: the threshold is that much lower.
    """

    def __init__(self, chain: Chain) -> None:
        super().__init__()
        from norse.torch import LIFBoxCell, LIFBoxParameters, SequentialState

        left = 1 - chain.decay
        known = LIFBoxParameters(tau_mem_inv=torch.as_tensor(left / 1e-3), v_th=torch.as_tensor(left))
        self.layers = SequentialState(*chain.between(lambda: LIFBoxCell(known)))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        state, sent = None, []
        for x in inputs:
            spikes, state = self.layers(x, state)
            sent.append(spikes)
        return torch.stack(sent)


PEERS = {"snnTorch": "snntorch", "SpikingJelly": "spikingjelly", "Norse": "norse"}
"""Name → package."""


def decay(node: Population) -> float:
    """Of a neuron v ← decay · v + input with a threshold of 1 and a reset by subtraction."""
    known = {name: float(value) for name, value in node.parameters().items()}
    found = math.exp(-1e-3 / known["tau"])
    one = known["v_threshold"] == 1 and math.isclose(known["r"] * (1 - found), 1, rel_tol=1e-3)
    if node.reset_name() != "subtract" or not one:
        raise ValueError(f"the neurons of {node.id} cannot be had of the peers")
    return round(found, 4)


def populations(network: Network) -> dict[str, Population]:
    """The populations by id, in order."""
    return {name: node for name, node in network.nodes.items() if isinstance(node, Population)}


@functools.cache
def installed(package: str) -> bool:
    """Whether a package can be imported."""
    try:
        importlib.import_module(package)
    except ImportError:
        return False
    return True
