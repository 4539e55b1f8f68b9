"""A whole `Design` as one circuit."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from itertools import pairwise

from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.blocks.core import LayerCore
from costmodel.rtl.blocks.delay import Delay
from costmodel.rtl.blocks.max_pool import MaxPool
from costmodel.rtl.blocks.queue import Queue
from costmodel.rtl.blocks.readout import reader
from costmodel.rtl.blocks.remap import DropFinal, Flatten, Fork, Shrink
from costmodel.rtl.design import STAGE_QUEUE, Delayed, Design, Flattened, Link, Shrunk, after
from costmodel.rtl.token import Token


class System(wiring.Component):
    """Cores, and queues and stages between them.

    Members:
        events: stream of `Token` into the network, a sample's steps one after another.
        answers: what the output layer sends; where the design has a readout, a spike of each sample's class, and its end.
    """

    def __init__(self, design: Design) -> None:
        self.design = design
        entry = Token(design.entries.address_bits, design.value_bits)
        answer = Token(design.answer_space.address_bits, design.answer_value_bits)
        super().__init__({"events": In(stream.Signature(entry)), "answers": Out(stream.Signature(answer))})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        design = self.design
        cores = {name: LayerCore(layer, design.family) for name, layer in design.layers.items()}
        for name, core in cores.items():
            m.submodules[f"core_{name}"] = core
        self._spread(m, design.source, wiring.flipped(self.events), cores, [])
        for name, core in cores.items():
            self._spread(m, name, core.answers, cores, [self._answer(m)] if name == design.output else [])
        return m

    def _answer(self, m: Module):
        """The stream by which the output's tokens leave, or enter the readout."""
        if self.design.readout is None:
            return wiring.flipped(self.answers)
        m.submodules.readout = block = reader(self.design.readout, self.design.family)
        wiring.connect(m, block.answers, wiring.flipped(self.answers))
        return block.events

    def _spread(self, m: Module, source: str, sent, cores: dict[str, LayerCore], ways: list) -> None:
        """Connects what is sent to all that receive it."""
        design = self.design
        token = Token(design.space(source).address_bits, design.value_bits_of(source))
        links = design.out_of(source)
        entries = [*ways, *(self._link(m, link, token, cores) for link in links)]
        if len(entries) == 1:
            wiring.connect(m, sent, entries[0])
            return
        m.submodules[f"fork_{source}"] = fork = Fork(token, len(entries))
        wiring.connect(m, sent, fork.events)
        for i, entry in enumerate(entries):
            wiring.connect(m, getattr(fork, f"answers{i}"), entry)

    def _link(self, m: Module, link: Link, token: Token, cores: dict[str, LayerCore]):
        """A link's stages, its queue, and the stream by which tokens enter it."""
        design, blocks = self.design, []
        space, bits = design.space(link.source), design.value_bits_of(link.source)
        for stage in link.stages:
            if isinstance(stage, Flattened):
                blocks.append(Flatten(space, bits))
            elif isinstance(stage, Shrunk):
                blocks.append(Shrink(space, stage.rows, stage.columns, bits))
            space = after(space, stage)
            if isinstance(stage, Delayed):
                steps = stage.steps if isinstance(stage.steps, int) else stage.steps.tolist()
                blocks += [Queue(Token(space.address_bits), STAGE_QUEUE, design.family), Delay(space, steps, design.family)]
            elif isinstance(stage, Shrunk) and stage.largest:
                blocks += [Queue(Token(space.address_bits), STAGE_QUEUE, design.family), MaxPool(space, design.family)]
        token = Token(space.address_bits, bits)
        if design.late(link):
            blocks.append(DropFinal(token))
        blocks.append(Queue(token, link.depth, design.family))
        for i, block in enumerate(blocks):
            m.submodules[f"link_{link.target}_{link.port}_{i}"] = block
        for before, behind in pairwise(blocks):
            wiring.connect(m, _exit(before), _entry(behind))
        wiring.connect(m, _exit(blocks[-1]), getattr(cores[link.target], f"events{link.port}"))
        return _entry(blocks[0])


def _entry(block):
    return block.entry if isinstance(block, Queue) else block.events


def _exit(block):
    return block.exit if isinstance(block, Queue) else block.answers
