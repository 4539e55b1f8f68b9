"""Analog parts rest on the circuits' closed forms: their constants are the fits', their equations the circuits'."""

import json
from pathlib import Path

import numpy as np
import pytest

from costmodel.devices.circuits.crossbar import read_energy, settling_time
from costmodel.devices.circuits.firing import static_power
from costmodel.devices.circuits.ota_lif import OTALIF
from costmodel.devices.circuits.routing_switch import Ladder
from costmodel.devices.part import part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.estimates.explaining import explain, text
from costmodel.graphs.errors import InputError
from costmodel.validation.circuits.crossbars import compared
from tests.networks import LIF, linear, network

MEMRISTIVE = ("memfpaa-hfox", "memfpaa-taox", "memfpaa-pcm", "memfpaa-ideal")


@pytest.mark.parametrize("name", MEMRISTIVE)
def test_coefficients_are_the_fits_and_residuals_those_against_spice(name):
    constants = part(name).constants
    fitted = json.loads((Path(__file__).parents[3] / "devices" / "measured" / "crossbar.json").read_text())["coefficients"]
    assert (constants["k_rows"].value, constants["k_columns"].value) == (fitted["rows"], fitted["columns"])
    rows = compared()
    assert len(rows) >= 90
    for residual, quantity in (("settling_residual", "settling_time"), ("energy_residual", "read_energy")):
        ratios = [row["simulated"][quantity] / row["predicted"][quantity] for row in rows]
        stated = constants[residual]
        assert (stated.low, stated.high) == pytest.approx(np.quantile(ratios, [0.05, 0.95]), abs=0.01)


@pytest.mark.parametrize("name", ["memfpaa-hfox", "memfpaa-taox", "memfpaa-pcm"])
def test_a_layer_settles_and_is_read_as_its_crossbar(name):
    """One layer on one tile: its time and energy by hand from the closed forms of the crossbar."""
    net = network([48], linear(20, bias=False), {**LIF, "rate": 0.1}, timesteps=1, input={"rate": 0.25}, bits=4)
    estimator = Estimator(Workload(net), part(name))
    v = {key: float(value) for key, value in estimator.part.values.items() if value is not None}
    run = estimator.figures().run
    synapses = estimator.workload.table.rows["synapses"][0]
    on, off = 1 / v["r_on"], 1 / v["r_off"]
    line = {"rows": 48, "columns": 40, "g_cell": (on + off) / 2, "r_wire": v["r_wire"], "r_driver": v["r_driver"]}
    line |= {"r_sense": v["r_sense"], "c_wire": v["c_cell"], "driven": 12}
    spread = (on - off) / np.sqrt(12) / ((on + off) / 2)
    settled = float(settling_time(**line, tolerance=2**-5, spread=spread))
    route = np.log(2) * v["switches"] * (v["switches"] + 1) / 2 * v["r_on"] * v["tile_rows"] * v["c_cell"]
    assert float(run.time[synapses, 0]) == pytest.approx(route + settled + v["t_integrate"], rel=1e-6)
    read = float(read_energy(**line, v_read=v["v_read"], time=settled + v["t_integrate"]))
    assert float(run.energy[synapses, 0]) == pytest.approx(read + 12 * v["e_driver"], rel=1e-6)


@pytest.mark.parametrize("switches", [1, 2, 3, 8])
def test_routing_is_within_a_tenth_of_the_ladder(switches):
    on = part("memfpaa-hfox").override({"switches": switches})
    v = on.values
    ladder = Ladder(switches, v["r_on"], v["tile_rows"] * v["c_cell"], r_driver=1.0, r_load=1e12, c_load=1e-18)
    assert 0.9 <= on.device(v).routing() / float(ladder.delay) <= 1.0


def test_neurons_of_an_fpaa_rest_as_their_circuit():
    v = {key: float(value) for key, value in part("fpaa-350nm").values.items() if value is not None}
    circuit = OTALIF(i_leak=v["i_leak"], i_input=4e-11, i_bias=v["i_bias"], v_dd=v["v_dd"], v_threshold=v["v_threshold"])
    rest = v["v_dd"] * v["i_leak"] + static_power(v["v_dd"], v["i_bias"], v["v_threshold"], v["kappa"], v["v_thermal"])
    assert circuit.predicted()["static_power"] == pytest.approx(rest, rel=1e-3)
    net = network([10], linear(8, bias=False), {**LIF, "rate": 0.1}, timesteps=5, input={"rate": 0.3}, bits=4)
    estimator = Estimator(Workload(net), part("fpaa-350nm"))
    more = estimator.figures({"p_chip": 0.0})
    assert float(np.ravel(more.static)[0]) == pytest.approx(8 * rest * float(np.ravel(more.period)[0]), rel=1e-6)


def test_explanations_show_fitted_coefficients_with_interval_and_source():
    net = network([48], linear(20, bias=False), {**LIF, "rate": 0.1}, timesteps=2, input={"rate": 0.25}, bits=4)
    told = text(explain(net, "memfpaa-hfox"))
    for words in ("where t_settle = ", "where x_3 = log(", "k_rows = 0.4681", "settling_residual = 1 (0.96 … 1.26), measured:"):
        assert words in told
    assert "validation/measured/crossbar.json" in told
    assert "where e_line = " in text(explain(net, "memfpaa-hfox", "energy"))


def test_less_than_a_percent_separates_ideal_wires_from_little_wire():
    net = network([48], linear(20, bias=False), {**LIF, "rate": 0.1}, timesteps=2, input={"rate": 0.25}, bits=4)
    estimator = Estimator(Workload(net), part("memfpaa-ideal"))
    none, little = estimator.figures(), estimator.figures({"r_wire": 1e-3, "r_driver": 1e-2, "r_sense": 1e-2})
    assert float(np.ravel(little.energy)[0]) == pytest.approx(float(np.ravel(none.energy)[0]), rel=1e-2)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"r_on": 2e6}, "memfpaa-hfox: r_on is 2e.06 ohm, above r_off, 1e.06 ohm; .* at most 1e.06 ohm"),
        ({"r_off": 1e3}, "above r_off, 1000 ohm"),
        ({"v_read": 1.5}, "v_read is 1.5 V, not below v_write, 1 V: reading would write; give a v_read below 1 V"),
        ({"v_read": -0.1}, "'v_read' is -0.1; nothing here can be negative"),
        ({"t_integrate": -1e-9}, "'t_integrate' is -1e-09"),
        ({"r_on": 0.0}, "'r_on' is 0; give more than 0"),
    ],
)
def test_unphysical_values_are_refused_by_name_and_range(values, words):
    with pytest.raises(InputError, match=words):
        part("memfpaa-hfox").override(values)


def test_values_that_contradict_each_other_may_be_set_together():
    changed = part("memfpaa-hfox").override({"r_on": 2e6, "r_off": 2e8})
    assert changed.values["r_off"] == 2e8
