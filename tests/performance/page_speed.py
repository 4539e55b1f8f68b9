"""Redraws of the report's sliders: 10 layers over 10 parts, all of which a drag of a network slider computes anew.

Prints the time of a redraw (computing, drawing, layout), and how many frames a second a drag gets.
    .venv/bin/python -m tests.performance.page_speed
"""

from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from costmodel.graphs.network import Network
from costmodel.reporting import report
from tests.browser import chromium
from tests.networks import LIF, linear, network

PARTS = ["cpu-desktop", "h100", "a100", "rtx-4090", "tpu-v5e", "ecp5-85f", "loihi", "loihi2", "spinnaker2", "asic-28nm"]

REDRAW = """(count) => {
  const slider = document.getElementById("activity"), times = [];
  for (let k = 0; k < count; k++) {
    const start = performance.now();
    slider.value = k % 49;
    tell(slider);
    redraw();
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
  }
  return times;
}"""

DRAG = """(seconds) => new Promise((done) => {
  const slider = document.getElementById("activity"), frames = [];
  const frame = (now) => {
    frames.push(now);
    slider.value = frames.length % 49;
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    if (now - frames[0] < 1000 * seconds) requestAnimationFrame(frame); else done(1000 * (frames.length - 1) / (now - frames[0]));
  };
  requestAnimationFrame(frame);
})"""


def ten_layers() -> Network:
    """784 inputs and ten layers of 100 neurons."""
    return network([784], *(node for _ in range(10) for node in (linear(100, bits=8), LIF)), timesteps=25)


def measure(page: Page) -> None:
    """Prints what a redraw takes, first ones left out, and the frames of a drag."""
    page.evaluate(REDRAW, 50)
    times = page.evaluate(REDRAW, 300)
    print(f"{page.evaluate('parts.length')} parts, {page.evaluate('model.network.perStep.length')} operators")
    print(f"a redraw: median {median(times):.2f} ms, 95 % within {quantiles(times, n=20)[-1]:.2f} ms")
    print(f"a drag: {page.evaluate(DRAG, 3):.0f} frames a second")


def main() -> None:
    """Writes the report, opens it, and measures."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "report.html"
        report(ten_layers(), PARTS, path=path)
        print(f"file: {path.stat().st_size / 1e6:.2f} MB")
        browser = chromium(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(path.as_uri())
        measure(page)
        browser.close()


if __name__ == "__main__":
    main()
