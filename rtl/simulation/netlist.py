"""A core as a netlist, with ports of the same names whatever the core."""
# Amaranth makes members at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from amaranth._toolchain.yosys import find_yosys
from amaranth.back import rtlil
from amaranth.hdl import ClockDomain, Module, Value
from amaranth.lib import wiring

# Without these passes CXXRTL writes a shared expression out wherever it is used: fifteen times the code, minutes to compile.
PASSES = "proc\nflatten\nopt_expr\nopt_merge\nopt_clean"


def around(core: wiring.Component) -> tuple[Module, ClockDomain]:
    """A module that holds the core alone, and its clock: there is one even where the core is but wires."""
    m = Module()
    m.domains.sync = clock = ClockDomain("sync")
    m.submodules.core = core
    return m, clock


def as_rtlil(core: wiring.Component) -> str:
    """The netlist of module ``core``: clk, rst, and {events, answers}_{payload, valid, ready}."""
    m, clock = around(core)
    ports = {"clk": (clock.clk, None), "rst": (clock.rst, None)}
    for name in ("events", "answers"):
        tokens = getattr(core, name)
        ports |= {f"{name}_{part}": (Value.cast(getattr(tokens, part)), None) for part in ("payload", "valid", "ready")}
    return rtlil.convert(m, "core", ports=ports, emit_src=False)


def yosys():
    """The Yosys that Amaranth finds: its own, or one that is installed."""
    return find_yosys(lambda version: version >= (0, 40))


def through_yosys(netlist: str, command: str) -> str:
    """What Yosys writes for a netlist, flattened, with ``command``."""
    script = f"read_rtlil <<rtlil\n{netlist}\nrtlil\n{PASSES}\n{command}\n"
    return yosys().run(["-q", "-"], script, ignore_warnings=True)
