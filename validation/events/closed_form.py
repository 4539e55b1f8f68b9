"""First-spike times of a layer and their gradients, as numba source printed from the closed form in `graphs.equations.first_spike`.

Inputs come in order of time; running sums a₁ and b give a candidate for each causal set, so that a layer costs O(N_pre · N_post):
the first candidate that lies before the next input is the spike. It is solved for only where the membrane at the next input says
that there may be one.
"""

from functools import cache
from types import ModuleType

import sympy

from costmodel.graphs.equations.first_spike import ClosedForm, a1, b
from costmodel.validation.kernels.printing import ScalarPrinter, assignments
from costmodel.validation.neurons.kernel import load_source

NEARLY = 1 - 1e-9
"""Share of the threshold below which rounding cannot hide a spike."""

_LOOPS = '''
@njit(cache=True, nogil=True)
def forward(times, orders, weight, tau, thresholds, out):
    """First spikes ``out`` (B, N) of inputs at ``times`` (B, N or 1, M), s, that ``orders`` sort; infinite where there is none."""
    batch, sets, inputs = times.shape
    arrival, adds, gives = np.empty(inputs + 1), np.empty((inputs, 2)), np.empty((inputs + 1, 4))
    arrival[inputs], gives[inputs, :] = np.inf, 0.0
    for n in range(batch):
        for j in range(weight.shape[0]):
            c = thresholds[j]
            if j == 0 or sets > 1:
                given, order = times[n, j if sets > 1 else 0], orders[n, j if sets > 1 else 0]
                start, heard = given[order[0]], 0
                for k in range(inputs):
                    arrival[k] = given[order[k]]
                    gives[k, :] = 0.0
                    if arrival[k] < np.inf:
                        adds[k, 0], adds[k, 1] = terms(arrival[k] - start, tau)[:2]
                        gives[k, 0], gives[k, 1], gives[k, 2], gives[k, 3] = membrane(arrival[k] - start, tau)
                        heard += 1
            a_1, b, found = 0.0, 0.0, np.inf
            for k in range(heard):
                w, following = weight[j, order[k]], arrival[k + 1]
                a_1 += w * adds[k, 0]
                b += w * adds[k, 1]
                if a_1 > 0.0 and following > arrival[k]:
                    # Below the threshold and rising still at the next input: it has not spiked before.
                    below = a_1 * gives[k + 1, 0] + b * gives[k + 1, 1] < NEARLY * c
                    if below and a_1 * gives[k + 1, 2] + b * gives[k + 1, 3] > 0.0:
                        continue
                    candidate = spike_time(a_1, b, tau, c) + start
                    if arrival[k] <= candidate <= following:
                        found = candidate
                        break
            out[n, j] = found


@njit(cache=True, nogil=True)
def backward(times, weight, tau, thresholds, out, grad_out, grad_times, grad_weight):
    """Adds to ``grad_times`` (B, N or 1, M) and ``grad_weight`` (N, M); a neuron that did not spike adds nothing."""
    batch, sets, inputs = times.shape
    known = np.empty((inputs, 4))
    for n in range(batch):
        for j in range(weight.shape[0]):
            if j == 0 or sets > 1:
                s = j if sets > 1 else 0
                arrival, start = times[n, s], times[n, s].min()
                for i in range(inputs):
                    if arrival[i] < np.inf:
                        known[i, 0], known[i, 1], known[i, 2], known[i, 3] = terms(arrival[i] - start, tau)
            if out[n, j] == np.inf or grad_out[n, j] == 0.0:
                continue
            a_1, b = 0.0, 0.0
            for i in range(inputs):
                if arrival[i] <= out[n, j]:
                    a_1 += weight[j, i] * known[i, 0]
                    b += weight[j, i] * known[i, 1]
            by_a, by_b = slopes(a_1, b, tau, thresholds[j])
            by_a *= grad_out[n, j]
            by_b *= grad_out[n, j]
            for i in range(inputs):
                if arrival[i] <= out[n, j]:
                    grad_weight[j, i] += by_a * known[i, 0] + by_b * known[i, 1]
                    grad_times[n, s, i] += weight[j, i] * (by_a * known[i, 2] + by_b * known[i, 3])
'''


@cache
def layer_module(form: ClosedForm) -> ModuleType:
    """The compiled ``forward`` and ``backward`` of layers with that closed form, in double precision."""
    t, tau, c = sympy.symbols("t tau c", positive=True)
    slopes = [sympy.diff(form.spike_time, x) for x in (a1, b)]
    terms, shares = [form.first, form.second], [form.by_first, form.by_second]
    parts = [
        _function("terms", [t, tau], [*terms, *(sympy.diff(term, t) for term in terms)]),
        _function("membrane", [t, tau], [*shares, *(sympy.diff(share, t) for share in shares)]),
        _function("spike_time", [a1, b, tau, c], [form.spike_time], unless=form.possible),
        _function("slopes", [a1, b, tau, c], slopes),
    ]
    head = [
        f'"""First spikes for tau_mem / tau_syn = {form.ratio:g}: generated from the closed form; do not edit."""',
        "import math",
        "import numpy as np",
        "from numba import njit",
        "from costmodel.validation.events.lambert import lambert_w",
        f"NEARLY = {NEARLY!r}",
    ]
    return load_source("first_spike", "\n".join([*head, *parts, _LOOPS]))


def _function(name: str, arguments: list[sympy.Symbol], results: list[sympy.Expr], unless: sympy.Expr | None = None) -> str:
    """A compiled function of those results; infinite where ``unless`` is negative."""
    printer = ScalarPrinter()
    lines = assignments({f"result_{i}": result for i, result in enumerate(results)}, printer, "u")
    guard = [] if unless is None else [f"if {printer.doprint(unless)} < 0.0:", "    return np.inf"]
    returned = ", ".join(f"result_{i}" for i in range(len(results)))
    body = [*(f"{text} = {value!r}" for value, text in printer.literals.items()), *guard, *lines, f"return {returned}"]
    head = ["", "", "@njit(cache=True, nogil=True)", f"def {name}({', '.join(map(str, arguments))}):"]
    return "\n".join([*head, *(f"    {line}" for line in body)])
