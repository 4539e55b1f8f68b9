"""Simulators of cores: the same answers in the same cycles from each, and a testbench that can fail."""
# pyright: reportAttributeAccessIssue=false

import re

import numpy as np
import pytest
from amaranth.back import verilog
from amaranth.hdl import Module, Signal, signed
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.graphs.errors import InputError
from costmodel.rtl import simulation, testbench
from costmodel.rtl.simulation.tools import find
from costmodel.rtl.testbench import EXPECTED, LINGER, MEANING, TOKENS, write_memory_files
from costmodel.rtl.token import Token
from tests.testbenches import runs

pytestmark = pytest.mark.filterwarnings("ignore::amaranth.hdl.UnusedElaboratable")  # a core that was refused

ADDRESS_BITS, WEIGHT_BITS, SUM_BITS = 4, 40, 44


class Accumulator(wiring.Component):
    """Adds the weight of each address, and answers the sum at the end of a step and after each event with an odd weight.

    An answer's address is how often the event's address came before, modulo 4. A weight takes two words of 32 bits. The end
    of a sample clears the sum. A token takes two cycles, an answer one more. After ``deaf_after`` tokens no more is taken.
    """

    def __init__(self, weights, deaf_after=None):
        self.weights, self.deaf_after = weights, deaf_after
        super().__init__(
            {
                "events": In(stream.Signature(Token(ADDRESS_BITS))),
                "answers": Out(stream.Signature(Token(2, SUM_BITS))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.weights = weights = memory.Memory(shape=signed(WEIGHT_BITS), depth=16, init=self.weights)
        m.submodules.history = history = memory.Memory(shape=8, depth=16, init=[])
        weight, seen, note = weights.read_port(), history.read_port(), history.write_port()
        total, event, heard = Signal(signed(SUM_BITS)), Signal(Token(ADDRESS_BITS)), Signal(16)
        taken = self.events.payload
        m.d.comb += [port.en.eq(self.events.valid & self.events.ready) for port in (weight, seen)]
        m.d.comb += [weight.addr.eq(taken.address), seen.addr.eq(taken.address), note.addr.eq(event.address)]
        m.d.comb += self.answers.payload.address.eq(seen.data), self.answers.payload.value.eq(total)
        m.d.comb += [self.answers.payload.last.eq(event.last), self.answers.payload.final.eq(event.final)]
        with m.FSM():
            with m.State("ACCEPT"):
                m.d.comb += self.events.ready.eq(1 if self.deaf_after is None else heard < self.deaf_after)
                with m.If(self.events.valid & self.events.ready):
                    m.d.sync += [event.eq(taken), heard.eq(heard + 1)]
                    m.next = "ADD"
            with m.State("ADD"):
                with m.If(event.last):
                    m.next = "ANSWER"
                with m.Else():
                    m.d.comb += [note.en.eq(1), note.data.eq(seen.data + 1)]
                    m.d.sync += total.eq(total + weight.data)
                    m.next = "ACCEPT"
                    with m.If(weight.data[0]):
                        m.next = "ANSWER"
            with m.State("ANSWER"):
                m.d.comb += self.answers.valid.eq(1)
                with m.If(self.answers.ready):
                    m.next = "ACCEPT"
                    with m.If(event.last & event.final):
                        m.d.sync += total.eq(0)
        return m


class Wires(wiring.Component):
    """No register, no memory: what comes in goes out in the same cycle."""

    def __init__(self):
        super().__init__({"events": In(stream.Signature(Token(3))), "answers": Out(stream.Signature(Token(3)))})

    def elaborate(self, platform):
        m = Module()
        wiring.connect(m, wiring.flipped(self.events), wiring.flipped(self.answers))
        return m


def some_weights(seed):
    return np.random.default_rng(seed).integers(-(2**39), 2**39, 16).tolist()


def some_tokens(seed, samples=3, address_bits=ADDRESS_BITS):
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(samples):
        for step in range(4):
            out += rng.integers(0, 2**address_bits, rng.integers(0, 12)).tolist()
            out.append(1 << address_bits | (step == 3) << address_bits + 1)
    return np.array(out, np.uint64)


def expected(weights, tokens):
    """The accumulator's answers, the cycles of tokens taken and answers given, and cycles in all, where nothing halts it."""
    total, cycle, answers, taken, given, seen = 0, 0, [], [], [], [0] * 16
    for token in tokens.tolist():
        address, last, final = token & 15, token >> 4 & 1, token >> 5
        taken.append(cycle)
        cycle += 2
        before = seen[address]
        if not last:
            total += weights[address]
            seen[address] += 1
        if last or weights[address] & 1:
            answers.append((before & 3) | (total % 2**SUM_BITS) << 2 | last << 2 + SUM_BITS | final << 3 + SUM_BITS)
            given.append(cycle)
            cycle += 1
        total = 0 if final else total
    return answers, taken, given, cycle


def backends():
    """Those that are installed here."""
    return [name for name, simulator in simulation.prepared.BACKENDS.items() if all(map(find, simulator.NEEDS))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("simulators")


@pytest.fixture(scope="module")
def prepared(folder):
    core = Accumulator(some_weights(0))
    return {name: simulation.prepare(core, backend=name, folder=folder) for name in backends()}


def same(one, other):
    return one.cycles == other.cycles and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("answers", "taken", "given")
    )


def test_a_simulator_that_compiles_is_tested():
    assert {"cxxrtl", "amaranth"} <= set(backends())


@pytest.mark.parametrize("seed", range(3))
def test_every_simulator_gives_what_the_core_should_in_the_cycle_it_should(prepared, seed):
    tokens = some_tokens(seed)
    answers, taken, given, cycles = expected(some_weights(0), tokens)
    for simulator in prepared.values():
        trace = simulator.run(tokens)
        assert trace.answers.tolist() == answers
        assert (trace.taken.tolist(), trace.given.tolist(), trace.cycles) == (taken, given, cycles)
        assert (trace.answers.dtype, trace.taken.dtype, trace.given.dtype) == (np.uint64, np.int64, np.int64)
        assert type(trace.cycles) is int


@pytest.mark.parametrize("seed", range(3))
def test_patterns_halt_every_simulator_alike(prepared, seed):
    rng = np.random.default_rng(seed)
    tokens = some_tokens(seed)
    offers, accepts = rng.random(17) < 0.3, rng.random(23) < 0.4
    traces = [simulator.run(tokens, offers=offers, accepts=accepts) for simulator in prepared.values()]
    assert all(same(trace, traces[0]) for trace in traces)
    free = expected(some_weights(0), tokens)
    assert traces[0].answers.tolist() == free[0]
    assert traces[0].cycles > free[-1]
    assert all(accepts[cycle % 23] for cycle in traces[0].given)


def test_runs_begin_at_the_initial_state_and_many_are_each_like_one(prepared):
    lists = [some_tokens(seed, samples=2) for seed in range(5)]
    for simulator in prepared.values():
        for trace, tokens in zip(simulator.run_many(lists, jobs=2), lists, strict=True):
            assert same(trace, simulator.run(tokens))


def test_more_answers_than_there_was_room_for_are_kept(folder, prepared):
    tokens = np.concatenate([np.zeros(3000, np.uint64), some_tokens(9)])
    tokens = np.concatenate([tokens[:1], np.full(2500, 1 << ADDRESS_BITS, np.uint64), tokens[-1:]])
    for name in prepared:
        trace = simulation.run(Accumulator([1] * 16), tokens, backend=name, folder=folder)
        assert trace.answers.tolist() == expected([1] * 16, tokens)[0]
        assert len(trace.answers) == 2502


def test_wires_answer_in_the_cycle_they_are_asked(folder):
    tokens = some_tokens(0, address_bits=3)
    for name in backends():
        trace = simulation.run(Wires(), tokens, backend=name, folder=folder)
        assert np.array_equal(trace.answers, tokens)
        assert trace.taken.tolist() == trace.given.tolist() == list(range(len(tokens)))


def test_cores_that_differ_in_contents_are_compiled_once(folder, prepared):
    before = set(folder.iterdir())
    tokens = some_tokens(1)
    for name in prepared:
        trace = simulation.run(Accumulator(some_weights(5)), tokens, backend=name, folder=folder)
        assert trace.answers.tolist() == expected(some_weights(5), tokens)[0]
    assert set(folder.iterdir()) == before


def test_it_ends_after_as_many_samples_as_asked(prepared):
    tokens = some_tokens(2, samples=3)
    for simulator in prepared.values():
        trace = simulator.run(tokens, finals=1)
        assert np.count_nonzero(trace.answers >> np.uint64(3 + SUM_BITS)) == 1
        assert len(trace.taken) < len(tokens)


def test_a_core_that_stops_taking_is_a_deadlock():
    tokens = some_tokens(3)
    words = rf"deadlock.*for 200 cycles, when 5 of {len(tokens)} tokens.*and 3 of 3 samples had"
    with pytest.raises(InputError, match=words):
        simulation.run(Accumulator([0] * 16, deaf_after=5), tokens, backend="amaranth", patience=200)


def test_every_simulator_says_where_a_deadlock_is(prepared):
    tokens = some_tokens(3)[:-1]
    said = set()
    words = rf"when {len(tokens)} of {len(tokens)} tokens.*and 1 of 3 samples had"
    for simulator in prepared.values():
        with pytest.raises(InputError, match=words) as error:
            simulator.run(tokens, finals=3, patience=100)
        said.add(str(error.value))
    assert len(said) == 1


def test_without_a_compiler_it_says_so_and_runs_slowly(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    tokens = some_tokens(0)
    with pytest.warns(
        UserWarning, match=r"g\+\+ was not found: falling back to Amaranth's simulator, .* times slower; install g\+\+"
    ):
        trace = simulation.run(Accumulator(some_weights(0)), tokens, folder=tmp_path)
    assert trace.answers.tolist() == expected(some_weights(0), tokens)[0]
    with pytest.raises(InputError, match=r"g\+\+ was not found; install g\+\+, or choose"):
        simulation.prepare(Accumulator(some_weights(0)), backend="cxxrtl", folder=tmp_path)


def test_a_compiler_that_fails_is_quoted(monkeypatch, tmp_path):
    compiler = tmp_path / "g++"
    compiler.write_text("#!/bin/sh\necho 'core.cc: error: no space left' >&2\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(InputError, match=r"g\+\+ fails: core.cc: error: no space left; choose another simulator"):
        simulation.prepare(Wires(), backend="cxxrtl", folder=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


class Mute(wiring.Component):
    def __init__(self, shape):
        super().__init__({"events": In(stream.Signature(shape)), "answers": Out(stream.Signature(Token(3)))})


@pytest.mark.parametrize("core", [Mute(8), Mute(Token(3, 70)), wiring.Component({})])
def test_a_core_without_streams_of_tokens_is_refused(core):
    with pytest.raises(InputError, match=r"stream 'events' of tokens; make|have 75 bits; 64 or fewer"):
        simulation.prepare(core, backend="amaranth")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tokens": [[1]]}, "give a row of unsigned integers"),
        ({"tokens": [0.5]}, "give a row of unsigned integers"),
        ({"tokens": [64]}, "0 to 63 fits 6 bits"),
        ({"tokens": [-1]}, "0 to 63 fits 6 bits"),
        ({"tokens": []}, "0 ends of samples.*mark the last token"),
        ({"tokens": [3]}, "0 ends of samples.*mark the last token"),
        ({"tokens": [3], "finals": 0}, "0 ends of samples"),
        ({"tokens": [48], "patience": 0}, "patience is 0"),
        ({"tokens": [48], "offers": [False]}, "'offers' never holds"),
        ({"tokens": [48], "accepts": []}, "'accepts' never holds"),
        ({"tokens": [48], "backend": "verilater"}, "did you mean 'verilator'"),
    ],
)
def test_arguments_at_fault_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        simulation.run(Accumulator([0] * 16), **{"backend": "amaranth", **arguments})


def test_jobs_are_one_or_more():
    with pytest.raises(InputError, match="jobs is 0"):
        simulation.run_many(Accumulator([0] * 16), [], backend="amaranth", jobs=0)


def all_bits(said):
    return np.full(len(said), (1 << SUM_BITS + 4) - 1, np.uint64)


def write_bench(folder, missing=0, superfluous=0):
    """Writes core, testbench and memory files, answers missing or too many; what is expected, and the line that passes."""
    tokens = some_tokens(4)
    answers, taken, _, cycles = expected(some_weights(0), tokens)
    said = answers[: len(answers) - missing] + [0] * superfluous
    write_memory_files(folder, tokens, np.array(said, np.uint64), all_bits(said))
    sizes = {"event_bits": ADDRESS_BITS + 2, "answer_bits": SUM_BITS + 4, "tokens": len(tokens), "answers": len(said)}
    (folder / "core.v").write_text(verilog.convert(Accumulator(some_weights(0)), "accumulator", emit_src=False))
    (folder / "testbench.v").write_text(testbench.testbench("accumulator", **sizes, patience=LINGER + 100))
    return said, f"PASS: {len(said)} answers, {cycles - taken[0]} cycles"


def test_the_testbench_passes_what_is_right_and_fails_what_is_wrong(tmp_path):
    said, passes = write_bench(tmp_path)
    bench = runs(tmp_path, "core.v")
    assert set(bench()) == {passes}
    wrong = [*said[:7], said[7] ^ 4, *said[8:]]
    write_memory_files(tmp_path, some_tokens(4), np.array(wrong, np.uint64), all_bits(wrong))
    fails = f"FAIL: answer 7 is {said[7]:012x}, {wrong[7]:012x} is expected"
    assert set(bench()) == {fails}
    for name, payloads in ((TOKENS, some_tokens(4).tolist()), (EXPECTED, wrong), (MEANING, all_bits(wrong).tolist())):
        assert [int(line, 16) for line in (tmp_path / name).read_text().splitlines()] == payloads
    assert sorted(path.name for path in tmp_path.glob("*.hex")) == [EXPECTED, MEANING, TOKENS]


def test_the_testbench_forgives_bits_without_meaning(tmp_path):
    said, passes = write_bench(tmp_path)
    wrong = [*said[:7], said[7] ^ 4, *said[8:]]
    meant = all_bits(wrong)
    meant[7] ^= np.uint64(4)
    write_memory_files(tmp_path, some_tokens(4), np.array(wrong, np.uint64), meant)
    assert set(runs(tmp_path, "core.v")()) == {passes}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"missing": 1}, r"FAIL: an answer too many, [0-9a-f]{12}, after (\d+)$"),
        ({"superfluous": 2}, r"FAIL: nothing moves; (\d+) of \1 tokens went in, \d+ of (\d+) answers came out$"),
    ],
)
def test_the_testbench_fails_answers_too_few_or_too_many(tmp_path, fault, words):
    said, _ = write_bench(tmp_path, **fault)
    for verdict in runs(tmp_path, "core.v")():
        found = re.match(words, verdict)
        assert found, verdict
        assert int(found[found.lastindex]) == len(said)
    assert f"localparam ANSWERS = {len(said)};" in (tmp_path / "testbench.v").read_text()


