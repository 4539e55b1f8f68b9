"""A testbench in plain Verilog that checks itself: for simulators outside this project, and for whoever gets the Verilog."""

from pathlib import Path
from string import Template

import numpy as np
from numpy.typing import ArrayLike

from costmodel.graphs.errors import InputError
from costmodel.graphs.files import write

TOKENS, EXPECTED, MEANING = "tokens.hex", "expected.hex", "meaning.hex"
LINGER = 64  # cycles that it waits for answers too many

_TEXT = Template("""\
// Offers the $tokens tokens of tokens.hex to module $top as fast as it takes them and compares what it answers with the
// $answers lines of expected.hex, of each the bits that meaning.hex sets.
// Cycles are counted from the first token taken to the last answer, both included.
`timescale 1ns / 1ps

module testbench;
  localparam TOKENS = $tokens;
  localparam ANSWERS = $answers;
  localparam PATIENCE = $patience;
  localparam LINGER = $linger;

  reg clk = 0;
  reg rst = 1;
  reg [$event_high:0] tokens [0:TOKENS-1];
  reg [$answer_high:0] expected [0:ANSWERS-1];
  reg [$answer_high:0] meaning [0:ANSWERS-1];
  integer taken = 0;
  integer given = 0;
  integer cycles = 0;
  integer idle = 0;
  integer resets = 0;
  reg finished = 0;

  wire [$event_high:0] events__payload = tokens[taken < TOKENS ? taken : 0];
  wire events__valid = !rst && taken < TOKENS;
  wire events__ready;
  wire [$answer_high:0] answers__payload;
  wire answers__valid;
  wire answers__ready = !rst;

  \\$top core (
    .clk(clk),
    .rst(rst),
    .events__payload(events__payload),
    .events__valid(events__valid),
    .events__ready(events__ready),
    .answers__payload(answers__payload),
    .answers__valid(answers__valid),
    .answers__ready(answers__ready)
  );

  initial begin
    $$readmemh("$tokens_file", tokens);
    $$readmemh("$expected_file", expected);
    $$readmemh("$meaning_file", meaning);
  end

  always #5 clk = !clk;

  wire take = events__valid && events__ready;
  wire give = answers__valid && answers__ready;

  always @(posedge clk) if (!finished) begin
    resets <= resets + 1;
    if (resets == 2) rst <= 0;
    idle <= take || give || rst ? 0 : idle + 1;
    if (take) taken <= taken + 1;
    if (give) given <= given + 1;
    if ((take || taken > 0) && given < ANSWERS) cycles <= cycles + 1;
    if (give && given == ANSWERS) begin
      $$display("FAIL: an answer too many, %h, after %0d", answers__payload, given);
      finished <= 1;
      $$finish;
    end else if (give && (answers__payload & meaning[given]) !== (expected[given] & meaning[given])) begin
      $$display("FAIL: answer %0d is %h, %h is expected", given, answers__payload, expected[given]);
      finished <= 1;
      $$finish;
    end else if (given == ANSWERS && taken == TOKENS && idle == LINGER) begin
      $$display("PASS: %0d answers, %0d cycles", given, cycles);
      finished <= 1;
      $$finish;
    end else if (idle == PATIENCE) begin
      $$display("FAIL: nothing moves; %0d of %0d tokens went in, %0d of %0d answers came out",
                taken, TOKENS, given, ANSWERS);
      finished <= 1;
      $$finish;
    end
  end
endmodule
""")


def testbench(
    top: str,
    *,
    event_bits: int,
    answer_bits: int,
    tokens: int,
    answers: int,
    patience: int = 1_000_000,  # noqa: PT028  (this is no test)
) -> str:
    """Module ``testbench``, in Verilog of 2005, for a core as ``amaranth.back.verilog.convert`` writes it.

    It reads `TOKENS`, `EXPECTED` and `MEANING` of the folder it runs in, prints one line, and ends. The line is
    ``PASS: N answers, C cycles`` or begins with ``FAIL: ``. Icarus Verilog runs it (``iverilog``, ``vvp``), and Verilator
    (``--binary --timing``, and ``-CFLAGS -std=c++20`` where the C++ compiler is set to an older standard).

    Args:
        top: name of the core's module.
        event_bits: width of a token's payload.
        answer_bits: width of an answer's payload.
        tokens: how many tokens `TOKENS` holds.
        answers: how many answers `EXPECTED` and `MEANING` hold.
        patience: cycles in which nothing moves, after which it fails; more than the core ever works in silence.

    Raises:
        InputError: a width or a count is not 1 or more, or the patience is not above `LINGER`.
    """
    counts = {"event_bits": event_bits, "answer_bits": answer_bits, "tokens": tokens, "answers": answers}
    for name, count in counts.items():
        if count < 1:
            raise InputError(f"{name} is {count}, 1 or more is needed")
    if patience <= LINGER:
        raise InputError(f"patience is {patience}, more than {LINGER} cycles are needed")
    return _TEXT.substitute(
        top=top,
        event_high=event_bits - 1,
        answer_high=answer_bits - 1,
        tokens=tokens,
        answers=answers,
        patience=patience,
        linger=LINGER,
        tokens_file=TOKENS,
        expected_file=EXPECTED,
        meaning_file=MEANING,
    )


def write_memory_files(folder: Path, tokens: ArrayLike, expected: ArrayLike, meaning: ArrayLike) -> None:
    """Writes `TOKENS`, `EXPECTED` and `MEANING`, a payload a line in hexadecimal, each whole or not at all.

    Args:
        folder: where to; it exists.
        tokens: packed payloads, unsigned integers.
        expected: packed payloads of the answers, in order.
        meaning: of each answer the bits that count.

    Raises:
        InputError: the folder cannot be written, or payloads are no row of unsigned integers.
    """
    for name, payloads in ((TOKENS, tokens), (EXPECTED, expected), (MEANING, meaning)):
        found = np.asarray(payloads)
        if found.ndim != 1 or found.dtype.kind not in "ui" or not found.size or found.min() < 0:
            raise InputError(
                f"payloads are {found.dtype} of shape {found.shape}", mend="give a row of unsigned integers", where=name
            )
        # Verilator reads no last line that does not end.
        write(folder / name, "".join(f"{payload:x}\n" for payload in found.tolist()))
