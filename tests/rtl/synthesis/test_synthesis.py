# amaranth: UnusedElaboratable=no
"""Resources read back from yosys and nextpnr: of circuits small enough to know what they take."""

import importlib.util
from functools import reduce
from operator import xor

import numpy as np
import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.graphs.errors import InputError
from costmodel.rtl.synthesis import PARTS, synthesise, tools
from costmodel.rtl.synthesis.part import map_cells
from costmodel.rtl.token import Token
from costmodel.rtl.verilog import convert


class OneOfEach(wiring.Component):
    """A register of 13 bits, a memory of 256 × 16 bits and a product of 16 bits by 16, side by side."""

    def __init__(self):
        inputs = {"address": In(8), "a": In(16), "b": In(16), "d": In(13)}
        super().__init__(inputs | {"word": Out(16), "product": Out(32), "q": Out(13)})

    def elaborate(self, platform):
        m = Module()
        words = np.random.default_rng(0).integers(0, 2**16, 256).tolist()
        m.submodules.words = words = memory.Memory(shape=16, depth=256, init=words, attrs={"ram_style": "block"})
        read = words.read_port()
        m.d.comb += [read.addr.eq(self.address), self.word.eq(read.data), self.product.eq(self.a * self.b)]
        m.d.sync += self.q.eq(self.d)
        return m


