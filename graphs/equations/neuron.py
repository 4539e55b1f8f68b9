"""What a neuron is: states, parameters, dynamics, spike condition and reset, written once as sympy expressions.

Everything else is derived from this one description: the update over a time step (`graphs.equations.discretise`), its operations by
kind (`graphs.equations.arithmetic`), its adjoint (`graphs.equations.adjoint`), the node of the network file
(`graphs.nodes.population`).

A neuron is a class with a docstring that states its equations, and attributes::

    class LIF(Neuron):
        type = "lif"
        v = State("V")
        tau, r = Param("s", low=0), Param("ohm", 1.0)
        ...
        dynamics = {v: ((v_leak - v) + r * I) / tau}
        spike = v - v_threshold
        reset = {"subtract": {v: v - v_threshold}, "value": {v: v_reset}, "none": {}}

Time constants are in seconds, potentials in volts. The reset expressions read the states as they are when the spike is
found. A neuron whose equations are a map from step to step, not an ODE, gives ``update`` instead of ``dynamics``, and under
``late`` what a reset that shows a step after the spike makes of it.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import sympy

I = sympy.Symbol("I", real=True)  # noqa: E741  (the literature's name)
"""Input: the weighted sum of what arrives in this time step."""

dt = sympy.Symbol("dt", positive=True)
"""Length of a time step, s."""


class Param(sympy.Dummy):
    """A parameter of a neuron.

    Args:
        unit: SI unit, "1" if it has none.
        default: value where the network file is silent; without one the file must give it.
        low, high: bounds of what makes sense, both excluded when ``open`` (a time constant is never 0).
        meaning: what it is, in a few words.
    """

    info: "ParamInfo"

    def __new__(
        cls, unit: str, default: float | None = None, *, low: float | None = None, high: float | None = None, meaning: str = ""
    ) -> "Param":
        """A symbol that knows what it stands for; the class that it is declared in names it."""
        self = super().__new__(cls, "parameter", real=True)
        self.info = ParamInfo("", unit, default, low, high, meaning)
        return self


class State(sympy.Dummy):
    """A state variable of a neuron: its SI unit and its value before the first step (an expression in the parameters)."""

    info: "StateInfo"

    def __new__(cls, unit: str, initial: sympy.Expr | float = 0) -> "State":
        """A symbol that knows what it stands for; the class that it is declared in names it."""
        self = super().__new__(cls, "state", real=True)
        self.info = StateInfo("", unit, initial)
        return self


@dataclass(frozen=True)
class ParamInfo:
    """A parameter as declared: `Param`. ``low`` is excluded for time constants and other divisors (``low=0``)."""

    name: str
    unit: str
    default: float | None
    low: float | None
    high: float | None
    meaning: str


@dataclass(frozen=True)
class StateInfo:
    """A state variable as declared: `State`."""

    name: str
    unit: str
    initial: sympy.Expr | float


class Neuron:
    """Base of all neurons; subclasses declare, this class collects.

    Attributes:
        type: the name in the network file.
        dynamics: state → dx/dt, an expression in states, parameters and the input `I`.
        update: state → next value, for neurons defined in steps; excludes ``dynamics``.
        late: name of a reset → {state: next value} in the place of ``update``'s, for resets that act in the step after a spike.
        spike: the neuron spikes where this reaches 0 from below; None for one that never spikes.
        gate: it spikes only where this is above 0, for neurons that must not spike now (one spike only, still above threshold);
            the same as ``spike`` where the threshold itself does not spike.
        reset: name of a reset → {state: its value after a spike}; the first is the default.
        every_step: state → value set at the end of each step, after the reset (flags).
        output: what is sent on: 1 for a spike, else a graded value.
        integrator: "exact" for linear dynamics, else "forward-euler" or "exponential-euler".
        max_step: longest step the integrator may take, s; a longer dt is cut into substeps.
        max_rate: most spikes per neuron and time step.
        nir: the NIR class of the same neuron, where there is one.
        stand_in: type of the neuron that a chip of fixed neurons runs in its place: as much work, another reset.
    """

    type: ClassVar[str]
    dynamics: ClassVar[dict] = {}
    update: ClassVar[dict] = {}
    late: ClassVar[dict[str, dict]] = {}
    spike: ClassVar[sympy.Expr | None] = None
    gate: ClassVar[sympy.Expr] = sympy.Integer(1)
    reset: ClassVar[dict[str, dict]] = {"none": {}}
    every_step: ClassVar[dict] = {}
    output: ClassVar[sympy.Expr] = sympy.Integer(1)
    integrator: ClassVar[str] = "exact"
    max_step: ClassVar[float | None] = None
    max_rate: ClassVar[float] = 1.0
    single_spike: ClassVar[bool] = False
    nir: ClassVar[str | None] = None
    stand_in: ClassVar[str | None] = None

    params: ClassVar[dict[str, ParamInfo]]
    states: ClassVar[dict[str, StateInfo]]

    def __init_subclass__(cls, listed: bool = True) -> None:
        """Gives the declared symbols their names; a neuron that is ``listed`` is known by its type in network files."""
        named = {}
        cls.params, cls.states = {}, {}
        for name, value in list(vars(cls).items()):
            if isinstance(value, Param | State) and value not in named:
                named[value] = sympy.Symbol(name, real=True)
                info = replace(value.info, name=name)
                if isinstance(info, ParamInfo):
                    cls.params[name] = info
                else:
                    cls.states[name] = info
                setattr(cls, name, named[value])

        def rename(item):
            if isinstance(item, dict):
                return {rename(key): rename(value) for key, value in item.items()}
            return item if isinstance(item, str) or item is None else sympy.sympify(item).xreplace(named)

        for attribute, value in list(vars(cls).items()):
            if isinstance(value, sympy.Basic | dict) and attribute not in ("params", "states"):
                setattr(cls, attribute, rename(value))
        cls.states = {name: replace(state, initial=rename(state.initial)) for name, state in cls.states.items()}
        if listed:
            NEURONS[cls.type] = cls

    @classmethod
    def spiking(cls) -> bool:
        """Whether it sends events; otherwise its output is a value sent at every step."""
        return cls.spike is not None

    @classmethod
    def graded(cls) -> bool:
        """Whether what it sends is a value, so that the next synapse must multiply."""
        return cls.output != 1


NEURONS: dict[str, type[Neuron]] = {}
"""Every neuron known, by its type in the network file; a new subclass of `Neuron` enters by being defined."""
