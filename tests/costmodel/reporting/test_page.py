"""The report's sliders in a browser: every value is Python's, the address keeps them, keys move them, phones show them."""

import random
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from costmodel.devices.part import Part, part, parts
from costmodel.estimates.estimated import Estimate
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.estimates.tables import span
from costmodel.graphs.lowering.activity import is_spiking, rate_sources
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.node import Rate
from costmodel.graphs.reading.loading import load
from costmodel.graphs.settings.units import pretty
from costmodel.reporting import report
from costmodel.reporting.sliders.moved import NetworkSliders, Slider, influential
from tests.browser import chromium
from tests.networks import LIF, linear, network

EXACT = 1e-9
SHOWN = ["cpu-desktop", "h100", "tpu-v5e", "ice40-up5k", "memfpaa-hfox", "loihi", "spinnaker2", "brainscales2", "fpaa-350nm"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        opened = chromium(playwright)
        yield opened
        opened.close()


@pytest.fixture
def show(browser, tmp_path):
    """Opens the report of a workload; whatever the page complains of fails the test."""
    complaints: list[str] = []

    def opened(workload: Network | Workload, names: list[str], at: str = "", **context) -> Page:
        path = tmp_path / "report.html"
        report(workload, names, path=path)
        page = browser.new_context(**context).new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if not request.url.startswith("file:") else None)
        page.goto(f"{path.as_uri()}{at}")
        return page

    yield opened
    assert complaints == []


def move(page: Page, positions: dict[str, int]) -> None:
    """Sets sliders as a user does who drags them."""
    page.evaluate(
        """(positions) => { for (const [name, at] of Object.entries(positions)) {
             const input = document.getElementById(name);
             input.value = at;
             input.dispatchEvent(new Event("input", {bubbles: true}));
           } }""",
        positions,
    )


def sliders_of(page: Page) -> dict[str, tuple[int, int]]:
    """Every slider with its first and last position."""
    found = page.evaluate("inputs.map((input) => [input.id, Number(input.min), Number(input.max)])")
    return {name: (low, high) for name, low, high in found}


def anywhere(page: Page, chance: random.Random) -> dict[str, int]:
    """Half of the sliders at any of their positions."""
    return {name: chance.randint(*ends) for name, ends in sliders_of(page).items() if chance.random() < 0.5}


def expected(asked: Workload, name: str, positions: dict[str, int]) -> Estimate:
    """What `costmodel.estimate` gives with the same settings, put in as a user would; hardware made for the network stays."""
    sliders = NetworkSliders(asked)
    batch, timesteps, activity = (
        of[positions[key]] if key in positions else own
        for key, of, own in (
            ("batch", sliders.batch, asked.batch),
            ("timesteps", sliders.timesteps, asked.network.timesteps),
            ("activity", sliders.activity, 1.0),
        )
    )
    there = asked.network.with_timesteps(timesteps)
    scaled = {}
    for node, rate in rate_sources(there).items():
        if is_spiking(there.nodes[node]):
            limit = there.rate_limit(node)
            low, mean, high = (min(limit, activity * each) for each in (rate.bounds()[0], rate.mean, rate.bounds()[1]))
            scaled[node] = Rate(mean=mean, low=low, high=high, kind=rate.kind, source=rate.source)
    workload, on = Workload(there.with_rates(scaled), asked.phase, batch=batch, bits=asked.bits), made(asked, name)
    moved = {each.name: positions.get(f"{name}.{each.name}", 0) for each in own_sliders(asked, name)}
    values = {each.name: each.at(moved[each.name]) for each in own_sliders(asked, name) if moved[each.name] != 0}
    return Estimator(workload, on).estimate(values)


@cache
def made(asked: Workload, name: str) -> Part:
    return Estimator(asked, part(name)).part


@cache
def own_sliders(asked: Workload, name: str) -> list[Slider]:
    return influential(Estimator(asked, part(name)))


