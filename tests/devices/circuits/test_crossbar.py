"""The memristor crossbar: its closed forms against its exact solution and SPICE."""

import inspect
from dataclasses import replace

import numpy as np
import pytest
import sympy
from scipy.linalg import eigh

from costmodel.devices.circuits.crossbar import (
    Crossbar,
    attenuation,
    column_attenuation,
    read_energy,
    read_power,
    settling_time,
    weight_error,
)
from costmodel.devices.circuits.crossbar_cases import drawn, solved
from costmodel.devices.circuits.crossbar_settling import coefficients
from costmodel.devices.circuits.lines import drop, mean_square, profile, share, slowest
from costmodel.devices.circuits.nodal import column_currents, effective_conductance
from costmodel.devices.spice import Failure, run_many
from costmodel.graphs.errors import InputError
from costmodel.validation.circuits.crossbars import compared, read
from tests.dimensions import dimension, of_unit

FORMS = (attenuation, column_attenuation, weight_error, settling_time, read_power, read_energy)
GIVEN = {
    "rows": (24, "1"),
    "columns": (40, "1"),
    "driven": (10, "1"),
    "position": (7, "1"),
    "g_cell": (3e-5, "S"),
    "g_column": (5e-5, "S"),
    "g_row": (2e-5, "S"),
    "r_wire": (3.0, "ohm"),
    "c_wire": (1e-15, "F"),
    "r_driver": (1500.0, "ohm"),
    "r_sense": (200.0, "ohm"),
    "v_read": (0.3, "V"),
    "time": (1e-9, "s"),
    "tolerance": (0.01, "1"),
    "spread": (0.8, "1"),
    "lifted": (0.05, "1"),
    "k_rows": (0.4, "1"),
    "k_columns": (0.5, "1"),
}
UNITS = {"settling_time": "s", "read_power": "W", "read_energy": "J"}


def taken(form):
    return list(inspect.signature(form).parameters)


def error_of(rows, name):
    return np.array([abs(row["predicted"][name] / row["simulated"][name] - 1) for row in rows])


# The closed forms.


def test_lines_are_exact():
    cells, g, r_wire, r_end = 9, 2e-4, 7.0, 300.0
    # One row into columns without resistance, next to it none.
    currents = column_currents(np.ones(1), np.full((1, cells), g), r_wire, r_end, 0)
    place = np.arange(1, cells + 1)
    # Its own r_wire is all that a column of one cell has.
    seen = g / (1 + g * r_wire)
    along = profile(place, cells, seen, r_wire, r_end)
    np.testing.assert_allclose(currents, seen * along, rtol=1e-10)
    assert share(cells, seen, r_wire, r_end) == pytest.approx(along.mean(), rel=1e-10)
    assert mean_square(cells, seen, r_wire, r_end) == pytest.approx((along**2).mean(), rel=1e-10)
    assert drop(cells, g, 0) == pytest.approx(1, rel=1e-7)


@pytest.mark.parametrize("r_end", [1.0, 30.0, 1e3, 1e5])
def test_slowest_mode_of_a_line(r_end):
    cells, r_wire = 200, 2.0
    line = np.diag(np.full(cells, 2.0)) - np.diag(np.ones(cells - 1), 1) - np.diag(np.ones(cells - 1), -1)
    line[-1, -1] = 1
    line /= r_wire
    line[0, 0] = 1 / r_wire + 1 / (r_wire + r_end)
    rates, modes = eigh(line, subset_by_index=[0, 0])
    shape = modes[:, 0] / modes[-1, 0]
    found = slowest(cells, r_wire, r_end)
    np.testing.assert_allclose(found, (rates[0], shape.mean(), (shape**2).mean()), rtol=2e-3)


@pytest.mark.parametrize(("wire", "bound"), [(0.01, 1e-4), (1.0, 0.01), (10.0, 0.05)])
def test_attenuation_of_equal_cells(wire, bound):
    random = np.random.default_rng(17)
    for _ in range(12):
        rows, columns = (int(n) for n in random.choice([4, 8, 32, 64], 2))
        g, r_driver, r_sense = 10 ** random.uniform(-6, -3), 10 ** random.uniform(1, 4), 10 ** random.uniform(1, 3)
        cells = np.full((rows, columns), g)
        currents = column_currents(np.ones(rows), cells, wire, r_driver, r_sense) / (rows * g)
        assert attenuation(rows, columns, g, wire, r_driver, r_sense) == pytest.approx(currents.mean(), rel=bound)
        each = column_attenuation(rows, columns, g, np.arange(1, columns + 1), g, wire, r_driver, r_sense)
        assert np.median(abs(each / currents - 1)) < 2 * bound


def test_weight_error_of_random_cells():
    errors = []
    for case in range(40):
        crossbar = drawn((97, case), 16)
        cells = crossbar.conductance
        effective = effective_conductance(cells, crossbar.r_wire, crossbar.r_driver, crossbar.r_sense)
        exact = np.sqrt(((effective - cells) ** 2).sum() / (cells**2).sum())
        errors.append(abs(weight_error(**crossbar.line()) / exact - 1))
    assert np.median(errors) < 0.08


