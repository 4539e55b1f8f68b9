"""The constants of a neuron's step, from its parameters: differentiable, so that parameters can be trained through them."""

from collections.abc import Mapping

import sympy
import torch

from costmodel.graphs.equations.adjoint import STEEPNESS
from costmodel.graphs.equations.discretise import linear
from costmodel.graphs.equations.neuron import Neuron


def step_constants(
    neuron: type[Neuron],
    parameters: Mapping[str, torch.Tensor],
    dt: float,
    names: tuple[str, ...],
    surrogate: str,
    steepness: Mapping[str, float],
) -> torch.Tensor:
    """The constants that a step needs, (C, N), or (C, 1) where all neurons share them.

    Args:
        neuron: the neuron.
        parameters: its parameters, each a scalar or (N,), SI.
        dt: length of a substep, s.
        names: the constants, in order: parameters, dt, and P, Q, O of an exact step.
        surrogate: name of the spike's derivative.
        steepness: its constants, where they should differ from the usual.

    Raises:
        KeyError: a constant that neither has.
    """
    known = dict(parameters)
    like = next(iter(known.values())) if known else torch.zeros(())
    fixed = {"dt": dt, **STEEPNESS[surrogate], **steepness}
    known |= {name: like.new_tensor(value) for name, value in fixed.items()}
    if neuron.dynamics and neuron.integrator == "exact":
        known |= _propagator(neuron, parameters, dt, like)
    return torch.stack(torch.broadcast_tensors(*(torch.atleast_1d(known[name]) for name in names)))


def _propagator(
    neuron: type[Neuron], parameters: Mapping[str, torch.Tensor], dt: float, like: torch.Tensor
) -> dict[str, torch.Tensor]:
    """P, Q and O of x ← P x + Q I + O by the exponential of [[A, b, c], [0, 0, 0], [0, 0, 0]] dt."""
    system = linear(neuron)
    if system is None:
        raise ValueError(f"neuron '{neuron.type}' is not linear: name an integrator other than 'exact'")
    a, b, c = system
    states = [str(state) for state in neuron.dynamics]
    n = len(states)
    symbols = [sympy.Symbol(name, real=True) for name in parameters]
    values = list(parameters.values())
    zero = like.new_zeros(())
    whole = sympy.zeros(n + 2)
    whole[:n, :n], whole[:n, n], whole[:n, n + 1] = a, b, c
    entries = [[zero + sympy.lambdify(symbols, entry, modules=torch)(*values) for entry in whole.row(i)] for i in range(n + 2)]
    flat = torch.broadcast_tensors(*(entry for row in entries for entry in row))
    matrix = torch.stack(flat, dim=-1).reshape(*flat[0].shape, n + 2, n + 2)
    result = torch.linalg.matrix_exp(matrix * dt)
    found = {f"P_{r}_{s}": result[..., i, j] for i, r in enumerate(states) for j, s in enumerate(states)}
    found |= {f"Q_{r}": result[..., i, n] for i, r in enumerate(states)}
    return found | {f"O_{r}": result[..., i, n + 1] for i, r in enumerate(states)}
