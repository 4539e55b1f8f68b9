"""A core in Amaranth's own simulator: slow, and always there."""
# Amaranth makes members at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false

from pathlib import Path

import numpy as np
from amaranth.hdl import Value
from amaranth.lib import wiring
from amaranth.sim import Simulator

from costmodel.rtl.simulation import netlist
from costmodel.rtl.simulation.job import Job, Trace

NEEDS = ()


class InterpretedCore:
    """A core in Amaranth's simulator, elaborated anew by every run."""

    parallel = False

    def __init__(self, core: wiring.Component) -> None:
        self._core = core

    def run(self, job: Job) -> Trace:
        """Runs from the initial state.

        Raises:
            InputError: a deadlock.
        """
        events, answers = self._core.events, self._core.answers
        event, answer = Value.cast(events.payload), Value.cast(answers.payload)
        tokens, offers, accepts = job.tokens.tolist(), job.offers.tolist() or [1], job.accepts.tolist() or [1]
        out, taken, given = [], [], []
        cycle = idle = 0
        missing = job.finals

        async def bench(ctx):
            nonlocal cycle, idle, missing
            offered = False
            while missing and idle < job.patience:
                offered = len(taken) < len(tokens) and bool(offered or offers[cycle % len(offers)])
                accepted = accepts[cycle % len(accepts)]
                ctx.set(events.valid, offered)
                ctx.set(event, tokens[len(taken)] if offered else 0)
                ctx.set(answers.ready, accepted)
                idle += 1
                if offered and ctx.get(events.ready):
                    taken.append(cycle)
                    offered, idle = False, 0
                if accepted and ctx.get(answers.valid):
                    payload = ctx.get(answer)
                    out.append(payload)
                    given.append(cycle)
                    missing -= payload & job.final_mask == job.final_mask
                    idle = 0
                await ctx.tick()
                cycle += 1

        simulator = Simulator(netlist.around(self._core)[0])
        simulator.add_clock(1e-6)
        simulator.add_testbench(bench)
        simulator.run()
        if missing:
            raise job.deadlock(cycle, len(taken), len(out), missing)
        return Trace(np.array(out, np.uint64), np.array(taken, np.int64), np.array(given, np.int64), cycle)


def prepare(core: wiring.Component, folder: Path) -> InterpretedCore:
    """The core as it is; nothing is written to ``folder``."""
    return InterpretedCore(core)