def same(page: Page, workload: Workload, positions: dict[str, int]) -> None:
    """Every number of every part is Python's."""
    for shown in page.evaluate("compute()"):
        true = expected(workload, shown["device"], positions)
        assert shown["feasible"] == true.feasible, (shown["device"], positions)
        if true.feasible:
            where = f"{shown['device']} at {positions}"
            for metric in ("latency", "energy"):
                for end, value in getattr(true, metric).to_dict().items():
                    assert shown[metric][end] == pytest.approx(value, rel=EXACT), f"{metric}.{end} of {where}"
            assert shown["static"] == pytest.approx(true.static, rel=EXACT), where
            assert shown["dynamic"] == pytest.approx(true.dynamic, rel=EXACT), where
            assert shown["spent"] == pytest.approx(list(true.spent.values()), rel=EXACT, abs=0), where
            assert true.spent[shown["boundBy"]] == pytest.approx(true.spent[true.bound_by], rel=EXACT), where
            operators = [[row["latency_s"], row["energy_j"]] for row in true.breakdown]
            assert shown["operators"] == [pytest.approx(row, rel=EXACT, abs=0) for row in operators], where


@pytest.mark.parametrize(
    ("name", "phase"),
    [
        *((name, "inference") for name in ("mnist-784-128-10", "yin-yang-delays", "yin-yang-ttfs", "dvs-neurobench")),
        ("neuron-hodgkin-huxley", "inference"),
        *((name, "training") for name in ("yin-yang", "yin-yang-eventprop")),
    ],
)
def test_values_are_pythons_wherever_the_sliders_are(show, name, phase):
    workload, chance = Workload(load(name), phase), random.Random(f"{name} {phase}")
    page = show(workload, parts())
    same(page, workload, {})
    for _ in range(3):
        page.get_by_role("button", name="Reset").click()
        positions = anywhere(page, chance)
        move(page, positions)
        same(page, workload, positions)


def test_what_is_set_before_is_kept(show):
    """Rates, bits and parameters that somebody gave are where the sliders begin; a given rate limits the time steps."""
    workload = Workload(load("yin-yang-ttfs"), batch=3, rates={"hidden": 0.01}, bits=4)
    on = part("loihi").override({"t_host": 1e-6})
    page = show(workload, [on, "memfpaa-hfox"])
    for shown in page.evaluate("compute()"):
        true = Estimator(workload, on if shown["device"] == "loihi" else part("memfpaa-hfox")).estimate()
        assert shown["latency"] == pytest.approx(true.latency.to_dict(), rel=EXACT)
        assert shown["energy"] == pytest.approx(true.energy.to_dict(), rel=EXACT)
    assert max(page.evaluate("model.network.timesteps.values")) <= 100


def test_a_batch_too_large_for_a_part_is_told(show):
    small = part("cpu-desktop").override({"memory_size": 8e5})
    page = show(load("mnist-784-128-10"), [small, "h100"])
    place = page.locator("article", has_text="cpu-desktop")
    assert not place.get_by_text("does not fit").is_visible()
    move(page, {"batch": sliders_of(page)["batch"][1]})
    place.get_by_text("does not fit").wait_for()
    feasible = {each["device"]: each["feasible"] for each in page.evaluate("compute()")}
    assert feasible == {
        "cpu-desktop": Estimator(Workload(load("mnist-784-128-10"), batch=1024), small).estimate().feasible,
        "h100": True,
    }
    assert not feasible["cpu-desktop"]


def test_what_is_written_is_what_was_computed(show):
    workload = Workload(load("mnist-784-128-10"))
    page = show(workload, SHOWN)
    fits = [e for e in (Estimator(workload, part(name)).estimate() for name in SHOWN) if e.feasible]
    for e in fits:
        place = page.locator("article", has=page.get_by_role("heading", name=f" {e.device}"))
        said = " ".join(place.inner_text().split())
        for interval, unit in ((e.latency, "s"), (e.energy, "J")):
            assert f"{pretty(interval.value, unit)} ({span(interval, unit)})" in said
        assert f"bound by {e.bound_by}" in said
        place.locator("summary").click()
        for row, cells in zip(e.breakdown, place.locator("tbody tr").all(), strict=False):
            assert cells.locator("td").all_inner_texts() == [pretty(row["latency_s"], "s"), pretty(row["energy_j"], "J")]


def test_numbers_are_written_as_python_writes_them(show):
    page, chance = show(load("neuron-lif"), ["loihi"]), random.Random(5)
    numbers = [chance.choice((1, 3, 999.4, 999.6, 12345.6)) * 10 ** chance.uniform(-14, 9) for _ in range(300)]
    for unit in ("s", "J", "1", "m**2", "USD/J"):
        written = page.evaluate("([numbers, unit]) => numbers.map((each) => pretty(each, unit))", [numbers, unit])
        assert written == [pretty(each, unit) for each in numbers]


