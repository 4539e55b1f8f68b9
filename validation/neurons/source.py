"""The step and its adjoint as numba source: a loop over time around a loop over neurons that the compiler vectorises.

States stay in a row of cache between time steps. One thread does small layers: 128 neurons and 128 samples take 0.1 ms for 25
steps, a twentieth of their matrix product, and waking a second one costs more than it gains. Saved for
the backward pass are the states before each step, from which everything else is computed again.
"""

from validation.neurons.equations import ERROR, SPIKE, adjoint_equations, step_equations, surrogate_constants
from validation.neurons.recipe import Recipe
from validation.printing import ScalarPrinter, assignments

COMPILED = 'fastmath={"contract", "reassoc", "arcp", "nsz", "afn"}, error_model="numpy", cache=True, nogil=True'
"""Sums may be reordered and products contracted; what is no number stays none, and a division by zero raises nothing."""


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
    neuron, repeats, trained = recipe.neuron, recipe.repeats, recipe.trained
    forward, back = step_equations(neuron, recipe.reset, recipe.zero), adjoint_equations(recipe)
    printer = ScalarPrinter()
    names = list(enumerate(forward.states))
    one, nil = printer.literal(1.0), printer.literal(0.0)
    constants = [f"{name} = constants[{i}, _n]" for i, name in enumerate(forward.constants)]
    steepness = surrogate_constants(recipe)
    of_surrogate = [f"{name} = constants[{len(constants) + i}, _n]" for i, name in enumerate(steepness)]
    flow = ["I = inputs[_t, _b, _n]", *constants, *assignments(forward.flow, printer, "u")]
    if forward.spike is not None:
        gate = "" if forward.gate is None else f" and {printer.doprint(forward.gate)} > {nil}"
        flow.append(f"{SPIKE} = {one} if {printer.doprint(forward.spike)} >= {nil}{gate} else {nil}")
    when = f"_t * {repeats} + _k" if repeats > 1 else "_t"

    load = [f"x_{name} = state[{i}, _b, _n]" for i, name in names]
    keep = [f"kept[{i}, {when}, _b, _n] = x_{name}" for i, name in names]
    sent = printer.doprint(forward.output)
    send = [f"out[_t, _b, _n] = {sent}"] if repeats == 1 else [f"if out[_t, _b, _n] == {nil}:", f"    out[_t, _b, _n] = {sent}"]
    store = [*assignments(forward.after, printer, "w"), *(f"state[{i}, _b, _n] = x_{name}" for i, name in names)]

    recall = [f"x_{name} = kept[{i}, {when}, _b, _n]" for i, name in names]
    recall += [f"l_{name} = grad_state[{i}, _b, _n]" for i, name in names]
    results = {f"gx_{name}": back.states[f"l_{name}"] for name in forward.states} | {"gx_input": back.input}
    results |= {f"gk_{name}": back.constants[name] for name in trained}
    adjoint = [
        *of_surrogate,
        f"{ERROR} = grad_out[_t, _b, _n]",
        *assignments(back.mu, printer, "p"),
        *assignments(results, printer, "q"),
    ]
    give = [f"grad_inputs[_t, _b, _n] {'=' if repeats == 1 else '+='} gx_input"]
    give += [f"grad_state[{i}, _b, _n] = gx_{name}" for i, name in names]
    give += [f"grad_constants[_b, {i}, _n] += gk_{name}" for i, name in enumerate(trained)]

    literals = [f"{name} = np.{precision}({value!r})" for value, name in printer.literals.items()]
    return "\n".join(
        [
            f'"""{neuron.type}: generated from its equations; do not edit."""',
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
