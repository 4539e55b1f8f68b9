"""First spikes of a layer as a torch function, exact in both directions."""

from typing import Any

import numpy as np
import torch

from costmodel.graphs.equations.first_spike import ClosedForm
from costmodel.validation.events.closed_form import layer_module
from costmodel.validation.kernels.threads import over_threads

CONNECTION = 1e-9
"""What a connection of a sample takes, s, about."""


class FirstSpikes(torch.autograd.Function):
    """times (B, 1 or N, M), weight (N, M), both float64 → first spikes (B, N), s; infinite where there is none."""

    @staticmethod
    def forward(ctx: Any, times: torch.Tensor, weight: torch.Tensor, form: ClosedForm, tau: float, c: np.ndarray) -> torch.Tensor:
        """Solves for every neuron.

        Args:
            times: when inputs arrive, s: the same for all neurons, or for each its own; infinite where one does not spike.
            weight: weights.
            form: closed form for the neurons' time constants.
            tau: synaptic time constant, s.
            c: threshold over the height of a unit input's response, (N,).
        """
        module, known = layer_module(form), [x.detach().contiguous().numpy() for x in (times, weight)]
        out = np.empty((len(times), len(weight)))

        def part_of(part: slice) -> None:
            own = known[0][part]
            # numpy's sort is of vectors, numba's is not.
            module.forward(own, own.argsort(axis=2), known[1], tau, c, out[part])

        over_threads(part_of, len(out), CONNECTION * weight.numel())
        result = torch.from_numpy(out)
        ctx.save_for_backward(times, weight, result)
        ctx.module, ctx.tau, ctx.c = module, tau, c
        return result

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """∂T/∂w and ∂T/∂t over the causal set of every spike."""
        times, weight, out = (x.detach().contiguous().numpy() for x in ctx.saved_tensors)
        grad_out, grad_times = grads[0].contiguous().numpy(), np.zeros_like(times)

        def part_of(part: slice) -> np.ndarray:
            own = np.zeros_like(weight)
            ctx.module.backward(times[part], weight, ctx.tau, ctx.c, out[part], grad_out[part], grad_times[part], own)
            return own

        grad_weight = np.sum(over_threads(part_of, len(out), CONNECTION * weight.size), axis=0)
        return torch.from_numpy(grad_times), torch.from_numpy(grad_weight), None, None, None
