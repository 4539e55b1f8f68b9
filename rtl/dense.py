"""A fully connected spiking layer as an event-driven core: P lanes walk the neurons in groups of P."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np
from amaranth.hdl import Cat, Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, memory, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from graphs.errors import InputError
from rtl.golden import DenseLayer


class Token(data.StructLayout):
    """What a spike stream carries: the address of a neuron that spiked, or (``last``) the end of the time step.

    Args:
        neurons: how many addresses there are, from 0. The address of an end of step means nothing.
    """

    def __init__(self, neurons: int) -> None:
        super().__init__({"address": unsigned(ceil_log2(neurons)), "last": 1})


class DenseCore(wiring.Component):
    """The hardware of a :class:`~rtl.golden.DenseLayer`; its cost is in :mod:`rtl.dense_cost`.

    Neuron n lives in lane n mod P of group n div P. One word of the membrane memory holds the P membranes of a group, one word
    of the weight memory the P weights of an input to a group; a bias is the weight of one more input, read once a step.

    A spike token is accepted (1 cycle), then one group a cycle is read and, a cycle later, written back with its weights
    added; the last write-back overlaps the next token. An end-of-step token is accepted (1), the first group read (1), then
    each group leaks, fires and is written back (1) and its spikes leave one a cycle in rising order before the next group;
    the end-of-step token follows (1). While the output is not ready all of this stands still, and no token is accepted.

    Membranes start at 0 when the device is configured.

    Args:
        layer: weights, threshold, leak and widths.
        lanes: P, neurons updated in a cycle, 1 or more.

    Members:
        spikes_in: stream of :class:`Token`; addresses are below ``layer.inputs``.
        spikes_out: stream of :class:`Token`; the spikes of a step, then its end.

    Raises:
        InputError: if ``lanes`` is not 1 or more.
    """

    def __init__(self, layer: DenseLayer, lanes: int) -> None:
        if lanes < 1:
            raise InputError(f"lanes is {lanes}, 1 or more is needed")
        self.layer, self.lanes = layer, lanes
        self.groups = -(-layer.outputs // lanes)
        self.rows = layer.inputs + (layer.bias is not None)
        super().__init__(
            {
                "spikes_in": In(stream.Signature(Token(layer.inputs))),
                "spikes_out": Out(stream.Signature(Token(layer.outputs))),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        m.submodules.weights = weights = self._memory(self.layer.weight_bits, self._weight_words())
        m.submodules.states = states = self._memory(self.layer.state_bits, [[0] * self.lanes] * self.groups)
        weight_read, state_write = weights.read_port(), states.write_port()
        # A group is never read in the cycle it is written, but synthesis cannot know: of the guards, forwarding is the cheapest.
        state_read = states.read_port(transparent_for=(state_write,))

        row = Signal(range(weights.depth))  # the weight word to read next: it steps by a whole group
        group = Signal(range(self.groups))  # the group to read next
        current = Signal(range(self.groups))  # the group at the read ports
        pending = Signal(self.lanes)  # lanes of the current group whose spike has yet to leave
        read = Signal()  # reads a group and moves on to the next
        fetched = Signal()  # a group that a spike asked for is at the read ports
        sweeping = Signal()  # a group that the end of step asked for is at the read ports
        m.d.comb += [weight_read.addr.eq(row), state_read.addr.eq(group), weight_read.en.eq(read), state_read.en.eq(read)]
        m.d.sync += fetched.eq(0)
        with m.If(read):
            m.d.sync += [current.eq(group), group.eq(group + 1), row.eq(row + self.rows)]

        fired = Signal(self.lanes)
        m.d.comb += [state_write.addr.eq(current), state_write.en.eq(fetched | sweeping)]
        for lane in range(self.lanes):
            v, fires = self._update(state_read.data[lane], weight_read.data[lane], sweeping)
            m.d.comb += [state_write.data[lane].eq(v), fired[lane].eq(fires)]

        token, spike_out = self.spikes_in.payload, self.spikes_out.payload
        remaining = pending & (pending - 1)  # all but the lowest
        m.d.comb += spike_out.address.eq(current * self.lanes + _index(pending & ~remaining))

        def next_group() -> None:
            with m.If(current == self.groups - 1):
                m.next = "END"
            with m.Else():
                m.d.comb += read.eq(1)
                m.next = "SWEEP"

        with m.FSM():
            with m.State("ACCEPT"):
                m.d.comb += self.spikes_in.ready.eq(1)
                m.d.sync += [group.eq(0), row.eq(self._first_row(token))]
                with m.If(self.spikes_in.valid):
                    with m.If(token.last):
                        m.next = "FILL"
                    with m.Else():
                        m.next = "ACCUMULATE"
            with m.State("ACCUMULATE"):
                m.d.comb += read.eq(1)
                m.d.sync += fetched.eq(1)
                with m.If(group == self.groups - 1):
                    m.next = "ACCEPT"
            with m.State("FILL"):
                m.d.comb += read.eq(1)
                m.next = "SWEEP"
            with m.State("SWEEP"):
                m.d.comb += sweeping.eq(1)
                m.d.sync += pending.eq(fired)
                with m.If(fired.any()):
                    m.next = "EMIT"
                with m.Else():
                    next_group()
            with m.State("EMIT"):
                m.d.comb += self.spikes_out.valid.eq(1)
                with m.If(self.spikes_out.ready):
                    m.d.sync += pending.eq(remaining)
                    with m.If(~remaining.any()):
                        next_group()
            with m.State("END"):
                m.d.comb += [self.spikes_out.valid.eq(1), spike_out.last.eq(1)]
                with m.If(self.spikes_out.ready):
                    m.next = "ACCEPT"
        return m

    def _memory(self, bits: int, words: list[list[int]]) -> memory.Memory:
        # Block memory even where it is small, so that the resources follow one equation.
        shape = data.ArrayLayout(signed(bits), self.lanes)
        return memory.Memory(shape=shape, depth=len(words), init=words, attrs={"ram_style": "block"})

    def _weight_words(self) -> list[list[int]]:
        # The word of group g and input j is at g × rows + j, so that the next group is a constant stride away. Lanes beyond the
        # last neuron have weight 0: their membrane stays at 0, below the threshold, and never fires.
        layer = self.layer
        table = layer.weights if layer.bias is None else np.column_stack([layer.weights, layer.bias])
        padded = np.zeros((self.groups * self.lanes, self.rows), int)
        padded[: layer.outputs] = table
        return padded.reshape(self.groups, self.lanes, self.rows).swapaxes(1, 2).reshape(-1, self.lanes).tolist()

    def _first_row(self, token: data.View) -> Value:
        return token.address if self.layer.bias is None else Mux(token.last, self.layer.inputs, token.address)

    def _update(self, v: Value, weight: Value, sweeping: Value) -> tuple[Value, Value]:
        # One adder serves both the spike (v + weight) and the end of step (leaked v + bias).
        layer = self.layer
        if layer.leak_shift is not None:
            v = Mux(sweeping, v - (v >> layer.leak_shift), v)
        if layer.bias is None:
            weight = Mux(sweeping, 0, weight)
        v = _saturate(v + weight, layer.state_bits)
        over = v - layer.threshold
        fires = sweeping & (over >= 0)
        return Mux(fires, over, v), fires


def _saturate(v: Value, bits: int) -> Value:
    # The sum of two numbers that fit: it overflowed where the bit above the sign differs from the sign.
    sign, body = v[bits], v[: bits - 1]
    overflow = sign ^ v[bits - 1]
    return Cat(Mux(overflow, (~sign).replicate(bits - 1), body), sign).as_signed()


def _index(one_hot: Value) -> Value:
    # Address bit b is set where the hot lane's number has bit b.
    lanes = range(len(one_hot))
    return Cat(Cat(one_hot[n] for n in lanes if n >> b & 1).any() for b in range(ceil_log2(len(lanes))))
