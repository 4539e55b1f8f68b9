"""The reference runner as CUDA graphs: a batch and a training step, each captured once and replayed."""

import warnings
from collections.abc import Callable
from functools import cached_property

import torch

from costmodel.graphs.network import Network
from costmodel.validation.calibration.stopwatch import Subject

WARM_UP = 3
"""Calls before a capture: kernels are compiled, the optimiser's state is made, and constants are computed in them."""

Call = Callable[[], object]
Capture = Callable[[Call], Call]
"""What a call launches, as a call that launches the same, on the same memory."""


def cuda_graph(call: Call) -> Call:
    """A call as a CUDA graph.

    Warmed up on a stream aside and captured as PyTorch's documentation has it (CUDA semantics, "Whole-network capture"). What the
    call reads must stay where it is; it must not ask for a value, or choose by one.

    Raises:
        RuntimeError: something in the call cannot be captured.
    """
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(WARM_UP):
            call()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return graph.replay


class Replayed(Subject):
    """A subject whose calls are replays.

    Args:
        network, batch, device: as of a `Subject`.
        capture: how a call is captured.

    Raises:
        InputError: as `Subject`.
    """

    def __init__(self, network: Network, batch: int, device: str = "cuda", capture: Capture = cuda_graph) -> None:
        super().__init__(network, batch, device)
        self._capture = capture
        for group in self.optimizer.param_groups:
            if "capturable" in group:
                group["capturable"] = True  # it counts its steps on the GPU, for a replay does nothing on the host

    @cached_property
    def _inference(self) -> Call:
        return self._capture(self.inference)

    @cached_property
    def _step(self) -> Call:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "This instance was constructed with capturable=True")  # of the warm-up
            return self._capture(self.step)

    def infer(self) -> None:
        """One batch, to its scores."""
        self._inference()
        self.wait()

    def train(self) -> None:
        """One step: forward, loss, backward, update."""
        self._step()
        self.wait()
