"""Event-driven simulation of a population, and its adjoint (EventProp), one sample at a time in compiled code.

Between events states flow exactly; an event is an input spike or a neuron that reaches its threshold. Backward, adjoints flow by
Âᵀ, and at a spike of neuron j at t_k, with ż⁻ and ż⁺ its slopes before and after,

    λ_j⁻ = Rᵀ λ_j⁺ − spike · s / (spike · ż⁻),   s = ∂L/∂t_k + λ_j⁺ (R ż⁻ − ż⁺) − Σ_{m ≠ j} w_mj λ_m Â jump,

while an input of weight w at t gives ∂L/∂w = λ · jump and ∂L/∂t = − w λ · Â jump.

(Wunderlich & Pehle, "Event-based backpropagation can compute exact gradients for spiking neural networks", Sci. Rep. 11, 2021, here
for any linear neuron and reset.)
"""

import numpy as np
from numba import njit

from costmodel.validation.events.flow import carry, crossing, dot, flow, flow_matrix, product

ROOM = 64
"""Spikes of a batch for which there is room at first; it is doubled when they are more."""


@njit(cache=True, nogil=True)
def simulate(times, sources, weight, across, neuron, end):
    """Runs a batch.

    Args:
        times, sources: input spikes (B, M) in order of time, s, infinite where there are no more, and which input each is.
        weight: (inputs, N): an event reaches neurons whose weights lie side by side.
        across: (N, N), by which neurons excite others, a row each, or (0, 0).
        neuron: a `LinearNeuron`.
        end: when the sample ends, s.

    Returns:
        The spikes of one sample after the other, each in order of time: when and which neuron, (S,), and its state right before,
        (S, n + 1); and how many are each sample's, (B,).
    """
    batch, given = times.shape
    a, step, h, jump, rows = neuron.a, neuron.step, neuron.h, neuron.jump, len(neuron.spike)
    count, n = weight.shape[1], len(jump)
    counts, spikes = np.zeros(batch, dtype=np.int64), 0
    out_times, out_sources, before = np.empty(ROOM), np.empty(ROOM, dtype=np.int64), np.empty((ROOM, n))
    z, since, crosses = np.empty((count, n)), np.empty(count), np.empty(count)
    stale, spent = np.empty(count, dtype=np.bool_), np.empty(count, dtype=np.bool_)
    ahead, rest, lasts = np.empty((count, n)), np.empty((n, n)), -1.0  # states at the horizon; the last flow's matrix and length
    between = np.empty((n, n))
    other, scratch = np.empty(n), np.empty((5, n))
    for sample in range(batch):
        for j in range(count):
            z[j, :] = neuron.start
            since[j], crosses[j], stale[j], spent[j] = 0.0, np.inf, True, False
        event = 0
        while True:
            coming = times[sample, event] if event < given else np.inf
            horizon = min(coming, end)
            first, when = -1, np.inf
            for j in range(count):
                if stale[j]:
                    crosses[j] = np.inf
                    if not spent[j]:
                        # Where a spike reaches all others, what would come after it is looked for again.
                        until = min(horizon, when) if len(across) else horizon
                        duration = max(until - since[j], 0.0)
                        if duration != lasts:
                            flow_matrix(a, step, h, duration - int(duration / h) * h, rest, scratch)
                            lasts = duration
                        crosses[j] = since[j] + crossing(
                            a, step, h, neuron.spike[j % rows], z[j], duration, rest, ahead[j], scratch
                        )
                    stale[j] = False
                if crosses[j] < when:
                    first, when = j, crosses[j]
            if first >= 0:
                flow(a, step, h, when - since[first], z[first], scratch)
                if spikes == len(out_times):
                    out_times, out_sources = doubled(out_times), doubled(out_sources)
                    before = doubled(before)
                out_times[spikes], out_sources[spikes], before[spikes, :] = when, first, z[first]
                spikes += 1
                counts[sample] += 1
                product(neuron.reset, z[first], other)
                z[first, :] = other
                if len(across):  # all have flowed equally long
                    flow_matrix(a, step, h, when - since[first], between, scratch)
                since[first], stale[first], spent[first] = when, True, neuron.once
                for m in range(len(across)):
                    if m != first:
                        carry(between, z[m], scratch)
                    since[m], stale[m] = when, True
                    for i in range(n):
                        z[m, i] += across[first, m] * jump[i]
            elif coming < end:
                source = sources[sample, event]
                for m in range(count):
                    since[m], stale[m] = coming, True
                    for i in range(n):
                        z[m, i] = ahead[m, i] + weight[source, m] * jump[i]
                event += 1
            else:
                break
    return out_times[:spikes], out_sources[:spikes], before[:spikes], counts


