"""An FPGA's estimate is of the hardware that ``costmodel rtl`` makes: its P and R, its cycles, and what it takes of the part."""

import pytest

import costmodel as cm
from costmodel.devices.fitting import fastest
from costmodel.devices.part import part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.reading.loading import load
from costmodel.rtl.cost import resources
from costmodel.rtl.cycles.expected import expected_cycles
from costmodel.rtl.datapath import Precision
from costmodel.rtl.planning import Options, plan
from costmodel.rtl.planning.parallel import widened
from costmodel.rtl.synthesis import PARTS
from costmodel.validation.built.building import activity
from costmodel.validation.built.hardware import stimuli
from tests.hardware import FLATTEN, LIF, conv, drawn, recurrent
from tests.networks import linear


def pool(kind, kernel=2):
    return {"type": f"{kind}pool2d", "kernel": kernel}


def image(*shape, **fields):
    return {"type": "input", "shape": list(shape), **fields}


ALIF = {"type": "alif", "tau": "5 ms", "tau_a": "20 ms", "r": 5.0}
CUBALIF = {"type": "cubalif", "tau_syn": "3 ms", "tau_mem": "6 ms", "r": 6.0}
DELAY = {"type": "delay", "delay": "2 ms"}
HEAD = (FLATTEN, linear(10), LIF)

NETWORKS = {
    "dense": (lambda: load("mnist-784-128-10-spikes"), "ecp5-25f"),
    "values": (lambda: load("digits"), "ice40-up5k"),
    "recurrent": (lambda: load("yin-yang"), "ecp5-85f"),
    "convolutions": (lambda: load("mnist-conv-tudelft"), "artix7-100t"),
    "one-dimensional": (lambda: load("mnist-1d"), "ecp5-25f"),
    "loop through a delay": (lambda: recurrent(40, 30, delay="2 ms"), "ice40-hx8k"),
    "delay, adaptive": (lambda: drawn((image(70), DELAY, linear(60), ALIF, linear(9), LIF), timesteps=30), "ice40-hx8k"),
    "maxima": (lambda: drawn((image(2, 16, 17), pool("max"), conv(8), CUBALIF, pool("max"), *HEAD), timesteps=20), "ecp5-85f"),
    "sums of spikes": (lambda: drawn((image(2, 14, 15), conv(6), LIF, pool("sum"), DELAY, *HEAD), timesteps=20), "artix7-100t"),
    "windows of sums": (lambda: drawn((image(1, 12, 12), conv(8), pool("max"), LIF, *HEAD), timesteps=20), "ice40-hx8k"),
    "groups and strides": (lambda: drawn((image(4, 12, 12), conv(8, 3, groups=4, stride=2, padding=1), LIF, *HEAD)), "ecp5-25f"),
    "substeps": (lambda: drawn((image(20), linear(9), {"type": "izhikevich"}, linear(3), LIF), gain=5.0), "ecp5-85f"),
    "readout of sums": (lambda: drawn((image(90), linear(64), LIF, linear(7)), timesteps=40), "artix7-100t"),
}


def built(network, on):
    """The network as ``costmodel rtl`` would build it at the file's rates, and these."""
    design = plan(network, PARTS[on].fabric)
    sent = Activity(network).sent
    rates = {name: float(sent[name].rate) for name in (design.source, *design.layers)}
    return fastest(design, part(on), rates), rates


@pytest.mark.parametrize("name", NETWORKS)
def test_same_hardware_same_answer(name):
    make, on = NETWORKS[name]
    network = make()
    design, rates = built(network, on)
    estimator = Estimator(Workload(network), part(on))
    found, needs = estimator.estimate(), resources(design)
    f_clk = part(on).values["f_clk"]
    assert found.latency.value * f_clk == pytest.approx(expected_cycles(design, rates), rel=1e-9)
    assert found.resources["luts"] == pytest.approx(needs.luts, rel=0.03)
    for what in ("ffs", "brams", "dsps"):
        assert found.resources[what] == getattr(needs, what)
    lanes, units = (estimator.part.values[what] for what in ("lanes", "units"))
    for layer in design.layers.values():
        assert layer.lanes == min(lanes, layer.space.channels)
        assert layer.units <= units


@pytest.mark.parametrize("name", ["values", "recurrent"])
def test_same_answer_at_measured_activity(name):
    """Of what samples made the layers send, the mean; the hardware is that for the file's rates."""
    make, on = NETWORKS[name]
    network = make()
    design, _ = built(network, on)
    measured = {who: float(each.mean()) for who, each in activity(design, stimuli(network, 8).inputs).items()}
    found = Estimator(Workload(network, rates=measured), part(on)).estimate()
    assert found.latency.value * part(on).values["f_clk"] == pytest.approx(expected_cycles(design, measured), rel=1e-9)


