"""Intervals by draws and to first order, odds, elasticities, and crossovers."""

import json
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel as cm
from costmodel.deciding.costs import Costs
from costmodel.deciding.crossing import Line, Map
from costmodel.deciding.drawing import Draws, distributed, drawn, monte_carlo, odds
from costmodel.deciding.parameters import identity
from costmodel.devices.evaluation.symbolic import symbol
from costmodel.estimates.interval import spread
from tests.command import costmodel


@cache
def workload(name: str = "mnist-784-128-10") -> cm.Workload:
    return cm.Workload(cm.load(name))


def estimator(part: str) -> cm.Estimator:
    return cm.Estimator(workload(), cm.part(part))


# -- draws ----------------------------------------------------------------------------------------------------------------------
@given(st.floats(1e-12, 1e12), st.floats(1.0, 10), st.floats(1.0, 10))
def test_draws_of_a_quantity_have_its_median_and_its_90_percent_interval(value, below, above):
    found = distributed(value, value / below, value * above, Draws().of("x"))
    assert np.percentile(found, (5, 50, 95)) == pytest.approx([value / below, value, value * above], rel=2e-3)
    assert (found > 0).all()


def test_draws_of_a_quantity_that_may_be_0_are_never_below():
    found = distributed(1.0, 0.0, 3.0, Draws().of("x"))
    assert found.min() == 0
    assert np.percentile(found, (50, 95)) == pytest.approx([1, 3], rel=1e-2)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(1.05, 4)), min_size=1, max_size=6))
def test_draws_and_first_order_agree_on_products_of_powers(factors):
    """ln of such a product is linear, so that the first order is exact."""
    draws, moved, sampled = Draws(8192), [], 1.0
    for i, (power, width) in enumerate(factors):
        sampled = sampled * distributed(1.0, 1 / width, width, draws.of(i)) ** power
        moved.append([width**-power, width**power])
    low, high = np.percentile(sampled, (5, 95))
    first = spread(1.0, np.array(moved))
    widest = np.log(first.high / first.low)
    assert np.log(low) == pytest.approx(np.log(first.low), abs=0.04 * widest + 1e-9)
    assert np.log(high) == pytest.approx(np.log(first.high), abs=0.04 * widest + 1e-9)


@pytest.mark.parametrize("part", ["h100", "memfpaa-hfox", "cpu-desktop", "loihi", "asic-28nm"])
def test_draws_and_first_order_agree_on_parts(part):
    """Of sums of terms the first order is near: within an eighth of the width of the interval, in ln."""
    e = estimator(part).estimate()
    for name, found in monte_carlo(estimator(part)).items():
        first = getattr(e, name)
        width = np.log(first.high / first.low)
        assert found.value == first.value
        assert np.log(found.low / first.low) == pytest.approx(0, abs=width / 8)
        assert np.log(found.high / first.high) == pytest.approx(0, abs=width / 8)


def test_draws_are_the_same_for_a_seed_and_others_for_another():
    same, again, other = (drawn(estimator("loihi"), Draws(64, seed))["latency"] for seed in (1, 1, 2))
    assert (same == again).all()
    assert (same != other).any()


# -- odds -----------------------------------------------------------------------------------------------------------------------
def test_a_part_beats_itself_as_often_as_not_and_a_better_self_always():
    """All is shared, and cancels."""
    assert odds(estimator("loihi"), estimator("loihi")) == {"latency": 0.5, "energy": 0.5}
    faster = cm.Estimator(workload(), cm.part("memfpaa-hfox"))
    slower = cm.Estimator(workload(), cm.part("memfpaa-hfox").override({"switches": 3}))
    assert odds(faster, slower)["latency"] == 1.0


def test_odds_of_the_two_sides_add_up_to_1():
    one, other = estimator("loihi"), estimator("loihi2")
    there, back = odds(one, other), odds(other, one)
    assert there["latency"] + back["latency"] == pytest.approx(1)
    assert 0 < there["latency"] < 1


