"""All spikes of a population as a torch function: event-driven forward, EventProp backward."""

from typing import Any

import numpy as np
import torch

from validation.events.linear_neuron import LinearNeuron
from validation.events.simulation import adjoint, simulate
from validation.threads import over_threads


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
        batch, room = len(times), 8 * len(weight)
        while True:
            out = np.empty((batch, room)), np.empty((batch, room), dtype=np.int64), np.empty((batch, room, len(neuron.jump)))

            def part_of(part: slice, out: tuple = out) -> int:
                return simulate(
                    given[0][part], given[1][part], given[2], given[3], neuron, end, out[0][part], out[1][part], out[2][part]
                )

            most = max(over_threads(part_of, batch))
            if most <= room:
                break
            room = most
        kept = [np.ascontiguousarray(x[:, : max(most, 1)]) for x in out]
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