@pytest.mark.parametrize(("lanes", "units"), [(4, 1), (16, 4), (12, 3)])
def test_given_widths_are_those_of_rtl(lanes, units):
    network = NETWORKS["maxima"][0]()
    rates = built(network, "ecp5-85f")[1]
    design = widened(plan(network, "ecp5"), lanes, units)
    found = cm.estimate(network, "ecp5-85f", values={"lanes": lanes, "units": units, "f_clk": 1e8})
    assert found.latency.value * 1e8 == pytest.approx(expected_cycles(design, rates), rel=1e-9)
    assert found.resources["luts"] == pytest.approx(resources(design).luts, rel=0.03)


def test_widths_of_weights_and_states_change_the_hardware():
    network = NETWORKS["dense"][0]()
    found = cm.estimate(network, "ecp5-25f", bits=4, values={"state_bits": 12, "lanes": 8, "units": 1})
    design = widened(plan(network, "ecp5", Options(weight_bits=4, precision=Precision(state_bits=12))), 8, 1)
    assert found.resources["luts"] == pytest.approx(resources(design).luts, rel=0.03)
    assert found.resources["brams"] == resources(design).brams


def test_the_fastest_that_fits_is_taken():
    """No wider or narrower hardware that fits is faster; what is faster does not fit."""
    network = NETWORKS["dense"][0]()
    chosen = cm.estimate(network, "ecp5-25f")
    for lanes, units in ((8, 1), (16, 4), (64, 4), (128, 4)):
        other = cm.estimate(network, "ecp5-25f", values={"lanes": lanes, "units": units})
        assert not other.feasible or other.latency.value >= chosen.latency.value


def test_weights_that_are_missing_leave_the_hardware_about_the_same():
    network = NETWORKS["dense"][0]()
    trained, untrained = (cm.estimate(each, "artix7-100t") for each in (network, network.without_weights()))
    assert untrained.latency.value == pytest.approx(trained.latency.value, rel=0.1)
    assert untrained.resources["luts"] == pytest.approx(trained.resources["luts"], rel=0.1)


def test_the_core_takes_a_token_a_cycle_unless_the_link_is_slower():
    """Of an input that is busy enough to set the pace: events and the end of the step."""
    network = drawn((image(400), linear(3), LIF), timesteps=50)
    on = part("artix7-100t")
    links = (on, on.override({"t_event": 0.0}), on.override({"t_event": 1e-6}))
    fast, same, slow = (Estimator(Workload(network), each).estimate() for each in links)
    events, cycle = 400 * Activity(network).sent["n0"].rate, 1 / on.values["f_clk"]
    assert same.latency.value == fast.latency.value
    assert slow.spent["host"] == pytest.approx(50 * (events * 1e-6 + cycle), rel=1e-9)
    assert slow.latency.value > 50 * events * 1e-6 > 10 * fast.latency.value


def test_other_steps_and_rates_keep_the_hardware_of_a_fitted_part():
    network = load("digits")
    made = Estimator(Workload(network), part("ecp5-25f")).part
    other = Estimator(Workload(network.with_timesteps(3), rates={"*": 0.9}), made).part
    assert other is made
    narrower = drawn((image(64), linear(20), LIF, linear(10), LIF))
    refitted = Estimator(Workload(narrower), made)
    design = widened(plan(narrower, "ecp5"), int(made.values["lanes"]), int(made.values["units"]))
    assert refitted.estimate().resources["ffs"] == resources(design).ffs


def test_a_network_without_hardware_is_priced_by_its_layers():
    """Overlapping pools are refused by rtl; the estimate still says what cores of that size take."""
    network = drawn((image(2, 9, 9), conv(4), LIF, {**pool("sum", 3), "stride": 2}, FLATTEN, linear(5), LIF))
    estimator = Estimator(Workload(network), part("ecp5-25f"))
    assert estimator.part.device.hardware is None
    found = estimator.estimate()
    assert found.feasible
    assert found.latency.value > 0


def test_sums_pass_on_every_event():
    """Rates of a window's elements add up; a maximum lets at most one pass."""
    sums, maxima = (drawn((image(1, 8, 8), pool(kind), FLATTEN, linear(4), LIF)) for kind in ("sum", "max"))
    rate = Activity(sums).sent["n0"].rate
    assert Activity(sums).arriving("n3") == pytest.approx(4 * rate)
    assert Activity(maxima).arriving("n3") == pytest.approx(1 - (1 - rate) ** 4)
