# amaranth: UnusedElaboratable=no
"""The serial line to a board: its timing, its bytes, a core behind it, and bitstreams."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from costmodel.graphs.errors import InputError
from costmodel.rtl import boards
from costmodel.rtl.boards import aer, bitstream, uart
from costmodel.rtl.boards.aer import Event, decode, encode
from costmodel.rtl.boards.top import Top
from costmodel.rtl.token import Token

TOKEN = Token(5, 6)


class Counting(wiring.Component):
    """A core that echoes, each value raised by the events since the step began."""

    def __init__(self):
        super().__init__({"events": In(stream.Signature(TOKEN)), "answers": Out(stream.Signature(TOKEN))})

    def elaborate(self, platform):
        m = Module()
        count, token = Signal(6), Signal(TOKEN)
        m.d.comb += [self.events.ready.eq(~self.answers.valid), self.answers.payload.eq(token)]
        with m.If(self.events.valid & self.events.ready):
            m.d.sync += [self.answers.valid.eq(1), token.eq(self.events.payload)]
            with m.If(~self.events.payload.last):
                m.d.sync += [token.value.eq(self.events.payload.value + count), count.eq(count + 1)]
            with m.Else():
                m.d.sync += count.eq(0)
        with m.If(self.answers.valid & self.answers.ready):
            m.d.sync += self.answers.valid.eq(0)
        return m


def frame(byte, cycles=1):
    """The levels of a byte on the line."""
    return [level for bit in [0, *((byte >> n) & 1 for n in range(8)), 1] for level in [bit] * cycles]


def simulate(component, *testbenches, watch=None):
    """Run until all testbenches are done, or too long; ``watch`` need not end."""

    async def deadline(context):
        await context.delay(0.05)
        raise AssertionError("a testbench waits for what never comes")

    simulator = Simulator(component)
    simulator.add_clock(1e-6)
    for testbench in testbenches:
        simulator.add_testbench(testbench)
    for testbench in (deadline, watch):
        if testbench:
            simulator.add_testbench(testbench, background=True)
    simulator.run()


async def put(context, port, payload):
    """One transfer into a stream."""
    context.set(port.valid, 1)
    context.set(port.payload, payload)
    await context.tick().until(port.ready)
    context.set(port.valid, 0)


async def get(context, port):
    """One transfer out of a stream."""
    context.set(port.ready, 1)
    (payload,) = await context.tick().sample(port.payload).until(port.valid)
    context.set(port.ready, 0)
    return payload


@pytest.mark.parametrize("cycles", [1, 2, 5, 16])
def test_every_bit_sent_lasts_the_divisor(cycles):
    random.seed(cycles)
    data = [(random.randrange(256), random.choice([0, 0, 1, 3, 40])) for _ in range(20)]
    sender, line = uart.Transmitter(cycles), []

    async def feed(context):
        for byte, gap in data:
            if gap:
                await context.tick().repeat(gap)
            await put(context, sender.bytes, byte)
        await context.tick().repeat(12 * cycles)

    async def watch(context):
        async for _, _, level in context.tick().sample(sender.tx):
            line.append(level)

    simulate(sender, feed, watch=watch)
    sent, place = [], 0
    while 0 in line[place:]:
        place = line.index(0, place)
        levels = line[place : place + 10 * cycles]
        byte = sum(bit << n for n, bit in enumerate(levels[cycles : 9 * cycles : cycles]))
        assert levels == frame(byte, cycles)
        sent.append((byte, place))
        place += 10 * cycles
    assert [byte for byte, _ in sent] == [byte for byte, _ in data]
    gaps = [later - place - 10 * cycles for (_, place), (_, later) in pairwise(sent)]
    assert all(gap == 0 for gap, (_, asked) in zip(gaps, data[1:], strict=True) if asked == 0)


# The other end's bit is longer or shorter than ours, and starts at any moment.
@pytest.mark.parametrize(("cycles", "error"), [(4, 0.02), (8, 0.03), (25, 0.03)])
@pytest.mark.parametrize("sign", [-1, 0, 1])
def test_bytes_received_from_a_clock_that_differs(cycles, error, sign):
    random.seed(cycles)
    receiver, got = uart.Receiver(cycles), []
    data = [random.randrange(256) for _ in range(25)]

    async def line(context):
        for byte in data:
            await context.delay(random.choice([0, 0, random.uniform(0, 30)]) * 1e-6)
            for level in frame(byte):
                context.set(receiver.rx, level)
                await context.delay((1 + sign * error) * cycles * 1e-6)

    async def take(context):
        for _ in data:
            await context.tick().repeat(random.randint(1, 3))
            got.append(await get(context, receiver.bytes))
        assert not context.get(receiver.overrun)

    simulate(receiver, line, take)
    assert got == data


def test_what_the_line_does_wrong():
    cycles = 8
    receiver, got = uart.Receiver(cycles), []

    async def line(context):
        async def hold(level, time):
            context.set(receiver.rx, level)
            await context.tick().repeat(time)

        await hold(0, 2)  # a glitch shorter than half a bit
        await hold(1, 3 * cycles)
        await hold(0, 25 * cycles)  # a break: no stop bit
        await hold(1, 2 * cycles)
        for byte in (0x5A, 0xC3):
            for level in frame(byte):
                await hold(level, cycles)
        await hold(1, 2 * cycles)
        assert context.get(receiver.overrun)  # nobody took the first
        got.append(await get(context, receiver.bytes))
        assert not context.get(receiver.bytes.valid)
        assert context.get(receiver.overrun)

    simulate(receiver, line)
    assert got == [0xC3]


def test_divisors():
    assert uart.divisor(12e6, 1e6) == 12
    assert uart.divisor(25e6, 115200) == 217
    with pytest.raises(InputError, match=r"baud 3000000\.0 Hz is missed by .* at 4 cycles of 13500000\.0 Hz a bit; choose"):
        uart.divisor(13.5e6, 3e6)
    for baud in (0, 4e6):
        with pytest.raises(InputError, match="at most a quarter of the clock"):
            uart.divisor(12e6, baud)


# bits of TOKEN: address 0-4, value 5-10, last 11, final 12
EVENTS = [Event(3, 1), Event(31, -1), Event(0, -32), Event(last=True), Event(last=True, final=True)]
BYTES = bytes([0b001_00011, 0b000, 0b111_11111, 0b111, 0b000_00000, 0b100, 0, 0b01_000, 0, 0b11_000])


def test_tokens_as_bytes_by_hand():
    assert encode(TOKEN, EVENTS) == BYTES
    assert decode(TOKEN, BYTES) == EVENTS
    assert encode(Token(6), [Event(37)]) == bytes([37])
    assert encode(Token(0), [Event(), Event(last=True)]) == bytes([0, 1])
    assert encode(Token(16, 16), [Event(0x1234, 0x5678, final=True)]) == bytes([0x34, 0x12, 0x78, 0x56, 2])


def test_tokens_that_do_not_fit():
    for event in (Event(32), Event(-1), Event(0, 32), Event(0, -33)):
        with pytest.raises(InputError, match="does not fit"):
            encode(TOKEN, [event])
    with pytest.raises(InputError, match="value 1 does not fit 0 bits"):
        encode(Token(4), [Event(0, 1)])
    with pytest.raises(InputError, match="3 bytes are not whole tokens of 2"):
        decode(TOKEN, BYTES[:3])


@pytest.mark.parametrize("token", [Token(0), Token(6), Token(7), TOKEN, Token(9, 16)])
def test_hardware_packs_as_the_host_does(token):
    rng = random.Random(token.size)
    half = 1 << token.value_bits >> 1
    values = range(-half, half) if half else [0]
    addresses, flags = range(1 << token.address_bits), (False, False, True)
    events = [Event(rng.choice(addresses), rng.choice(values), rng.choice(flags), rng.choice(flags)) for _ in range(40)]
    data = encode(token, events)
    assert decode(token, data) == events

    m = Module()
    m.submodules.packer, m.submodules.unpacker = packer, unpacker = aer.Packer(token), aer.Unpacker(token)
    wiring.connect(m, packer.tokens, unpacker.tokens)
    seen, got = [], []

    async def feed(context):
        for byte in data:
            await context.tick().repeat(rng.choice([1, 1, 5]))
            await put(context, packer.bytes, byte)

    async def take(context):
        for _ in data:
            await context.tick().repeat(rng.choice([1, 1, 5]))
            got.append(await get(context, unpacker.bytes))

    async def watch(context):
        tokens = packer.tokens
        async for _, _, moves, payload in context.tick().sample(tokens.valid & tokens.ready, tokens.payload):
            if moves:
                seen.append(Event(payload.address, payload.value if half else 0, bool(payload.last), bool(payload.final)))

    simulate(m, feed, take, watch=watch)
    assert bytes(got) == data
    assert seen == events


@pytest.mark.parametrize("active_low", [False, True])
def test_a_core_behind_its_line(active_low):
    board = replace(boards.BOARDS["ulx3s-25f"], clock_hz=1e6, baud=0.25e6, led_active_low=active_low)
    top, cycles, line = Top(Counting(), board), 4, []
    levels = [1] * 40  # in reset for the first 16 cycles
    for byte in encode(TOKEN, EVENTS):
        levels += frame(byte, cycles)
    levels += [1] * 200

    async def run(context):
        for level in levels:
            context.set(top.uart_rx, level)
            await context.delay(0.5e-6)
            context.set(top.clock, 1)
            await context.delay(0.5e-6)
            context.set(top.clock, 0)
            line.append(context.get(top.uart_tx))
            assert context.get(top.esp32_gpio0) == 1
        assert context.get(top.led) == active_low

    simulator = Simulator(top)
    simulator.add_testbench(run)
    simulator.run()
    data, place = [], 0
    while 0 in line[place:]:
        place = line.index(0, place)
        data.append(sum(bit << n for n, bit in enumerate(line[place + cycles : place + 9 * cycles : cycles])))
        place += 10 * cycles
    assert decode(TOKEN, bytes(data)) == [Event(3, 1), Event(31, 0), Event(0, -30), *EVENTS[3:]]


# After the tools' comment a bitstream begins with the family's preamble.
@pytest.mark.parametrize(("board", "preamble"), [("icebreaker", "7eaa997e"), ("ulx3s-25f", "ffffbdb3")])
def test_bitstreams(board, preamble, tmp_path):
    file = bitstream(Counting(), board, tmp_path / "made" / "here")
    assert file.parent == tmp_path / "made" / "here"
    assert bytes.fromhex(preamble) in file.read_bytes()[:200]
    assert file.stat().st_size > 10_000


def test_a_core_too_slow_for_the_clock(tmp_path, monkeypatch):
    monkeypatch.setitem(boards.BOARDS, "fast", replace(boards.BOARDS["icebreaker"], clock_hz=400e6))
    with pytest.raises(InputError, match=r"nextpnr-ice40 failed: ERROR: Max frequency .*FAIL at 400\.00 MHz"):
        bitstream(Counting(), "fast", tmp_path)


def test_cores_and_boards_that_do_not_match(tmp_path):
    with pytest.raises(InputError, match="no board is named 'icebreakr'; did you mean 'icebreaker'"):
        bitstream(Counting(), "icebreakr", tmp_path)
    with pytest.raises(InputError, match="Packer has no stream of tokens 'events'; a board needs 'events' and 'answers'"):
        Top(aer.Packer(TOKEN), boards.BOARDS["icebreaker"])
    for board in boards.BOARDS.values():
        assert uart.divisor(board.clock_hz, board.baud) * board.baud == board.clock_hz
