"""Neighbours that halt: whatever the pattern of offers and acceptances, nothing is lost, added or changed."""

import numpy as np
import pytest

from costmodel.rtl.planning import Options
from tests.hardware import FLATTEN, LIF, check, conv, drawn, pattern, recurrent
from tests.networks import linear

IMAGE = {"type": "input", "shape": [2, 6, 7]}
VALUES = {"type": "input", "shape": [9], "encoder": {"type": "direct"}}
MAXIMUM = {"type": "maxpool2d", "kernel": 2}
NETWORKS = {
    "conv": lambda: drawn((IMAGE, conv(5, stride=2, padding=1), LIF)),
    "recurrent": recurrent,
    "pooled spikes": lambda: drawn((IMAGE, conv(3), LIF, MAXIMUM, FLATTEN, linear(5), LIF)),
    "pooled sums": lambda: drawn((IMAGE, conv(3), MAXIMUM, LIF)),
    "delayed": lambda: drawn((IMAGE, {"type": "delay", "delay": "2 ms"}, conv(3), LIF)),
    "values": lambda: drawn((VALUES, linear(6), {"type": "sigma-delta"})),
}


@pytest.mark.parametrize("queue", [1, 3])
@pytest.mark.parametrize("name", NETWORKS)
def test_nothing_is_lost(name, queue):
    network = NETWORKS[name]()
    for share, seed in ((0.5, 1), (0.15, 2)):
        options = Options(lanes=4, units=2, queue=queue)
        halting = {"offers": pattern(share, seed), "accepts": pattern(share, seed + 10)}
        found = check(network, options, timed=False, **halting)
        assert found.trace.cycles > found.predicted.given[-1] + 1, "it did not wait for anything"


def test_garbled_reads_would_show():
    """Simulations here give the complement of a word that is read as it is written: a core that needed it would differ."""
    from amaranth.hdl import Module
    from amaranth.lib import memory, stream, wiring
    from amaranth.lib.wiring import In, Out

    from costmodel.rtl import simulation
    from costmodel.rtl.token import Token
    from tests.hardware import Garbled

    class Hasty(wiring.Component):
        """Answers a token with what a memory held in its place, where it writes the token itself."""

        def __init__(self):
            super().__init__({"events": In(stream.Signature(Token(3))), "answers": Out(stream.Signature(Token(3)))})

        def elaborate(self, platform):
            m = Module()
            m.submodules.kept = kept = memory.Memory(shape=Token(3), depth=2, init=[])
            read, write = kept.read_port(), kept.write_port()
            free = ~self.answers.valid | self.answers.ready
            m.d.comb += [self.events.ready.eq(free), read.en.eq(self.events.valid & free), write.en.eq(read.en)]
            m.d.comb += [write.data.eq(self.events.payload), self.answers.payload.eq(read.data)]
            with m.If(free):
                m.d.sync += self.answers.valid.eq(self.events.valid)
            return m

    tokens, ends = np.array([1, 2, 24, 24], np.uint64), {"finals": 1}
    assert simulation.run(Hasty(), tokens, backend="amaranth", **ends).answers.tolist() == [0, 1, 2, 24]
    garbled = simulation.prepare(Garbled(Hasty()), backend="amaranth").run(tokens, **ends).answers
    assert garbled[0] == 31 != 0


def test_both_ways_of_simulating_agree():
    """Compiled, the hardware does in every cycle what Amaranth's simulator says."""
    network = recurrent(delay="1 ms")
    patterns = {"offers": pattern(0.5, 1), "accepts": pattern(0.5, 2)}
    slow = check(network, timed=False, **patterns)
    fast = check(network, timed=False, backend="cxxrtl", **patterns)
    assert np.array_equal(slow.trace.given, fast.trace.given)
    assert np.array_equal(slow.trace.taken, fast.trace.taken)