def test_the_winner_is_told_in_words_also_to_screen_readers(show):
    workload = Workload(load("mnist-784-128-10"))
    page = show(workload, SHOWN)
    positions = {"batch": 10, "loihi.t_synop": -100}
    move(page, positions)
    page.wait_for_url("**#*batch=10*")
    told = page.get_by_role("status").inner_text().replace("\u00a0", " ")
    fits = [e for e in (expected(workload, name, positions) for name in SHOWN) if e.feasible]
    fastest, frugal = min(fits, key=lambda e: e.latency.value), min(fits, key=lambda e: e.energy.value)
    assert f"The fastest is {fastest.device} with {pretty(fastest.latency.value, 's')}" in told
    assert f"The most frugal is {frugal.device} with {pretty(frugal.energy.value, 'J')}" in told
    assert page.locator("article", has=page.get_by_text("fastest", exact=True)).count() == len(fits)
    assert [each.inner_text() for each in page.locator(".badge:visible").all()].count("fastest") == 1
    assert page.get_by_role("status").get_attribute("aria-live") == "polite"


def test_the_address_keeps_what_was_set(show):
    page = show(load("mnist-784-128-10"), SHOWN)
    positions = anywhere(page, random.Random(3))
    start = page.evaluate("compute()")
    move(page, positions)
    page.wait_for_url("**#*=*")
    there, costs = page.evaluate("location.hash"), page.evaluate("compute()")
    again = show(load("mnist-784-128-10"), SHOWN, at=there)
    assert again.evaluate("compute()") == costs != start
    again.get_by_role("button", name="Reset").click()
    assert again.evaluate("compute()") == start
    assert again.evaluate("location.hash") == ""
    again.evaluate("(hash) => { location.hash = hash; }", "#batch=2&activity=oops&nobody=3&timesteps=9999")
    expect(again.get_by_role("slider", name="batch")).to_have_value("2")
    assert again.evaluate("position('activity')") == again.evaluate("model.network.activity.start")
    assert again.evaluate("position('timesteps')") == sliders_of(again)["timesteps"][1]


def test_keys_move_sliders_and_focus_is_seen(show):
    page = show(load("mnist-784-128-10"), ["loihi", "h100"])
    batch = page.get_by_role("slider", name="batch")
    before = page.evaluate("compute()[0].latency.value")
    batch.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert batch.input_value() == "2"
    assert batch.get_attribute("aria-valuetext") == "4"
    assert page.evaluate("compute()[0].latency.value") > before
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.id")
    assert focused == "timesteps"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    named = page.evaluate("inputs.every((input) => input.labels.length === 1 && input.labels[0].textContent.trim() !== '')")
    assert named


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_screen(show, width):
    page = show(load("mnist-conv-tudelft"), SHOWN, viewport={"width": width, "height": 800})
    page.evaluate("for (const each of section.querySelectorAll('details')) each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    spills = page.evaluate(
        "[...section.querySelectorAll(':not(i)')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert spills == 0


def test_a_network_too_large_to_write_out_has_no_sliders(show):
    deep = network([4], *(node for _ in range(101) for node in (linear(4), LIF)), timesteps=2)
    page = show(deep, ["cpu-desktop"])
    assert page.get_by_text("more than the 200 for sliders").is_visible()
    assert page.get_by_role("slider").count() == 0


def test_the_page_begins_with_activity_that_was_measured(show):
    """Element by element and step by step."""
    network, dice = load("mnist-conv-tudelft"), np.random.default_rng(0)
    elements = {name: dice.random(network.shapes[name][1]) * 0.1 for name, node in network.nodes.items() if is_spiking(node)}
    elements |= {f"steps.{name}": dice.random(network.timesteps) for name in list(elements)}
    workload = Workload(network, elements=elements)
    assert Estimator(workload, part("loihi")).bursts.latency > 1.001
    page = show(workload, ["loihi", "loihi2", "artix7-100t"])
    for shown in page.evaluate("compute()"):
        true = Estimator(workload, part(shown["device"])).estimate()
        assert shown["latency"] == pytest.approx(true.latency.to_dict(), rel=EXACT)
        assert shown["energy"] == pytest.approx(true.energy.to_dict(), rel=EXACT)
        assert shown["spent"] == pytest.approx(list(true.spent.values()), rel=EXACT, abs=0)
