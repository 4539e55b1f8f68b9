"""The queue between blocks, in every state that it can reach under every pattern of offers and acceptances."""
# pyright: reportAttributeAccessIssue=false

import pytest
from amaranth.hdl import Fragment, Module, Value
from amaranth.lib import wiring
from amaranth.sim import Simulator

from costmodel.rtl.blocks.queue import Queue
from costmodel.rtl.token import Token

MOVES = [(offered, accepted) for offered in (0, 1) for accepted in (0, 1)]


class Explored:
    """A queue of tokens numbered round and round, run from reset along any path of moves.

    Numbers are so many that tokens in the queue differ; what the queue does with a token does not depend on its number.
    """

    def __init__(self, depth, made=Queue):
        self.numbers = max(3, 2 * depth)
        self.queue, self.path = made(Token(4), depth, "ecp5"), []
        self.state, self.room = None, True
        fragment = Fragment.get(self.queue, None)
        self.registers = [one for said in fragment.statements.get("sync", ()) for one in said._lhs_signals()]
        self.memories = [part._data for part, _, _ in fragment.subfragments if hasattr(part, "_data")]
        self.simulator = Simulator(fragment)
        self.simulator.add_clock(1e-6)
        self.simulator.add_testbench(self._bench)

    def state_after(self, path):
        """All registers and memory words, and the tokens within, oldest first; asserts on the way what comes out."""
        if self.state is not None:
            self.simulator.reset()
        self.path = path
        self.simulator.run()
        return self.state

    async def _bench(self, ctx):
        queue, within, sent = self.queue, [], 0
        for offered, accepted in self.path:
            ctx.set(queue.entry.valid, offered)
            ctx.set(queue.entry.payload.address, sent % self.numbers)
            ctx.set(queue.exit.ready, accepted)
            goes, comes = offered and ctx.get(queue.entry.ready), accepted and ctx.get(queue.exit.valid)
            if ctx.get(queue.exit.valid):
                assert within, "a token out of nothing"
                assert ctx.get(queue.exit.payload.address) == within[0]
            if comes:
                within = within[1:]
            if goes:
                within, sent = [*within, sent % self.numbers], sent + 1
            await ctx.tick()
        ctx.set(queue.entry.valid, 0)
        held = [ctx.get(Value.cast(signal)) for signal in self.registers]
        words = [ctx.get(Value.cast(one[i])) for one in self.memories for i in range(one.depth)]
        out = ctx.get(queue.exit.payload.address) if ctx.get(queue.exit.valid) else None
        self.room = ctx.get(queue.entry.ready)
        self.state = (*held, *words, out, tuple(within), sent % self.numbers)


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_queue_in_every_state(depth):
    """Tokens come out as they went in, none is lost or made; there is room for `depth` and one; all of them can leave."""
    explored = Explored(depth)
    paths = {explored.state_after([]): []}
    waiting, most = [[]], 0
    while waiting:
        path = waiting.pop(0)
        for move in MOVES:
            state = explored.state_after([*path, move])
            most = max(most, len(state[-2]))
            assert explored.room or len(state[-2]) >= depth, "no room, and there should be"
            if state not in paths:
                paths[state] = [*path, move]
                waiting.append(paths[state])
    assert most == depth + 1
    assert len(paths) >= 2 * depth * (depth + 1), "fewer states than places, fillings and outputs"
    for path in paths.values():
        emptied = explored.state_after([*path, *[(0, 1)] * (2 * depth + 2)])
        assert not emptied[-2], "a token stays for ever"


class Forgetful(Queue):
    """Takes a token though it is full."""

    def elaborate(self, platform):
        m, inner = Module(), Queue(self.token, self.depth, self.family)
        m.submodules.inner = inner
        m.d.comb += [inner.entry.payload.eq(self.entry.payload), inner.entry.valid.eq(self.entry.valid)]
        m.d.comb += self.entry.ready.eq(1)
        wiring.connect(m, inner.exit, wiring.flipped(self.exit))
        return m


def test_a_lost_token_would_show():
    """What it loses is found: the queue says that there is room where there is none."""
    explored = Explored(2, Forgetful)
    with pytest.raises(AssertionError):
        explored.state_after([(1, 0)] * 5 + [(1, 1)] * 5)
