"""A core in CXXRTL, the simulator of Yosys: C++ that g++ compiles. Amaranth brings all of it but g++."""

from pathlib import Path

from amaranth.lib import wiring

from costmodel.rtl.simulation import compiled, contents, netlist

NEEDS = ("g++",)


def prepare(core: wiring.Component, folder: Path) -> compiled.CompiledCore:
    """The core, compiled, its library in ``folder``.

    Raises:
        InputError: the compiler fails.
    """
    source, words = contents.out_of_cxxrtl(netlist.through_yosys(netlist.as_rtlil(core), "write_cxxrtl -g0"))
    settles = "converged = false" not in source and "prev_p_clk" in source
    sources = {
        "model.cc": source,
        "cxxrtl_core.h": (compiled.HERE / "cxxrtl_core.h").read_text(encoding="utf-8"),
        **compiled.driver(),
    }
    # O3 makes it twice as fast as O2 and takes no longer.
    command = ["g++", "-std=c++17", "-O3", "-w", "-shared", "-fPIC", '-DCORE="cxxrtl_core.h"', f"-DSETTLES={int(settles)}"]

    def make(work: Path) -> Path:
        headers = netlist.yosys().data_dir() / "include/backends/cxxrtl/runtime"
        compiled.call([*command, "-I.", f"-I{headers}", "driver.cc", "-o", "core.so"], work)
        return work / "core.so"

    made_with = f"{command} {netlist.yosys().version()}"
    return compiled.CompiledCore(compiled.build(folder, "cxxrtl.so", sources, made_with, make), words)