@pytest.mark.parametrize("form", FORMS)
def test_floats_arrays_and_symbols_agree(form):
    names = taken(form)
    alone = form(**{name: GIVEN[name][0] for name in names})
    assert np.ndim(alone) == 0
    assert float(alone) > 0
    stacked = form(**{name: np.array([GIVEN[name][0], GIVEN[name][0]], float) for name in names})
    np.testing.assert_allclose(stacked, [alone, alone], rtol=1e-12)
    symbols = {name: sympy.Symbol(name, positive=True) for name in names}
    expression = form(**symbols)
    number = sympy.lambdify(list(symbols.values()), expression, cse=True)(*(GIVEN[name][0] for name in names))
    assert float(number) == pytest.approx(float(alone), rel=1e-7)


@pytest.mark.parametrize("form", FORMS)
def test_dimensions(form):
    names = taken(form)
    expression = form(**{name: sympy.Symbol(name, positive=True) for name in names})
    found = dimension(expression, {name: GIVEN[name][1] for name in names} | {"S": "S"})
    assert found == of_unit(UNITS.get(form.__name__, "1"))


@pytest.mark.parametrize("name", ["rows", "columns", "g_cell", "r_wire", "r_driver", "r_sense"])
def test_more_resistance_more_drop(name):
    values = {key: value for key, (value, _) in GIVEN.items() if key in taken(attenuation)}
    ladder = values | {name: values[name] * np.array([1, 2, 4, 8])}
    assert (np.diff(attenuation(**ladder)) < 0).all()
    assert (np.diff(weight_error(**ladder)) > 0).all()


@pytest.mark.parametrize(
    ("name", "rises"),
    [("r_wire", True), ("c_wire", True), ("r_driver", True), ("tolerance", False), ("g_cell", False), ("spread", True)],
)
def test_what_settling_depends_on(name, rises):
    values = {key: value for key, (value, _) in GIVEN.items() if key in taken(settling_time)}
    times = settling_time(**values | {name: values[name] * np.array([0.25, 0.5, 1])})
    assert (np.diff(times) > 0).all() == rises


def test_energy_grows_with_time_and_voltage():
    values = {key: value for key, (value, _) in GIVEN.items() if key in taken(read_energy)}
    assert (np.diff(read_energy(**values | {"time": np.array([1e-12, 1e-10, 1e-9, 1e-8])})) > 0).all()
    assert read_energy(**values | {"v_read": 0.6}) == pytest.approx(4 * read_energy(**values))


# Against SPICE.


@pytest.fixture(scope="module")
def kept():
    return compared()


@pytest.mark.parametrize(
    ("name", "median", "p90"),
    [
        ("settling_time", 0.05, 0.15),
        ("read_energy", 0.02, 0.05),
        ("column_current", 0.02, 0.05),
        ("worst_column", 0.02, 0.05),
    ],
)
def test_kept_simulations(kept, name, median, p90):
    error = error_of(kept, name)
    assert len(error) >= 55
    assert np.median(error) <= median
    assert np.quantile(error, 0.9) <= p90


def test_every_size_settles_as_predicted(kept):
    for size in {row["size"] for row in kept}:
        assert np.median(error_of([row for row in kept if row["size"] == size], "settling_time")) <= 0.05


def test_fit_and_measurement_share_no_seed():
    assert read()["provenance"]["seed"] != 4051
    assert set(coefficients()) == {"rows", "columns"}


def test_fresh_simulations():
    crossbars = [drawn((5, case), size) for case, size in enumerate([4, 4, 8])]
    for crossbar, waves in zip(crossbars, run_many([one.job() for one in crossbars], workers=1), strict=True):
        assert not isinstance(waves, Failure)
        found, exact = crossbar.simulated(waves), solved(crossbar)
        assert found["settling_time"] == pytest.approx(exact.settling(crossbar.tolerance).max(), rel=3e-3)
        assert found["read_energy"] == pytest.approx(exact.energy(crossbar.read_time), rel=3e-3)
        assert found["column_current"] == pytest.approx(exact.columns.mean(), rel=1e-3)
        for name, bound in (("settling_time", 0.3), ("read_energy", 0.05), ("column_current", 0.05)):
            assert crossbar.predicted()[name] == pytest.approx(found[name], rel=bound)


# Refusals.


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"r_on": 1e6, "r_off": 1e4}, "r_on is 1e\\+06 ohm, above r_off"),
        ({"v_read": 1.3}, "v_write"),
        ({"r_wire": -1.0}, "r_wire is -1.0 ohm .*give 0.001 to 1e\\+06 ohm"),
        ({"c_wire": -1e-15}, "c_wire"),
        ({"rows": 1}, "rows is 1"),
        ({"columns": 7.5}, "columns is 7.5"),
        ({"share_on": 1.1}, "share_on"),
        ({"tolerance": 0}, "tolerance"),
        ({"r_driver": "1k"}, "r_driver is '1k'"),
    ],
)
def test_crossbar_refuses(given, named):
    with pytest.raises(InputError, match=named):
        replace(Crossbar(), **given)
