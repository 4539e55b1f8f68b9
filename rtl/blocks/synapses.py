"""The weights of a layer, and the walks of events over the accumulators that they reach."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false, reportReturnType=false

from functools import reduce
from operator import or_

from amaranth.hdl import Array, Module, Signal, Value, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.blocks.side_by_side import SideBySide, parts
from costmodel.rtl.blocks.walk import ConvWalk, DenseWalk
from costmodel.rtl.layer import Layer, Port
from costmodel.rtl.memories import rom_attributes
from costmodel.rtl.reach import DenseReach


class Synapses(wiring.Component):
    """An event makes its first access in the cycle after it is loaded. An access asks for a weight word; a cycle later it is there,
    and yet a cycle later, times the event's value where it has one, it is in registers: block memories answer late.

    Members:
        load: one bit a port: takes ``address0``, ``value0``, … of it.
        free: an event may be loaded.
        access: an access made in the cycle before; its accumulator word is ``word``.
        addends: in the cycle after ``access``: what to add to each of the P accumulators of the word.
    """

    def __init__(self, layer: Layer, family: str) -> None:
        self.layer, self.family = layer, family
        members = {"load": In(len(layer.ports)), "free": Out(1), "access": Out(1), "word": Out(range(layer.words))}
        for i, port in enumerate(layer.ports):
            members[f"address{i}"] = In(port.space.address_bits)
            if port.value_bits:
                members[f"value{i}"] = In(signed(port.value_bits))
        self.addend_bits = max(port.bits + port.value_bits for port in layer.ports)
        members["addends"] = Out(SideBySide(signed(self.addend_bits), layer.lanes))
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        ports = self.layer.ports
        walks = [(DenseWalk if isinstance(port.reach, DenseReach) else ConvWalk)(port.space, port.reach) for port in ports]
        words = []
        for i, (port, walk) in enumerate(zip(ports, walks, strict=True)):
            m.submodules[f"walk{i}"] = walk
            m.d.comb += [walk.address.eq(getattr(self, f"address{i}")), walk.load.eq(self.load[i])]
            words.append(self._weights(m, i, port, walk))
        active = [walk.active for walk in walks]
        asked, at = reduce(or_, active), _selected(active, [walk.word for walk in walks])
        ending = _selected(active, [walk.last for walk in walks])
        m.d.comb += self.free.eq(~asked | ending if self.layer.back_to_back else ~asked)
        chosen = Signal(len(ports))  # the port whose word is there
        if len(ports) > 1:
            m.d.sync += chosen.eq(sum(walk.active << i for i, walk in enumerate(walks)))
        m.d.sync += [self.access.eq(asked), self.word.eq(at)]
        for lane, addend in enumerate(parts(self.addends)):
            m.d.sync += addend.eq(_selected(list(chosen), [word[lane] for word in words]))
        return m

    def _weights(self, m: Module, i: int, port: Port, walk: wiring.Component) -> list[Value]:
        # One memory word holds the weights of all lanes.
        rom = memory.Memory(
            shape=SideBySide(signed(port.bits), self.layer.lanes),
            depth=port.reach.depth,
            init=[{f"n{i}": weight for i, weight in enumerate(word)} for word in port.reach.words.tolist()],
            attrs=rom_attributes(),
        )
        m.submodules[f"weights{i}"] = rom
        read = rom.read_port()
        m.d.comb += [read.addr.eq(walk.row), read.en.eq(walk.active)]
        if not port.value_bits:
            return parts(read.data)
        loaded, value = Signal(signed(port.value_bits)), Signal(signed(port.value_bits))
        with m.If(self.load[i]):
            m.d.sync += loaded.eq(getattr(self, f"value{i}"))
        m.d.sync += value.eq(loaded)
        return [weight * value for weight in parts(read.data)]


def _selected(active: list, values: list) -> Value:
    # One is active at a time.
    if len(values) == 1:
        return values[0]
    number = sum(flag * i for i, flag in enumerate(active) if i)
    return Array(values)[number]
