"""The command line: its JSON as the contract has it, its tables, and what it leaves alone."""

import json
import subprocess
import sys

import pytest

from costmodel.devices.part import part, parts
from costmodel.graphs.reading import loading
from costmodel.graphs.reading.loading import examples
from tests.command import costmodel
from tests.networks import write_nir

NETWORK_KEYS = {"name", "parameters", "neurons", "synapses", "work"}
WORK_KEYS = {"dense_synops", "effective_synops", "macs", "acs", "neuron_updates", "spikes", "weight_bytes", "state_bytes"}
ESTIMATE_KEYS = {
    "device", "family", "phase", "feasible", "violations", "latency_s", "energy_j", "power_w", "throughput_hz", "area_mm2",
    "resources", "price_usd", "bound_by", "breakdown",
}  # fmt: skip
EXAMPLES = """yin-yang-ttfs yin-yang mnist-784-128-10 mnist-conv-tudelft nmnist-conv-snntorch nmnist-spiky gsc-neurobench
dvs-neurobench reservoir-1000""".split()  # noqa: SIM905


@pytest.fixture
def run(capsys, monkeypatch):
    return lambda *words: costmodel(capsys, monkeypatch, *words)


@pytest.fixture
def as_json(run):
    def check(*words):
        answer = run(*words, "--json")
        assert answer.code == 0, answer.err
        assert answer.out.count("\n") == 1, "one document and nothing else"
        return json.loads(answer.out)

    return check


def test_the_examples_of_the_contract_are_shipped():
    assert set(EXAMPLES) <= set(examples())
    assert sum(name.startswith("neuron-") for name in examples()) >= 7


LARGE = ("sew-resnet18", "spikformer-4-256")
"""What only processors with memory of their own hold."""


@pytest.mark.parametrize("name", examples())
def test_every_example_on_every_part(as_json, name):
    document = as_json("estimate", name)
    assert document["schema"] == 1
    assert set(document["network"]) >= NETWORK_KEYS
    assert set(document["network"]["work"]) == WORK_KEYS
    assert [e["device"] for e in document["estimates"]] == parts()
    assert sum(e["feasible"] for e in document["estimates"]) >= (7 if name in LARGE else 10)
    for e in document["estimates"]:
        assert set(e) >= ESTIMATE_KEYS
        assert e["feasible"] != bool(e["violations"])
        if not e["feasible"]:
            assert e["latency_s"] is None
            assert all(v["levers"] and {"limit", "needs", "has"} < set(v) for v in e["violations"])
            continue
        latency, energy = e["latency_s"], e["energy_j"]
        assert 0 < latency["low"] <= latency["value"] <= latency["high"]
        assert 0 < energy["low"] <= energy["value"] <= energy["high"]
        assert energy["static"] + energy["dynamic"] == pytest.approx(energy["value"])
        assert energy["dynamic"] > 0
        period, causes = 1 / e["throughput_hz"], e["spent_s"]
        assert max(causes, key=causes.get) == e["bound_by"]
        assert period / len(causes) <= causes[e["bound_by"]] * (1 + 1e-9), "the largest cause is at least its share of a sample"
        assert causes[e["bound_by"]] <= period * (1 + 1e-9), "and at most all of it"
        assert e["price_basis"], "what the price counts, or why there is none"
        assert e["power_w"] == pytest.approx(energy["value"] * e["throughput_hz"])
        assert sum(row["energy_j"] for row in e["breakdown"]) == pytest.approx(energy["dynamic"])
        assert {"node", "operator", "latency_s", "energy_j"} <= set(e["breakdown"][0])


@pytest.mark.parametrize("name", examples())
def test_every_example_says_where_its_rates_come_from(as_json, name):
    rates = as_json("estimate", name, "-d", "h100")["network"]["rates"]
    assert rates
    for rate in rates.values():
        assert rate["kind"] in ("measured", "published", "assumed")
        assert rate["source"]


