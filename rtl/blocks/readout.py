"""Which class a sample is, read on the chip: one spike of the winner, and the end of the sample."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from amaranth.hdl import Const, Module, Mux, Shape, Signal, Value
from amaranth.lib import data, memory, stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.blocks.wrapping import following
from costmodel.rtl.memories import attributes
from costmodel.rtl.readout import Readout
from costmodel.rtl.space import Space
from costmodel.rtl.token import Token


class _Reader(wiring.Component):
    """Takes what the output sends and answers once a sample.

    Members:
        events: of the output.
        answers: the winner and the end, both ``final``.
    """

    def __init__(self, readout: Readout, family: str) -> None:
        self.readout, self.family = readout, family
        place = Space(readout.classes).address_bits
        entry, exit_ = Token(place, readout.value_bits), Token(place)
        super().__init__({"events": In(stream.Signature(entry)), "answers": Out(stream.Signature(exit_))})

    def _answer(self, m: Module, winner: Value) -> None:
        """States SEND, END, then TAKE."""
        answer = self.answers.payload
        m.d.comb += [answer.address.eq(winner), answer.final.eq(self.answers.valid)]
        with m.State("SEND"):
            m.d.comb += self.answers.valid.eq(1)
            with m.If(self.answers.ready):
                m.next = "END"
        with m.State("END"):
            m.d.comb += [self.answers.valid.eq(1), answer.last.eq(1)]
            with m.If(self.answers.ready):
                m.next = "TAKE"


class FirstSpike(_Reader):
    """Who sends first; of those of one step the lowest, as they come in rising order. Class 0 where nobody sends.

    The winner leaves in the cycle after the end of the sample was taken, the end one later.
    """

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        token, found = self.events.payload, Signal()
        winner = Signal.like(token.address)
        with m.FSM():
            with m.State("TAKE"):
                m.d.comb += self.events.ready.eq(1)
                with m.If(self.events.valid & ~token.last & ~found):
                    m.d.sync += [winner.eq(token.address), found.eq(1)]
                with m.If(self.events.valid & token.last & token.final):
                    m.next = "SEND"
            self._answer(m, winner)
        with m.If(self.answers.valid & self.answers.payload.last & self.answers.ready):
            m.d.sync += [winner.eq(0), found.eq(0)]
        return m


class BestScore(_Reader):
    """Keeps a score for each class and takes a token a cycle; a class sends at most once a step, so that no score is read in the
    cycle in which it is written.

    Once the end of the sample is taken the scores are read, a cycle each, and set back behind; the winner leaves classes + 2
    cycles after that end, the end one later.
    """

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        count, layout = self.readout.classes, self._layout()
        start = {"score": self._lowest()}
        m.submodules.scores = scores = memory.Memory(
            shape=layout, depth=count, init=[start] * count, attrs=attributes(self.family, count)
        )
        read, write = scores.read_port(), scores.write_port()
        token, held, fresh = self.events.payload, Signal.like(self.events.payload), Signal()
        walking, place, walked = Signal(range(count)), Signal(range(count)), Signal()
        m.d.sync += [fresh.eq(0), walked.eq(0), held.eq(token), place.eq(walking)]
        m.d.comb += [read.addr.eq(token.address), write.en.eq(fresh | walked), write.addr.eq(place)]
        m.d.comb += [write.data[name].eq(value) for name, value in start.items()]
        with m.If(fresh):
            m.d.comb += write.addr.eq(held.address)
            m.d.comb += [write.data[name].eq(value) for name, value in self._added(read.data, held).items()]
        best, winner = Signal.like(read.data.score), Signal(range(count))
        score = self._whole(m, read.data)
        with m.If(walked & ((place == 0) | (score > best))):
            m.d.sync += [best.eq(score), winner.eq(place)]
        with m.FSM():
            with m.State("TAKE"):
                m.d.comb += [self.events.ready.eq(1), read.en.eq(self.events.valid)]
                with m.If(self.events.valid):
                    m.d.sync += fresh.eq(~token.last & (token.final | (self.readout.kind != "last")))
                    with m.If(token.last & token.final):
                        m.next = "WALK"
            with m.State("WALK"):
                m.d.comb += [read.addr.eq(walking), read.en.eq(1)]
                m.d.sync += [walking.eq(following(walking, count)), walked.eq(1)]
                with m.If(walking == count - 1):
                    m.next = "LAST"
            with m.State("LAST"):
                m.next = "SEND"
            self._answer(m, winner)
        return m

    def _layout(self) -> data.StructLayout:
        score = Shape(self.readout.score_bits, self.readout.value_bits > 0)
        counted = {"sent": self.readout.count_bits} if self.readout.count_bits else {}
        return data.StructLayout({"score": score, **counted})

    def _lowest(self) -> int:
        """A score before the sample."""
        return -(1 << self.readout.score_bits - 1) if self.readout.count_bits else 0

    def _added(self, old: data.View, token: data.View) -> dict[str, Value]:
        """A score after an event."""
        value = token.value if self.readout.value_bits else Const(1, 1)
        if self.readout.kind == "sum":
            return {"score": old.score + value}
        if not self.readout.count_bits:
            return {"score": value}
        return {"score": Mux(value > old.score, value, old.score), "sent": old.sent + 1}

    def _whole(self, m: Module, kept: data.View) -> Value:
        """A score after the sample: of the largest value, zeros that were not sent count."""
        if not self.readout.count_bits:
            return kept.score
        steps = Signal.like(kept.sent)
        with m.If(self.events.valid & self.events.ready & self.events.payload.last):
            m.d.sync += steps.eq(steps + 1)
        with m.If(self.answers.valid):
            m.d.sync += steps.eq(0)
        return Mux((kept.score < 0) & (kept.sent != steps), 0, kept.score)


def reader(readout: Readout, family: str) -> FirstSpike | BestScore:
    """The block that reads so."""
    return (FirstSpike if readout.kind == "first" else BestScore)(readout, family)
