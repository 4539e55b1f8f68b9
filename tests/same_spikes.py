"""Random networks of snnTorch or Sinabs, run by their library and here: what both have to spike alike."""

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import costmodel as cm
from costmodel.graphs.reading.modules import known
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.simulate import simulate

STEPS, BATCH = 40, 8
GRID = 2.0**-8
"""Weights are multiples of it."""


def dyadic(layer: nn.Module, dice: torch.Generator, largest: float = 1.0) -> nn.Module:
    """The layer with weights and biases on the grid, drawn so that some sums hit a threshold."""
    for value in nn.Module.parameters(layer):
        whole = torch.randint(-int(largest / GRID / 2), int(largest / GRID), value.shape, generator=dice)
        coarse = torch.randint(0, 2, value.shape, generator=dice) * 31 + 1  # half of them on a grid of 1/8
        value.data = ((whole // coarse) * coarse).float() * GRID
    return layer


def spike_train(shape: tuple[int, ...], dice: torch.Generator) -> torch.Tensor:
    """Inputs (T, batch, *shape), a third of them spikes."""
    return (torch.rand((STEPS, BATCH, *shape), generator=dice) < 0.35).float()


def here(network: cm.Network, inputs: torch.Tensor, folder: Path, names: list[str]) -> dict[str, np.ndarray]:
    """Spikes of `simulate`, (T, batch, neurons) for every population."""
    stream = io.BytesIO()
    np.savez(stream, input=inputs.numpy())
    (folder / "in.npz").write_bytes(stream.getvalue())
    simulate(network.with_timesteps(len(inputs)), folder / "out.npz", folder / "in.npz")
    with np.load(folder / "out.npz") as found:
        return {name: found[f"spikes.{name}"] for name in names}


def note(theirs: Mapping[str, torch.Tensor], ours: Mapping[str, Any]) -> None:
    """Keeps what was compared, where `tests.frameworks.bench` asks for it: a line for each network, in the file SAME_SPIKES."""
    if path := os.environ.get("SAME_SPIKES"):
        pairs = [(torch.as_tensor(sent).flatten(2), torch.as_tensor(ours[name]).flatten(2)) for name, sent in theirs.items()]
        # spikes alone: values are their tests' affair
        layers = [(sent, own) for sent, own in pairs if bool((sent == sent.round()).all())]
        if not layers:
            return
        line = {
            "test": os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0],
            "layers": len(layers),
            "steps": len(layers[0][0]),
            "batch": layers[0][0].shape[1],
            "spikes": sum(int((sent != 0).sum()) for sent, _ in layers),
            "different": sum(int((sent != own).sum()) for sent, own in layers),
        }
        with Path(path).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")


def first_difference(theirs: dict[str, torch.Tensor], ours: dict[str, np.ndarray]) -> tuple[str, tuple[int, ...]] | None:
    """Layer and place (t, sample, neuron) of the first spike to differ: of the earliest step, there of the first layer."""
    note(theirs, ours)
    found = []
    for depth, (name, spikes) in enumerate(theirs.items()):
        places = np.argwhere(spikes.flatten(2).numpy() != ours[name])
        found += [(places[0][0], depth, name, tuple(int(k) for k in places[0]))] if len(places) else []
    return min(found)[2:] if found else None


def steps_of(module: nn.Module) -> nn.Module:
    """A module that takes one time step, over all steps of a sample (T, batch, …)."""

    class Steps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.step = module

        def forward(self, x: torch.Tensor) -> list:
            return [self.step(now) for now in x]

    return Steps()


def spikes_of(module: nn.Module, inputs: torch.Tensor, timed=lambda x: x) -> tuple[dict, dict]:
    """What every neuron layer sends, (T, batch, …) by its node: in the module's own run, and in the network that it becomes.

    Args:
        module: the module.
        inputs: what its ``forward`` takes.
        timed: makes (T, batch, *shape) of that.
    """
    network = cm.from_torch(module, inputs)
    sent: dict[str, list] = {}
    times = {}

    def keep(name):
        def hook(part, _, out):
            spikes = (out[0] if isinstance(out, tuple) else out).detach().clone()
            times[name] = known.described(part, tuple(spikes.shape), network.dt, name).time
            sent.setdefault(name, []).append(spikes)

        return hook

    named = {name.replace(".", "_"): part for name, part in nn.Module.named_modules(module)}
    hooks = []
    for name, part in named.items():
        if name in network.nodes and known.is_neurons(part):
            known.reset(part)
            hooks.append(part.register_forward_hook(keep(name)))
    with torch.no_grad():
        module.eval()(inputs)
        ours = NetworkModel(network)(timed(inputs))
    for hook in hooks:
        hook.remove()
    theirs = {name: _in_time(steps, times[name], network.timesteps) for name, steps in sent.items()}
    note(theirs, ours)
    return theirs, ours


def _in_time(steps: list[torch.Tensor], time: str, timesteps: int) -> torch.Tensor:
    """(T, batch, …) of what a layer sent, call by call or all steps at once."""
    if time == "step":
        return torch.stack(steps)
    if time == "joined":
        return steps[0].unflatten(0, (-1, timesteps)).transpose(0, 1)
    return steps[0] if time == "first" else steps[0].transpose(0, 1)
