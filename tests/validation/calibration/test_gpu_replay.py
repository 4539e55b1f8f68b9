"""The runner captured and replayed, on a CPU: a tape stands for the CUDA graph. What a graph may not do, it refuses."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

from costmodel.devices.classes.gpu_graph import GraphGPU
from costmodel.devices.evaluation.evaluate import evaluate
from costmodel.devices.part import from_text
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.network import Network
from costmodel.validation.calibration import gpu_graph, measuring
from costmodel.validation.calibration.calibrating import calibrate
from costmodel.validation.calibration.drawn import Limits
from costmodel.validation.calibration.replay import Replayed
from costmodel.validation.calibration.stopwatch import Subject
from costmodel.validation.neurons import kernel as kernels
from costmodel.validation.neurons import layer as layers
from costmodel.validation.scoreboard import board, calibrated
from costmodel.validation.scoreboard.families.gpu_graph import GPUGraph
from tests.devices.classes.test_fused_cpu import ZERO
from tests.networks import FLATTEN, LIF, conv, linear, network

LAUNCH_NOTHING = ("empty", "_unsafe_view", "_record_function")
"""In names of operations that allocate, or look at memory otherwise, or note something."""

FREE = {name: ZERO.get(name, 1e30) for name in GraphGPU.params} | {"multiprocessors": 1.0, "tile": 1.0, "saturation": 1.0}


class Tape(TorchDispatchMode):
    """Every operation of a call, as a graph keeps it: on the memory that it had. Asking for a value is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels: list[Callable[[], object]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name.split("::")[1]
        if name in ("_local_scalar_dense", "nonzero"):
            raise RuntimeError("operation not permitted when stream is capturing")
        out = func(*args, **(kwargs or {}))
        idle = func.is_view or any(part in name for part in LAUNCH_NOTHING)
        if not idle and all(t.numel() for t in tree_flatten(out)[0] if isinstance(t, torch.Tensor)):
            self.kernels.append(lambda: again(func, args, kwargs or {}, out))
        return out

    def replay(self) -> None:
        with torch.no_grad():
            for one in self.kernels:
                one()


def again(func, args, kwargs, out) -> None:
    """Once more, into the memory of what came out."""
    for old, new in zip(tree_flatten(out)[0], tree_flatten(func(*args, **kwargs))[0], strict=True):
        if isinstance(old, torch.Tensor) and old.data_ptr() != new.data_ptr():
            old.copy_(new)


@pytest.fixture
def tape(monkeypatch):
    """A capture that fills the tape it returns; the neurons' kernels, which are no operations of torch, are on it as well."""
    made: list[Tape] = []
    running: list[Tape] = []
    known = kernels.kernel

    def noted(function):
        def run(*tensors):
            function(*tensors)
            for one in running:
                one.kernels.append(lambda: function(*tensors))

        return run

    def kernel(*key):
        of = known(*key)
        return kernels.Kernel(noted(of.infer), noted(of.forward), noted(of.backward))

    def capture(call):
        for _ in range(2):
            call()
        made.append(Tape())
        running.append(made[-1])
        with made[-1]:
            call()
        running.clear()
        return made[-1].replay

    monkeypatch.setattr(layers, "kernel", kernel)
    monkeypatch.setattr(importlib.import_module("torch.optim.adam"), "_get_capturable_supported_devices", lambda *_, **__: ["cpu"])
    capture.made = made
    return capture


def feed_forward(hidden: int = 2) -> Network:
    nodes = [node for _ in range(hidden) for node in (linear(12), LIF)]
    training = {"rule": "bptt", "optimizer": "adam", "learning_rate": 0.05}
    return network([8], *nodes, linear(4), LIF, timesteps=12, input={"rate": 0.5}, training=training)


def recurrent() -> Network:
    nodes = [{"id": "in", "type": "input", "shape": [8], "rate": 0.5}, {"id": "fc", **linear(12)}, {"id": "a", **LIF}]
    nodes += [{"id": "rec", **linear(12)}, {"id": "out", **linear(4)}, {"id": "b", **LIF}]
    edges = [["in", "fc"], ["fc", "a"], ["a", "rec"], ["rec", "a"], ["a", "out"], ["out", "b"]]
    training = {"rule": "bptt", "optimizer": "adam", "learning_rate": 0.05}
    return Network.from_document(
        {"name": "loop", "dt": 1e-3, "timesteps": 12, "nodes": nodes, "edges": edges, "training": training}
    )


@pytest.mark.parametrize("made", [feed_forward, recurrent])
def test_replayed_steps_train_as_steps_that_are_called(made, tape):
    """New inputs are put where the old ones were; both go through six steps, three of the replayed ones before its first replay."""
    called, replayed = Subject(made(), 3), Replayed(made(), 3, "cpu", tape)
    for one in (called, replayed):
        for group in one.optimizer.param_groups:
            group["capturable"] = True
    for _ in range(3):
        called.train()
    dice = torch.Generator().manual_seed(5)
    begun = [p.detach().clone() for p in called.learner.parameters()]
    replayed.train()
    called.train()
    for _ in range(2):
        spikes = (torch.rand(called.inputs.shape, generator=dice) < 0.5).float()
        called.inputs.copy_(spikes)
        replayed.inputs.copy_(spikes)
        called.train()
        replayed.train()
    assert len(tape.made) == 1
    for before, ours, theirs in zip(begun, replayed.learner.parameters(), called.learner.parameters(), strict=True):
        assert (theirs - before).abs().max() > 1e-3
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)


