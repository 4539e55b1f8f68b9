"""A compiled datapath: what goes in, what comes out, and the integer arithmetic between."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.rtl.datapath.census import Census, census
from costmodel.rtl.datapath.evaluate import library, run
from costmodel.rtl.datapath.nodes import Node
from costmodel.rtl.datapath.schedule import Schedule, schedule
from costmodel.rtl.datapath.tables import Table


@dataclass(frozen=True)
class Port:
    """A value that enters or leaves.

    Attributes:
        node: its node.
        width: bits.
        signed: whether in two's complement.
        low, high: bounds of its values, included. An input beyond them gives no defined result.
    """

    node: int
    width: int
    signed: bool
    low: int
    high: int


@dataclass(frozen=True)
class Datapath:
    """One neuron's sweep: a neuron enters and one leaves every cycle, ``depth`` cycles later.

    Attributes:
        neuron: type of the neuron.
        form: "membrane": the accumulator is the membrane; what is stored has flowed already, so that the core adds weights,
            shifted left by ``weight_shift``, to what the last sweep left. "input": it is the sum of weights, from 0.
        membrane: the state that the accumulator holds in the form "membrane", else None.
        inputs: "acc", the stored states, "spiked" and "final_pass" where a step has several passes, and the ``constants``.
        outputs: what is stored ("acc" in the form "membrane", and the states), "spike" where it spikes, and "value" where it
            sends one: a spiking neuron's counts only with its spike. What is stored may be narrower than the input of its name.
        stored: names of what is kept from step to step, by neuron.
        initial: stored name → its value before the first step.
        constants: name → integers, one per neuron.
        weight_shift: bits that weights are shifted left before they are added.
        scales: state → real value of its least significant bit; "acc" and, where there is one, "value" too.
        tables: functions kept as tables, each with its error.
        passes: substeps of a step: the sweep is made so often, ``final_pass`` 1 in the last.
        nodes: the integer operations.
    """

    neuron: str
    form: str
    membrane: str | None
    inputs: dict[str, Port]
    outputs: dict[str, Port]
    stored: tuple[str, ...]
    initial: dict[str, int]
    constants: dict[str, np.ndarray]
    weight_shift: int
    scales: dict[str, float]
    tables: tuple[Table, ...]
    passes: int
    nodes: tuple[Node, ...] = field(repr=False)

    def evaluate(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """One sweep, in integers, of numpy or torch arrays of any shape that broadcast.

        Args:
            values: input → 64-bit integers; ``constants`` may be left out where the last axis is the neurons.

        Returns:
            output → integers; of spikes 0 or 1.

        Raises:
            InputError: an input is missing.
        """
        module = library(values)
        if missing := self.inputs.keys() - values.keys() - self.constants.keys():
            raise InputError(f"the datapath of '{self.neuron}' needs a value for {', '.join(sorted(missing))}")
        like = values["acc"]
        known = dict(values)
        for name in self.constants.keys() - values.keys():
            array = self.constants[name]
            known[name] = array if module is np else module.as_tensor(array, device=like.device)
        results = run(self.nodes, [port.node for port in self.outputs.values()], known, self._by_name)
        return {name: module.zeros_like(like) + result for name, result in zip(self.outputs, results, strict=True)}

    @cached_property
    def _by_name(self) -> dict[str, Table]:
        return {table.name: table for table in self.tables}

    @cached_property
    def schedule(self) -> Schedule:
        """Which stage each operation is in."""
        return schedule(self.nodes, tuple(port.node for port in self.outputs.values()))

    @property
    def depth(self) -> int:
        """Pipeline stages: enabled clocks from a neuron's inputs to its outputs."""
        return self.schedule.depth

    def census(self) -> Census:
        """Its bill of materials."""
        return census(self.nodes, self.schedule, self.tables)
