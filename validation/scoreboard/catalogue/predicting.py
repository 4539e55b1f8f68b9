"""What a user would be told of a published run: the catalogue's own part, fed and counted as the source says."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from costmodel.estimates.counting import with_used_share
from costmodel.validation.scoreboard.catalogue.runs import Run
from costmodel.validation.scoreboard.published.measurements import Row, rows
from costmodel.validation.scoreboard.published.predicting import Model
from costmodel.validation.scoreboard.published.subjects import Program, Subject, subject
from costmodel.validation.scoreboard.published.topologies import hidden, perceptron, pilotnet, population, product, recurrent, stack

FORWARD_STEPS = 500
"""Time steps in open-neuromorphic/snn-library-benchmarks, docker/run_benchmark.py."""


class Catalogued(Model):
    """A row's network on a catalogued part.

    Args:
        run: the part and how it ran.
        row: the row.

    Raises:
        InputError: the part cannot run it.
    """

    def __init__(self, run: Run, row: Row) -> None:
        what = replace(ran(row), settings={}, asleep=run.rest)
        programs = tuple(replace(each, network=each.network.with_placement(run.cores)) for each in what.programs)
        what, on = replace(what, programs=programs), run.on()
        if run.static == "used":
            on = with_used_share(on, programs[0].workload(dict(what.rates))) or on
        self.run = run
        super().__init__(row, what, on=on)

    def quantities(
        self, values: Mapping[str, Any] | None = None, bound: str = "mean", period: float | None = None
    ) -> dict[str, float]:
        """As the base has it; what serves the chip counts where the publication counts it."""
        found = super().quantities(values, bound, period)
        if self.run.serving == "idle":
            on = {**self.part.values, **(values or {})}
            periods = (estimator.figures(values, bound).period for estimator in self.estimators)
            served = float(on["p_serve"] * on["k_energy"] / on["k_time"]) * sum(float(np.ravel(each)[0]) for each in periods)
            found["idle_energy"] += served
            found["dynamic_energy"] -= served
        return found


def ran(row: Row) -> Subject:
    """What a row ran.

    Raises:
        LookupError: it is not known.
    """
    name = row.name
    if match := re.fullmatch(r"L2-OZU-(LIF|IZH)-(\d+)", name):
        kind = {"LIF": "lif", "IZH": "izhikevich"}[match[1]]
        network = recurrent(int(match[2]), int(row.size), kind, int(row.fields["timesteps"]))
        told = "0.15 spikes a neuron and step, the middle of what is told; one population"
        return Subject("", (Program(network),), {"in": 0.0, "out": 0.15}, assumption=told)
    if name == "L1-BRAILLE":
        return Subject("", (Program(hidden(48, {"lif": 450}, 28, 270)),), unknown=True)
    if name == "L1-NTIDIGITS":
        return Subject("", (Program(perceptron((64, 256, 256, 242), timesteps=3000)),), unknown=True)
    if name == "L1-NXTF-MNIST":
        layers = ((16, 5, 2), (32, 3, 1), (64, 3, 2), (10, 4, 1))
        return Subject("", (Program(stack([1, 28, 28], layers, 512)),), unknown=True)
    if name == "L1-LSNN-SMNIST":
        return Subject("", (Program(hidden(80, {"lif": 140, "alif": 100}, 10, 840)),), unknown=True)
    if name == "F-arty-kws":
        told = "spikes of one step in place of values"
        return Subject("", (Program(perceptron((490, 256, 256, 256, 12), "if")),), unknown=True, assumption=told)
    if name == "PILOT-SDNN":
        told = "spikes of one step in place of the values that change; its LIF neurons for sigma-delta"
        return Subject("", (Program(pilotnet(1)),), {"in": 1.0}, unknown=True, assumption=told)
    if match := re.fullmatch(r"G-(.*)-(\d+)-fwd", name):
        neurons = int(match[2])
        first = Program(product(neurons), batch=row.batch * FORWARD_STEPS)
        return Subject("", (first, Program(population(neurons, FORWARD_STEPS), batch=row.batch)), timed=True)
    if name == "PD14-SPIN-2019-POISSON":  # the same network, driven by noise in place of a current
        return ran(rows()["PD14-SPIN-2019"])
    found = subject(row)
    if found is None:
        raise LookupError(name)
    return found
