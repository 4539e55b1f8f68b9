"""Reports: whole, self-contained, with the numbers of the estimate, and safe whatever the network is called."""

import json
import re
from html import unescape

import networkx as nx
import pytest
from typer.testing import CliRunner

from costmodel.cli import app
from costmodel.devices.part import part
from costmodel.estimates.estimating import Workload, estimate
from costmodel.estimates.tables import span
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.reading.loading import load
from costmodel.graphs.settings.units import pretty
from costmodel.reporting import Study, report
from costmodel.reporting.drawing import described, drawing
from costmodel.reporting.labels import place
from costmodel.reporting.layers import MOST, arranged, condensed
from costmodel.reporting.roofline import points
from costmodel.reporting.study import SERIES, STATIC

DEVICES = ["cpu-desktop", "h100", "loihi", "odin"]


@pytest.fixture(scope="module")
def network() -> Network:
    return load("mnist-784-128-10")


@pytest.fixture(scope="module")
def html(network) -> str:
    return report(network, DEVICES, notes=["a note & a half"])


def without_scripts(html: str) -> str:
    return re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


def words(html: str) -> str:
    """What a reader sees, blanks made one."""
    return " ".join(
        unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", without_scripts(html), flags=re.DOTALL))).split()
    )


def figures(html: str) -> list[dict]:
    return json.loads(re.search(r'<script type="application/json" id="figures">(.*?)</script>', html, re.DOTALL)[1])


def test_it_loads_nothing_from_anywhere(html):
    page = without_scripts(html)
    assert not re.search(r"<(?:link|img|iframe|object|embed|base)\b", page)
    assert not re.search(r"""(?:src|href)\s*=|url\(\s*['"]?(?!#)|@import""", page)
    assert "default-src 'none'" in page
    assert not re.search(r"<script[^>]*\ssrc", html)
    assert html.count("plotly.js v") == 1
    assert len(html.encode()) < 6_000_000


def test_it_holds_every_number_of_the_estimate(html, network):
    seen = words(html)
    for name in DEVICES[:3]:
        e = estimate(network, name)
        for value, unit in ((e.latency.value, "s"), (e.energy.value, "J"), (e.static, "J"), (e.dynamic, "J")):
            assert pretty(value, unit) in seen
        assert span(e.latency, "s") in seen
        assert span(e.energy, "J") in seen
        assert pretty(e.power, "W", 2) in seen
        assert e.bound_by in seen


def test_the_summary_says_what_was_asked_and_what_came_out(html, network):
    said = words(html).partition("Costs of a sample")[0]
    fits = [estimate(network, name) for name in DEVICES[:3]]
    fastest, frugal = min(fits, key=lambda e: e.latency.value), min(fits, key=lambda e: e.energy.value)
    assert "138 neurons and 101,770 parameters" in said
    assert "25 time steps" in said
    assert "All rates are measured" in said
    assert f"The fastest is {fastest.device} with {pretty(fastest.latency.value, 's')}" in said
    assert f"The most frugal is {frugal.device} with {pretty(frugal.energy.value, 'J')}" in said


def test_what_does_not_fit_is_told_with_its_levers(html, network):
    e = estimate(network, "odin")
    assert not e.feasible
    told = words(html).partition("Devices that cannot run it")[2]
    for limit in e.violations:
        assert f"{limit.limit}: needs" in told
        for lever in limit.levers:
            assert lever in told


def test_nothing_fits_is_a_report_too(network):
    html = report(network, ["odin"])
    assert "None of the devices can run it" in words(html)
    assert "plotly.js v" not in html
    assert "Figure 1. The network" in words(html)


def test_assumptions_rates_and_constants_are_there(html):
    seen = words(html)
    assert "a note & a half" in seen
    assert "2,000 test samples of mnist after 30 epochs, seed 0" in seen
    for name in DEVICES:
        for constant in part(name).constants.values():
            assert " ".join(constant.source.split()) in seen