def test_constants_of_one_source_are_drawn_once():
    first, second = cm.part("memfpaa-hfox"), cm.part("memfpaa-taox")
    draws = Draws(16)
    ours, theirs = ({n: identity(n, on.constants[n]) for n in on.uncertain} for on in (first, second))
    same = {n for n in ours if ours[n] == theirs.get(n)}
    assert {"electricity", "lifetime", "settling_residual"} <= same
    assert (draws.of(ours["r_on"]) != draws.of(theirs["r_on"])).any()


# -- elasticities ---------------------------------------------------------------------------------------------------------------
@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["h100", "loihi", "memfpaa-hfox", "asic-28nm", "cpu-desktop"]), st.data())
def test_elasticities_are_finite_differences(part, data):
    metric = data.draw(st.sampled_from(["latency", "energy", "power", "throughput"]))
    rows = [row for row in cm.sensitivity(workload(), part, metric).rows if not row.whole and row.value > 0 and not row.kink]
    row = data.draw(st.sampled_from(rows))
    h = 1e-3
    low, high = Costs(workload(), cm.part(part)).at({row.parameter: row.value * np.exp([-h, h])})[metric]
    assert row.elasticity == pytest.approx(np.log(high / low) / (2 * h), abs=2e-3)


@pytest.mark.parametrize("name", ["t_host", "e_synop", "p_chip", "t_barrier"])
def test_elasticities_are_derivatives(name):
    found = next(row for row in cm.sensitivity(workload(), "loihi", "energy").rows if row.parameter == name)
    energy = np.ravel(estimator("loihi").figures({name: symbol(name)}).energy)[0]
    slope = energy.diff(symbol(name)).subs(symbol(name), found.value)
    assert found.elasticity == pytest.approx(float(slope) * found.value / float(energy.subs(symbol(name), found.value)), abs=1e-8)


def test_elasticities_to_all_times_add_up_to_1():
    """Latency is a sum of times, each a time constant times a count."""
    for part in ("loihi", "loihi2"):
        rows = cm.sensitivity(workload(), part).rows
        assert sum(row.elasticity for row in rows if row.unit == "s" and row.parameter != "lifetime") == pytest.approx(1, abs=1e-6)
        assert [abs(row.elasticity) for row in rows] == sorted((abs(row.elasticity) for row in rows), reverse=True)


def test_sensitivity_refuses():
    with pytest.raises(cm.InputError, match="no metric"):
        cm.sensitivity(workload(), "h100", "speed")
    with pytest.raises(cm.InputError, match="does not fit"):
        cm.sensitivity(workload(), "odin")
    with pytest.raises(cm.InputError, match="has no price"):
        cm.sensitivity(workload(), "memfpaa-hfox", "price")


# -- crossovers -----------------------------------------------------------------------------------------------------------------
def test_at_a_crossing_both_cost_the_same():
    found = cm.crossover(workload(), cm.part("memfpaa-hfox"), cm.part("loihi"), ["memfpaa-hfox.t_event"])
    assert isinstance(found, Line)
    (place,) = found.crossings
    costs = [Costs(workload(), cm.part(part)) for part in ("memfpaa-hfox", "loihi")]
    assert costs[0].at({"t_event": place})["latency"] == pytest.approx(costs[1].at({})["latency"])
    assert [lead.winner for lead in found.leads] == ["memfpaa-hfox", "loihi"]
    solved = cm.solve(workload(), "memfpaa-hfox", "t_event", "latency < loihi.latency")
    assert place == pytest.approx(solved.value, rel=1e-9)


def test_a_parameter_that_both_have_moves_on_both():
    found = cm.crossover(workload(), cm.part("memfpaa-hfox"), cm.part("loihi"), ["t_event=1ns:1us"])
    assert set(found.varied) == {"memfpaa-hfox", "loihi"}
    assert len({lead.winner for lead in found.leads}) == len(found.crossings) + 1


