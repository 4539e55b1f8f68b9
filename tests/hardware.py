"""Networks as hardware: small ones with random weights, and reference, simulator and prediction compared."""
# pyright: reportAttributeAccessIssue=false

from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise
from operator import or_
from unittest import mock

import numpy as np
import torch
from amaranth.hdl import Fragment, Module, Signal, Value
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.graphs.network import Network
from costmodel.graphs.reading.loading import load
from costmodel.rtl import simulation
from costmodel.rtl.design import Design
from costmodel.rtl.planning import Options, plan
from costmodel.rtl.reference import QuantisedNetwork
from costmodel.rtl.simulation import Trace
from costmodel.rtl.stream import meaning, pack
from costmodel.rtl.system import System
from costmodel.rtl.timing import predict
from costmodel.validation.benchmarks import load_benchmark
from costmodel.validation.learning.learner import Learner
from costmodel.validation.runner.model import NetworkModel
from tests.networks import linear

LIF = {"type": "lif", "tau": "5 ms", "r": 5.0}
FLATTEN = {"type": "flatten"}


def conv(features, kernel=3, **fields):
    return {"type": "conv2d", "features": features, "kernel": kernel, **fields}


def drawn(nodes, edges=None, *, arrays=None, seed=0, gain=1.0, timesteps=5, **settings):
    """A network with random weights: about one in three inputs active makes most neurons spike now and then.

    Args:
        nodes: without ids those of a chain, called n0, n1, …
        arrays: further arrays by node.
        gain: of all weights.
    """
    named = [{"id": f"n{i}", **node} for i, node in enumerate(nodes)]
    document = {"name": "drawn", "dt": "1 ms", "timesteps": timesteps, **settings, "nodes": named}
    if edges is not None:
        document["edges"] = edges
    network, dice, made = Network.from_document(document), np.random.default_rng(seed), dict(arrays or {})
    for name, node in network.synapse_nodes():
        for key, shape in node.arrays(network.shapes[name][0]).items():
            scale, mean = (gain * 3 / np.sqrt(np.prod(shape[1:])), 0.1) if key == "weight" else (0.1 * gain, 0.0)
            made.setdefault(name, {}).setdefault(key, dice.normal(mean, 1, shape) * scale)
    return Network.from_document(document, made)


def recurrent(inputs=6, neurons=9, outputs=3, delay=None, seed=0):
    """A population that excites itself, through a delay where one is given, and another behind it."""
    back = [] if delay is None else [{"id": "delay", "type": "delay", "delay": delay}]
    nodes = [
        {"id": "in", "type": "input", "shape": [inputs]},
        {"id": "fc", **linear(neurons)},
        {"id": "lif", **LIF},
        *back,
        {"id": "rec", **linear(neurons, bias=False)},
        {"id": "fc2", **linear(outputs)},
        {"id": "out", **LIF},
    ]
    loop = ["lif", *(node["id"] for node in back), "rec", "lif"]
    edges = [["in", "fc"], ["fc", "lif"], ["lif", "fc2"], ["fc2", "out"], *map(list, pairwise(loop))]
    return drawn(nodes, edges, seed=seed)


class PlainMemory(memory.Memory):
    """A memory that stays as it is."""

    elaborate = memory.Memory.elaborate


def garbling(self, platform):
    """Elaborates a memory that gives the complement of a word read while it is written; so may blocks of FPGAs."""
    m = Module()
    m.submodules.kept = kept = PlainMemory(shape=self.shape, depth=self.depth, init=self.init, attrs=self.attrs)
    for outer in self.write_ports:
        inner = kept.write_port()
        m.d.comb += [inner.addr.eq(outer.addr), inner.data.eq(outer.data), inner.en.eq(outer.en)]
    for outer in self.read_ports:
        inner, clash = kept.read_port(), Signal()
        m.d.comb += [inner.addr.eq(outer.addr), inner.en.eq(outer.en)]
        with m.If(outer.en):
            m.d.sync += clash.eq(reduce(or_, (write.en & (write.addr == outer.addr) for write in self.write_ports), 0))
        word = Value.cast(inner.data)
        m.d.comb += Value.cast(outer.data).eq(word ^ clash.replicate(len(word)))
    return m


class Garbled(wiring.Component):
    """A component whose every memory is `garbling`."""

    def __init__(self, core):
        self.core = core
        shapes = {name: getattr(core, name).payload.shape() for name in STREAMS}
        super().__init__({name: STREAMS[name](stream.Signature(shape)) for name, shape in shapes.items()})

    def elaborate(self, platform):
        m = Module()
        with mock.patch.object(memory.Memory, "elaborate", garbling):
            m.submodules.core = Fragment.get(self.core, platform)
        wiring.connect(m, wiring.flipped(self.events), self.core.events)
        wiring.connect(m, self.core.answers, wiring.flipped(self.answers))
        return m


