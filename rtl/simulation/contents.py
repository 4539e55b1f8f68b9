"""What memories hold at first, moved out of generated sources.

Weights make up most of a source and nearly all the time to compile it. Beside it, as 32-bit words, they are read when a run
starts, and cores that differ in them alone are compiled once. A source reads word n of them as ``stored(n)``.
"""

import re

import numpy as np

_CXXRTL = re.compile(
    r"static const value<\d+> (mem_init_\d+)\[(\d+)\] \{(.*?)\};\s*"
    r"std::copy\(std::begin\(\1\), std::end\(\1\), &(\w+)\.data\[(\d+)\]\);",
    re.DOTALL,
)
_VERILOG = re.compile(r"initial begin\n((?:\s*\S+ *\[\d+\] = \d+'h[0-9a-fx]+;\n)+)\s*end\n")
_ASSIGNMENT = re.compile(r"(\S+ *)\[(\d+)\] = (\d+)'h([0-9a-fx]+);")


def out_of_cxxrtl(source: str) -> tuple[str, np.ndarray]:
    """CXXRTL's C++ without contents, and the words (uint32) it wants: chunk by chunk, lowest first."""
    words: list[np.ndarray] = []
    count = 0

    def load(table: re.Match) -> str:
        nonlocal count
        words.append(np.array([int(digits, 16) for digits in re.findall(r"0x([0-9a-f]+)u", table[3])], np.uint32))
        first, count = count, count + len(words[-1])
        memory, at, length = f"{table[4]}.data", table[5], table[2]
        return (
            f"for (size_t i = 0, n = {first}; i < {length}; i++)\n"
            f"\t\tfor (auto &chunk : {memory}[{at} + i].data) chunk = stored(n++);"
        )

    return _CXXRTL.sub(load, source), np.concatenate([np.zeros(0, np.uint32), *words])


def out_of_verilog(source: str) -> tuple[str, np.ndarray]:
    """Yosys's Verilog without contents (in SystemVerilog, ``stored`` in C), and the words (uint32) it wants."""
    words: list[np.ndarray] = []
    count = 0

    def load(block: re.Match) -> str:
        nonlocal count
        lines = _ASSIGNMENT.findall(block[1])
        memory, bits = lines[0][0], int(lines[0][2])
        if [(name, int(at), int(width)) for name, at, width, _ in lines] != [(memory, n, bits) for n in range(len(lines))]:
            return block[0]
        chunks = -(-bits // 32)
        joined = "".join(digits.replace("x", "0").zfill(8 * chunks) for *_, digits in lines)
        table = np.frombuffer(bytes.fromhex(joined), ">u4").reshape(len(lines), chunks)[:, ::-1]
        words.append(table.astype(np.uint32).ravel())
        first, count = count, count + table.size
        parts = ", ".join(f"stored({first} + {chunks} * i + {chunk})" for chunk in reversed(range(chunks)))
        return f"initial for (int i = 0; i < {len(lines)}; i++) {memory}[i] = {bits}'({{{parts}}});\n"

    found = _VERILOG.sub(load, source)
    declared = re.sub(
        r"^(module .*?\);)$",
        r'\1\n  import "DPI-C" pure function int unsigned stored(input int unsigned n);',
        found,
        count=1,
        flags=re.MULTILINE,
    )
    return declared, np.concatenate([np.zeros(0, np.uint32), *words])
