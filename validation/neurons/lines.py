"""The step and its adjoint as lines of Python, which every backend sets between its own loops, loads and stores."""

from dataclasses import dataclass

from costmodel.graphs.errors import InputError
from costmodel.validation.kernels.printing import ScalarPrinter, assignments
from costmodel.validation.neurons.equations import SPIKE, adjoint_equations, step_equations, surrogate_constants
from costmodel.validation.neurons.recipe import Recipe

_SIZES = {"steps", "batch", "neurons", "size", "first", "last", "I", "e", "math", "np", "tl"}
_ARRAYS = {"inputs", "state", "constants", "out", "kept", "grad_out", "grad_state", "grad_inputs", "grad_constants"}
TAKEN = _SIZES | _ARRAYS
"""Names of the kernels' own, which no constant may have."""


@dataclass(frozen=True)
class StepLines:
    """A step, from the constants, the input ``I`` and the states ``x_STATE``.

    Attributes:
        states: names of the states.
        constants: names of the step's constants, then of the surrogate's: the rows in which they lie in memory.
        known: how many of them the step itself needs.
        flow: lines that give the flowed states and whether there is a spike.
        sent: what is sent, an expression.
        after: lines that give ``x_STATE`` after the step.
        adjoint: lines that give, from ``e`` = ∂L/∂sent and ``l_STATE`` after the step, ``gx_STATE`` and ``gx_input`` before
            it, and ``gk_CONSTANT`` of the trained constants.
    """

    states: tuple[str, ...]
    constants: tuple[str, ...]
    known: int
    flow: list[str]
    sent: str
    after: list[str]
    adjoint: list[str]


def step_lines(recipe: Recipe, printer: ScalarPrinter) -> StepLines:
    """The lines of a recipe; the printer then knows the numbers in them.

    Raises:
        InputError: a parameter is called as something in the kernels is.
    """
    if clash := TAKEN & recipe.neuron.params.keys():
        what = f"'{recipe.neuron.type}' has a parameter '{min(clash)}', a name that its kernels need"
        raise InputError(what, mend="call it otherwise")
    forward, back = step_equations(recipe.neuron, recipe.reset, recipe.zero), adjoint_equations(recipe)
    flow = assignments(forward.flow, printer, "u")
    if forward.spike is not None:
        one, nil = printer.literal(1.0), printer.literal(0.0)
        reached = f"{printer.doprint(forward.spike)} >= {nil}"
        if forward.gate is not None:
            reached = printer.both(reached, f"{printer.doprint(forward.gate)} > {nil}")
        flow.append(f"{SPIKE} = {printer.choice(reached, one, nil)}")
    results = {f"gx_{name}": back.states[f"l_{name}"] for name in forward.states} | {"gx_input": back.input}
    results |= {f"gk_{name}": back.constants[name] for name in recipe.trained}
    return StepLines(
        states=forward.states,
        constants=(*forward.constants, *surrogate_constants(recipe)),
        known=len(forward.constants),
        flow=flow,
        sent=printer.doprint(forward.output),
        after=assignments(forward.after, printer, "w"),
        adjoint=[*assignments(back.mu, printer, "p"), *assignments(results, printer, "q")],
    )
