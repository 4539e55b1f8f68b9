"""The neurons' states and their own constants, a beat of R neurons a word."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

import numpy as np
from amaranth.hdl import Module, Shape, Signal
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.blocks.wrapping import following
from costmodel.rtl.layer import Layer
from costmodel.rtl.memories import attributes, rom_attributes


class Store(wiring.Component):
    """What a unit reads besides the accumulator: states, which it gives back, and constants.

    Members:
        fetch: reads the next beat; its ``states`` and ``constants`` are there in the next cycle.
        leave: writes ``new`` to the next beat to be written.
    """

    def __init__(self, layer: Layer, family: str) -> None:
        self.layer, self.family = layer, family
        self.state_layout = _layout(layer, layer.states)
        self.constant_layout = _layout(layer, tuple(layer.datapath.constants))
        kept = {"states": Out(self.state_layout), "new": In(self.state_layout), "constants": Out(self.constant_layout)}
        super().__init__({"fetch": In(1), "leave": In(1), **kept})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        layer, form = self.layer, self.layer.datapath
        beats = range(layer.beats)
        reading = Signal(beats)
        if layer.states or form.constants:
            with m.If(self.fetch):
                m.d.sync += reading.eq(following(reading, layer.beats))
        if layer.states:
            start = {f"unit{unit}": {name: form.initial[name] for name in layer.states} for unit in range(layer.units)}
            m.submodules.kept = kept = memory.Memory(
                shape=self.state_layout, depth=layer.beats, init=[start] * layer.beats, attrs=attributes(self.family, layer.beats)
            )
            read, write, writing = kept.read_port(), kept.write_port(), Signal(beats)
            with m.If(self.leave):
                m.d.sync += writing.eq(following(writing, layer.beats))
            m.d.comb += [
                *(read.addr.eq(reading), read.en.eq(self.fetch), self.states.eq(read.data)),
                *(write.addr.eq(writing), write.en.eq(self.leave), write.data.eq(self.new)),
            ]
        if form.constants:
            m.submodules.fixed = fixed = memory.Memory(
                shape=self.constant_layout, depth=layer.beats, init=self._constants(), attrs=rom_attributes()
            )
            read = fixed.read_port()
            m.d.comb += [read.addr.eq(reading), read.en.eq(self.fetch), self.constants.eq(read.data)]
        return m

    def _constants(self) -> list[dict]:
        layer = self.layer
        by_beat = {}
        for name, constants in layer.datapath.constants.items():
            padded = np.zeros((layer.positions, layer.beats_per_position * layer.units), np.int64)
            padded[:, : layer.space.channels] = np.broadcast_to(constants, layer.space.elements).reshape(layer.positions, -1)
            by_beat[name] = padded.reshape(layer.beats, layer.units).tolist()
        return [
            {f"unit{unit}": {name: rows[beat][unit] for name, rows in by_beat.items()} for unit in range(layer.units)}
            for beat in range(layer.beats)
        ]


def _layout(layer: Layer, names: tuple[str, ...]) -> data.StructLayout:
    ports = layer.datapath.inputs
    one = data.StructLayout({name: Shape(ports[name].width, ports[name].signed) for name in names})
    return data.StructLayout({f"unit{unit}": one for unit in range(layer.units)})
