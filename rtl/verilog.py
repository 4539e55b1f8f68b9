"""A component as Verilog, with what its memories hold in files of their own."""

import re
from dataclasses import dataclass

from amaranth.back import verilog
from amaranth.lib import wiring

_MODULE = re.compile(r"^module (?P<name>[^\s(]+)", re.MULTILINE)
_MEMORY = re.compile(
    r"^  reg \[(?P<high>\d+):0\] (?P<name>\S+) \[(?P<last>\d+):0\];\n"
    r"  initial begin\n(?P<words>(?:    \S+\[\d+\] = \d+'h[0-9a-fx]+;\n)+)  end\n",
    re.MULTILINE,
)
_WORD = re.compile(r"\[(\d+)\] = \d+'h([0-9a-f]+);")

FEWEST = 64
"""Words from which a memory gets a file; those of smaller ones stay where they are."""


@dataclass(frozen=True)
class Verilog:
    """The text, and the files that it reads, which must lie in the folder where a tool runs.

    Attributes:
        text: Verilog of 2005.
        memories: file name → its text: a word a line, in hexadecimal, for ``$readmemh``.
    """

    text: str
    memories: dict[str, str]


def convert(component: wiring.Component, name: str) -> Verilog:
    """A component as module ``name``.

    Weights, states and constants lie in files named after the memories' modules, so that other weights need no other Verilog.
    """
    text = verilog.convert(component, name=name)
    memories: dict[str, str] = {}
    starts = [(match.start(), match["name"].strip("\\")) for match in _MODULE.finditer(text)]

    def outside(match: re.Match[str]) -> str:
        words = _WORD.findall(match["words"])
        if len(words) < FEWEST:
            return match[0]
        module = [module for start, module in starts if start < match.start()][-1]
        file = f"{module.replace('.', '_')}.hex"
        digits = -(-(int(match["high"]) + 1) // 4)
        memories[file] = "".join(f"{word:0>{digits}}\n" for _, word in sorted(words, key=lambda pair: int(pair[0])))
        head = f"  reg [{match['high']}:0] {match['name']} [{match['last']}:0];\n"
        return f'{head}  initial $readmemh("{file}", {match["name"]});\n'

    return Verilog(_MEMORY.sub(outside, text), memories)