def test_more_throughput_is_better():
    parts = cm.part("memfpaa-hfox"), cm.part("loihi")
    for metric in ("latency", "throughput"):
        found = cm.crossover(workload(), *parts, ["timesteps=10:20"], metric)
        assert isinstance(found, Line)
        assert {lead.winner for lead in found.leads} == {"memfpaa-hfox"}


def test_a_map_agrees_with_its_lines():
    words = ["memfpaa-hfox.t_event=1ns:100us", "loihi.t_host=1us:1ms"]
    found = cm.crossover(workload(), cm.part("memfpaa-hfox"), cm.part("loihi"), words)
    assert isinstance(found, Map)
    assert found.ratio.shape == (len(found.down), len(found.across))
    row = 4
    slower = cm.part("loihi").override({"t_host": float(found.down[row])})
    (place,) = cm.crossover(workload(), cm.part("memfpaa-hfox"), slower, words[:1]).crossings
    assert (found.first_wins()[row] == (found.across <= place)).all()


# -- commands -------------------------------------------------------------------------------------------------------------------
def test_commands_read_well_and_give_json(capsys, monkeypatch, tmp_path):
    net = "mnist-784-128-10"
    pair = ("crossover", net, "-d", "memfpaa-hfox", "-d", "loihi", "--over", "memfpaa-hfox.t_event=1ns:10us")
    for i, words in enumerate(
        (pair, (*pair, "--over", "timesteps=1:100"), ("sensitivity", net, "-d", "loihi", "--metric", "energy"))
    ):
        figure = tmp_path / f"{i}.svg"
        text = costmodel(capsys, monkeypatch, *words, "--out", figure)
        assert text.code == 0
        assert max(map(len, text.out.splitlines())) <= 80
        assert figure.read_text().lstrip().startswith("<?xml")
        assert json.loads(costmodel(capsys, monkeypatch, *words, "--json").out)["schema"] == 1


def test_whatif_tells_the_odds(capsys, monkeypatch):
    words = ("whatif", "mnist-784-128-10", "-d", "memfpaa-hfox", "--set", "r_on=100kΩ", "--against", "h100")
    text = " ".join(costmodel(capsys, monkeypatch, *words).out.split())
    assert "faster than h100 (37.9 µs against" in text
    assert "faster than h100 with a probability of over 99 %" in text
    odds_ = json.loads(costmodel(capsys, monkeypatch, *words, "--json").out)["odds_against"]
    assert odds_["latency"] > 0.99
    assert odds_["energy"] > 0.99


def test_estimate_by_draws(capsys, monkeypatch):
    words = ("estimate", "mnist-784-128-10", "-d", "loihi", "--json")
    answers = [json.loads(costmodel(capsys, monkeypatch, *words, *more).out) for more in ((), ("--draws", 500))]
    first, by_draws = (answer["estimates"][0] for answer in answers)
    assert first["latency_s"]["value"] == by_draws["latency_s"]["value"]
    assert first["latency_s"]["low"] != by_draws["latency_s"]["low"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("crossover", "-d", "h100"), "give two"),
        (("crossover", "-d", "h100", "-d", "h100"), "given twice"),
        (("crossover", "-d", "h100", "-d", "a100", "--metric", "speed"), "no metric 'speed'"),
        (("crossover", "-d", "h100", "-d", "a100", "--out", "figure.txt"), "no figure"),
        (("crossover", "-d", "h100", "-d", "a100", "--over", "batches"), "did you mean 'batch'"),
        (("crossover", "-d", "h100", "-d", "a1000"), "did you mean 'a100'"),
    ],
)
def test_errors_are_one_line(capsys, monkeypatch, words, told):
    over = () if "--over" in words else ("--over", "batch")
    answer = costmodel(capsys, monkeypatch, words[0], "mnist-784-128-10", *words[1:], *over)
    assert answer.code == 2
    assert told in answer.err
    assert len(answer.err.splitlines()) == 1
