"""Throughput of the torch runner against snnTorch, SpikingJelly, Norse and the bare products or convolutions.

``python -m tests.performance.runner_speed`` prints a table for each network and number of steps; ``make performance``
installs the peers and runs it; docs/performance.md has what was measured. Nothing here asserts a time.

Everybody gets the same weights and the same inputs. Contenders take turns, in an order that rotates from round to round,
so that whatever else the machine does hits all alike; figures are medians over the rounds. "bare" is the time over that of
the same layers without neurons, all time steps at once, in the faster of two memory layouts; "peer" is the speed over that
of the fastest peer.
"""

import argparse
import gc
import importlib.metadata
import json
import math
import platform
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from costmodel.graphs.network import Network
from costmodel.graphs.nodes.conv import Convolution
from costmodel.graphs.nodes.linear import Linear
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.reading.loading import load
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.parts import key, weighted
from costmodel.validation.runner.process import start_torch
from tests.performance.peers import PEERS, Bare, Chain, Norse, SnnTorch, SpikingJelly, decay, installed, populations

BATCH = 128
WAYS = ("forward", "forward and backward")
BARE = ("bare", "bare, channels last")
LEAK = {"type": "lif", "tau": "1.4427 ms", "r": 2.0, "v_threshold": 1.0, "reset": "subtract"}
TUTORIAL_6 = {
    "name": "12C5-MP2-64C5-MP2-FC10",
    "dt": "1 ms",
    "timesteps": 25,
    "nodes": [
        {"id": "in", "type": "input", "shape": [1, 28, 28]},
        {"id": "conv1", "type": "conv2d", "features": 12, "kernel": 5},
        {"id": "pool1", "type": "maxpool2d", "kernel": 2},
        {"id": "lif1", **LEAK},
        {"id": "conv2", "type": "conv2d", "features": 64, "kernel": 5},
        {"id": "pool2", "type": "maxpool2d", "kernel": 2},
        {"id": "lif2", **LEAK},
        {"id": "flat", "type": "flatten"},
        {"id": "fc", "type": "linear", "features": 10},
        {"id": "out", **LEAK},
    ],
    "provenance": "snnTorch tutorial 6 (github.com/jeshraghian/snntorch, docs/tutorials/tutorial_6.rst): MNIST, beta 0.5.",
}
"""The convolutional network of snnTorch's tutorial 6; that of tutorial 7, for N-MNIST, is an example of ours."""

NETWORKS: dict[str, Callable[[], Network]] = {
    "784-128-10": lambda: load("mnist-784-128-10"),
    "12C5-MP2-64C5-MP2-FC10": lambda: Network.from_document(TUTORIAL_6),
    "nmnist-conv-snntorch": lambda: load("nmnist-conv-snntorch"),
}


class Ours(nn.Module):
    """A network as ``costmodel run`` runs it, its weights scaled so that all layers spike."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.model = NetworkModel(network)
        self.last = list(populations(network))[-1]
        self._scale(network)

    @torch.no_grad()
    def _scale(self, network: Network) -> None:
        """Lets no neuron receive 2 − decay thresholds in a step, so that none stays above its threshold after a reset.

        snnTorch would reset such a neuron before it can spike again, ours and SpikingJelly after it has.
        """
        inputs, before = draw(network, 25), None
        for name, node in network.nodes.items():
            if isinstance(node, Linear | Convolution):
                before = weighted(self.model.parts[key(name)])
                if network.graph.has_edge(name, self.last):
                    before.weight.abs_()  # spikes enough to compare
            elif isinstance(node, Population):
                most = self.model(inputs)[next(iter(network.graph.pred[name]))].max()
                for values in before.parameters():
                    values *= 0.99 * (2 - decay(node)) / most

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.model(inputs, {self.last})[self.last]


def draw(network: Network, steps: int, seed: int = 0) -> torch.Tensor:
    """Uniform inputs, anew in every step, for there is nothing to gain from a sample that stands still or from zeros."""
    dice = torch.Generator().manual_seed(seed)
    return torch.rand(steps, BATCH, *network.shapes[network.inputs[0]][1], generator=dice)


def backend(device: str) -> str:
    """That of SpikingJelly on the device: cupy's where it can be had."""
    return "cupy" if device.startswith("cuda") and installed("cupy") else "torch"


def version(package: str) -> str | None:
    """Of a package; None where it is not installed."""
    if not installed(package):
        return None
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "of no known version"


def contenders(network: Network, device: str, layout: torch.memory_format) -> dict[str, nn.Module]:
    """Everybody who is installed.

    Args:
        network: the network.
        device: torch device.
        layout: of the peers' convolution weights.
    """
    ours = Ours(network)
    chain, plain, last = (Chain(network, ours.model, one) for one in (layout, torch.contiguous_format, torch.channels_last))
    made: dict[str, nn.Module] = {"costmodel": ours, BARE[0]: Bare(plain)}
    if any(isinstance(node, Convolution) for node in network.nodes.values()):
        made[BARE[1]] = Bare(last)
    build = {
        "snnTorch": lambda: SnnTorch(chain),
        "SpikingJelly": lambda: SpikingJelly(chain, backend(device)),
        "Norse": lambda: Norse(chain),
    }
    made |= {name: build[name]() for name, package in PEERS.items() if installed(package)}
    return {name: module.to(device) for name, module in made.items()}


