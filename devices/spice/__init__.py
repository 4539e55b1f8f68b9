"""SPICE: netlists run by libngspice, one or many, in processes of their own."""

from costmodel.devices.spice.batch import run, run_many
from costmodel.devices.spice.job import Failure, Job, Waves

__all__ = ["Failure", "Job", "Waves", "run", "run_many"]
