"""The step and its adjoint as Triton source: a program takes a block of elements through all time steps, states in registers.

An element is a neuron of a sample, number b N + n; nothing passes from one to another. Saved for the backward pass are the
states before each step, as on the CPU. Numbers are blocks as well, so that everything has one type.
"""

from costmodel.validation.kernels.printing import BlockPrinter
from costmodel.validation.neurons.equations import ERROR
from costmodel.validation.neurons.lines import StepLines, step_lines
from costmodel.validation.neurons.recipe import Recipe

_SIZES = "steps, size, neurons, BLOCK: tl.constexpr"


def triton_source(recipe: Recipe, precision: str) -> str:
    """A Python module of three kernels over contiguous memory, for ⌈size / BLOCK⌉ programs each, with size = B · N.

    infer(inputs (T, B, N), state (S, B, N), constants (C, N), out (T, B, N), steps, size, neurons, BLOCK) fills
    out and state.
    forward(inputs, state, constants, out, kept (S, T · repeats, B, N), …) also keeps the states before each substep.
    backward(grad_out (T, B, N), grad_state (S, B, N), kept, inputs, constants, grad_inputs, grad_constants (B, trained, N),
    …) fills grad_inputs and grad_state, and adds to grad_constants.

    Args:
        recipe: the neuron, and how it is run and differentiated.
        precision: "float32" or "float64".
    """
    printer = BlockPrinter()
    lines, nil = step_lines(recipe, printer), printer.literal(0.0)
    head = [f"{name} = tl.full((BLOCK,), {value!r}, tl.{precision})" for value, name in printer.literals.items()]
    head += ["_at = tl.cast(tl.program_id(0), tl.int64) * BLOCK + tl.arange(0, BLOCK)", "_here = _at < size"]
    head += ["_size = tl.cast(size, tl.int64)"]
    head += [_load(name, "constants", f"{i} * neurons + _at % neurons") for i, name in enumerate(lines.constants)]
    known = head[: len(head) - len(lines.constants) + lines.known]
    return "\n".join(
        [
            f'"""{recipe.neuron.type}: generated from its equations; do not edit."""',
            "import triton",
            "import triton.language as tl",
            *_kernel("infer(inputs, state, constants, out", [*known, *_forward(lines, recipe, nil, keep=False)]),
            *_kernel("forward(inputs, state, constants, out, kept", [*known, *_forward(lines, recipe, nil, keep=True)]),
            *_kernel(
                "backward(grad_out, grad_state, kept, inputs, constants, grad_inputs, grad_constants",
                [*head, *_backward(lines, recipe, nil)],
            ),
            "",
        ]
    )


def _forward(lines: StepLines, recipe: Recipe, nil: str, *, keep: bool) -> list[str]:
    """All steps of a block."""
    states = list(enumerate(lines.states))
    kept = [_store(f"x_{name}", "kept", _kept(i, recipe.repeats)) for i, name in states] if keep else []
    send = f"_sent = tl.where(_sent == {nil}, {lines.sent}, _sent)"
    step = _substeps([*kept, *lines.flow, send, *lines.after], recipe.repeats, "range({})")
    return [
        *(_load(f"x_{name}", "state", f"{i} * _size + _at") for i, name in states),
        "for _t in range(steps):",
        *_indented([_load("I", "inputs", _AT_STEP), f"_sent = {nil}", *step, _store("_sent", "out", _AT_STEP)]),
        *(_store(f"x_{name}", "state", f"{i} * _size + _at") for i, name in states),
    ]


def _backward(lines: StepLines, recipe: Recipe, nil: str) -> list[str]:
    """All steps of a block, the last one first."""
    states, trained = list(enumerate(lines.states)), list(enumerate(recipe.trained))
    recall = [_load(f"x_{name}", "kept", _kept(i, recipe.repeats)) for i, name in states]
    give = ["_given += gx_input", *(f"l_{name} = gx_{name}" for name in lines.states)]
    give += [f"_of_{name} += gk_{name}" for name in recipe.trained]
    step = _substeps([*recall, *lines.flow, *lines.adjoint, *give], recipe.repeats, "range({} - 1, -1, -1)")
    whole = [_load("I", "inputs", _AT_STEP), _load(str(ERROR), "grad_out", _AT_STEP), f"_given = {nil}", *step]
    of_constant = f"(_at // neurons * {len(trained)} + {{}}) * neurons + _at % neurons"
    return [
        *(_load(f"l_{name}", "grad_state", f"{i} * _size + _at") for i, name in states),
        *(_load(f"_of_{name}", "grad_constants", of_constant.format(i)) for i, name in trained),
        "for _t in range(steps - 1, -1, -1):",
        *_indented([*whole, _store("_given", "grad_inputs", _AT_STEP)]),
        *(_store(f"l_{name}", "grad_state", f"{i} * _size + _at") for i, name in states),
        *(_store(f"_of_{name}", "grad_constants", of_constant.format(i)) for i, name in trained),
    ]


_AT_STEP = "_t * _size + _at"
"""Place of an element in (T, B, N)."""


def _kept(state: int, repeats: int) -> str:
    """Place of an element's state before a substep in (S, T · repeats, B, N)."""
    when = f"{state} * steps + _t" if repeats == 1 else f"({state} * steps + _t) * {repeats} + _k"
    return f"({when}) * _size + _at"


def _load(name: str, array: str, place: str) -> str:
    return f"{name} = tl.load({array} + {place}, mask=_here)"


def _store(value: str, array: str, place: str) -> str:
    return f"tl.store({array} + {place}, {value}, mask=_here)"


def _substeps(lines: list[str], repeats: int, order: str) -> list[str]:
    """The lines of a substep, for all of them."""
    return lines if repeats == 1 else [f"for _k in {order.format(repeats)}:", *_indented(lines)]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _kernel(signature: str, lines: list[str]) -> list[str]:
    return ["", "", '@triton.jit(do_not_specialize=["steps"])', f"def {signature}, {_SIZES}):", *_indented(lines)]
