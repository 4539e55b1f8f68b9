"""Calibration of a CPU: the fit finds parameters that are known, the part file is one, and a slow pass is told."""

from dataclasses import replace

import numpy as np
import pytest

from costmodel.devices.classes.cpu_fused import FusedCPU
from costmodel.devices.classes.gpu_fused import FusedGPU
from costmodel.devices.part import from_text
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.validation.calibration import cpu, measuring
from costmodel.validation.calibration.calibrating import calibrate, folds, holding, residuals
from costmodel.validation.calibration.drawn import KINDS, Limits, drawn
from costmodel.validation.calibration.fit import Observation, fit, latencies
from costmodel.validation.calibration.gpu import START as GPU
from tests.command import costmodel

SMALL = Limits(operations=1e8, elements=1e6)


def workloads(count: int, phase) -> list[Workload]:
    networks = [drawn(seed, kind, SMALL) for seed in range(count) for kind in KINDS]
    return [Workload(one.network, phase, batch=one.batch) for one in networks]


def test_a_fit_finds_the_parameters_that_made_the_times():
    fixed = cpu.target().fixed()
    truth = {name: value * 1.3 for name, value in cpu.START.items()}
    loads = [*workloads(12, "inference"), *workloads(12, "training")]
    seconds = latencies(FusedCPU, {**fixed, **truth}, [Observation(load, 1.0) for load in loads])[:, 0]
    seen = [Observation(load, value) for load, value in zip(loads, seconds, strict=True)]
    found = fit(FusedCPU, fixed, cpu.START, seen)
    assert np.abs(found.residuals).max() < 0.02
    for name in ("f_matmul", "t_linear", "t_loop", "t_update"):
        assert found.values[name] == pytest.approx(truth[name], rel=0.2), name


def test_one_wrong_measurement_moves_little():
    fixed, loads = cpu.target().fixed(), workloads(8, "inference")
    seconds = latencies(FusedCPU, {**fixed, **cpu.START}, [Observation(load, 1.0) for load in loads])[:, 0]
    seconds[3] *= 20
    seen = [Observation(load, value) for load, value in zip(loads, seconds, strict=True)]
    residuals = fit(FusedCPU, fixed, cpu.START, seen).residuals
    assert abs(residuals[3]) > 2
    assert np.median(np.abs(residuals)) < 0.05


def test_a_calibration_writes_a_part_that_estimates(monkeypatch):
    monkeypatch.setattr(measuring, "LEAST", 5)
    monkeypatch.setattr(measuring, "BUDGET", 0.002)
    found = calibrate(replace(cpu.target(), limits=(Limits(operations=2e6, elements=5e4),)), lambda *_: None, seconds=1.0)
    low, high = found.residuals["latency_residual"]
    assert low < 1 < high
    made = from_text(found.text, "here")
    assert made.device is FusedCPU
    assert made.constants["f_matmul"].kind == "measured"
    one = drawn(1, "feed-forward", SMALL)
    latency = Estimator(Workload(one.network, batch=one.batch), made).estimate().latency
    assert latency is not None
    assert latency.low == pytest.approx(latency.value * low, rel=0.05)
    assert latency.high == pytest.approx(latency.value * high, rel=0.05)


def test_every_fold_leaves_out_some_of_every_kind_and_a_network_with_both_its_phases():
    kinds = cpu.target().kinds
    seen = [Observation(load, 1.0) for load in workloads(6, "inference") for _ in ("inference", "training")]
    dealt = folds(cpu.target(), seen)
    assert (dealt.sum(axis=0) == 1).all(), "everything is left out once"
    assert (dealt[:, ::2] == dealt[:, 1::2]).all()
    for fold in dealt:
        left = [one.workload.network.name.rsplit("-", 1)[0] for one, held in zip(seen, fold, strict=True) if held]
        assert set(left) == set(kinds)


def test_passes_that_disagree_widen_the_interval():
    loads = [load for pair in zip(workloads(5, "inference"), workloads(5, "training"), strict=True) for load in pair]
    seconds = latencies(FusedCPU, {**cpu.target().fixed(), **cpu.START}, [Observation(load, 1.0) for load in loads])[:, 0]
    seen = [Observation(load, float(value)) for load, value in zip(loads, seconds, strict=True)]
    quiet, noisy = (measuring.Measured(seen, noise, 2, 1.0) for noise in (0.0, 0.3))
    assert (quiet.quiet, noisy.quiet) == (True, False)
    narrow, wide = residuals(cpu.target(), quiet), residuals(cpu.target(), noisy)
    for name, (low, high) in narrow.items():
        assert wide[name] == pytest.approx((low / 1.3, high * 1.3)), name