@njit(cache=True, nogil=True)
def doubled(found):
    """With as much room again."""
    more = np.empty((2 * len(found), *found.shape[1:]), dtype=found.dtype)
    more[: len(found)] = found
    return more


@njit(cache=True, nogil=True)
def adjoint(
    times, sources, weight, across, neuron, end, out_times, out_sources, before, grad_out, grad_times, grad_weight, grad_across
):
    """Adds to ``grad_times`` (B, M), and ``grad_weight`` and ``grad_across`` laid out as the weights, from ``grad_out`` (B, K) =
    ∂L/∂out_times; of the spikes (B, K) those that are none are infinite."""
    batch, given = times.shape
    a, step, h, jump, reset = neuron.a, neuron.step, neuron.h, neuron.jump, neuron.reset
    count, n = weight.shape[1], len(jump)
    lam, since = np.empty((count, n)), np.empty(count)
    a_t, step_t, reset_t = np.ascontiguousarray(a.T), np.ascontiguousarray(step.T), np.ascontiguousarray(reset.T)
    drift, slope, after, slope_after, turned = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    scratch, back = np.empty((4, n)), np.empty((n, n))
    product(a, jump, drift)
    for sample in range(batch):
        lam[:, :] = 0.0
        since[:] = end
        latest = end  # when all neurons were at the same time last
        event = given - 1
        while event >= 0 and times[sample, event] >= end:
            event -= 1
        spikes = 0
        while spikes < out_times.shape[1] and out_times[sample, spikes] < np.inf:
            spikes += 1
        k = spikes - 1
        while event >= 0 or k >= 0:
            if k < 0 or (event >= 0 and times[sample, event] >= out_times[sample, k]):
                when, source = times[sample, event], sources[sample, event]
                flow_matrix(a_t, step_t, h, latest - when, back, scratch)
                for m in range(count):
                    if since[m] == latest:
                        carry(back, lam[m], scratch)
                    else:
                        flow(a_t, step_t, h, since[m] - when, lam[m], scratch)
                    since[m] = when
                    grad_weight[source, m] += dot(lam[m], jump)
                    grad_times[sample, event] -= weight[source, m] * dot(lam[m], drift)
                event, latest = event - 1, when
                continue
            when, j = out_times[sample, k], out_sources[sample, k]
            z = before[sample, k]
            product(reset, z, after)
            flow(a_t, step_t, h, since[j] - when, lam[j], scratch)
            since[j] = when
            total = grad_out[sample, k]
            if len(across):
                flow_matrix(a_t, step_t, h, latest - when, back, scratch)
                latest = when
            for m in range(len(across)):
                if m == j:
                    for i in range(n):
                        after[i] += across[j, j] * jump[i]
                else:
                    carry(back, lam[m], scratch)
                    since[m] = when
                    total -= across[j, m] * dot(lam[m], drift)
                grad_across[j, m] += dot(lam[m], jump)
            product(a, z, slope)
            product(reset, slope, turned)
            product(a, after, slope_after)
            for i in range(n):
                total += lam[j, i] * (turned[i] - slope_after[i])
            product(reset_t, lam[j], turned)
            spike = neuron.spike[j % len(neuron.spike)]
            share = total / dot(spike, slope)
            for i in range(n):
                lam[j, i] = turned[i] - share * spike[i]
            k -= 1
