"""Cores run over lists of tokens, cycle by cycle: answers, and when each token was taken and each answer given."""

from costmodel.rtl.simulation.job import Trace
from costmodel.rtl.simulation.prepared import Simulation, prepare, run, run_many

__all__ = ["Simulation", "Trace", "prepare", "run", "run_many"]
