"""First-spike times of a layer and their gradients, as numba source printed from the closed form in `graphs.first_spike`.

Inputs come in order of time; running sums a₁ and b give a candidate for each causal set, so that a layer costs O(N_pre · N_post):
the first candidate that lies before the next input is the spike.
"""

from functools import cache
from types import ModuleType

import sympy

from graphs.first_spike import ClosedForm, a1, b
from validation.neurons.kernel import load_source
from validation.printing import ScalarPrinter, assignments

_LOOPS = '''
@njit(cache=True, nogil=True)
def forward(times, weight, tau, thresholds, out):
    """First spikes ``out`` (B, N) of inputs at ``times`` (B, N or 1, M), s; infinite where there is none."""
    batch, sets, inputs = times.shape
    first, second = np.empty(inputs), np.empty(inputs)
    for n in range(batch):
        for j in range(weight.shape[0]):
            c = thresholds[j]
            if j == 0 or sets > 1:
                arrival = times[n, j if sets > 1 else 0]
                order = np.argsort(arrival)
                start = arrival[order[0]]
                for i in range(inputs):
                    if arrival[i] < np.inf:
                        first[i], second[i] = terms(arrival[i] - start, tau)
            a_1, b, found = 0.0, 0.0, np.inf
            for k in range(inputs):
                i = order[k]
                if arrival[i] == np.inf:
                    break
                a_1 += weight[j, i] * first[i]
                b += weight[j, i] * second[i]
                following = arrival[order[k + 1]] if k + 1 < inputs else np.inf
                if a_1 > 0.0 and following > arrival[i]:
                    candidate = spike_time(a_1, b, tau, c) + start
                    if arrival[i] <= candidate <= following:
                        found = candidate
                        break
            out[n, j] = found


@njit(cache=True, nogil=True)
def backward(times, weight, tau, thresholds, out, grad_out, grad_times, grad_weight):
    """Adds to ``grad_times`` (B, N or 1, M) and ``grad_weight`` (N, M); a neuron that did not spike adds nothing."""
    batch, sets, inputs = times.shape
    for n in range(batch):
        for j in range(weight.shape[0]):
            if out[n, j] == np.inf or grad_out[n, j] == 0.0:
                continue
            s = j if sets > 1 else 0
            arrival, start = times[n, s], np.inf
            for i in range(inputs):
                start = min(start, arrival[i])
            a_1, b = 0.0, 0.0
            for i in range(inputs):
                if arrival[i] <= out[n, j]:
                    first, second = terms(arrival[i] - start, tau)
                    a_1 += weight[j, i] * first
                    b += weight[j, i] * second
            by_a, by_b = slopes(a_1, b, tau, thresholds[j])
            by_a *= grad_out[n, j]
            by_b *= grad_out[n, j]
            for i in range(inputs):
                if arrival[i] <= out[n, j]:
                    first, second, first_rate, second_rate = term_slopes(arrival[i] - start, tau)
                    grad_weight[j, i] += by_a * first + by_b * second
                    grad_times[n, s, i] += weight[j, i] * (by_a * first_rate + by_b * second_rate)
'''


@cache
def layer_module(form: ClosedForm) -> ModuleType:
    """The compiled ``forward`` and ``backward`` of layers with that closed form, in double precision."""
    t, tau, c = sympy.symbols("t tau c", positive=True)
    slopes = [sympy.diff(form.spike_time, x) for x in (a1, b)]
    terms = [form.first, form.second]
    parts = [
        _function("terms", [t, tau], terms),
        _function("term_slopes", [t, tau], [*terms, *(sympy.diff(term, t) for term in terms)]),
        _function("spike_time", [a1, b, tau, c], [form.spike_time], unless=form.possible),
        _function("slopes", [a1, b, tau, c], slopes),
    ]
    head = [
        f'"""First spikes for tau_mem / tau_syn = {form.ratio:g}: generated from the closed form; do not edit."""',
        "import math",
        "import numpy as np",
        "from numba import njit",
        "from validation.events.lambert import lambert_w",
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
