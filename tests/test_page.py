"""The report's sliders in a browser: every value is Python's, the address keeps them, keys move them, phones show them."""

import math
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from costmodel.estimating import Estimate, Estimator, Workload
from costmodel.reporting import report
from costmodel.reporting.sliders import STEPS, NetworkSliders
from costmodel.tables import span
from devices.part import part, parts
from graphs.activity import is_spiking, rate_sources
from graphs.network import Network, load
from graphs.nodes.node import Rate
from graphs.units import pretty

EXACT = 1e-9
SHOWN = ["cpu-desktop", "h100", "tpu-v5e", "ice40-up5k", "memfpaa-hfox", "loihi", "spinnaker2", "brainscales2", "fpaa-350nm"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
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
    """What `costmodel.estimate` gives with the same settings, put in as a user would."""
    sliders = NetworkSliders(asked)
    batch, timesteps, activity = (
        of[positions[key]] if key in positions else own
        for key, of, own in (
            ("batch", sliders.batch, asked.batch),
            ("timesteps", sliders.timesteps, asked.network.timesteps),
            ("activity", sliders.activity, 1.0),
        )
    )
    network = asked.network.with_timesteps(timesteps)
    scaled = {}
    for node, rate in rate_sources(network).items():
        if is_spiking(network.nodes[node]):
            limit = network.rate_limit(node)
            low, mean, high = (min(limit, activity * each) for each in (rate.bounds()[0], rate.mean, rate.bounds()[1]))
            scaled[node] = Rate(mean=mean, low=low, high=high, kind=rate.kind, source=rate.source)
    values = {}
    for key, position in positions.items():
        owner, _, parameter = key.rpartition(".")
        if owner == name and position != 0:
            values[parameter] = (parameter, position)
    workload = Workload(network.with_rates(scaled), asked.phase, batch=batch, bits=asked.bits)
    on = part(name)
    return Estimator(workload, on).estimate({parameter: value_at(on, *at) for parameter, at in values.items()})


def value_at(on, parameter: str, position: int) -> float:
    """A slider's value where its span is 10, 3 or 1.5, as the page says which."""
    value, most = on.values[parameter], on.device.params[parameter].high
    return min(value * SPANS[on.name, parameter] ** (position / STEPS), most)


SPANS: dict[tuple[str, str], float] = {}
"""Filled from the page: (part, parameter) → the factor at the slider's ends."""


def same(page: Page, workload: Workload, positions: dict[str, int]) -> None:
    """Every number of every part is Python's."""
    for name, parameter, factor in page.evaluate("model.parts.flatMap((p) => p.sliders.map((s) => [p.name, s.name, s.span]))"):
        SPANS[name, parameter] = factor
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
    ("name", "devices"),
    [("mnist-784-128-10", parts()), ("yin-yang-delays", parts()), ("yin-yang-ttfs", parts()), ("dvs-neurobench", parts()),
     ("gsc-neurobench", parts()), ("neuron-hodgkin-huxley", parts()), ("nmnist-conv-snntorch", SHOWN)],
)  # fmt: skip
def test_values_are_pythons_wherever_the_sliders_are(show, name, devices):
    workload, chance = Workload(load(name)), random.Random(name)
    page = show(workload, devices)
    assert page.evaluate("parts.length") > 4
    same(page, workload, {})
    for _ in range(4):
        page.get_by_role("button", name="Reset").click()
        positions = anywhere(page, chance)
        move(page, positions)
        same(page, workload, positions)


@pytest.mark.parametrize("name", ["yin-yang", "yin-yang-eventprop"])
def test_training_steps_are_pythons_too(show, name):
    workload, chance = Workload(load(name), "training"), random.Random(1)
    page = show(workload, parts())
    for _ in range(3):
        page.get_by_role("button", name="Reset").click()
        positions = anywhere(page, chance)
        move(page, positions)
        same(page, workload, positions)
