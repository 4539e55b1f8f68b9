"""Solving backwards: a root put back, or a reason; all roots, jumps, whole numbers, ranges and errors."""

import json
from contextlib import suppress
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import costmodel as cm
from costmodel.deciding.conditions import ConditionError, condition
from costmodel.deciding.costs import METRICS, Costs
from costmodel.deciding.roots import crossings
from costmodel.devices.boundary import POWERS
from costmodel.graphs.settings.units import pretty
from tests.command import costmodel


@cache
def workload(name: str = "mnist-784-128-10") -> cm.Workload:
    return cm.Workload(cm.load(name))


def cost(part: str, metric: str, **values: float) -> float:
    return float(Costs(workload(), cm.part(part)).at(values)[metric][0])


def parameters_of(part: str) -> tuple[str, str, str]:
    """One of the network, one of every device, one of its own."""
    on = cm.part(part)
    return "timesteps", next(name for name in POWERS if on.values[name] is not None), list(on.constants)[14]


@pytest.mark.parametrize("name", cm.parts())
def test_every_part_and_metric_has_a_root_that_holds_or_a_reason(name):
    for metric in METRICS:
        now = cost(name, metric)
        target = now * 1.5 if np.isfinite(now) else 1.0
        for parameter in parameters_of(name):
            found = cm.solve(workload(), name, parameter, f"{metric} <= {target!r}")
            if found.value is None:
                assert found.reason
                assert found.verified is None
                continue
            assert found.verified is not None
            assert found.verified["holds"], (metric, parameter, found)
            low, high = found.parameter.low, found.parameter.high
            assert low <= found.value <= high
            beyond = [v for v in neighbours(found.value, whole=found.parameter.whole) if low <= v <= high]
            costs = Costs(workload(), cm.part(name)).at({parameter: np.array(beyond)})[metric]
            assert (costs > target * (1 - 1e-9)).any(), "the condition holds on both sides of the boundary"


def neighbours(value: float, *, whole: bool) -> tuple[float, float]:
    return (value - 1, value + 1) if whole else (value * (1 - 1e-6), value * (1 + 1e-6))


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([("memfpaa-hfox", "t_event"), ("loihi", "t_host"), ("memfpaa-hfox", "c_cell"), ("h100", "b_memory")]),
       st.floats(0.02, 50))  # fmt: skip
def test_a_root_puts_back_to_the_target(which, times):
    part, parameter = which
    target = times * cost(part, "latency")
    found = cm.solve(workload(), part, parameter, f"latency = {target!r}")
    if found.value is None:
        assert found.reason
    else:
        for value in found.values:
            assert cost(part, "latency", **{parameter: value}) == pytest.approx(target, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=5, unique=True))
@example([37.0, 39.0, 40.0])  # two of them within a step, beside the third
def test_all_roots_of_a_polynomial_are_found(roots):
    roots = sorted(roots)
    kept = [r for i, r in enumerate(roots) if i == 0 or r > 1.02 * roots[i - 1]]
    found, _, _ = crossings(lambda x: np.prod([np.log(x / r) for r in kept], axis=0), np.geomspace(1e-3, 1e3, 181), whole=False)
    assert [c.inside for c in found] == pytest.approx(kept, rel=1e-9)


def test_two_roots_less_than_a_step_apart_are_found():
    found, _, _ = crossings(lambda x: np.abs(np.log(x / 2)) - 1e-3, np.geomspace(1e-3, 1e3, 50), whole=False)
    assert [c.inside for c in found] == pytest.approx([2 * np.exp(-1e-3), 2 * np.exp(1e-3)])


def test_whole_numbers_stay_whole_and_jumps_are_closed_in():
    found, _, _ = crossings(lambda n: 37.5 - n, np.array([1.0, 10.0, 1000.0]), whole=True, pieces=2)
    assert (found[0].low, found[0].high, found[0].inside) == (37, 38, 38)
    found, _, _ = crossings(lambda x: np.where(x < 3.3, -1.0, 1.0), np.geomspace(0.1, 100, 20), whole=False)
    assert found[0].jump
    assert found[0].low == pytest.approx(3.3, rel=1e-12)
    assert found[0].low < 3.3 <= found[0].high


def test_the_closed_form_is_told_and_agrees_with_the_numbers():
    found = cm.solve(workload(), "memfpaa-hfox", "t_event", "latency <= 1 ms")
    assert found.equation is not None
    assert found.equation.startswith("latency = ")
    assert cost("memfpaa-hfox", "latency", t_event=found.value) == pytest.approx(1e-3, rel=1e-9)
    assert "numerically" in str(cm.solve(workload(), "memfpaa-hfox", "switches", "latency <= 1 ms").method)


def test_against_another_device_both_are_verified():
    found = cm.solve(workload(), "memfpaa-hfox", "t_event", "latency < loihi.latency")
    assert found.verified is not None
    assert found.verified["latency"] == pytest.approx(found.verified["loihi.latency"], rel=1e-6)
    assert found.verified["loihi.latency"] == pytest.approx(cost("loihi", "latency"))
    tenth = cm.solve(workload(), "memfpaa-hfox", "t_event", "latency < loihi.latency / 10")
    assert tenth.value < found.value / 9


