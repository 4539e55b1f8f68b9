"""All spikes of a population as a torch function: event-driven forward, EventProp backward."""

from typing import Any

import numpy as np
import torch

from validation.events.linear_neuron import LinearNeuron
from validation.events.simulation import adjoint, simulate
from validation.threads import over_threads

ROOM = 8
"""Spikes a neuron, mean over a sample, for which there is room at first."""


class Spikes(torch.autograd.Function):
    """Input spikes (times (B, M), sources (B, M)), weight (N, inputs), across (N, N) → spikes (times (B, K), sources (B, K))."""

    @staticmethod
    def forward(
        ctx: Any,
        times: torch.Tensor,
        sources: torch.Tensor,
        weight: torch.Tensor,
        across: torch.Tensor,
        neuron: LinearNeuron,
        end: float,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Simulates to the end of the sample.

        Args:
            times: float64 (B, M), s, in order; infinite where there are no more.
            sources: which input each is.
            weight: float64 (N, inputs).
            across: float64 (N, N) by which the neurons excite each other, or (0, 0).
            neuron: the neurons.
            end: when the sample ends, s.
        """
        given = [x.detach().contiguous().numpy() for x in (times, sources, weight, across)]
        room = ROOM * len(weight)
        out, counts = _simulated(given, neuron, end, room)
        most = max(int(counts.max(initial=0)), 1)
        kept = [_with_room(x, most, fill) for x, fill in zip(out, (np.inf, 0, 0.0), strict=True)]
        over = np.flatnonzero(counts > room)
        if len(over):  # once more, with room for all spikes
            again, _ = _simulated([given[0][over], given[1][over], *given[2:]], neuron, end, most)
            for x, found in zip(kept, again, strict=True):
                x[over] = found
        ctx.arrays, ctx.neuron, ctx.end = (*given, *kept), neuron, end
        found, whose = torch.from_numpy(kept[0]), torch.from_numpy(kept[1])
        ctx.mark_non_differentiable(whose)
        return found, whose

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """The adjoint, event after event."""
        times, sources, weight, across, out_times, out_sources, before = ctx.arrays
        grad_out, grad_times = grads[0].contiguous().numpy(), np.zeros_like(times)

        def part_of(part: slice) -> tuple[np.ndarray, np.ndarray]:
            own = np.zeros_like(weight), np.zeros_like(across)
            spikes = out_times[part], out_sources[part], before[part]
            adjoint(
                times[part], sources[part], weight, across, ctx.neuron, ctx.end, *spikes, grad_out[part], grad_times[part], *own
            )
            return own

        parts = over_threads(part_of, len(times))
        grad_weight, grad_across = (torch.from_numpy(np.sum([part[i] for part in parts], axis=0)) for i in (0, 1))
        return torch.from_numpy(grad_times), None, grad_weight, grad_across, None, None


def _simulated(given: list[np.ndarray], neuron: LinearNeuron, end: float, room: int) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Times, sources and states before the spikes of a batch, as far as there is room, (B, room, …); how many there are, (B,)."""
    batch, counts = len(given[0]), np.empty(len(given[0]), dtype=np.int64)
    out = np.empty((batch, room)), np.empty((batch, room), dtype=np.int64), np.empty((batch, room, len(neuron.jump)))

    def part_of(part: slice) -> None:
        own = out[0][part], out[1][part], out[2][part]
        simulate(given[0][part], given[1][part], given[2], given[3], neuron, end, *own, counts[part])

    over_threads(part_of, batch)
    return out, counts


def _with_room(found: np.ndarray, room: int, fill: float) -> np.ndarray:
    """(B, K, …) cut or filled up to (B, room, …)."""
    have = found[:, :room]
    if have.shape[1] == room:
        return np.ascontiguousarray(have)
    kept = np.full((len(found), room, *found.shape[2:]), fill, dtype=found.dtype)
    kept[:, : have.shape[1]] = have
    return kept