@pytest.mark.parametrize("count", [24, 39])
def test_an_interval_holds_nine_of_ten_that_were_not_seen(count):
    draws = np.random.default_rng(0).normal(size=(4000, count + 1)) ** 3
    held = [low <= draw[-1] <= high for draw in draws for low, high in [holding(draw[:-1])]]
    assert np.mean(held) == pytest.approx(0.9, abs=0.015)


SCATTER = {
    ("stepped", "inference"): ("latency_residual", 0.05),
    ("stepped", "training"): ("training_residual", 0.2),
    ("by events", "inference"): ("event_residual", 0.6),
    ("by events", "training"): ("event_training_residual", 0.3),
}
"""Of networks in time steps and by events, and of both phases: what holds it, and how far times lie from the equations."""


def test_networks_by_events_and_training_steps_have_intervals_of_their_own():
    """Wider than what was put in, for they are of networks left out of fits to few."""
    loads = [load for pair in zip(workloads(20, "inference"), workloads(20, "training"), strict=True) for load in pair]
    seconds = latencies(FusedCPU, {**cpu.target().fixed(), **cpu.START}, [Observation(load, 1.0) for load in loads])[:, 0]
    kinds = ["stepped" if load.network.settings.training.rule == "bptt" else "by events" for load in loads]
    dice = np.random.default_rng(0)
    off = [SCATTER[kind, load.phase][1] * dice.choice([-1, 1]) for kind, load in zip(kinds, loads, strict=True)]
    seen = [Observation(load, float(time * np.exp(by))) for load, time, by in zip(loads, seconds, off, strict=True)]
    found = residuals(cpu.target(), measuring.Measured(seen, 0.0, 2, 1.0))
    for name, scatter in SCATTER.values():
        low, high = np.log(found[name])
        assert scatter < (high - low) / 2 < 2.5 * scatter, name
    made = FusedCPU(cpu.target().fixed() | cpu.START | {name: 1 + scatter for name, scatter in SCATTER.values()})
    for kind, load in zip(kinds, loads, strict=True):
        column = load.columns("mean", 32, 32, given=False).operators["neurons"]
        assert np.unique(made.residual(column)) == 1 + SCATTER[kind, load.phase][1]


def test_a_part_file_is_named_so_that_it_is_read(capsys, monkeypatch):
    answer = costmodel(capsys, monkeypatch, "calibrate", "cpu", "--out", "here.json")
    assert answer.code == 2
    assert answer.err == "costmodel: --out: 'here.json' is no part file; let it end in .toml\n"


@pytest.mark.parametrize("what", ["gpu", "gpu-graph"])
def test_a_gpu_that_is_not_there_is_refused(what, capsys, monkeypatch):
    answer = costmodel(capsys, monkeypatch, "calibrate", what)
    assert answer.code == 2
    assert answer.err.startswith(f"costmodel: calibrate {what}: torch cannot run on 'cuda'")
    assert answer.err.count("\n") == 1


def test_a_gpu_hides_work_behind_launches_and_computes_whole_waves():
    """Of one tile, 132 multiprocessors work on one; a kernel shorter than its launch costs the launch."""
    fixed = dict.fromkeys(FusedGPU.params, 1.0) | GPU | {"multiprocessors": 132.0, "vector": 8.0, "state_bits": 32.0}
    (load,) = [Workload(drawn(0, "feed-forward", Limits(operations=2e6, elements=5e4)).network)]
    small = latencies(FusedGPU, fixed, [Observation(load, 1.0)])[0, 0]
    linear = [task for task in load.table.tasks if task.kind == "synapses"]
    neurons = [task for task in load.table.tasks if task.kind == "neurons"]
    launched = len(linear) * GPU["t_linear"] + len(neurons) * GPU["t_neurons"] + GPU["t_call"]
    assert small == pytest.approx(launched, rel=1e-6)
