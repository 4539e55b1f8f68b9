"""From a neuron's equations to its datapath."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import sympy
from numpy.typing import ArrayLike

from costmodel.graphs.equations.discretise import substeps
from costmodel.graphs.equations.neuron import I, Neuron
from costmodel.graphs.errors import InputError
from costmodel.rtl.datapath.compiling.arguments import check, whole_numbers
from costmodel.rtl.datapath.compiling.constants import Constants, same
from costmodel.rtl.datapath.compiling.equations import Equations, equations, membrane
from costmodel.rtl.datapath.compiling.lowering import Lowering
from costmodel.rtl.datapath.compiling.shared import Shared
from costmodel.rtl.datapath.compiling.sums import Fixed, power_of_two_unit
from costmodel.rtl.datapath.compiling.widths import Range, membrane_format
from costmodel.rtl.datapath.datapath import Datapath, Port
from costmodel.rtl.datapath.evaluate import run
from costmodel.rtl.datapath.nodes import Builder
from costmodel.rtl.datapath.precision import Precision


def compile_neuron(
    neuron: type[Neuron],
    parameters: Mapping[str, ArrayLike],
    dt: float,
    *,
    input_scale: float,
    bounds: tuple[int, int],
    reset: str | None = None,
    bias: ArrayLike | None = None,
    ranges: Mapping[str, Range] | None = None,
    precision: Precision | None = None,
    form: str | None = None,
) -> Datapath:
    """The datapath of a neuron.

    Two forms (`Datapath.form`). Where the input only ever adds q I to one state, the accumulator is that membrane: what is stored
    has flowed without input, x ← F(x, 0), a step's weights are added to it, and the sweep tests, resets and flows. Else the
    accumulator holds I, and the sweep flows, tests and resets.

    Args:
        neuron: the neuron.
        parameters: name → value or one value per neuron, SI; those left out take their default.
        dt: length of a time step, s.
        input_scale: real value of a weight's least significant bit, in the unit of the input.
        bounds: lowest and highest sum of the weights of one step, without bias.
        reset: name of the reset; None is the neuron's default.
        bias: integers in units of the weights, one or one per neuron, added once a step.
        ranges: state → its lowest and highest value (flowed), real; not needed for flags, nor for the membrane where
            its equations tell. Beyond them states saturate.
        precision: widths; None is the default of `Precision`.
        form: "membrane" or "input" to insist on one; None takes the membrane where possible.

    Raises:
        InputError: bounds, ranges or parameters that make no sense or are missing; a form that the equations do not allow; substeps
            of a neuron that sends values; expressions that have no fixed-point form.
    """
    ranges = dict(ranges or {})
    check(neuron, input_scale, bounds, ranges, form)
    passes = substeps(neuron, dt)
    if passes > 1 and (neuron.graded() or not neuron.spiking()):
        raise InputError(
            f"neuron '{neuron.type}' sends values and needs {passes} substeps in a step of {dt:g} s, hardware cannot add them up",
            mend=f"take a dt of at most {neuron.max_step:g} s",
        )
    constants = Constants(neuron, parameters, dt / passes)
    job = _Compiler(
        neuron,
        equations(neuron, reset),
        constants,
        Shared(Builder(), constants, precision or Precision()),
        ranges,
        (min(int(bounds[0]), 0), max(int(bounds[1]), 0)),
        float(input_scale),
        whole_numbers(bias),
        passes,
    )
    accumulator = membrane(job.equation, constants) if passes == 1 and form != "input" else None
    if accumulator is not None and (made := job.as_membrane(accumulator)) is not None:
        return made
    if form == "membrane":
        raise InputError(
            f"the input of neuron '{neuron.type}' is not simply added to one state, alike for all neurons", mend="take form 'input'"
        )
    return job.as_input()


@dataclass
class _Compiler:
    neuron: type[Neuron]
    equation: Equations
    constants: Constants
    shared: Shared
    ranges: dict[str, Range]
    bounds: tuple[int, int]
    input_scale: float
    bias: np.ndarray | int
    passes: int
    scales: dict[str, float] = field(default_factory=dict)
    limits: dict[str, tuple[int, int]] = field(default_factory=dict)

    def as_membrane(self, accumulator: tuple[sympy.Symbol, float]) -> Datapath | None:
        """The datapath whose accumulator is the membrane; None where neurons start from different values."""
        x, per_input = accumulator
        b = self.shared.builder
        low, high = self.bounds[0] + min(0, int(np.min(self.bias))), self.bounds[1] + max(0, int(np.max(self.bias)))
        bits = self.shared.precision.state_bits
        scaled = (x, per_input * self.input_scale)
        form = membrane_format(self.neuron, self.equation, self.constants, scaled, (low, high), self.ranges, bits)
        self.scales[str(x)], self.limits[str(x)] = form.unit, (form.low, form.high)
        for name in self.neuron.states.keys() - {str(x)}:
            alike = self.neuron.states[name].unit == self.neuron.states[str(x)].unit
            self._format(name, form.unit if alike else None, (-(1 << (form.bits - 1)), (1 << (form.bits - 1)) - 1))
        start = self._initial()
        acc = b.input("acc", form.low + (self.bounds[0] << form.shift), form.high + (self.bounds[1] << form.shift))
        y = {s: Fixed(b.input(str(s), *self.limits[str(s)]), self.scales[str(s)]) for s in self._states() if s != x}
        y[x] = Fixed(b.add(acc, self._bias(form.shift)), form.unit)
        after, spike, value = self._jump(Lowering(self.shared, y))
        lower = Lowering(self.shared, {s: Fixed(after[s], self.scales[str(s)]) for s in after})
        for variable, expression in self.equation.defined.items():
            lower.bound[variable] = lower.natural(expression)
        stored = {s: self._flow(lower, s, after[s]) for s in self._states()}
        given = {node: start[str(s)] for s, node in after.items() if b[node].op != "const"}
        known = {"acc": np.zeros(1, np.int64), **self.shared.fields}
        values = run(b.nodes, list(stored.values()), known, self._tables(), given)
        initial = {}
        for state, number in zip(stored, values, strict=True):
            one = same(np.asarray(number, float))
            if isinstance(one, np.ndarray):
                return None
            initial["acc" if state == x else str(state)] = int(one)
        outputs = {"acc" if s == x else str(s): node for s, node in stored.items()}
        return self._datapath("membrane", str(x), outputs, spike, value, initial, form.shift)

    def as_input(self) -> Datapath:
        """The datapath whose accumulator is the sum of weights."""
        b = self.shared.builder = Builder()
        self.shared.tables.clear()
        self.shared.fields.clear()
        for name in self.neuron.states:
            self._format(name, None, None)
        initial = self._initial()
        acc = b.add(b.input("acc", *self.bounds), self._bias(0))
        bound = {s: Fixed(b.input(str(s), *self.limits[str(s)]), self.scales[str(s)]) for s in self._states()}
        lower = Lowering(self.shared, {**bound, I: Fixed(acc, self.input_scale)})
        for variable, expression in self.equation.defined.items():
            lower.bound[variable] = lower.natural(expression)
        flows = self.equation.step.flow
        y = {s: lower.at(flows[s], f.unit, s) if s in flows else f.node for s, f in bound.items()}
        flowed = Lowering(self.shared, {s: Fixed(node, self.scales[str(s)]) for s, node in y.items()})
        flowed.bound[I] = lower.bound[I]
        after, spike, value = self._jump(flowed)
        outputs = {str(s): b.clamp(node, *self.limits[str(s)]) for s, node in after.items()}
        if self.passes > 1 and spike is not None:
            final, before = b.input("final_pass", 0, 1), b.input("spiked", 0, 1)
            either = b.or_(before, spike)
            outputs["spiked"], spike = b.and_(b.not_(final), either), b.and_(final, either)
            initial["spiked"] = 0
        return self._datapath("input", None, outputs, spike, value, initial, 0)

    def _states(self) -> list[sympy.Symbol]:
        return [sympy.Symbol(name, real=True) for name in self.neuron.states]

    def _tables(self) -> dict:
        return {table.name: table for table in self.shared.tables.values()}

    def _format(self, name: str, unit: float | None, otherwise: tuple[int, int] | None) -> None:
        """Unit and bounds of a stored state: ``unit`` if given, else a power of two."""
        if name in self.equation.flags:
            self.scales[name], self.limits[name] = 1.0, self.equation.flags[name]
            return
        if name not in self.ranges:
            if unit is not None and otherwise is not None:
                self.scales[name], self.limits[name] = unit, otherwise
                return
            raise InputError(
                f"state '{name}' of neuron '{self.neuron.type}' has no range",
                mend=f"give ranges={{'{name}': (lowest, highest)}}; costmodel.rtl.datapath.compiling.ranges observes them",
            )
        start = self._start(name)
        low, high = min(self.ranges[name][0], start), max(self.ranges[name][1], start)
        unit = unit or power_of_two_unit(low, high, self.shared.precision.state_bits)
        self.scales[name], self.limits[name] = unit, (int(np.floor(low / unit)), int(np.ceil(high / unit)))

    def _start(self, name: str) -> float:
        start = self.constants.of(sympy.sympify(self.neuron.states[name].initial))
        if isinstance(start, np.ndarray):
            raise InputError(f"state '{name}' starts from different values in different neurons", mend="use one value for all")
        return float(start)

    def _initial(self) -> dict[str, int]:
        return {name: round(self._start(name) / self.scales[name]) for name in self.neuron.states}

    def _bias(self, shift: int) -> int:
        b = self.shared.builder
        if isinstance(self.bias, int):
            return b.const(self.bias << shift)
        return b.shl(self.shared.named_field("bias", self.bias), shift)

    def _jump(self, lower: Lowering) -> tuple[dict[sympy.Symbol, int], int | None, Fixed | None]:
        """States after spike, reset and flags; the spike; the value that is sent."""
        update, b = self.equation.step, self.shared.builder
        y = {s: lower.bound[s].node for s in self._states()}
        sends = self.neuron.graded() or not self.neuron.spiking()
        spike = None
        if update.spike is not None:
            spike = b.and_(lower.positive(update.spike), lower.positive(update.gate, strictly=True))
        resets = {s: lower.at(e, self.scales[str(s)]) for s, e in update.reset.items()}
        flags = {s: lower.at(e, self.scales[str(s)]) for s, e in update.every_step.items()}
        value = lower.natural(update.output) if sends else None
        after = {}
        for s, node in y.items():
            if s in resets and spike is not None:
                node = b.mux(spike, resets[s], node, _bounds(b, spike, resets[s], node))
            after[s] = flags.get(s, node)
        return after, spike, value

    def _flow(self, lower: Lowering, state: sympy.Symbol, node: int) -> int:
        flow = self.equation.step.flow.get(state)
        if flow is not None:
            node = lower.at(flow.xreplace({I: sympy.Integer(0)}), self.scales[str(state)], state)
        return self.shared.builder.clamp(node, *self.limits[str(state)])

    def _datapath(
        self,
        form: str,
        accumulating: str | None,
        stored: dict[str, int],
        spike: int | None,
        value: Fixed | None,
        initial: dict[str, int],
        shift: int,
    ) -> Datapath:
        b = self.shared.builder
        outputs = {**stored, **({} if spike is None else {"spike": spike}), **({} if value is None else {"value": value.node})}
        inputs = {"acc": b.input("acc", *self.bounds)} if form == "input" else {}
        inputs |= {node.name: place for place, node in enumerate(b.nodes) if node.op == "input"}
        order = ["acc", *(n for n in (*self.neuron.states, "spiked", "final_pass") if n in inputs), *self.shared.fields]
        per_input = self.scales[accumulating] if accumulating else self.input_scale
        scales = {**self.scales, "acc": per_input, **({} if value is None else {"value": value.unit})}
        return Datapath(
            neuron=self.neuron.type,
            form=form,
            membrane=accumulating,
            inputs={name: self._port(inputs[name]) for name in order},
            outputs={name: self._port(place) for name, place in outputs.items()},
            stored=tuple(stored),
            initial=initial,
            constants=dict(self.shared.fields),
            weight_shift=shift,
            scales=scales,
            tables=tuple(self.shared.tables.values()),
            passes=self.passes,
            nodes=tuple(b.nodes),
        )

    def _port(self, place: int) -> Port:
        node = self.shared.builder[place]
        return Port(place, node.width, node.signed, node.low, node.high)


def _bounds(b: Builder, spike: int, reset: int, kept: int) -> tuple[int, int]:
    """Where a state can be after a reset, given that it is below the threshold where it did not spike."""
    y, r, test = b[kept], b[reset], b[spike]
    if test.op == "ge" and b[test.args[1]].op == "const":
        base, offset = _difference(b, test.args[0])
        if base == kept:
            threshold = b[test.args[1]].value + offset
            source, below = _difference(b, reset)
            low = max(r.low, threshold - below) if source == kept else r.low
            return min(y.low, low), max(min(y.high, threshold - 1), r.high)
    return min(y.low, r.low), max(y.high, r.high)


def _difference(b: Builder, place: int) -> tuple[int, int]:
    """A node and a constant whose difference is the node at ``place``."""
    node = b[place]
    if node.op in ("add", "sub") and b[node.args[1]].op == "const":
        value = b[node.args[1]].value
        return node.args[0], value if node.op == "sub" else -value
    return place, 0