def test_the_testbench_connects_every_port_with_its_width_and_nothing_else(tmp_path):
    write_bench(tmp_path)
    core, bench = (tmp_path / "core.v").read_text(), (tmp_path / "testbench.v").read_text()
    port = r"^  (?:input|output) (\[\d+:0\] )?(\w+);"
    ports = {name: width.strip() for width, name in re.findall(port, core, re.MULTILINE)}
    connected = dict(re.findall(r"^    \.(\w+)\((\w+)\)", bench, re.MULTILINE))
    signal = r"^  (?:wire|reg) (\[\d+:0\] )?(\w+)"
    declared = {name: width.strip() for width, name in re.findall(signal, bench, re.MULTILINE)}
    assert set(ports) == set(connected)
    assert {name: declared[wire] for name, wire in connected.items()} == ports
    assert ports["events__payload"] == f"[{ADDRESS_BITS + 1}:0]"
    assert not re.search(r"\$[a-z]\w*(?<!readmemh)(?<!display)(?<!finish)\b", bench)  # all was filled in


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tokens": 0}, "tokens is 0"),
        ({"event_bits": 0}, "event_bits is 0"),
        ({"patience": LINGER}, "patience is 64, more than 64"),
    ],
)
def test_a_testbench_of_nothing_is_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        testbench.testbench("core", **{"event_bits": 3, "answer_bits": 3, "tokens": 1, "answers": 1, **arguments})


@pytest.mark.parametrize("payloads", [[], [-1], [0.5], [[1]]])
def test_payloads_that_are_none_are_refused(tmp_path, payloads):
    with pytest.raises(InputError, match=r"expected\.hex: payloads are"):
        write_memory_files(tmp_path, [1], payloads, [1])


def test_memory_files_want_a_folder(tmp_path):
    with pytest.raises(InputError, match=r"tokens\.hex: cannot write there"):
        write_memory_files(tmp_path / "none", [1], [1], [1])