def test_what_both_devices_share_moves_on_both():
    rented = cm.part("loihi").override({"price": 1000.0})
    rival = cm.part("cpu-desktop")
    found = cm.solve(workload(), rented, "electricity", "price < cpu-desktop.price")
    assert found.varied == ("loihi", "cpu-desktop")
    if found.value is not None:
        prices = [Costs(workload(), on).at({"electricity": found.value})["price"][0] for on in (rented, rival)]
        assert prices[0] == pytest.approx(prices[1], rel=1e-6)
    assert cm.solve(workload(), "loihi", "t_host", "latency < loihi2.latency").varied == ("loihi",)


def test_conditions_that_must_all_hold():
    both = cm.solve(workload(), "loihi", "timesteps", "latency <= 2ms and energy <= 100uJ")
    each = [cm.solve(workload(), "loihi", "timesteps", text).value for text in ("latency <= 2ms", "energy <= 100uJ")]
    assert both.value == min(each)
    assert isinstance(both.to_dict()["value"], int)


def test_a_network_that_grows_until_it_does_not_fit():
    found = cm.solve(workload(), "memfpaa-hfox", "features.fc1", "latency < 1 s")
    assert found.value is None
    assert found.intervals[0][1] < found.parameter.high
    assert Costs(workload(), cm.part("memfpaa-hfox")).fault({"features.fc1": found.intervals[0][1] + 1}) is not None


def test_reasons():
    def reason(part: str, parameter: str, until: str) -> str:
        return str(cm.solve(workload(), part, parameter, until).reason)

    assert "does not depend on" in reason("h100", "die_area", "latency < 1 us")
    assert "low end of the range" in reason("loihi", "t_host", "latency < 1 us")
    assert "does not fit" in reason("odin", "rate", "latency < 1 ms")
    assert "has no price: imagined" in reason("memfpaa-hfox", "r_on", "price < 1 USD")
    assert "holds for every" in reason("memfpaa-hfox", "r_on", "latency < 1 s")
    assert "r_on" in reason("memfpaa-hfox", "r_on", "latency < 1 us")
    assert "jump" in reason("loihi", "timesteps", "latency = 1.0001 ms")


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        ("latncy < 1ms", 1, "did you mean 'latency'"),
        ("latency", 1, "no comparison"),
        ("latency < 1 parsec", 11, "parsec"),
        ("latency < 1ms and", 18, "no comparison"),
        ("latency < energy", 11, "does not compare"),
        ("latency < 0 s", 11, "not above 0"),
        ("latency < 1ms < 2ms", 15, "second comparison"),
        ("latency < h100.latncy", 11, "did you mean 'latency'"),
        ("latency = 1ms and energy < 1 J", 9, "stands alone"),
    ],
)
def test_a_condition_that_cannot_be_read_shows_the_place(text, place, told):
    with pytest.raises(ConditionError, match=told) as raised:
        condition(text)
    assert raised.value.picture.splitlines()[1].index("^") == place - 1 + 2
    assert "\n" not in str(raised.value)


@given(st.text(max_size=30))
def test_any_text_is_a_condition_or_an_input_error(text):
    with suppress(cm.InputError):
        assert condition(text).comparisons


def test_the_command(capsys, monkeypatch):
    words = ("solve", "mnist-784-128-10", "-d", "memfpaa-hfox", "--for", "t_event", "--until", "latency < loihi.latency")
    document = json.loads(costmodel(capsys, monkeypatch, *words, "--json").out)
    assert {"parameter", "value", "unit", "condition", "verified"} <= set(document)
    assert document["verified"]["holds"]
    text = costmodel(capsys, monkeypatch, *words).out
    assert f"t_event = {pretty(document['value'], 's', 4)}" in text
    assert max(map(len, text.splitlines())) <= 80
    nothing = json.loads(costmodel(capsys, monkeypatch, *words[:-1], "latency < 1 ns", "--json").out)
    assert nothing["value"] is None
    assert nothing["reason"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--for", "r_onn", "--until", "latency < 1 ms"), "did you mean 'r_on'?"),
        (("--for", "r_on", "--until", "latency < h10.latency"), "did you mean 'h100'?"),
        (("--for", "r_on", "--until", "latency < 1 ms", "--range", "2kohm:1kohm"), "empty"),
        (("--for", "r_on", "--until", "latency < 1 ms", "--range", "2kohm"), "LO:HI"),
        (("--for", "r_on", "--until", "speed < 1 ms"), "no cost there"),
    ],
)
def test_errors_are_one_line(capsys, monkeypatch, words, told):
    answer = costmodel(capsys, monkeypatch, "solve", "mnist-784-128-10", "-d", "memfpaa-hfox", *words)
    assert answer.code == 2
    assert told in answer.err
    assert len(answer.err.splitlines()) == 1


def test_steps_that_the_network_cannot_have_are_left_out():
    found = cm.solve(workload("yin-yang"), "loihi", "timesteps", "latency < 1 s")
    assert found.value is not None or found.reason


def test_values_between_those_asked_that_do_not_fit_are_no_answer():
    """An FPGA fits some numbers of lanes and not others; the closest point is one that fits, with a cost."""
    workload = cm.Workload(cm.load("mnist-784-128-10"))
    energy = cm.Estimator(workload, cm.part("ecp5-25f")).estimate().energy
    assert energy is not None
    found = cm.solve(workload, "ecp5-25f", "lanes", f"energy <= {0.8 * energy.value!r} J")
    assert found.value is None
    assert "it comes closest at lanes" in found.reason
