"""The memristor crossbar solved exactly: against SPICE and the matrix exponential."""

import numpy as np
import pytest
from scipy.linalg import eigh

from costmodel.devices.circuits.nodal import Nodal, column_currents, dissection, effective_conductance
from costmodel.devices.circuits.relaxation import relaxation
from costmodel.devices.spice import Failure, Job, run_many
from costmodel.graphs.errors import InputError


def random_array(seed, rows, columns):
    random = np.random.default_rng(seed)
    cells = np.where(random.random((rows, columns)) < 0.5, 10 ** random.uniform(-6, -3), 10 ** random.uniform(-9, -6))
    return random, cells


def operating_point(cells, sources, r_wire, r_driver, r_sense):
    deck = ["crossbar"]
    rows, columns = cells.shape
    for i in range(rows):
        deck += [f"v{i} v{i} 0 {sources[i]:.17g}", f"rd{i} v{i} d{i} {r_driver}"]
        for j in range(columns):
            deck.append(f"rr{i}_{j} {f'r{i}_{j - 1}' if j else f'd{i}'} r{i}_{j} {r_wire}")
            deck.append(f"rg{i}_{j} r{i}_{j} c{i}_{j} {1 / cells[i, j]:.17g}")
            deck.append(f"rc{i}_{j} c{i}_{j} {f'c{i + 1}_{j}' if i + 1 < rows else f's{j}'} {r_wire}")
    for j in range(columns):
        deck += [f"rs{j} s{j} a{j} {r_sense}", f"va{j} a{j} 0 0"]
    return Job("crossbar", "\n".join(deck), 0, 0, tuple(f"i(va{j})" for j in range(columns)))


def test_nodal_is_spice():
    cases = []
    for seed, shape in enumerate([(2, 2), (3, 7), (6, 4), (9, 8), (1, 5)]):
        random, cells = random_array(seed, *shape)
        ends = random.uniform(0.5, 10), 10 ** random.uniform(2, 4), 10 ** random.uniform(1, 3)
        cases.append((cells, random.uniform(0, 1, shape[0]), *ends))
    for case, waves in zip(cases, run_many([operating_point(*case) for case in cases], workers=1), strict=True):
        assert not isinstance(waves, Failure)
        cells, sources, *ends = case
        simulated = [waves[f"i(va{j})"][-1] for j in range(cells.shape[1])]
        np.testing.assert_allclose(column_currents(sources, cells, *ends), simulated, rtol=1e-6)


@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (6, 6)])
def test_effective_conductance_is_the_linear_map(shape):
    random, cells = random_array(sum(shape), *shape)
    effective = effective_conductance(cells, 4.0, 800.0, 90.0)
    assert effective.shape == shape
    sources = random.uniform(-1, 1, (3, shape[0]))
    found = np.array([column_currents(one, cells, 4.0, 800.0, 90.0) for one in sources])
    np.testing.assert_allclose(sources @ effective, found, rtol=1e-9, atol=1e-18)


def test_without_resistance_the_cells_are_all():
    _, cells = random_array(3, 7, 6)
    np.testing.assert_allclose(effective_conductance(cells, 1e-6, 0, 0), cells, rtol=1e-6)


def test_dissection_meets_every_point_once():
    assert sorted(dissection(13, 37)) == list(range(13 * 37))


@pytest.mark.parametrize("shape", [(6, 9), (16, 5)])
def test_relaxation_is_the_matrix_exponential(shape):
    random, cells = random_array(11, *shape)
    crossbar = Nodal(cells, 5.0, 900.0, 300.0)
    sources, c_wire = random.uniform(0.1, 1, shape[0]), 2e-15
    found = relaxation(crossbar, sources, c_wire)
    rates, modes = eigh(crossbar.matrix.toarray() / c_wire)
    final = crossbar.voltages(sources)
    for tolerance in (0.1, 1e-3):
        times = found.settling(tolerance)
        for j, time in enumerate(times):
            left = modes @ (np.exp(-rates * time) * (modes.T @ final))
            assert left[crossbar.last[j]] / final[crossbar.last[j]] == pytest.approx(tolerance, rel=1e-5)
    time = float(times.max())
    moments = modes @ (-np.expm1(-rates * time) / rates * (modes.T @ final))
    charge = crossbar.g_in * ((sources - final[crossbar.first]) * time + moments[crossbar.first])
    assert found.energy(time) == pytest.approx(sources @ charge, rel=1e-6)


@pytest.mark.parametrize(
    ("cells", "ends", "named"),
    [
        (np.ones((2, 2)), (0, 1, 1), "r_wire"),
        (np.ones((2, 2)), (1, -1, 1), "r_driver"),
        (-np.ones((2, 2)), (1, 1, 1), "negative"),
        (np.full((2, 2), np.nan), (1, 1, 1), "not finite"),
        (np.ones(3), (1, 1, 1), "shape"),
    ],
)
def test_nodal_refuses(cells, ends, named):
    with pytest.raises(InputError, match=named):
        Nodal(cells, *ends)