STREAMS = {"events": In, "answers": Out}


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a network did as hardware, found to be what the reference says.

    Attributes:
        design: the hardware.
        inputs: real values that went in, (T, samples, *shape).
        sent: input or layer → what it sent, (T, samples, elements).
        trace: what the simulator saw.
    """

    design: Design
    inputs: torch.Tensor
    sent: dict
    trace: Trace

    @cached_property
    def predicted(self):
        """The cycles in which tokens go in and out of hardware that never waits for its neighbours."""
        return predict(self.design, per_sample(self.sent))


def per_sample(sent):
    """Sample → input or layer → what it sent, (T, elements)."""
    count = next(iter(sent.values())).shape[1]
    return [{name: one[:, i].numpy() for name, one in sent.items()} for i in range(count)]


def random_inputs(network, samples=2, rate=0.3, seed=0, signs=False):
    """Spikes, or values where the input takes them."""
    dice = torch.Generator().manual_seed(seed)
    source = network.nodes[network.inputs[0]]
    shape = (network.timesteps, samples, *network.shapes[source.id][1])
    spikes = (torch.rand(shape, generator=dice) < rate).float()
    if not source.spiking:
        spikes = spikes * torch.rand(shape, generator=dice)
    return spikes * torch.where(torch.rand(shape, generator=dice) < 0.5, -1, 1) if signs else spikes


def pattern(share, seed):
    """A share of 97 cycles in which a neighbour is willing, in runs of various lengths."""
    dice = np.random.default_rng(seed)
    chosen = np.repeat(dice.random(40) < share, dice.integers(1, 9, 40))[:97]
    chosen[0] = True
    return chosen


def prepared(design, backend="amaranth", folder=None):
    """The hardware, its memories such that a read at the wrong time shows, ready to run."""
    return simulation.prepare(Garbled(System(design)), backend=backend, folder=folder)


def check(network, options=None, *, family="ecp5", inputs=None, backend="amaranth", timed=True, all_send=True, **patterns):
    """Runs a network as hardware; asserts that every answer is the reference's, every token taken and given when predicted.

    Args:
        inputs: real values (T, samples, *shape); None: random.
        timed: of how many samples the times are compared; True: of all.
        all_send: asserts, too, that every layer sends something and none always: else little would be tested.
        patterns: ``offers`` and ``accepts`` of `rtl.simulation`.
    """
    design = plan(network, family, options or Options(lanes=4))
    return check_design(design, random_inputs(network) if inputs is None else inputs, backend, timed, all_send, **patterns)


def check_design(design, inputs, backend="amaranth", timed=True, all_send=True, **patterns):
    """As `check`, of a design."""
    reference = QuantisedNetwork(design)
    sent = reference(reference.quantised(inputs))
    samples = per_sample(sent)
    tokens = np.concatenate([pack(sample[design.source], design.entries, design.value_bits) for sample in samples])
    trace = prepared(design, backend).run(tokens, patience=100_000, **patterns)
    space, value_bits = design.answer_space, design.answer_value_bits
    answers = reference.answers(sent).numpy()
    wanted = np.concatenate([pack(answers[:, n], space, value_bits) for n in range(len(samples))])
    assert len(trace.answers) == len(wanted)
    told = meaning(wanted, space, value_bits)
    assert np.array_equal(trace.answers & told, wanted & told)
    outcome = Outcome(design, inputs, sent, trace)
    few = len(samples) if timed is True else int(timed)  # what comes later changes nothing about them
    if few:
        predicted = predict(design, samples[:few])
        assert predicted.taken == trace.taken[: len(predicted.taken)].tolist()
        assert predicted.given == trace.given[: len(predicted.given)].tolist()
    if all_send:
        for name, one in sent.items():
            assert 0 < (one != 0).double().mean() < 1, f"{name} is silent, or always sends"
    return outcome


@dataclass(frozen=True, eq=False)
class Measured:
    """A shipped example on samples of its benchmark.

    Attributes:
        inputs: what its input sends, (T, samples, *shape).
        targets: (samples,).
        exact: answers of the float model.
    """

    network: Network
    inputs: torch.Tensor
    targets: torch.Tensor
    exact: torch.Tensor

    def lost(self, bits):
        """Points of accuracy that are lost with weights of so many bits."""
        design = plan(self.network, "ecp5", Options(weight_bits=bits))
        reference = QuantisedNetwork(design)
        layer = design.layers[design.output]
        sent = reference(reference.quantised(self.inputs))[design.output][..., layer.space.numbers()]
        return 100 * (self.accuracy(self.exact) - self.accuracy(sent * layer.datapath.scales.get("value", 1.0)))

    def accuracy(self, answers):
        """Share of right answers, (T, samples, outputs) as the network's readout reads them."""
        scores = self.network.readout.scores(answers.float(), self.network.dt)
        return float((scores.argmax(dim=1) == self.targets).double().mean())


def measured(name, samples, folder=None):
    """A shipped example on the first test samples of its benchmark."""
    network = load(name)
    test = load_benchmark(network.settings.benchmark, 0, folder).test
    learner = Learner(network, NetworkModel(network).eval()).eval()
    values = test.batch(torch.arange(min(samples, len(test))), network.timesteps, network.dt)
    with torch.no_grad():
        inputs = learner.encode(learner.arranged(values), torch.Generator().manual_seed(0))
        exact = learner.model(inputs)[network.outputs[0]].flatten(2)
    return Measured(network, inputs, test.targets[: inputs.shape[1]], exact)