def test_rates_that_were_set_are_told_apart(network):
    study = Study(Workload(network, rates={"lif1": 0.5}), (part("loihi"),))
    kinds = {rate.node: rate.kind for rate in study.rates}
    assert kinds["lif1"] == "given"
    assert kinds["lif2"] == "measured"
    assert [rate.mean for rate in study.rates if rate.node == "lif1"] == [0.5]


def test_figures_are_whole_and_drawn_for_screens_and_phones(html):
    drawn = figures(html)
    assert len(drawn) == html.count("data-figure=") == 5
    for figure in drawn:
        assert set(figure) == {"wide", "narrow"}
    markers = [trace for trace in drawn[0]["wide"]["data"] if trace.get("mode") == "markers"]
    assert sorted(trace["name"] for trace in markers) == ["cpu", "gpu", "neuromorphic"]
    assert all(trace["error_x"]["array"][0] >= 0 and trace["error_y"]["arrayminus"][0] >= 0 for trace in markers)
    for bars in drawn[1:4]:
        totals = [sum(values) for values in zip(*(trace["x"] for trace in bars["wide"]["data"]), strict=True)]
        assert totals == pytest.approx([1.0] * 3, abs=0.02)


def test_names_are_escaped():
    name = '<script>alert("x")</script> & co'
    document = {
        "name": name,
        "timesteps": 2,
        "nodes": [
            {"id": "<img src=x>", "type": "input", "shape": [4]},
            {"id": "a</script><b>", "type": "linear", "features": 3},
            {"id": "c&d", "type": "lif", "tau": "10 ms"},
        ],
        "provenance": "<i>mine</i>",
    }
    html = report(Network.from_document(document), ["cpu-desktop", "loihi"], notes=["<u>note</u>"])
    for raw in ("<script>alert", "<img", "</script><b>", "<i>mine", "<u>note"):
        assert raw not in html
    assert name in words(html)
    labels = [note["text"] for note in figures(html)[4]["wide"]["layout"]["annotations"]]
    assert "a&lt;/script&gt;&lt;b&gt;" in labels


def test_training_is_reported_step_by_step():
    html = report(Workload(load("yin-yang"), "training"), ["cpu-desktop", "loihi"])
    assert "one training step (learning rule bptt)" in words(html)
    assert "weight gradient" in words(html)


def test_large_networks_are_summed_up():
    nodes = [{"id": "in", "type": "input", "shape": [8]}]
    for i in range(300):
        nodes += [{"id": f"fc{i}", "type": "linear", "features": 8}, {"id": f"lif{i}", "type": "lif", "tau": "10 ms"}]
    workload = Workload(Network.from_document({"name": "deep", "nodes": nodes}))
    study = Study(workload, (part("cpu-desktop"),))
    graph, members = condensed(workload)
    assert len(graph) <= 2 * MOST
    assert sum(len(group) for group in members.values()) == 601
    assert len(set(study.series)) <= 2 * SERIES
    assert "300 × lif" in study.series
    assert sum(study.energy_shares["cpu-desktop"].values()) == pytest.approx(1.0)
    assert len(report(workload, ["cpu-desktop"]).encode()) < 6_000_000
    assert "more nodes" in drawing(study)


def test_shares_add_up_to_the_estimate(network):
    study = Study(Workload(network), (part("loihi"), part("cpu-desktop")))
    for e in study.fits:
        shares = study.energy_shares[e.device]
        assert shares[STATIC] == pytest.approx(e.static / e.energy.value)
        assert sum(shares.values()) == pytest.approx(1.0)
        assert sum(study.time_shares[e.device].values()) == pytest.approx(1.0)
        assert max(study.causes[e.device], key=study.causes[e.device].get) == e.bound_by