def test_the_counts_of_the_contracts_own_network(as_json, tmp_path):
    """The illustration of the contract: 5-120-3, 1,083 parameters, 123 neurons, 960 synapses."""
    path = tmp_path / "yy.json"
    path.write_text(
        json.dumps(
            {
                "name": "yin-yang", "dt": "1 ms", "timesteps": 60, "benchmark": "yin-yang",
                "nodes": [
                    {"id": "in", "type": "input", "shape": [5], "encoder": {"type": "latency"}},
                    {"id": "fc1", "type": "linear", "features": 120, "bits": 8},
                    {"id": "lif1", "type": "lif", "tau": "10 ms", "v_threshold": 1.0, "reset": "subtract", "rate": 0.05},
                    {"id": "fc2", "type": "linear", "features": 3},
                    {"id": "out", "type": "li", "tau": "10 ms"},
                ],
                "training": {"rule": "bptt", "surrogate": "fast-sigmoid", "epochs": 30, "batch": 64, "learning_rate": 0.001},
            }
        )
    )  # fmt: skip
    network = as_json("estimate", path, "-d", "loihi")["network"]
    assert (network["parameters"], network["neurons"], network["synapses"]) == (1083, 123, 960)
    assert network["work"]["dense_synops"] == 960 * 60
    assert network["work"]["spikes"] == pytest.approx(120 * 0.05 * 60)


def test_training_costs_more_than_inference(as_json):
    words = ("estimate", "mnist-784-128-10", "-d", "h100", "-d", "cpu-desktop", "-d", "tpu-v5e", "--batch", "64")
    for once, step in zip(as_json(*words)["estimates"], as_json(*words, "--phase", "training")["estimates"], strict=True):
        assert step["feasible"]
        least = 1.2 if step["family"] == "tpu" else 2  # a TPU's start from the host is the larger part of either
        assert step["latency_s"]["value"] > least * once["latency_s"]["value"]
        assert {row["phase"] for row in step["breakdown"]} == {"forward", "backward", "update"}


def test_a_chip_trains_only_by_the_rules_it_has(as_json, tmp_path):
    refused = as_json("estimate", "mnist-784-128-10", "-d", "loihi", "--phase", "training")["estimates"][0]
    assert [v["limit"] for v in refused["violations"]] == ["learning rule"]
    document = json.loads((loading.EXAMPLES / "neuron-lif.json").read_text())
    document["training"] = {"rule": "stdp"}
    path = tmp_path / "stdp.json"
    path.write_text(json.dumps(document))
    learnt = as_json("estimate", path, "-d", "loihi", "--phase", "training")["estimates"][0]
    plain = as_json("estimate", path, "-d", "loihi")["estimates"][0]
    assert learnt["feasible"]
    assert learnt["energy_j"]["dynamic"] > plain["energy_j"]["dynamic"]


def test_options_change_what_they_say(as_json):
    words = ("estimate", "mnist-784-128-10", "-d", "memfpaa-hfox")
    base = as_json(*words)
    more = as_json(*words, "--timesteps", "50")
    assert more["network"]["work"]["dense_synops"] == 2 * base["network"]["work"]["dense_synops"]
    rate = as_json(*words, "--rate", "lif1=0.5")
    assert rate["network"]["rates"]["lif1"]["mean"] == 0.5
    assert rate["estimates"][0]["energy_j"]["value"] > base["estimates"][0]["energy_j"]["value"]
    units = as_json(*words, "--set", "r_on=10kΩ")
    plain = as_json(*words, "--set", "memfpaa-hfox.r_on=10000")
    assert units["estimates"] == plain["estimates"]
    assert units["estimates"] != base["estimates"]


@pytest.mark.parametrize("name", examples())
def test_the_lever_of_more_chips_mends_its_limit(as_json, name):
    """Where ``--set chips=N`` is proposed, N chips are enough and N − 1 are not."""
    for e in as_json("estimate", name)["estimates"]:
        for v in e["violations"]:
            chips = next((int(lever.partition("chips=")[2]) for lever in v["levers"] if "chips=" in lever), None)
            if chips is None:
                continue
            for count, mended in ((chips, True), (chips - 1, False)):
                again = as_json("estimate", name, "-d", e["device"], "--set", f"chips={count}")["estimates"][0]
                assert (v["limit"] not in {w["limit"] for w in again["violations"]}) == mended, (e["device"], v)


def test_a_part_file_is_a_device(as_json, tmp_path):
    from costmodel.devices.part import PARTS

    path = tmp_path / "my-chip.toml"
    path.write_text((PARTS / "loihi.toml").read_text())
    mine, theirs = as_json("estimate", "mnist-784-128-10", "-d", path, "-d", "loihi")["estimates"]
    assert mine["device"] == "my-chip"
    assert {**mine, "device": ""} == {**theirs, "device": ""}


def test_devices(run, as_json):
    assert [d["name"] for d in as_json("devices")["devices"]] == parts()
    for name in parts():
        document = as_json("devices", name)
        assert all(p["source"] for p in document["parameters"].values())
        shown = run("devices", name).out
        assert all(parameter in shown for parameter in part(name).constants)
        assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("name", parts())
