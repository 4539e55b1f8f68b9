"""The core of a layer: events are added to accumulators as they come, and the end of a step sweeps the neurons."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false, reportReturnType=false

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.blocks.emitter import Emitter
from costmodel.rtl.blocks.gather import Gather
from costmodel.rtl.blocks.nest import Nest
from costmodel.rtl.blocks.side_by_side import parts
from costmodel.rtl.blocks.store import Store
from costmodel.rtl.blocks.synapses import Synapses
from costmodel.rtl.datapath.circuit import NeuronUnit
from costmodel.rtl.layer import Layer
from costmodel.rtl.memories import attributes
from costmodel.rtl.token import Token


class LayerCore(wiring.Component):
    """The hardware of a `Layer`. `rtl.timing` says when it does what, `rtl.cost` what it takes.

    Within a step the ports are served one after another, each until its end of step. An event is walked over the accumulators
    that it reaches, an access a cycle; then every neuron is read, updated and written back, R a cycle, and those that fire are
    sent one a cycle; then the end of the step follows. While the output is not ready the sweep stands still: nothing is lost.
    Ports that are late are passed over in a sample's first step, for nothing was sent before it.

    No word is used that was read while it was written: the next access of an event is to another word, the next event starts at
    another word or a cycle later, and sweeps do not overlap with events. (A sweep with R < P reads whole words group by group, and
    may read lanes that it no longer needs as they are written back.)

    Members:
        events0, events1, …: streams of `Token`, one for each port.
        answers: what the neurons send, in rising order, then the end of the step.
    """

    def __init__(self, layer: Layer, family: str) -> None:
        self.layer, self.family = layer, family
        tokens = [Token(port.space.address_bits, port.value_bits) for port in layer.ports]
        answers = Token(layer.space.address_bits, layer.value_bits)
        streams = {f"events{i}": In(stream.Signature(token)) for i, token in enumerate(tokens)}
        super().__init__({**streams, "answers": Out(stream.Signature(answers))})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        layer = self.layer
        m.submodules.synapses = synapses = Synapses(layer, self.family)
        m.submodules.store = store = Store(layer, self.family)
        m.submodules.emitter = emitter = Emitter(layer.space, layer.units, layer.beats_per_position, layer.value_bits)
        wiring.connect(m, emitter.answers, wiring.flipped(self.answers))
        final = Signal()  # the step is the last of its sample
        issuing = Signal()  # the sweep reads accumulators
        m.d.comb += emitter.final.eq(final)

        # The sweep: accumulators are read (places), given to the units, and what leaves these is written back and sent.
        advance = emitter.free
        m.submodules.places = places = Nest(self._loops(), self._steps())
        given, word, group = Signal(), Signal(range(layer.words)), Signal(range(layer.lanes // layer.units))
        m.d.comb += places.step.eq(issuing & advance)
        with m.If(advance):
            m.d.sync += [given.eq(issuing), word.eq(places.address), group.eq(places.places["group"])]
        read = [Signal(signed(layer.accumulator_bits), name=f"read{lane}") for lane in range(layer.lanes)]
        values = [_chosen(read[unit :: layer.units], group) for unit in range(layer.units)]
        values, valid = self._gathered(m, places, given, values, advance, store)
        units = [NeuronUnit(layer.datapath) for _ in range(layer.units)]
        for stage in range(layer.datapath.depth):
            valid, before = Signal(name=f"valid{stage}"), valid
            with m.If(advance):
                m.d.sync += valid.eq(before)
        leave = valid & advance
        pass_ended = leave & emitter.at_last
        final_pass = self._final_pass(m, pass_ended)
        for i, unit in enumerate(units):
            m.submodules[f"unit{i}"] = unit
            m.d.comb += [unit.advance.eq(advance), unit.clear.eq(final & final_pass), unit.acc.eq(values[i])]
            self._connect(m, unit, store, i, advance)
            if layer.passes > 1:
                m.d.comb += unit.final_pass.eq(final_pass)
        m.d.comb += [store.leave.eq(leave), emitter.load.eq(leave)]
        m.d.comb += emitter.fired.eq(Cat(_fires(unit) for unit in units) & final_pass.replicate(layer.units))
        if layer.value_bits:
            m.d.comb += [value.eq(unit.value) for value, unit in zip(parts(emitter.values), units, strict=True)]

        # The accumulators, in P banks: sums of weights are written, and what the sweep writes back (or zeros, once it has read).
        if layer.accumulates:
            m.submodules.back = back = Nest(self._loops(), self._steps())
            m.d.comb += back.step.eq(leave)
            writing, at, of = leave, back.address, back.places["group"]
            swept = [unit.acc_next for unit in units]
        else:
            writing, at, of, swept = given & advance & final_pass, word, group, [Const(0)] * layer.units
        adding, added = Signal(), Signal(range(layer.words))
        addends = parts(synapses.addends)
        m.d.sync += [adding.eq(synapses.access), added.eq(synapses.word)]
        for lane in range(layer.lanes):
            bank = self._bank(m, lane)
            reads, writes = bank.read_port(), bank.write_port()
            total = (reads.data + (addends[lane] << layer.datapath.weight_shift))[: layer.accumulator_bits]
            m.d.comb += [
                *(reads.addr.eq(Mux(issuing, places.address, synapses.word)), reads.en.eq(places.step | synapses.access)),
                read[lane].eq(reads.data),
                *(writes.addr.eq(Mux(adding, added, at)), writes.data.eq(Mux(adding, total, swept[lane % layer.units]))),
                writes.en.eq(adding | (writing & (of == lane // layer.units))),
            ]
        self._control(m, synapses, emitter, places.last & advance, pass_ended, final, final_pass, issuing)
        return m

    def _control(self, m, synapses, emitter, issued_all, pass_ended, final, final_pass, issuing) -> None:
        """The states: events of one port after another, the sweep, the end of the step."""
        ports = self.layer.ports
        late = sum(port.late for port in ports)
        serving = Signal(range(len(ports)), init=late)
        with m.FSM():
            with m.State("ACCUMULATE"):
                for i, port in enumerate(ports):
                    events = getattr(self, f"events{i}")
                    taken, token = events.valid & events.ready, events.payload
                    m.d.comb += [
                        events.ready.eq(synapses.free & (serving == i)),
                        getattr(synapses, f"address{i}").eq(token.address),
                        synapses.load[i].eq(taken & ~token.last),
                    ]
                    if port.value_bits:
                        m.d.comb += getattr(synapses, f"value{i}").eq(token.value)
                    with m.If(taken & token.last):
                        m.d.sync += [final.eq(token.final), serving.eq(i + 1)]
                        if i == len(ports) - 1:
                            m.next = "WAIT"
            with m.State("WAIT"):  # the last weights are still on their way
                m.next = "SWEEP"
            with m.State("SWEEP"):
                m.d.comb += issuing.eq(1)
                with m.If(issued_all):
                    m.next = "DRAIN"
            with m.State("DRAIN"), m.If(pass_ended):
                m.next = "END"
                with m.If(~final_pass):
                    m.next = "SWEEP"
            with m.State("END"):
                m.d.comb += emitter.end.eq(1)
                with m.If(emitter.ended):
                    m.d.sync += serving.eq(Mux(final, late, 0))
                    m.next = "ACCUMULATE"

    def _connect(self, m: Module, unit: NeuronUnit, store: Store, i: int, advance: Value) -> None:
        """A unit's states and constants, which come by registers, and what it gives back."""
        states, constants, new = store.states[f"unit{i}"], store.constants[f"unit{i}"], store.new[f"unit{i}"]
        for names, source in ((self.layer.states, states), (self.layer.datapath.constants, constants)):
            for name in names:
                register = Signal.like(getattr(unit, name), name=f"{name}{i}", reset_less=True)
                with m.If(advance):
                    m.d.sync += register.eq(source[name])
                m.d.comb += getattr(unit, name).eq(register)
        m.d.comb += [new[name].eq(getattr(unit, f"{name}_next")) for name in self.layer.states]

    def _gathered(self, m: Module, places: Nest, given: Signal, values: list[Value], advance: Value, store: Store) -> tuple:
        """What is given to the units, from registers, and whether it is there; the store is asked for what goes with it."""
        layer, window = self.layer, self.layer.window
        m.submodules.gather = gather = Gather(window, layer.accumulator_bits, layer.units)
        last = Const(1, 1)
        if window is not None:
            column, row = places.places["window_column"], places.places["window_row"]
            last = (column == window.columns - 1) & (row == window.rows - 1)
            with m.If(advance):
                m.d.sync += [gather.first.eq((column == 0) & (row == 0)), gather.last.eq(last)]
        else:
            m.d.comb += [gather.first.eq(1), gather.last.eq(1)]
        m.d.comb += [gather.advance.eq(advance), gather.valid.eq(given), store.fetch.eq(places.step & last)]
        m.d.comb += [one.eq(value) for one, value in zip(parts(gather.values), values, strict=True)]
        return parts(gather.gathered), gather.ready

    def _final_pass(self, m: Module, ended: Value) -> Value:
        """Whether the sweep goes over the neurons for the last time."""
        passes = self.layer.passes
        if passes == 1:
            return Const(1, 1)
        number = Signal(range(passes))
        final_pass = number == passes - 1
        with m.If(ended):
            m.d.sync += number.eq(Mux(final_pass, 0, number + 1))
        return final_pass

    def _bank(self, m: Module, lane: int) -> memory.Memory:
        layer = self.layer
        m.submodules[f"bank{lane}"] = bank = memory.Memory(
            shape=signed(layer.accumulator_bits),
            depth=layer.words,
            init=[layer.initial] * layer.words,
            attrs=attributes(self.family, layer.words),
        )
        return bank

    def _steps(self) -> int:
        """Places of a pass: those of whole positions, or of the only one up to its last neuron."""
        return self.layer.beats * self.layer.reads

    def _loops(self) -> dict[str, tuple[int, int]]:
        """The loops of a pass: window, lane groups of a word, words of a position, columns, rows; the innermost first."""
        layer = self.layer
        rows, columns = (1, 1) if layer.window is None else (layer.window.rows, layer.window.columns)
        across = layer.summed.columns * layer.groups
        return {
            "window_column": (columns, layer.groups),
            "window_row": (rows, across),
            "group": (layer.lanes // layer.units, 0),
            "word": (layer.groups, 1),
            "column": (layer.space.columns, columns * layer.groups),
            "row": (layer.space.rows, rows * across),
        }


def _fires(unit: NeuronUnit) -> Value:
    # A neuron without spikes sends its value where that is not 0.
    return unit.spike if "spike" in unit.datapath.outputs else unit.value != 0


def _chosen(values: list, number: Value) -> Value:
    return values[0] if len(values) == 1 else Array(values)[number]