def test_roofline_points_lie_below_the_roof_and_say_what_binds_them(network):
    study = Study(Workload(network), (part("h100"),))
    values = part("h100").values
    found = {point.name: point for point in points(study, study.estimators[0])}
    assert set(found) == {"fc1", "lif1", "fc2", "lif2"}
    fc1 = found["fc1"]
    moved = (784 * 128 + 128 + 784 + 128) * values["state_bits"] / 8
    assert fc1.intensity == pytest.approx(2 * 784 * 128 / moved)
    for point in found.values():
        assert point.attained <= min(values["f_ops"] * values["efficiency"], values["b_cache"] * point.intensity) * (1 + 1e-9)
        assert point.bound in ("launch", "arithmetic", "memory")
    assert found["lif2"].bound == "launch"


def test_layers_go_down_and_loops_go_back():
    graph = nx.DiGraph([("in", "a"), ("a", "b"), ("b", "c"), ("a", "c"), ("c", "a"), ("b", "b")])
    places, loops = arranged(graph, ["in"])
    assert set(loops) == {("c", "a"), ("b", "b")}
    assert [places[node].layer for node in ("in", "a", "b", "c")] == [0, 1, 2, 3]
    assert sorted(place.row for place in places.values()) == [0, 1, 2, 3]


def test_nodes_are_described_by_type_size_and_rate(network):
    study = Study(Workload(network), ())
    rates = {rate.node: rate for rate in study.rates}
    assert described(study.workload, "fc1", None) == "linear · 784 → 128 · 100,352 weights"
    assert described(study.workload, "lif1", rates["lif1"]) == "lif · 128 neurons · rate 0.0404"
    assert 'class="loop"' in drawing(Study(Workload(load("yin-yang")), ()))


def test_labels_do_not_cover_one_another():
    crowd = [(100 + 7 * i, 100 + 5 * (i % 3)) for i in range(8)]
    sizes = [(60.0, 14.0)] * len(crowd)
    offsets = place(crowd, sizes, [], (0, 0, 400, 300))
    boxes = [(x + dx - 30, y + dy - 7, x + dx + 30, y + dy + 7) for (x, y), (dx, dy) in zip(crowd, offsets, strict=True)]
    for i, a in enumerate(boxes):
        assert a[0] >= 0
        assert a[2] <= 400
        for b in boxes[i + 1 :]:
            across, up = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            assert across <= 0 or up <= 0 or across * up < 5


def test_the_file_is_whole_or_not_there(network, tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    html = report(network, ["loihi"], path=path)
    assert path.read_text(encoding="utf-8") == html
    assert html.startswith("<!doctype html>")
    assert html.rstrip().endswith("</html>")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", broken)
    with pytest.raises(OSError, match="disk full"):
        report(network, ["cpu-desktop"], path=path)
    assert path.read_text(encoding="utf-8") == html
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_the_command_writes_and_tells(tmp_path):
    out = tmp_path / "r.html"
    result = CliRunner().invoke(app, ["report", "yin-yang", "-d", "loihi", "-d", "h100", "--out", str(out), "--json"])
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert document["schema"] == 1
    assert document["out"] == str(out)
    assert [e["device"] for e in document["estimates"]] == ["loihi", "h100"]
    assert out.exists()
    result = CliRunner().invoke(app, ["report", "yin-yang", "-d", "loihi", "--out", str(out)])
    assert "loihi" in result.stdout
    assert f"report: {out}" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-network", "--out", "r.html"],
        ["yin-yang", "-d", "no-such-part", "--out", "r.html"],
        ["yin-yang", "-d", "loihi", "--out", "r.txt"],
        ["yin-yang", "-d", "loihi", "--phase", "dreaming", "--out", "r.html"],
        ["yin-yang", "-d", "loihi", "--set", "no_such=1", "--out", "r.html"],
        ["yin-yang", "-d", "loihi", "--out", "no/such/folder/r.html"],
    ],
)
def test_bad_input_writes_nothing(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["report", *arguments])
    assert isinstance(result.exception, InputError)
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []
