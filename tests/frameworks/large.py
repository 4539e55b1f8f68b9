"""``python -m tests.frameworks.large``: SpikingJelly's SEW-ResNet18 and Spikformer-4-256 as the shipped examples of them.

Their weights are drawn, so the examples hold none, and rates that say nothing of a trained network: `kind` is "assumed". It wants
the overlay `.venv/frameworks` on PYTHONPATH.
"""

import importlib
import json
import sys
import types
from pathlib import Path
from unittest import mock

import torch
from spikingjelly.activation_based import functional, neuron, surrogate

import costmodel as cm
from costmodel.graphs.network import Network
from costmodel.graphs.reading.importers.torch_module import from_torch

EXAMPLES = Path(cm.__file__).parent / "graphs/examples"
SOURCE = "seed 0: weights as SpikingJelly 2.0.0 draws them, on uniform noise; a trained network's are others"


def sew_resnet18() -> tuple[torch.nn.Module, torch.Tensor]:
    """SEW-ResNet18 (ADD) for ImageNet, and a sample of four steps. (Fang et al., "Deep residual learning in spiking neural
    networks", NeurIPS 2021.)
    """
    torch.manual_seed(0)
    words = {"spiking_neuron": neuron.IFNode, "surrogate_function": surrogate.ATan(), "detach_reset": True, "cnf": "ADD"}
    net = sew_resnet().sew_resnet18(**words, num_classes=1000)
    functional.set_step_mode(net, "m")
    return net, 2 * torch.rand(4, 1, 3, 224, 224)


def sew_resnet() -> types.ModuleType:
    """SpikingJelly's SEW-ResNets, which take from torchvision only how trained weights are downloaded."""
    utils = types.ModuleType("torchvision.models.utils")
    utils.load_state_dict_from_url = torch.hub.load_state_dict_from_url  # type: ignore[attr-defined]
    stubs = {name: types.ModuleType(name) for name in ("torchvision", "torchvision.models")}
    with mock.patch.dict(sys.modules, {**stubs, "torchvision.models.utils": utils}):
        return importlib.import_module("spikingjelly.activation_based.model.sew_resnet")


def spikformer(batch: int = 1) -> tuple[torch.nn.Module, torch.Tensor]:
    """Spikformer-4-256 for CIFAR-10, its normalisation set by a batch, and a sample. (Zhou et al., "Spikformer: when spiking
    neural network meets transformer", ICLR 2023.)
    """
    from spikingjelly.activation_based.model import spikformer as model

    torch.manual_seed(0)
    net, images = model.spikformer_cifar10(num_classes=10), torch.rand(max(batch, 4), 3, 32, 32)
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm2d | torch.nn.BatchNorm1d):
            part.weight.data.fill_(3.0)  # untrained, it is silent
            part.momentum = 1.0
    with torch.no_grad():
        net.train()(images)
    functional.reset_net(net.eval())
    return net, images[:batch]


MODELS = {"sew-resnet18": sew_resnet18, "spikformer-4-256": spikformer}
TITLES = {"sew-resnet18": "SEW-ResNet18 (ADD) for ImageNet", "spikformer-4-256": "Spikformer-4-256 for CIFAR-10"}


def document(name: str) -> dict:
    """The network file of a model, without weights."""
    net, sample = MODELS[name]()
    found = from_torch(net, sample, name, measure=True)
    network = Network.from_document(found.document, found.arrays, name, tuple(found.told), found.elements)
    nodes = [dict(node) for node in found.document["nodes"]]
    for node in nodes:
        rate = network.nodes[node["id"]].rate
        if rate is not None:
            node["rate"] = {"mean": round(rate.mean, 6), "kind": "assumed", "source": SOURCE}
    provenance = f"{TITLES[name]}, as SpikingJelly 2.0.0 runs it. Without weights: what is simulated has weights drawn anew."
    return {**found.document, "nodes": nodes, "provenance": provenance}


def written(held: dict) -> str:
    """A node and an edge a line."""
    fields = [f' "{key}": {json.dumps(value)}' for key, value in held.items() if key not in ("nodes", "edges")]
    for key in ("nodes", "edges"):
        fields.append(f' "{key}": [\n' + ",\n".join(f"  {json.dumps(each)}" for each in held[key]) + "\n ]")
    return "{\n" + ",\n".join(fields) + "\n}\n"


if __name__ == "__main__":
    for each in MODELS:
        (EXAMPLES / f"{each}.json").write_text(written(document(each)), encoding="utf-8")