class Scratchpad(wiring.Component):
    """A memory of 16 × 4 bits that is read in the same cycle."""

    def __init__(self):
        super().__init__({"address": In(4), "d": In(4), "enable": In(1), "q": Out(4)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.words = words = memory.Memory(shape=4, depth=16, init=[])
        read, write = words.read_port(domain="comb"), words.write_port()
        m.d.comb += [
            read.addr.eq(self.address),
            write.addr.eq(self.address),
            write.data.eq(self.d),
            write.en.eq(self.enable),
        ]
        m.d.comb += self.q.eq(read.data)
        return m


class Sums(wiring.Component):
    """A core: it answers with the running sum of what came."""

    def __init__(self):
        super().__init__({name: flow(stream.Signature(Token(8, 16))) for name, flow in (("events", In), ("answers", Out))})

    def elaborate(self, platform):
        m = Module()
        m.submodules.sums = sums = memory.Memory(shape=16, depth=256, init=[])
        read, write = sums.read_port(), sums.write_port()
        token, total = Signal(Token(8, 16)), Signal(16)
        m.d.comb += [read.addr.eq(self.events.payload.address), read.en.eq(self.events.valid & self.events.ready)]
        m.d.comb += [
            write.addr.eq(token.address),
            write.data.eq(total),
            write.en.eq(self.answers.valid & self.answers.ready),
        ]
        m.d.comb += [total.eq(read.data + token.value), self.answers.payload.eq(token), self.answers.payload.value.eq(total)]
        m.d.comb += self.events.ready.eq(~self.answers.valid)
        with m.If(self.events.valid & self.events.ready):
            m.d.sync += [self.answers.valid.eq(1), token.eq(self.events.payload)]
        with m.If(self.answers.valid & self.answers.ready):
            m.d.sync += self.answers.valid.eq(0)
        return m


class NineProducts(wiring.Component):
    """One multiplier more than an iCE40UP5K has."""

    def __init__(self):
        super().__init__({"a": In(16), "b": In(16), "q": Out(32)})

    def elaborate(self, platform):
        m = Module()
        products = [self.a.rotate_left(turn) * self.b for turn in range(9)]
        m.d.comb += self.q.eq(reduce(xor, products))
        return m


# Figures that follow from the circuit; where there is no multiplier, the product is in LUTs.
@pytest.mark.parametrize(
    ("part", "luts", "brams", "dsps"),
    [("ice40-up5k", 13, 1, 1), ("ice40-hx8k", None, 1, 0), ("ecp5-25f", 0, 1, 1), ("artix7-100t", 0, 0.5, 1)],
)
def test_counts_of_a_known_circuit(part, luts, brams, dsps, tmp_path):
    found = synthesise(OneOfEach(), part, tmp_path)
    assert (found.ffs, found.brams, found.dsps) == (13, brams, dsps)
    assert found.luts == luts if luts is not None else 256 < found.luts < 1024
    if part == "artix7-100t":
        assert found.fmax_hz is None
        assert found.placed == {}
        assert found.cells["FDRE"] == 13
    else:
        assert 1e6 < found.fmax_hz < 1e9
        assert sum(found.placed.values()) >= found.luts


@pytest.mark.parametrize(("part", "luts", "ffs"), [("ecp5-85f", 6, 0), ("artix7-100t", 4, 0), ("ice40-hx8k", None, 64)])
def test_small_memories_are_luts_or_flip_flops(part, luts, ffs, tmp_path):
    found = synthesise(Scratchpad(), part, tmp_path)
    assert (found.ffs, found.brams) == (ffs, 0)
    assert found.luts == luts if luts is not None else found.luts > 64


def test_the_harness_changes_nothing_and_is_not_counted(tmp_path):
    found = synthesise(Sums(), "ice40-up5k", tmp_path / "new" / "folder", frequency=12e6)
    commands = ["synth_ice40 -device u -dsp -top core"]
    alone = map_cells(convert(Sums(), "core"), commands, tmp_path, system=False)
    assert found.cells == dict(alone["core"])
    assert found.cells["SB_LUT4"] <= found.luts <= found.cells["SB_LUT4"] + found.ffs + found.cells["SB_CARRY"]
    again = synthesise(Sums(), "ice40-up5k", tmp_path, frequency=12e6)
    assert again == found


def test_a_circuit_that_does_not_fit(tmp_path):
    with pytest.raises(InputError, match=r"^nextpnr-ice40 failed: ERROR: .*ICESTORM_DSP.*; see .*nextpnr-ice40\.log$"):
        synthesise(NineProducts(), "ice40-up5k", tmp_path)


def test_unknown_parts_and_clocks(tmp_path):
    with pytest.raises(InputError, match=r"no part 'ice40-hx1k' .*did you mean 'ice40-hx8k'"):
        synthesise(OneOfEach(), "ice40-hx1k", tmp_path)
    with pytest.raises(InputError, match=r"frequency is 0 Hz, more than 0"):
        synthesise(Scratchpad(), "ecp5-25f", tmp_path, frequency=0)
    assert set(PARTS) == {"ice40-hx8k", "ice40-up5k", "ecp5-25f", "ecp5-85f", "artix7-100t"}


def test_missing_tools_say_how_to_install_them(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="no program yosys is on PATH; install it, or leave out system=True"):
        synthesise(Scratchpad(), "ecp5-25f", tmp_path, system=True)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'yosys is not installed; pip install "snn-costmodel\[synthesis\]"'):
        synthesise(Scratchpad(), "ecp5-25f", tmp_path)


def test_programs_on_path_are_run_when_asked(tmp_path, monkeypatch):
    program = tmp_path / "yosys"
    program.write_text("#!/bin/sh\necho I was given $*\necho ERROR: this one is no yosys\necho bye\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AMARANTH_USE_YOSYS", "builtin")  # Amaranth's own, for the Verilog
    with pytest.raises(InputError, match=r"yosys failed: ERROR: this one is no yosys; see .*yosys\.log"):
        synthesise(Scratchpad(), "ecp5-25f", tmp_path, system=True)
    assert (tmp_path / "yosys.log").read_text().startswith("I was given -Q -s synthesis.ys")


def test_the_telling_line_of_a_log():
    assert tools.telling_line("a\nERROR: b\n  error: c \nd\n\n") == "error: c"
    assert tools.telling_line("a\n b \n\n") == "b"
    assert tools.telling_line("\n") == "it said nothing"