@pytest.mark.parametrize("metric", ["latency", "energy"])
def test_explain_gives_names_numbers_and_sources(run, as_json, name, metric):
    words = ("explain", "neuron-lif", "-d", name, "--metric", metric)
    estimate = as_json("estimate", "neuron-lif", "-d", name)["estimates"][0]
    if not estimate["feasible"]:
        answer = run(*words)
        assert answer.code == 2
        assert estimate["violations"][0]["limit"] in answer.err
        return
    document = as_json(*words)
    assert document["value"] == pytest.approx(estimate[{"latency": "latency_s", "energy": "energy_j"}[metric]]["value"], rel=1e-9)
    text = run(*words).out
    assert text.index("In names") < text.index("In numbers") < text.index("Sources")
    for parameter, about in document["parameters"].items():
        assert f"  {parameter} = " in text
        assert about["source"] in text


def test_explain_numbers_are_the_equation_with_its_numbers(as_json):
    """What is printed can be computed again by hand: the text with numbers, evaluated, is the value."""
    import sympy

    document = as_json("explain", "mnist-784-128-10", "-d", "loihi")
    for equation in (*document["whole"], *document["operators"]):
        assert float(sympy.sympify(equation["numbers"])) == pytest.approx(equation["value"], rel=2e-3)


@pytest.mark.parametrize("metric", ["area", "price"])
def test_explain_area_and_price(as_json, metric):
    device = {"area": "memfpaa-hfox", "price": "h100"}[metric]
    document = as_json("explain", "mnist-784-128-10", "-d", device, "--metric", metric)
    estimate = as_json("estimate", "mnist-784-128-10", "-d", device)["estimates"][0]
    expected = estimate["area_mm2"] / 1e6 if metric == "area" else estimate["price_usd"]
    assert document["value"] == pytest.approx(expected)


def test_explain_latex_compiles_as_latex_does(run):
    text = run("explain", "mnist-784-128-10", "-d", "h100", "--latex").out
    assert text.startswith("\\begin{align*}")
    assert text.count("{") == text.count("}")
    assert "t_launch" not in text, "indices are set as indices"


def test_explain_latex_defines_every_named_part(run):
    text = run("explain", "yin-yang-ttfs", "-d", "memfpaa-hfox", "--latex").out
    assert text.count("{") == text.count("}")
    for name in ("\\theta", "\\beta", "K", "x_{\\mathrm{3}}", "t_{\\mathrm{settle}}"):
        assert text.count(f"\n{name} &= ") == 1, name


def test_whatif(run, as_json):
    words = ("whatif", "mnist-784-128-10", "-d", "memfpaa-hfox", "--set", "v_read=0.1 V", "--against", "h100")
    document = as_json(*words)
    assert document["ratio"]["energy"] < 1
    assert document["before"]["latency_s"] != document["against"]["latency_s"]
    text = run(*words).out
    assert "faster than h100" in text
    assert "before" in text


def test_no_torch_amaranth_or_pandas_for_an_estimate():
    code = (
        "import sys; sys.argv = ['costmodel', 'estimate', 'mnist-784-128-10', '--json']\n"
        "from costmodel.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'amaranth', 'PySpice', 'pandas', 'plotly', 'snntorch', 'nir'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"
    assert json.loads(done.stdout)["estimates"]


def test_import_writes_a_network_file_that_counts_the_same(as_json, tmp_path):
    given, out = write_nir(tmp_path / "given.nir", 784, 128, 10), tmp_path / "net.json"
    told = as_json("import", given, "--out", out)
    assert told["parameters"] == 101_770
    direct = as_json("estimate", given, "--timesteps", "25", "-d", "loihi")
    written = as_json("estimate", out, "--timesteps", "25", "-d", "loihi")
    shipped = as_json("estimate", "mnist-784-128-10", "-d", "loihi")
    assert direct["network"]["work"] == written["network"]["work"]
    for key in ("dense_synops", "neuron_updates"):
        assert written["network"]["work"][key] == shipped["network"]["work"][key]
    for key in ("parameters", "neurons", "synapses"):
        assert written["network"][key] == shipped["network"][key]


def test_every_command_has_help(run):
    deciding = ("whatif", "solve", "crossover", "sensitivity")
    for command in ("devices", "estimate", "explain", *deciding, "report", "import", "simulate"):
        answer = run(command, "--help")
        assert answer.code == 0
        assert "Usage" in answer.out
