"""The class of a sample read on the chip: every answer is that of the network file's readout, in the cycle predicted."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from costmodel.graphs.errors import InputError
from costmodel.graphs.readouts.readout import READOUTS
from costmodel.rtl.cycles.expected import expected_cycles
from costmodel.rtl.planning import Options, plan
from costmodel.rtl.readout import Readout
from costmodel.rtl.reference import winners
from costmodel.rtl.timing import predict
from costmodel.validation.built.hardware import Stimuli, verify
from tests.hardware import FLATTEN, LIF, check, check_design, conv, drawn, pattern, per_sample, random_inputs
from tests.networks import linear

SOURCE = {"type": "input", "shape": [7]}
LI = {"type": "li", "tau": "5 ms", "r": 5.0}
SD = {"type": "sigma-delta", "v_threshold": 0.3}
ON_CHIP = Options(lanes=4, readout=True)


def read(readout, output, classes=5, seed=0, gain=1.0):
    return drawn((SOURCE, linear(9), LIF, linear(classes), output), readout={"type": readout}, seed=seed, gain=gain)


@pytest.mark.parametrize("output", [LIF, LI, SD], ids=["spikes", "values", "changes"])
@pytest.mark.parametrize("readout", ["count", "mean", "max", "last", "first-spike"])
@pytest.mark.parametrize("classes", [1, 2, 5, 40])
def test_answers_and_cycles(readout, output, classes):
    if readout == "first-spike" and output is not LIF:
        with pytest.raises(InputError, match="reads spikes"):
            plan(read(readout, output), "ecp5", ON_CHIP)
        return
    network = read(readout, output, classes)
    found = check(network, ON_CHIP, inputs=random_inputs(network, samples=6, rate=0.5), all_send=False)
    spikes = [(one != 0).double().mean() for one in found.sent.values()]
    assert min(spikes) > 0
    assert len(found.trace.given) == 2 * 6


@given(
    kind=st.sampled_from(["count", "mean", "max", "last", "first-spike"]),
    values=st.booleans(),
    rate=st.floats(0, 1),
    classes=st.integers(1, 6),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_winner_has_the_best_score_of_the_networks_readout(kind, values, rate, classes, seed):
    values = values and kind != "first-spike"
    dice = torch.Generator().manual_seed(seed)
    shape = (8, 20, classes)
    sent = (torch.rand(shape, generator=dice) < rate).long()
    if values:
        sent = sent * torch.randint(-9, 10, shape, generator=dice)
    name = {"count": "sum", "mean": "sum", "first-spike": "first"}.get(kind, kind)
    scores = READOUTS.read(kind).scores(sent.double(), 1e-3)
    found = winners(Readout(name, classes, 5 if values else 0, 8), sent)
    assert torch.equal(found, scores.argmax(dim=1))


def test_a_zero_that_is_not_sent_is_the_largest_value():
    """Potentials are negative from a class's first spike on, and nearer to 0 the longer ago that was; before it they are 0."""
    weights = {"n1": {"weight": -np.diag([1.0, 1.0, 8.0])}}
    network = drawn(({"type": "input", "shape": [3]}, linear(3, bias=False), LI), readout="max", arrays=weights)
    inputs = torch.zeros(5, 2, 3)
    inputs[0, :, :2] = inputs[2, 0, 2] = inputs[0, 1, 2] = 1  # the last class is 0 at first in sample 0 only
    found = check(network, ON_CHIP, inputs=inputs, all_send=False)
    assert found.sent["n2"].amax(dim=0).sign().tolist() == [[-1, -1, 0], [-1, -1, -1]]
    assert (found.trace.answers[::2] & np.uint64(3)).tolist() == [2, 0]


def test_nobody_spikes():
    network = read("first-spike", {**LIF, "v_threshold": 1e3})
    found = check(network, ON_CHIP, inputs=random_inputs(network, samples=3), all_send=False)
    assert not (found.trace.answers[::2] & np.uint64(7)).any()


@pytest.mark.parametrize("family", ["ice40", "xilinx"])
@pytest.mark.parametrize("readout", ["count", "first-spike"])
def test_families(readout, family):
    check(read(readout, LIF, 12), ON_CHIP, family=family, all_send=False)


def test_an_output_that_also_excites_itself():
    nodes = (SOURCE, linear(5), LIF, linear(5, bias=False), {"type": "output"})
    edges = [["n0", "n1"], ["n1", "n2"], ["n2", "n3"], ["n3", "n2"], ["n2", "n4"]]
    network = drawn(nodes, edges, readout="count")
    check(network, ON_CHIP, inputs=random_inputs(network, samples=3, rate=0.6))


@pytest.mark.parametrize(("kind", "output"), [("count", LIF), ("max", LI), ("first-spike", LIF)])
def test_nothing_is_lost_while_neighbours_halt(kind, output):
    network = read(kind, output)
    halting = {"offers": pattern(0.5, 1), "accepts": pattern(0.15, 2)}
    found = check(network, ON_CHIP, inputs=random_inputs(network, samples=4), timed=False, all_send=False, **halting)
    assert found.trace.cycles > found.predicted.given[-1] + 1, "it did not wait for anything"


def test_cycles_from_mean_rates():
    network = read("max", LIF, classes=40)
    with_readout = plan(network, "ecp5", ON_CHIP)
    rates = {"n0": 0.3, "n2": 0.2, "n4": 0.1}
    assert expected_cycles(with_readout, rates) == expected_cycles(replace(with_readout, readout=None), rates) + 43


def test_longest_sample_does_not_overflow():
    """A class that spikes at every step of 32 has a count of 32."""
    network = drawn((SOURCE, linear(3), {**LIF, "v_threshold": -1e3}), readout="count", timesteps=32)
    found = check(network, ON_CHIP, all_send=False)
    assert found.sent["n2"].sum(dim=0).max() == 32


def test_verification_takes_the_class_from_the_chip():
    """As the integer reference has it, which nothing rounds on any machine."""
    network = read("count", LIF)
    inputs = random_inputs(network, samples=12, rate=0.5)
    design = plan(network, "ecp5", ON_CHIP)
    plain = verify(network, replace(design, readout=None), Stimuli(inputs, torch.arange(12) % 5, ""), simulate=False)
    found = verify(network, design, Stimuli(inputs, torch.arange(12) % 5, ""), simulate=True, backend="amaranth")
    assert found.mismatches == found.unequal == 0
    assert found.accuracy == plain.accuracy
    assert len(found.answers) == 2


@pytest.mark.parametrize(
    ("readout", "nodes", "words"),
    [
        ("leaky-integrator", (SOURCE, linear(3), LIF), "'leaky-integrator' has no hardware"),
        ("every-step", (SOURCE, linear(3), LI), "'every-step' has no hardware"),
        ("count", ({"type": "input", "shape": [1, 5, 5]}, conv(2), LIF), "classes in rows and columns"),
        ("count", ({"type": "input", "shape": [1, 5, 5]}, conv(2), LIF, FLATTEN), "classes in rows and columns"),
    ],
)
def test_what_has_no_hardware(readout, nodes, words):
    with pytest.raises(InputError, match=words):
        plan(drawn(nodes, readout=readout), "ecp5", ON_CHIP)


def test_without_a_readout_the_design_is_as_before():
    network = read("count", LIF)
    design = plan(network, "ecp5", Options(lanes=4))
    assert design.readout is None
    found = check_design(design, random_inputs(network))
    with_readout = check(network, ON_CHIP, inputs=found.inputs)
    last = predict(design, per_sample(found.sent)[:1]).given[-1]
    assert with_readout.trace.given[1] == last + 5 + 3