def differing(network: Network, device: str) -> dict[str, float]:
    """Spikes of the last layer that differ from ours, as a share of ours; and how often our neurons of that layer spike."""
    inputs, everybody = draw(network, 25, seed=1).to(device), contenders(network, device, torch.contiguous_format)
    ours = everybody.pop("costmodel")
    if "snnTorch" in everybody:
        chain = Chain(network, ours.model, torch.contiguous_format)
        everybody["snnTorch, reset_delay=False"] = SnnTorch(chain, reset_delay=False).to(device)
    with torch.no_grad():
        sent = ours(inputs)
        found = {name: (each(inputs) != sent).sum() / sent.sum() for name, each in everybody.items() if name not in BARE}
    return {"rate": float(sent.mean())} | {name: float(share) for name, share in found.items()}


def measure(everybody: dict[str, nn.Module], inputs: torch.Tensor, way: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of every round, by contender."""

    def once(net: nn.Module) -> float:
        net.train(way != "forward")
        net.zero_grad()
        if inputs.is_cuda:
            torch.cuda.synchronize()
        start = time.perf_counter()
        if way == "forward":
            with torch.no_grad():
                net(inputs)
        else:
            net(inputs).sum().backward()
        if inputs.is_cuda:
            torch.cuda.synchronize()
        return time.perf_counter() - start

    names, taken = list(everybody), {name: [] for name in everybody}
    for i in range(-2, rounds):  # two to warm up
        for name in names[i % len(names) :] + names[: i % len(names)]:
            seconds = once(everybody[name])
            if i >= 0:
                taken[name].append(seconds)
            gc.collect()
    return taken


def rows(taken: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """What the table says of each contender: ms, times the faster bare layers, speed over the fastest peer's."""
    middle = {name: 1e3 * statistics.median(seconds) for name, seconds in taken.items()}
    least = min(middle[name] for name in BARE if name in middle)
    peer = min((middle[name] for name in PEERS if name in middle), default=math.nan)
    low = {name: 1e3 * min(seconds) for name, seconds in taken.items()}
    return {name: {"ms": ms, "fastest_ms": low[name], "bare": ms / least, "peer": peer / ms} for name, ms in middle.items()}


def show(title: str, found: dict[str, dict[str, dict[str, float]]]) -> None:
    """A table, at most 80 columns wide.

    Args:
        title: its heading.
        found: way → contender → `rows`.
    """
    print(f"\n{title}")
    print(f"{'':22}" + "".join(f"{way:>27}" for way in found))
    print(f"{'':22}" + f"{'ms':>11}{'bare':>8}{'peer':>8}" * len(found))
    for name in next(iter(found.values())):
        cells = [found[way][name] for way in found]
        print(f"{name:22}" + "".join(f"{c['ms']:11.1f}{c['bare']:8.2f}{c['peer']:8.2f}" for c in cells))
    for name, package in PEERS.items():
        if not installed(package):
            print(f"{name:22}  not installed")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--rounds", type=int, default=15, help="measured rounds of each group")
    parser.add_argument("--threads", type=int, default=2, help="of torch and of the compiled kernels")
    parser.add_argument("--steps", type=int, nargs="+", default=[25, 100], help="numbers of time steps")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=list(NETWORKS), help="which networks")
    parser.add_argument("--default-allocator", action="store_true", help="leave glibc's allocator as it is")
    parser.add_argument("--peers-channels-last", action="store_true", help="the peers' convolutions in our memory layout")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every round's time")
    return parser.parse_args()


def main() -> None:
    """Measures and prints."""
    chosen = arguments()
    if chosen.default_allocator:
        torch.set_num_threads(chosen.threads)
    else:
        start_torch(chosen.device, chosen.threads)
    layout = torch.channels_last if chosen.peers_channels_last else torch.contiguous_format
    versions = {name: version(package) for name, package in PEERS.items()}
    where = torch.cuda.get_device_name() if chosen.device.startswith("cuda") else f"{chosen.threads} threads"
    print(f"torch {torch.__version__}, Python {platform.python_version()}, {chosen.device}, {where}; batch {BATCH}")
    print("; ".join(f"{name} {known or 'not installed'}" for name, known in versions.items()))
    print(f"SpikingJelly's backend: {backend(chosen.device)}")
    print("freed memory: " + ("given back" if chosen.default_allocator else "kept, for everybody, as `costmodel run` does"))
    print("the peers' convolutions: " + ("channels last, as ours" if chosen.peers_channels_last else "as torch lays them"))
    print("ms: median; bare: over the bare layers'; peer: speed over the fastest peer's")
    record: dict[str, Any] = {
        "torch": torch.__version__,
        "device": chosen.device,
        "where": where,
        "peers": versions,
        "spikingjelly_backend": backend(chosen.device),
        "default_allocator": chosen.default_allocator,
        "peers_channels_last": chosen.peers_channels_last,
        "batch": BATCH,
        "groups": [],
    }
    for name in chosen.networks:
        network = NETWORKS[name]()
        shares = differing(network, chosen.device)
        print(f"\n{name}: {shares['rate']:.3f} output spikes a neuron and step; not as ours:")
        for peer, share in list(shares.items())[1:]:
            print(f"  {peer:30}{share:9.3%}")
        record.setdefault("differing", {})[name] = shares
        everybody = contenders(network, chosen.device, layout)
        for steps in chosen.steps:
            inputs = draw(network, steps).to(chosen.device)
            found = {}
            for way in WAYS:
                taken = measure(everybody, inputs, way, chosen.rounds)
                found[way] = rows(taken)
                record["groups"].append({"network": name, "steps": steps, "way": way, "seconds": taken, "rows": found[way]})
            show(f"{name}, T {steps}", found)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\nmost memory that the process held: {most:.1f} GiB")
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(record, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
