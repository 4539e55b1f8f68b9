"""The same step in plain torch operations, one time step at a time: slow, differentiated by autograd, and what the kernel is tested
against. It also runs where a layer's input depends on its own output."""

from collections.abc import Callable
from functools import cache, reduce
from typing import Any

import sympy
import torch
from sympy.printing.lambdarepr import LambdaPrinter

from costmodel.graphs.equations.adjoint import SURROGATES
from costmodel.graphs.equations.neuron import I
from costmodel.validation.neurons.equations import SPIKE, step_equations, surrogate_constants
from costmodel.validation.neurons.recipe import Recipe


class _Spike(torch.autograd.Function):
    """H(g), with a surrogate in place of its derivative."""

    generate_vmap_rule = True

    @staticmethod
    def forward(g: torch.Tensor, allowed: torch.Tensor, slope: torch.Tensor) -> torch.Tensor:
        return ((g >= 0) & allowed).to(g.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        ctx.save_for_backward(inputs[2])

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (slope,) = ctx.saved_tensors
        return grads[0] * slope, None, None


_TORCH = [
    {
        "Max": lambda *x: _reduce(torch.maximum, x),
        "Min": lambda *x: _reduce(torch.minimum, x),
        "Heaviside": lambda x, _=1: (x >= 0).to(x.dtype),
        "sign": torch.sign,
        "exp": torch.exp,
        "log": torch.log,
        "Abs": torch.abs,
        "sqrt": torch.sqrt,
        "choice": lambda when, yes, no: torch.where(torch.as_tensor(when), torch.as_tensor(yes), torch.as_tensor(no)),
    }
]


class _Printer(LambdaPrinter):
    """Python of tensors: pieces are chosen element by element."""

    def _print_Piecewise(self, expr: sympy.Piecewise) -> str:  # noqa: N802
        *others, (last, _) = expr.args
        text = self._print(last)
        for value, when in reversed(others):
            text = f"choice({self._print(when)}, {self._print(value)}, {text})"
        return text


def _compiled(names: list[sympy.Symbol], expression: sympy.Basic) -> Callable:
    own = {"user_functions": {name: name for name in _TORCH[0]}, "fully_qualified_modules": False, "allow_unknown_functions": True}
    return sympy.lambdify(names, expression, modules=_TORCH, printer=_Printer(own))


def _reduce(function: Callable, values: tuple) -> torch.Tensor:
    like = next(v for v in values if isinstance(v, torch.Tensor))
    return reduce(function, (torch.as_tensor(v, dtype=like.dtype, device=like.device) for v in values))


@cache
def twin(
    recipe: Recipe,
) -> Callable[[torch.Tensor, list[torch.Tensor], list[torch.Tensor]], tuple[torch.Tensor, list[torch.Tensor]]]:
    """One substep: (I, states, constants) → (what is sent, states after); the surrogate's constants come after the step's."""
    forward, extra = step_equations(recipe.neuron, recipe.reset, recipe.zero), surrogate_constants(recipe)
    names = [
        *(f"x_{s}" for s in forward.states),
        *(f"y_{s}" for s in forward.states),
        str(SPIKE),
        str(I),
        *forward.constants,
        *extra,
    ]
    symbols = [sympy.Symbol(name, real=True) for name in names]
    compiled = {key: _compiled(symbols, value) for key, value in forward.flow.items()}
    after = [_compiled(symbols, forward.after[f"x_{s}"]) for s in forward.states]
    send = _compiled(symbols, forward.output)
    g = _compiled(symbols, forward.spike if forward.spike is not None else sympy.Integer(-1))
    gate = _compiled(symbols, forward.gate if forward.gate is not None else sympy.Integer(1))
    slope_expression = SURROGATES[recipe.surrogate].xreplace({sympy.Symbol("g", real=True): forward.spike or sympy.Integer(0)})
    slope = _compiled(symbols, slope_expression)

    def step(
        current: torch.Tensor, states: list[torch.Tensor], constants: list[torch.Tensor]
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        none = torch.zeros_like(current)
        before = (*states, *(none for _ in states), none, current, *constants)
        flowed = [none + compiled[f"y_{s}"](*before) for s in forward.states]
        known = (*states, *flowed, none, current, *constants)
        spike = none
        if forward.spike is not None:
            allowed = (none + gate(*known)) > 0
            spike = _Spike.apply(none + g(*known), allowed, (none + slope(*known)).detach())
        known = (*states, *flowed, spike, current, *constants)
        new = [none + one(*known) for one in after]
        for i, name in enumerate(forward.states):
            if name in recipe.apart:
                new[i] = flowed[i] + (new[i] - flowed[i]).detach()
        return none + send(*known), new

    return step
