"""Maximum pooling in compiled code: windows side by side, channels last in memory; where a maximum was is not kept but found again.

torch's own takes as long as the convolution before it; this a tenth of that (docs/performance.md).
"""

from typing import Any

import numpy as np
import torch
from numba import njit

from costmodel.validation.kernels.threads import over_threads


@njit(cache=True, nogil=True, fastmath=True)
def _forward(x, out, k):
    """out (n, h, w, c) from x (n, h k, w k, c). Short loops over channels alone, which the compiler turns into vector code."""
    count, height, width, channels = out.shape
    for n in range(count):
        for i in range(height):
            for j in range(width):
                top, first = out[n, i, j], x[n, i * k, j * k]
                if k == 2:  # by far the most common
                    second, third, fourth = x[n, 2 * i, 2 * j + 1], x[n, 2 * i + 1, 2 * j], x[n, 2 * i + 1, 2 * j + 1]
                    for c in range(channels):
                        top[c] = max(max(first[c], second[c]), max(third[c], fourth[c]))
                    continue
                for c in range(channels):
                    top[c] = first[c]
                for a in range(k):
                    for b in range(k):
                        one = x[n, i * k + a, j * k + b]
                        for c in range(channels):
                            top[c] = max(top[c], one[c])


@njit(cache=True, nogil=True, fastmath=True)
def _backward(x, out, grad, grad_x, k):
    """The gradient goes to the first place that holds the maximum."""
    count, height, width, channels = out.shape
    left = np.empty(channels, dtype=grad.dtype)
    for n in range(count):
        for i in range(height):
            for j in range(width):
                top, given = out[n, i, j], grad[n, i, j]
                for c in range(channels):
                    left[c] = given[c]
                for a in range(k):
                    for b in range(k):
                        one, share = x[n, i * k + a, j * k + b], grad_x[n, i * k + a, j * k + b]
                        for c in range(channels):
                            share[c] = left[c] * np.float32(one[c] == top[c])
                        for c in range(channels):
                            left[c] -= share[c]


ELEMENT = 1e-9
"""What an element takes, s, about."""


class MaxPool(torch.autograd.Function):
    """x (n, c, h, w) → maxima of k × k windows side by side, channels last in memory."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, k: int) -> torch.Tensor:
        """The maxima; rows and columns that fill no window are left out."""
        n, c, h, w = x.shape
        whole = x.contiguous(memory_format=torch.channels_last)
        out = torch.empty((n, c, h // k, w // k), dtype=x.dtype, memory_format=torch.channels_last)
        arrays = [_channels_last(t.detach()) for t in (whole, out)]
        over_threads(lambda part: _forward(arrays[0][part], arrays[1][part], k), n, ELEMENT * c * h * w)
        ctx.save_for_backward(whole, out)
        ctx.k = k
        return out

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """To the first maximum of each window."""
        x, out = ctx.saved_tensors
        grad_x = torch.empty_like(x) if all(size % ctx.k == 0 for size in x.shape[2:]) else torch.zeros_like(x)
        grad = grads[0].contiguous(memory_format=torch.channels_last)
        arrays = [_channels_last(t.detach()) for t in (x, out, grad, grad_x)]
        over_threads(
            lambda part: _backward(arrays[0][part], arrays[1][part], arrays[2][part], arrays[3][part], ctx.k),
            len(x),
            ELEMENT * x.shape[1:].numel(),
        )
        return grad_x, None


def _channels_last(x: torch.Tensor) -> np.ndarray:
    """(n, h, w, c), contiguous."""
    return x.permute(0, 2, 3, 1).numpy()
