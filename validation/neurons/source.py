"""The step and its adjoint as numba source: a loop over time around a loop over neurons that the compiler vectorises.

States stay in a row of cache between time steps. One thread does small layers: 128 neurons and 128 samples take 0.1 ms for 25
steps, a twentieth of their matrix product, and waking a second one costs more than it gains. Saved for
the backward pass are the states before each step, from which everything else is computed again.
"""

from costmodel.validation.kernels.printing import ScalarPrinter
from costmodel.validation.neurons.equations import ERROR
from costmodel.validation.neurons.lines import step_lines
from costmodel.validation.neurons.recipe import Recipe

COMPILED = 'fastmath={"arcp", "nsz", "afn"}, error_model="numpy", cache=True, nogil=True'
"""Sums stay in their order and products are rounded before they are added, so that spikes are those of the same lines in torch, to
the last bit; what is no number stays none, and a division by zero raises nothing."""


def module_source(recipe: Recipe, precision: str) -> str:
    """A Python module of three functions, compiled by numba when first called. Of several substeps a step spikes where any of
    them does; then ``out`` and ``grad_inputs`` must come in as zeros.

    infer(first, last, inputs (T, B, N), state (S, B, N), constants (C, N), out (T, B, N)) fills out and state, of the samples from
    ``first`` to before ``last``, as all three do.
    forward(…, kept (S, T · repeats, B, N)) also keeps the states before each substep.
    backward(…, grad_out (T, B, N), grad_state (S, B, N), kept, inputs, constants, grad_inputs, grad_constants (B, trained, N))
    fills grad_inputs and grad_state, and adds to grad_constants.

    Args:
        recipe: the neuron, and how it is run and differentiated.
        precision: "float32" or "float64".
    """
    printer, repeats = ScalarPrinter(), recipe.repeats
    lines, nil = step_lines(recipe, printer), printer.literal(0.0)
    states = list(enumerate(lines.states))
    constants = [f"{name} = constants[{i}, _n]" for i, name in enumerate(lines.constants)]
    flow = ["I = inputs[_t, _b, _n]", *constants[: lines.known], *lines.flow]
    when = f"_t * {repeats} + _k" if repeats > 1 else "_t"

    load = [f"x_{name} = state[{i}, _b, _n]" for i, name in states]
    keep = [f"kept[{i}, {when}, _b, _n] = x_{name}" for i, name in states]
    send = [f"out[_t, _b, _n] = {lines.sent}"]
    if repeats > 1:
        send = [f"if out[_t, _b, _n] == {nil}:", *(f"    {line}" for line in send)]
    store = [*lines.after, *(f"state[{i}, _b, _n] = x_{name}" for i, name in states)]

    recall = [f"x_{name} = kept[{i}, {when}, _b, _n]" for i, name in states]
    recall += [f"l_{name} = grad_state[{i}, _b, _n]" for i, name in states]
    adjoint = [*constants[lines.known :], f"{ERROR} = grad_out[_t, _b, _n]", *lines.adjoint]
    give = [f"grad_inputs[_t, _b, _n] {'=' if repeats == 1 else '+='} gx_input"]
    give += [f"grad_state[{i}, _b, _n] = gx_{name}" for i, name in states]
    give += [f"grad_constants[_b, {i}, _n] += gk_{name}" for i, name in enumerate(recipe.trained)]

    literals = [f"{name} = np.{precision}({value!r})" for value, name in printer.literals.items()]
    return "\n".join(
        [
            f'"""{recipe.neuron.type}: generated from its equations; do not edit."""',
            "import math",
            "import numpy as np",
            "from numba import njit",
            "",
            *literals,
            *_function("infer(first, last, inputs, state, constants, out)", [*load, *flow, *send, *store], repeats),
            *_function("forward(first, last, inputs, state, constants, out, kept)", [*load, *keep, *flow, *send, *store], repeats),
            *_function(
                "backward(first, last, grad_out, grad_state, kept, inputs, constants, grad_inputs, grad_constants)",
                [*recall, *flow, *adjoint, *give],
                repeats,
                reverse=True,
            ),
            "",
        ]
    )


def _function(signature: str, lines: list[str], repeats: int, *, reverse: bool = False) -> list[str]:
    """A compiled function: the lines for every sample, step, substep and neuron, the last step first where ``reverse``."""

    def order(count: str) -> str:
        return f"range({count} - 1, -1, -1)" if reverse else f"range({count})"

    head = ["", f"@njit({COMPILED})", f"def {signature}:", "    steps, batch, neurons = inputs.shape"]
    loops = ["    for _b in range(first, last):", f"        for _t in {order('steps')}:"]
    if repeats > 1:
        loops += [f"            for _k in {order(str(repeats))}:", "                for _n in range(neurons):"]
    else:
        loops += ["            for _n in range(neurons):"]
    indent = " " * (20 if repeats > 1 else 16)
    return [*head, *loops, *(f"{indent}{line}" for line in lines)]
