"""All spikes of a population as a torch function: event-driven forward, EventProp backward."""

from typing import Any

import numpy as np
import torch

from costmodel.validation.events.linear_neuron import LinearNeuron
from costmodel.validation.events.simulation import adjoint, simulate
from costmodel.validation.kernels.threads import over_threads

STEP = 5e-8
"""What a neuron takes for an event or a grid step, s, about."""


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
        given = [x.detach().contiguous().numpy() for x in (times, sources, weight.t(), across.t())]
        kept = _simulated(given, neuron, end)
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

        parts = over_threads(part_of, len(times), _seconds(weight, across, ctx.neuron, ctx.end))
        grad_weight, grad_across = (torch.from_numpy(np.sum([part[i] for part in parts], axis=0)).t() for i in (0, 1))
        return torch.from_numpy(grad_times), None, grad_weight, grad_across, None, None


def _simulated(given: list[np.ndarray], neuron: LinearNeuron, end: float) -> tuple[np.ndarray, ...]:
    """Times, sources and states before the spikes of a batch, (B, K, …), where K, one at least, is the most of any sample."""

    def part_of(part: slice) -> tuple[np.ndarray, ...]:
        return simulate(given[0][part], given[1][part], given[2], given[3], neuron, end)

    parts = over_threads(part_of, len(given[0]), _seconds(given[2], given[3], neuron, end))
    *found, counts = (np.concatenate(parts) for parts in zip(*parts, strict=True))
    there = np.arange(max(int(counts.max(initial=0)), 1)) < counts[:, None]
    return tuple(_padded(x, there, fill) for x, fill in zip(found, (np.inf, 0, 0.0), strict=True))


def _seconds(weight: np.ndarray, across: np.ndarray, neuron: LinearNeuron, end: float) -> float:
    """What a sample takes where every input, and every neuron that excites the others, spikes once; about."""
    inputs, neurons = weight.shape
    return STEP * neurons * (inputs + len(across) + end / neuron.h)


def _padded(found: np.ndarray, there: np.ndarray, fill: float) -> np.ndarray:
    """(S, …) laid out as (B, K, …) where ``there``, (B, K), is true."""
    out = np.full((*there.shape, *found.shape[1:]), fill, dtype=found.dtype)
    out[there] = found
    return out
