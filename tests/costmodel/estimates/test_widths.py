"""Why an interval is as wide as it is."""

import math

import pytest

from costmodel.devices.part import part, parts
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.estimates.explaining import explain, text
from costmodel.estimates.widths import SETTLED, sentence, widths
from costmodel.graphs.reading.loading import load


def estimator(name: str, network: str = "mnist-784-128-10") -> Estimator:
    return Estimator(Workload(load(network)), part(name))


@pytest.mark.parametrize("name", [name for name in parts() if estimator(name).estimate().feasible])
@pytest.mark.parametrize("metric", ["latency", "energy"])
def test_the_inputs_make_the_interval(name, metric):
    """The shares are all of it: the interval is what their logarithms give in quadrature."""
    on = estimator(name)
    interval, found = getattr(on.estimate(), metric), widths(on, metric)
    assert math.fsum(width.share for width in found) == pytest.approx(1)
    up, down = (math.sqrt(math.fsum(math.log(ratio(width)) ** 2 for width in found)) for ratio in _ratios(interval.value))
    assert interval.high == pytest.approx(interval.value * math.exp(up), rel=1e-9)
    assert interval.low == pytest.approx(interval.value * math.exp(-down), rel=1e-9)


def _ratios(value: float):
    return (lambda width: width.high / value, lambda width: value / width.low)


def test_what_can_be_said_is_asked_for_first():
    for name in ("loihi", "loihi2"):
        found = widths(estimator(name), "latency")
        asked = [width.said and width.share >= SETTLED for width in found]
        assert any(asked)
        assert asked == sorted(asked, reverse=True)
        for some in (found[: sum(asked)], found[sum(asked) :]):
            assert [w.share for w in some] == sorted((w.share for w in some), reverse=True)
    told = {width.name: width.narrow for width in found}
    assert "--rates RUN" in told["activity"]
    assert "--set host=MODE (now embedded" in told["t_event"]


def test_setting_an_input_narrows_by_its_share():
    on = estimator("loihi")
    before = {width.name: width.share for width in widths(on, "latency")}
    after = widths(Estimator(on.workload, on.part.override({"t_event": on.part.values["t_event"]})), "latency")
    assert "t_event" not in {width.name for width in after}
    assert {w.name: w.share for w in after}["activity"] == pytest.approx(before["activity"] / (1 - before["t_event"]))


def test_an_explanation_tells_it():
    found = explain(load("mnist-784-128-10"), "loihi", "energy")
    assert found.to_dict()["widths"][0].keys() == {"name", "share", "low", "high", "narrow"}
    assert "Why the interval is as wide as it is" in text(found)
    assert "Why the interval" not in text(explain(load("mnist-784-128-10"), "loihi", "area"))


def test_a_sentence_names_at_most_three():
    assert sentence(()) == ""
    assert 1 <= sentence(widths(estimator("loihi"), "latency")).count("%") <= 3
