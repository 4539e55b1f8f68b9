"""Hardware held against its network: samples through a clocked simulation, the integer model, and the float one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input
from costmodel.rtl.design import Design
from costmodel.rtl.reference import QuantisedNetwork, winners
from costmodel.rtl.simulation import prepare
from costmodel.rtl.stream import pack, unpack
from costmodel.rtl.system import System
from costmodel.rtl.timing import predict
from costmodel.validation.benchmarks import load_benchmark
from costmodel.validation.learning.learner import Learner
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.simulate import spikes_by_rate

TIMED = 100
"""Samples whose cycles are predicted and compared where the answers of more are."""


@dataclass(frozen=True)
class Stimuli:
    """What hardware is tried on.

    Attributes:
        inputs: (T, samples, *shape).
        targets: class of each sample; None where the input is random.
        source: where they come from, in words.
    """

    inputs: torch.Tensor
    targets: torch.Tensor | None
    source: str


@dataclass(frozen=True)
class Verification:
    """What came out.

    Attributes:
        samples: how many.
        mismatches: answers that differ from those of the integer model.
        cycles: simulated, the mean over the samples timed; None where nothing was simulated.
        predicted: predicted from what the layers send, the mean over the samples timed.
        timed: samples whose cycles were predicted.
        unequal: those of them whose simulated cycles are others.
        events: input or layer → events of a sample, the mean.
        accuracy: share of right answers: "float", "hardware"; none without targets.
        backend: the simulator.
        tokens, answers: of the first sample, packed.
    """

    samples: int
    mismatches: int
    cycles: float | None
    predicted: float
    timed: int
    unequal: int
    events: dict[str, float]
    accuracy: dict[str, float]
    backend: str | None
    tokens: np.ndarray
    answers: np.ndarray


def stimuli(network: Network, samples: int, seed: int = 0, data: Path | None = None) -> Stimuli:
    """Test samples of the network's benchmark, or Poisson spikes at its input's rate where it has none.

    Args:
        network: the network.
        samples: how many, at most as many as the benchmark has.
        seed: of random encoders and random input.
        data: folder where the benchmark's files lie.

    Raises:
        InputError: the benchmark's files are not there.
    """
    if network.settings.benchmark is None:
        given = spikes_by_rate(network, network.timesteps, samples, seed)
        return Stimuli(given[network.inputs[0]], None, "random input at the file's rate")
    benchmark = load_benchmark(network.settings.benchmark, seed, data)
    node = network.nodes[network.inputs[0]]
    if not isinstance(node, Input):
        raise TypeError(f"node '{node.id}' is no input")
    chosen = torch.arange(min(samples, len(benchmark.test)))
    values = Learner(network, NetworkModel(network)).arranged(benchmark.test.batch(chosen, network.timesteps, network.dt))
    encoded = node.encoder.encode(values, network.timesteps, network.dt, torch.Generator().manual_seed(seed))
    targets = benchmark.test.targets[chosen]
    classes = targets if targets.dtype == torch.long else None
    return Stimuli(encoded, classes, f"test samples of {benchmark.name}")


@torch.no_grad()
def verify(network: Network, design: Design, given: Stimuli, *, simulate: bool, backend: str | None = None) -> Verification:
    """Runs the samples.

    Args:
        network: the network.
        design: its hardware.
        given: samples.
        simulate: whether the circuit is simulated, clock by clock; else only the integer model runs.
        backend: of the simulator; None: the fastest installed.

    Raises:
        InputError: inputs that the hardware cannot take.
    """
    model = QuantisedNetwork(design)
    events = model(model.quantised(given.inputs))
    sent, wanted = {name: each.numpy() for name, each in events.items()}, model.answers(events).numpy()
    count = given.inputs.shape[1]
    space, value_bits = design.answer_space, design.answer_value_bits
    tokens = [pack(sent[design.source][:, n], design.entries, design.value_bits) for n in range(count)]
    answers = [pack(wanted[:, n], space, value_bits) for n in range(count)]
    timed = [predict(design, [{name: each[:, n] for name, each in sent.items()}]).cycles for n in range(min(count, TIMED))]
    mismatches, cycles, used = 0, None, None
    if simulate:
        simulation = prepare(System(design), backend=backend)
        traces = simulation.run_many(tokens)
        used = simulation.backend
        got = [unpack(trace.answers, space, value_bits) for trace in traces]
        mismatches = sum(int((one != wanted[:, n]).sum()) for n, one in enumerate(got))
        cycles = [int(trace.given[-1] - trace.taken[0]) + 1 for trace in traces]
    accuracy = {}
    if given.targets is not None:
        float_sent = NetworkModel(network)(given.inputs, network.outputs)[network.output]
        accuracy = {
            "float": _accuracy(_classes(network, float_sent), given.targets),
            "hardware": _accuracy(_hardware_classes(network, design, events[design.output]), given.targets),
        }
    return Verification(
        samples=count,
        mismatches=mismatches,
        cycles=None if cycles is None else float(np.mean(cycles[:TIMED])),
        predicted=float(np.mean(timed)),
        timed=len(timed),
        unequal=0 if cycles is None else sum(a != b for a, b in zip(timed, cycles, strict=False)),
        events={name: float(np.count_nonzero(each) / count) for name, each in sent.items()},
        accuracy=accuracy,
        backend=used,
        tokens=tokens[0],
        answers=answers[0],
    )


def real_answers(design: Design, sent: torch.Tensor) -> torch.Tensor:
    """What the output layer sends, (T, batch, elements) in the file's order: spikes, or real values."""
    layer = design.layers[design.output]
    ordered = sent[..., torch.as_tensor(layer.space.numbers())].to(torch.get_default_dtype())
    return ordered * layer.datapath.scales["value"] if layer.value_bits else ordered


def _hardware_classes(network: Network, design: Design, sent: torch.Tensor) -> torch.Tensor:
    """As the hardware's readout says, or as the host reads what the output sends."""
    return _classes(network, real_answers(design, sent)) if design.readout is None else winners(design.readout, sent)


def _classes(network: Network, sent: torch.Tensor) -> torch.Tensor:
    scores = network.readout.scores(sent.flatten(2), network.dt)
    return (scores.mean(dim=0) if scores.ndim == 3 else scores).argmax(dim=1)


def _accuracy(classes: torch.Tensor, targets: torch.Tensor) -> float:
    return float((classes == targets).double().mean())
