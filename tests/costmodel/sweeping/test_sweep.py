"""Sweeps: the compiled loop gives what the estimate gives, and knows which points fit."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel import load
from costmodel.devices.part import part, parts
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError
from costmodel.sweeping.job import prepare
from costmodel.sweeping.program import Recorder
from costmodel.sweeping.running import sweep
from costmodel.sweeping.space import read_space
from tests.command import costmodel

MNIST = load("mnist-784-128-10")
PER_CLASS = {part(name).class_name: name for name in parts()}
"""A part of every device class."""

PRICES = {"die_area", "price", "cloud", "lifetime", "utilisation", "electricity"}


def varying(name):
    """Parameters that a sweep may move, and may be anything near their value."""
    on = part(name)
    return [key for key, c in on.constants.items() if c.value and not on.device.params[key].whole and key not in PRICES]


@pytest.mark.parametrize("name", PER_CLASS.values(), ids=PER_CLASS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_program_gives_the_numbers_of_the_estimate(name, data):
    on = part(name)
    draw = data.draw
    names = draw(st.lists(st.sampled_from(varying(name)), min_size=1, max_size=5, unique=True))
    values = {key: min(on.values[key] * draw(st.floats(0.9, 1.1)), on.device.params[key].high) for key in names}
    of_network = {"timesteps": draw(st.integers(1, 100)), "batch": draw(st.integers(1, 300)), "bits": draw(st.integers(1, 16))}
    rate, phase = draw(st.floats(0, 1)), draw(st.sampled_from(["inference", "training"]))
    program = Recorder(Workload(MNIST, phase), on, [*names, *of_network, "rate"]).program()
    got = program.evaluate({**values, **of_network, "rate": rate})
    same = Workload(
        MNIST.with_timesteps(of_network["timesteps"]), phase, batch=of_network["batch"], bits=of_network["bits"], rates={"*": rate}
    )
    made = Estimator(Workload(MNIST, phase), on).part  # a sweep keeps the hardware that was made for the network
    expected = Estimator(same, made.override(values)).figures()
    for metric in ("latency", "energy"):
        assert float(got[metric]) == pytest.approx(np.ravel(getattr(expected, metric))[0], rel=1e-9)


@pytest.mark.parametrize("network", ["yin-yang-ttfs", "nmnist-conv-snntorch", "gsc-neurobench"])
def test_time_steps_move_the_rates_of_what_sends_once(network):
    net, on = load(network), part("loihi")
    program = Recorder(Workload(net), on, ["timesteps"]).program()
    for steps in (7, 200):
        expected = Estimator(Workload(net.with_timesteps(steps)), on).figures()
        assert float(program.evaluate({"timesteps": steps})["energy"]) == pytest.approx(
            float(np.ravel(expected.energy)[0]), rel=1e-9
        )


@pytest.mark.parametrize("name", PER_CLASS.values(), ids=PER_CLASS)
def test_the_compiled_loop_gives_the_numbers_of_the_program(name):
    on = part(name)
    first, second = varying(name)[:2]
    words = [f"{key}={on.values[key] * 0.5:.9e}:{on.values[key]:.9e}:4" for key in (first, second)]
    words += ["timesteps=1:9:3", "rate=0.01:0.9:5", "batch=1:64:4:log"]
    larger = {"fan_in": 784.0} if on.class_name == "truenorth" else {"chips": 40.0}
    on = on.override(larger if on.class_name in ("fpga", "fpaa", "asic", "brainscales2", "truenorth") else {})
    space = read_space(words, MNIST, on)
    job, program = prepare(Workload(MNIST), on, space)
    assert job.space.rows == 4 * 4 * 3 * 5 * 4
    for chunk in job.space.chunks(100):
        got = job.fill(chunk)
        grids = (grid.ravel() for grid in np.meshgrid(*job.space.coordinates(chunk), indexing="ij"))
        expected = program.evaluate(dict(zip(job.space.names, grids, strict=True)))
        fits = np.broadcast_to(job.fitting(chunk), chunk.rows)
        for metric, values in got.items():
            np.testing.assert_allclose(values[fits], expected[metric][fits], rtol=1e-9)
            assert np.isinf(values[~fits]).all()


def test_the_best_points_are_the_best_that_fit():
    on, over = part("memfpaa-hfox"), ["r_on=1kΩ:1MΩ:6:log", "r_off=10kΩ:10MΩ:5:log", "tiles=1:64:7", "bits=1:8:8"]
    space = read_space(over, MNIST, on)
    found = sweep(Workload(MNIST), on, space)
    expected = {}
    for point in itertools.product(*(axis.values() for axis in space.axes)):
        values = dict(zip(space.names, map(float, point), strict=True))
        bits = int(values.pop("bits"))
        try:
            estimate = Estimator(Workload(MNIST, bits=bits), on.override(values)).estimate()
        except InputError:  # r_on above r_off
            continue
        if estimate.feasible:
            expected[(*values.values(), float(bits))] = estimate.latency.value, estimate.energy.value
    assert found.fit == len(expected) < found.rows
    for extreme in found.extremes:
        column = ("latency", "energy").index(extreme.metric)
        best = (max if extreme.most else min)(costs[column] for costs in expected.values())
        assert extreme.values[extreme.metric] == pytest.approx(best, rel=1e-9)
        at = expected[tuple(extreme.point[name] for name in space.names)]
        assert extreme.values["latency"] == pytest.approx(at[0], rel=1e-9)


def test_limits_are_asked_of_what_they_read_only():
    on = part("cpu-desktop")
    space = read_space(["batch=1:10000000:9:log", "t_launch=1us:9us:1000000", "rate=0:1:1000"], MNIST, on)
    from costmodel.sweeping.feasibility import feasible

    fits = feasible(Workload(MNIST, "training"), on, space)
    assert fits.shape == (9, 1, 1)
    assert fits[0, 0, 0]
    assert not fits[-1, 0, 0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["t_synap=1ns:2ns:3"], "did you mean 't_synop'?"),
        (["t_synop=2ns:1ns:3"], "empty"),
        (["t_synop=1ns:1ns:3"], "empty"),
        (["t_synop=1ns:2ns:1"], "N is 1"),
        (["t_synop=1ns:2ns"], "N is missing"),
        (["t_synop=1ns"], "no range"),
        (["t_synop=1V:2V:3"], "does not measure"),
        (["t_synop=0ns:2ns:3:log"], "logarithmic"),
        (["bits=1:4:9"], "4 whole numbers"),
        (["bits=0:4:3"], "whole numbers from 1"),
        (["cores=1.5:4:2"], "counts things"),
        (["rate=0:1:3", "rate.lif1=0:1:3"], "both"),
        (["rate.nobody=0:1:3"], "no node 'nobody'"),
        (["timesteps=1:9:3", "timesteps=1:9:3"], "twice"),
        (["features.fc1=8:64:3"], "costmodel pareto"),
        ([], "nothing is swept"),
    ],
)
def test_what_cannot_be_swept_is_refused_with_a_mend(words, says):
    with pytest.raises(InputError, match="--over") as refused:
        read_space(words, MNIST, part("loihi"))
    assert says in str(refused.value)


def test_whole_numbers_stay_whole_and_ends_are_met():
    space = read_space(["bits=1:16:9:log", "timesteps=1:10:4", "t_synop=1ns:3ns:3:log"], MNIST, part("loihi"))
    bits, steps, times = (axis.values() for axis in space.axes)
    assert bits.tolist() == [1, 2, 3, 4, 6, 8, 11, 16]
    assert steps.tolist() == [1, 4, 7, 10]
    assert times[0] == 1e-9
    assert times[-1] == space.axes[2].over.high


def test_chunks_are_all_rows_once():
    space = read_space(["bits=1:5:5", "timesteps=1:7:7", "rate=0:1:6", "batch=1:4:4"], MNIST, part("loihi"))
    for most in (1, 3, 4, 50, 200, 10**6):
        chunks = list(space.chunks(most))
        assert [c.first for c in chunks] == np.cumsum([0, *(c.rows for c in chunks)])[:-1].tolist()
        assert sum(c.rows for c in chunks) == space.rows
        assert max(c.rows for c in chunks) <= most


def test_the_command_prints_one_document(capsys, monkeypatch):
    over = ("--over", "t_synop=1ns:9ns:20", "--over", "cores=1:8:8")
    done = costmodel(capsys, monkeypatch, "sweep", "mnist-784-128-10", "-d", "loihi", *over, "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert {"rows", "seconds", "points_per_second", "out"} <= document.keys()
    assert document["rows"] == 160
    assert document["out"] is None
    assert document["best"][0]["point"]["t_synop"] == 1e-9


def test_a_part_that_never_fits_is_refused_with_levers(capsys, monkeypatch):
    done = costmodel(capsys, monkeypatch, "sweep", "mnist-784-128-10", "-d", "fpaa-350nm", "--over", "rate=0.1:0.5:3")
    assert done.code == 2
    assert "chips=2" in done.err
    assert done.err.count("\n") == 1
