"""Trains, measures and writes the example ``mnist-784-128-10``: a snnTorch network as in snnTorch's tutorial 5.

Run as ``python -m validation.shipped.mnist_784_128_10 --data mnist10k.npz``, where the file holds ``images`` (n, 28, 28) uint8
and ``labels`` (n,). The first 8,000 digits train, the last 2,000 test. It writes the network file, its weights, the NIR file
and a record of how they came about; the same seed, data and package versions give the same files.
"""

import argparse
import datetime
import hashlib
import json
import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import nir
import numpy as np
import snntorch
import torch
from torch import nn

from graphs.errors import InputError
from graphs.network import EXAMPLES
from graphs.nir_import import read_nir
from graphs.torch_import import from_torch, to_nir

NAME = "mnist-784-128-10"
STEPS, BETA, BATCH, LEARNING_RATE, SPIKE_COST = 25, 0.9, 128, 1e-3, 1.0
TRAIN, TEST = 8000, 2000


class Net(nn.Module):
    """784-128-10 leaky integrate-and-fire neurons under a constant input: pixel / 255 at every step.

    The reset acts in the step of the spike (``reset_delay=False``), as in NIR.
    """

    def __init__(self):
        super().__init__()
        surrogate = snntorch.surrogate.fast_sigmoid(slope=25)
        self.fc1 = nn.Linear(784, 128)
        self.lif1 = snntorch.Leaky(beta=BETA, spike_grad=surrogate, reset_delay=False)
        self.fc2 = nn.Linear(128, 10)
        self.lif2 = snntorch.Leaky(beta=BETA, spike_grad=surrogate, reset_delay=False)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Hidden and output spikes, each (steps, batch, neurons), of x (batch, 784) in 0 … 1."""
        first, second = self.lif1.init_leaky(), self.lif2.init_leaky()
        current = self.fc1(x)
        record = []
        for _ in range(STEPS):
            hidden, first = self.lif1(current, first)
            output, second = self.lif2(self.fc2(hidden), second)
            record.append((hidden, output))
        first, second = zip(*record, strict=True)
        return torch.stack(first), torch.stack(second)


def train(net: Net, images: torch.Tensor, labels: torch.Tensor, epochs: int, seed: int) -> list[float]:
    """Trains with backpropagation through time on the spike counts' cross-entropy; the mean loss of each epoch."""
    optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.999))
    shuffle = torch.Generator().manual_seed(seed)
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(images), generator=shuffle).split(BATCH):
            hidden, output = net(images[batch])
            loss = nn.functional.cross_entropy(output.sum(0), labels[batch]) + SPIKE_COST * hidden.mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(images))
        print(f"epoch {epoch + 1}: loss {losses[-1]:.3f}", flush=True)
    return losses


def rate(events: torch.Tensor) -> dict:
    """The rate field of a node, from the mean events per element and step of each test sample (samples,)."""
    low, high = np.percentile(events.numpy(), [5, 95])
    source = f"{len(events):,} test digits, {STEPS} steps, the trained network in snnTorch; 5–95 % over the digits"
    rounded = {key: float(f"{value:.4g}") for key, value in (("mean", events.mean()), ("low", low), ("high", high))}
    return {**rounded, "kind": "measured", "source": source}


def measure(net: Net, images: torch.Tensor, labels: torch.Tensor) -> dict:
    """Accuracy by spike count, rates per node, and mean spikes per sample of each layer."""
    with torch.no_grad():
        hidden, output = net(images)
    right = output.sum(0).argmax(1) == labels
    rates = {"input": rate((images > 0).float().mean(1)), "lif1": rate(hidden.mean((0, 2))), "lif2": rate(output.mean((0, 2)))}
    spikes = {"lif1": hidden.sum((0, 2)).mean().item(), "lif2": output.sum((0, 2)).mean().item()}
    return {"accuracy": right.double().mean().item(), "rates": rates, "spikes_per_sample": spikes}