def test_a_call_that_asks_for_a_value_is_no_graph(tape):
    """The optimiser counts its steps on the host, unless it is told that it will be captured."""
    subject = Replayed(feed_forward(), 3, "cpu", tape)
    subject.optimizer.param_groups[0]["capturable"] = False
    with pytest.raises(RuntimeError, match="not permitted"):
        subject.train()


def kernels_of(workload: Workload) -> float:
    """Of a call, as the equations have it: where work takes no time and a kernel a second."""
    device = GraphGPU(FREE | {"t_kernel": 1.0, "t_graph": 0.0})
    figures = evaluate(device, workload.table, workload.columns("mean", 32.0, 32.0, given=False), float(workload.batch))
    return float(np.ravel(figures.latency)[0])


def convolutional() -> Network:
    nodes = [conv(4, 3, padding=1), LIF, {"type": "avgpool2d", "kernel": 2}, FLATTEN, linear(4), LIF]
    return network([1, 8, 8], *nodes, timesteps=12, training={"rule": "bptt", "optimizer": "adam"})


@pytest.mark.parametrize(
    ("made", "uncounted"), [(lambda: feed_forward(0), 0), (lambda: feed_forward(4), 0), (recurrent, 0), (convolutional, 1)]
)
def test_the_equations_count_the_kernels_that_the_runner_launches(made, uncounted, tape):
    """All of them, but one that copies a convolution's errors."""
    subject = Replayed(made(), 3, "cpu", tape)
    for group in subject.optimizer.param_groups:
        group["foreach"] = True  # as on a GPU
    subject.infer()
    subject.train()
    inference, training = (len(one.kernels) for one in tape.made)
    assert kernels_of(Workload(subject.network, batch=3)) == pytest.approx(inference)
    assert kernels_of(Workload(subject.network, "training", batch=3)) == pytest.approx(training - uncounted)


@pytest.fixture
def stand_in(tape, monkeypatch):
    """What is calibrated where a CPU stands for the GPU, in a moment."""
    told = SimpleNamespace(name="a stand-in", multi_processor_count=4, total_memory=8e9)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: told)
    monkeypatch.setattr(measuring, "LEAST", 2)
    monkeypatch.setattr(measuring, "BUDGET", 0.002)
    return replace(
        gpu_graph.target(),
        subject=lambda network, batch, _: Replayed(network, batch, "cpu", tape),
        limits=(Limits(operations=1e6, elements=2e4),),
    )


def test_a_calibration_by_replays_writes_a_part(stand_in, tape):
    """Dispatch is no parameter of the part, but the graph's launch and its kernels are."""
    found = calibrate(stand_in, lambda *_: None, seconds=0.1)
    assert len(tape.made) == len(found.measured.observations)  # captured once, for all passes
    part = from_text(found.text, "here")
    assert (part.device, part.family) == (GraphGPU, "gpu")
    assert {"t_graph", "t_kernel", "saturation"} <= {name for name, one in part.constants.items() if one.kind == "measured"}
    assert "t_linear" not in found.text
    latency = Estimator(Workload(feed_forward(), batch=3), part).estimate().latency
    assert latency is not None
    assert latency.value > part.values["t_graph"]


def test_the_family_is_predicted_and_replayed(stand_in, monkeypatch, tmp_path):
    monkeypatch.setattr(GPUGraph, "missing", classmethod(lambda _: None))
    monkeypatch.setattr(GPUGraph, "target", lambda _: stand_in)
    monkeypatch.setattr(GPUGraph, "limits", Limits(operations=1e6, elements=2e4))
    monkeypatch.setattr(calibrated, "calibrate", partial(calibrate, seconds=0.1))
    monkeypatch.setattr(calibrated, "PER_KIND", 1)
    monkeypatch.setattr(calibrated, "BUDGET", 0.002)
    _, ledger, rows = board.run("gpu-graph", tmp_path, lambda *_: None)
    assert [row.case for row in rows[::2]] == ["feed-forward-0", "recurrent-0", "convolutional-0"]
    assert {row.quantity for row in rows} == {"latency", "training_step"}
    assert all(row.low < row.predicted < row.high for row in rows)
    assert 'class = "gpu_graph"' in ledger.provenance["part"]
