"""What a layer's neurons send, one token a cycle, and the end of each step."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false, reportReturnType=false

from amaranth.hdl import Array, Cat, Const, Module, Signal, Value, signed
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.blocks.nest import Nest
from costmodel.rtl.blocks.one_hot import index, without_lowest
from costmodel.rtl.blocks.side_by_side import SideBySide, parts
from costmodel.rtl.space import Space
from costmodel.rtl.token import Token


class Emitter(wiring.Component):
    """Takes the R neurons of a beat at a time and sends those that fire, in rising order.

    Args:
        space: the neurons.
        units: R.
        beats: beats at each position.
        value_bits: width of what is sent besides the address; 0 for spikes.

    Members:
        load: takes ``fired`` and ``values`` of the next beat; only while ``free``.
        at_last: the next beat is the last of the sweep's pass.
        free: nothing waits, or the last that waits is being sent.
        silent: the beats are counted, but nothing is sent.
        end: sends the end of the step once nothing waits; ``ended``: in this cycle it is taken.
        final: marks all tokens.
    """

    def __init__(self, space: Space, units: int, beats: int, value_bits: int) -> None:
        self.space, self.units, self.beats = space, units, beats
        token = Token(space.address_bits, value_bits)
        values = {"values": In(SideBySide(signed(value_bits), units))} if value_bits else {}
        flags = {"load": In(1), "free": Out(1), "at_last": Out(1), "end": In(1), "ended": Out(1), "final": In(1)}
        super().__init__({**flags, **values, "fired": In(units), "answers": Out(stream.Signature(token))})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        space, answers = self.space, self.answers
        m.submodules.place = place = Nest({"beat": (self.beats, 0), "column": (space.columns, 0), "row": (space.rows, 0)})
        pending, remaining = Signal(self.units), Signal(self.units)
        m.d.comb += [
            remaining.eq(without_lowest(pending)),
            self.free.eq(~pending.any() | (answers.ready & ~remaining.any())),
            answers.valid.eq(pending.any() | self.end),
            answers.payload.last.eq(~pending.any()),
            answers.payload.final.eq(self.final),
            self.ended.eq(self.end & answers.ready & ~pending.any()),
            place.step.eq(self.load),
            self.at_last.eq(place.last),
        ]
        # The counters are one beat ahead of what waits, so its place is kept.
        counters = list(place.places.values())
        beat, column, row = kept = [Signal.like(counter) for counter in counters]
        unit = index(pending & ~remaining)
        channel = (beat * self.units + unit)[: space.bits["channel"]] if self.units > 1 else beat[: space.bits["channel"]]
        m.d.comb += answers.payload.address.eq(Cat(channel, column[: space.bits["column"]], row[: space.bits["row"]]))
        with m.If(self.load):
            m.d.sync += pending.eq(self.fired & self._exists(counters[0]))
            m.d.sync += [mine.eq(counter) for mine, counter in zip(kept, counters, strict=True)]
        with m.Elif(answers.ready):
            m.d.sync += pending.eq(remaining)
        if hasattr(self, "values"):
            waiting = Signal.like(self.values)
            with m.If(self.load):
                m.d.sync += waiting.eq(self.values)
            m.d.comb += answers.payload.value.eq(Array(parts(waiting))[unit] if self.units > 1 else parts(waiting)[0])
        return m

    def _exists(self, beat: Value) -> Value:
        # Lanes beyond the last channel never send.
        channels, units = self.space.channels, self.units
        if self.beats * units == channels:
            return Const(-1, units)
        return Cat(beat <= (channels - 1 - unit) // units for unit in range(units))