def document(net: Net, result: dict, epochs: int) -> tuple[dict, dict]:
    """The network document and the arrays of all its nodes, keyed ``NODE.array``."""
    found, arrays = from_torch(net, (1, 784), NAME)
    for node in found["nodes"]:
        if node["type"] == "input":
            node["encoder"] = {"type": "direct"}
        if node["id"] in result["rates"]:
            node["rate"] = result["rates"][node["id"]]
        if node["id"] in arrays:
            node["weights"] = f"{NAME}.npz"
    found |= {"timesteps": STEPS, "benchmark": "mnist"}
    found["training"] = {
        "rule": "bptt",
        "surrogate": "fast-sigmoid",
        "optimizer": "adam",
        "loss": f"cross-entropy of the spike counts, and {SPIKE_COST:g} times the hidden layer's mean rate",
        "epochs": epochs,
        "batch": BATCH,
        "learning_rate": LEARNING_RATE,
    }
    found["provenance"] = (
        f"Trained by validation/shipped/mnist_784_128_10.py after snnTorch's tutorial 5 (static input): accuracy "
        f"{result['accuracy']:.4f} on {TEST:,} test digits, see {NAME}.provenance.json. dt is ours: its steps have no length."
    )
    first = ("name", "dt", "timesteps", "benchmark", "nodes", "edges", "training", "provenance")
    flat = {f"{node}.{key}": array.astype(np.float32) for node, own in arrays.items() for key, array in own.items()}
    return {key: found[key] for key in first}, flat


def write(path: Path, save: Callable[[Path], object]) -> None:
    """Lets ``save`` write beside the path, then moves the whole file into place."""
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    save(partial)
    os.replace(partial, path)


def as_json(value: object) -> str:
    """JSON with one node a line."""
    if not isinstance(value, dict) or "nodes" not in value:
        return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    lines = {key: json.dumps(part, ensure_ascii=False) for key, part in value.items()}
    lines["nodes"] = "[\n" + ",\n".join("  " + json.dumps(node, ensure_ascii=False) for node in value["nodes"]) + "]"
    return "{\n" + ",\n".join(f' "{key}": {line}' for key, line in lines.items()) + "\n}\n"


def load(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 28, 28) and labels (n,).

    Raises:
        InputError: no such file, or not enough digits in it.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            images, labels = stored["images"], stored["labels"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"cannot be read ({error})", mend="give an .npz with 'images' and 'labels'", where=str(path)) from None
    if images.shape[1:] != (28, 28) or len(images) < TRAIN + TEST or len(images) != len(labels):
        what = f"has images {images.shape} and labels {labels.shape}"
        raise InputError(what, mend=f"{TRAIN + TEST:,} or more images of 28 × 28 and as many labels are needed", where=str(path))
    return images, labels


def main() -> None:
    """Trains, measures, and writes the four files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=".npz with images (n, 28, 28) uint8 and labels (n,)")
    parser.add_argument("--out", type=Path, default=EXAMPLES, help="folder for the four files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    images, labels = load(options.data)
    pixels, classes = torch.from_numpy(images.reshape(-1, 784) / np.float32(255)), torch.from_numpy(labels.astype(np.int64))
    torch.manual_seed(options.seed)
    net = Net()
    losses = train(net, pixels[:TRAIN], classes[:TRAIN], options.epochs, options.seed)
    result = measure(net, pixels[-TEST:], classes[-TEST:])
    found, arrays = document(net, result, options.epochs)
    record = {
        "script": "validation/shipped/mnist_784_128_10.py",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seed": options.seed,
        "epochs": options.epochs,
        "loss_per_epoch": losses,
        **result,
        "data": {
            "description": f"MNIST digits; the first {TRAIN:,} train, the last {TEST:,} test",
            "digits": len(images),
            "images_sha256": hashlib.sha256(np.ascontiguousarray(images).tobytes()).hexdigest(),
            "labels_sha256": hashlib.sha256(np.ascontiguousarray(labels).tobytes()).hexdigest(),
        },
        "versions": {"python": platform.python_version()} | {name: version(name) for name in ("torch", "snntorch", "nir", "numpy")},
    }
    options.out.mkdir(parents=True, exist_ok=True)
    place = options.out / NAME
    write(place.with_suffix(".nir"), lambda path: nir.write(path, to_nir(net, (1, 784))))
    read_back = read_nir(place.with_suffix(".nir"))[1]
    if any(not np.array_equal(read_back[key.partition(".")[0]][key.partition(".")[2]], array) for key, array in arrays.items()):
        raise RuntimeError("the NIR file holds other weights than the network")
    write(place.with_suffix(".npz"), lambda path: np.savez(path, **arrays))
    write(place.with_suffix(".provenance.json"), lambda path: path.write_text(as_json(record), encoding="utf-8"))
    write(place.with_suffix(".json"), lambda path: path.write_text(as_json(found), encoding="utf-8"))
    print(f"accuracy {result['accuracy']:.4f}, rates { ({key: part['mean'] for key, part in result['rates'].items()}) }")


if __name__ == "__main__":
    main()
