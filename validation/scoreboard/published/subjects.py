"""What each published row ran: its networks, the part, and what of its activity is known."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from costmodel.estimates.estimating import Phase, Workload
from costmodel.graphs.network import Network
from costmodel.validation.scoreboard.published.measurements import Row
from costmodel.validation.scoreboard.published.topologies import (
    branches,
    convolutions,
    digits,
    gestures,
    hands,
    looped,
    perceptron,
    pilotnet,
    population,
    populations,
    product,
    recurrent,
)

PARTS = Path(__file__).parents[1] / "parts"
GESTURES = {
    "CEO-JN-CNN-EMG": ("", (16, 128, 128, 5)),
    "CEO-JN-MLP-EMG": ("", (16, 230, 5)),
    "CEO-JN-CNN-APS": ("cnn", ()),
    "CEO-JN-MLP-APS": ("mlp", ()),
    "CEO-JN-CNN-FUS": ("cnn", (16, 128, 128, 5)),
    "CEO-JN-MLP-FUS": ("mlp", (16, 230, 5)),
}
"""Row → nets of images and of muscles, of Enny1991/dvs_emg_fusion, full_baseline.py."""
BOARDS = {
    "NS": (1, (16065, 1), (1, 1)),
    "FS": (1, (16065, 1), (1, 1)),
    "IN-ONE": (5000, (5000, 5000)),
    "IN-RANDOM": (30, (12000, 7650)),
    "IN-ALL": (30, (12000, 360000)),
    "ONE": (1, (7905, 1), (7905, 7905)),
    "FROM-ONE": (1, (1, 1), (15810, 15810)),
    "RANDOM": (1, (18, 1), (15810, 142290)),
}
"""Row of a SpiNNaker board → inputs, then neurons and connections of each population (SNABSuite, config/energy_model.json). Where
no spike is recorded, one silent neuron is the output, so that none leaves the machine."""
LIBRARY_STEPS = 500
"""Time steps in open-neuromorphic/snn-library-benchmarks, docker/run_benchmark.py."""


@dataclass(frozen=True)
class Program:
    """A network as it is run; a subject's programs follow one another.

    Attributes:
        network: what is run.
        phase: inference or a training step.
        batch: samples together.
    """

    network: Network
    phase: Phase = "inference"
    batch: int = 1

    def workload(self, rates: dict[str, float]) -> Workload:
        """The workload at given rates."""
        return Workload(self.network, self.phase, batch=self.batch, rates=rates or None)


@dataclass(frozen=True)
class Subject:
    """What a row measured.

    Attributes:
        part: catalogue name or part file.
        programs: what was run.
        rates: activity, where it is known: node → events a step.
        unknown: whether activity is not known and matters.
        timed: whether only forward and backward passes were timed: neither the optimiser's step nor transfers.
        asleep: power that the publication subtracts as idle, W; None: the part's own static power.
        assumption: what else was taken for granted.
        settings: parameters of the part that the run sets, as ``--set`` does, SI.
    """

    part: str
    programs: tuple[Program, ...]
    rates: dict[str, float] = field(default_factory=dict)
    unknown: bool = False
    timed: bool = False
    asleep: float | None = None
    assumption: str = ""
    settings: Mapping[str, float] = field(default_factory=dict)


def part_file(platform: str) -> Path:
    """The part of a platform: its name in small letters and digits, dashes between them."""
    return PARTS / (re.sub(r"[^a-z0-9]+", "-", platform.lower()).strip("-") + ".toml")


def subject(row: Row) -> Subject | None:
    """What a row ran; None where too much of it is unknown to be predicted."""
    name, own = row.name, str(part_file(row.platform))
    if match := re.fullmatch(r"KWSx?-([^-]+)(?:-N(\d+)|-b\d+)?", name):  # N: the number of branches
        count = int(match[2] or 0)
        if match[1] == "loihi":
            return _loihi(branches(count, "if", 10))
        return Subject(own, (Program(branches(count), batch=row.batch),))
    if match := re.fullmatch(r"LIB-(.*)-(\d+)", name):
        return Subject(own, _library(match[1], int(match[2]), row.batch), timed=True)
    if row.platform.startswith("TrueNorth"):
        hertz = float(row.fields["activity"].split()[0])
        network = recurrent(1048576, max(1, int(row.size)))
        rates, axons = {"in": 0.0, "out": hertz * 1e-3}, {"fan_in": 257}  # 256 and the silent input that a network must have
        return Subject(own, (Program(network),), rates, settings=axons)
    if name == "SPIN-NE15-I":  # 4.17e6 operations in a second of input, each input to 500 neurons, then 0.2 s of silence
        return Subject(own, (Program(perceptron((784, 500), timesteps=1200)),), {"in": 4.17e6 / 500 / 784 / 1200, "n1": 0.0})
    if name == "SPIN-NE15-II":  # 1500 inputs a second make 0.75e6 operations; the rest is shared by both hidden layers alike
        hidden = (1.88e6 - 1500 * 500) / (500 * 500 + 500 * 10) / 1000
        rates = {"in": 1500 / 784 / 1000, "n1": hidden, "n2": hidden, "n3": 0.0}
        return Subject(own, (Program(perceptron((784, 500, 500, 10), timesteps=1000)),), rates)
    if match := re.fullmatch(r"SPINN(\d)-(.*)", name):
        return _board(row, own, {"3": 4, "5": 48}[match[1]], match[2])
    if row.platform == "SpiNNaker, many boards":
        return _microcircuit(row, own)
    if row.platform == "ODIN":
        clock = {"ODIN-FRENKEL19-75MHz": 75e6, "ODIN-FRENKEL19-1.3MHz": 1.3e6}[name]
        settings = {"f_clk": clock, "core_memory": 32769}  # 32 KiB and the weight of the silent input that a network must have
        return Subject(own, (Program(recurrent(256, 65536)),), {"in": 0.0, "out": 1.0}, settings=settings)
    if name == "LOIHI-FRADY20":  # the middle of 667 and 750 input spikes; the nearest patterns alone spike
        rates = {"in": math.sqrt(667 * 750) / 1000 / 60, "n1": 0.0}
        return Subject(own, (Program(perceptron((1000, 76800), "if", 60)),), rates, settings={"chips": 32})
    if row.platform == "Loihi, Quartz":
        network = digits(int(row.fields["timesteps"]))
        told = "neurons that only help to code values are left out"
        return Subject(own, (Program(network),), {"*": 1 / network.timesteps, "in": 1 / network.timesteps}, assumption=told)
    if name in GESTURES:
        return Subject(own, (Program(gestures(*GESTURES[name])),))
    if row.platform == "Speck":
        return _speck(row, own)
    if name in ("CEO-LO-EMG", "CEO-LO-DVS"):
        return _hands(row)
    return _shown(name)


def _hands(row: Row) -> Subject:
    """All inputs and neurons fire alike, so that the synaptic operations add up to the published count."""
    steps = int(row.fields["timesteps"])
    network = perceptron((16, 128, 128, 5), timesteps=steps) if row.name == "CEO-LO-EMG" else hands(steps)
    each = Workload(network, rates={"*": 1.0}).summary.work.effective_synops
    rate = float(row.fields["activity"].split()[0]) / each
    return Subject("loihi", (Program(network),), {"*": rate}, assumption="all layers fire alike, a step of 1 ms for each of 200 ms")


def _speck(row: Row, part: str) -> Subject:
    """64 × 64 pixels are the most whose neurons fit; all layers fire alike, so that their spikes add up to the published count;
    input events are not in the count and are taken as none."""
    network = convolutions(64, 540)
    layers = ("n1", "n2", "n3", "n4")
    neurons = sum(math.prod(network.shapes[layer][1]) for layer in layers)
    rate = float(row.fields["activity"].split()[0]) / (neurons * network.timesteps)
    told = "64 x 64 pixels, all layers fire alike, steps of 1 ms"
    return Subject(part, (Program(network),), {"in": 0.0} | dict.fromkeys(layers, rate), assumption=told)


def _board(row: Row, part: str, chips: int, name: str) -> Subject:
    """Either the inputs spike and the neurons behind them do not, or the first population does and the one behind it does not."""
    network, told = populations(*BOARDS[name]), row.fields["activity"].split()[0]
    rate = 0.0 if told == "no" else float(told)
    driven = name.startswith("IN-")
    rates = {"in": rate, "n1": 0.0} if driven else {"in": 0.0, "n1": rate, "n2": 0.0}
    return Subject(part, (Program(network),), rates, settings={"chips": chips})


def _microcircuit(row: Row, part: str) -> Subject:
    """One step of 0.1 ms of the model, as long as the published slow-down says. In real time a core has 32 neurons, which lets it
    keep pace: really cores shared the work of others (Rhodes et al. 2020)."""
    network = recurrent(77169, 298880969)
    boards, step, neurons = (6, 2e-3, 255.0) if row.name == "PD14-SPIN-2018" else (12, 1e-4, 32.0)
    settings = {"chips": 48.0 * boards, "t_tick": step, "neurons_per_core": neurons}
    told = f"{neurons:g} neurons a core"
    return Subject(part, (Program(network),), {"in": 0.0, "out": 3.2369e-4}, assumption=told, settings=settings)


def _shown(name: str) -> Subject | None:
    """Of the rows that are only shown, those of which enough is known."""
    if name == "ODIN-MNIST":
        return Subject("odin", (Program(perceptron((256, 10))),), unknown=True, assumption="all spikes of an image in one step")
    if name == "LOIHI2-PILOT-LIF":
        return Subject("loihi2", (Program(pilotnet(16)),), unknown=True)
    if name == "F-SPIKER+M":
        told = "100 time steps; fabric of an Artix-7, which an XC7Z020 has"
        return Subject("artix7-100t", (Program(perceptron((784, 128, 10), timesteps=100)),), unknown=True, assumption=told)
    if name == "S2-KWS":
        told = "one time step an inference, spikes instead of its matrix unit"
        return Subject("spinnaker2", (Program(perceptron((390, 256, 256, 29), "if")),), unknown=True, assumption=told)
    if name in ("BSS2-FASTDEEP", "BSS2-CRAMER22"):
        told = "38 us of emulation a sample, as in hxtorch's examples/spiking/yinyang.py"
        return Subject("brainscales2", (Program(perceptron((256, 246, 10), timesteps=38)),), unknown=True, assumption=told)
    return None


def _loihi(network: Network) -> Subject:
    """With the x86 cores asleep the two rails draw 29.55 mW (logs/idle), which the publication subtracts as idle."""
    return Subject("loihi", (Program(network),), unknown=True, asleep=29.55e-3)


def _library(framework: str, neurons: int, batch: int) -> tuple[Program, ...]:
    """snnTorch's benchmark loops over the steps with the layer inside; all others take the layer over all steps at once."""
    if framework.startswith("snnTorch"):
        return (Program(looped(neurons, LIBRARY_STEPS), "training", batch),)
    first = Program(product(neurons), "training", batch * LIBRARY_STEPS)
    return first, Program(population(neurons, LIBRARY_STEPS), "training", batch)
