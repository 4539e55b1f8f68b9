"""docs/analog.md: the kept grids meet what is promised of closed forms, and the document is made of all their rows."""

import re

import numpy as np
import pytest

from costmodel.validation.circuits.cases import kept
from costmodel.validation.circuits.report import TARGET, errors, summary, unfinished, worst

PROMISED = {
    ("crossbar", "settling_time"): (0.05, 0.15),
    ("crossbar", "read_energy"): (0.02, 0.05),
    ("crossbar", "column_current"): (0.02, 0.05),
    ("integrate-and-fire", "time_to_threshold"): (0.02, 0.02),
    ("integrate-and-fire", "energy_per_spike"): (0.05, 0.05),
    ("ota-lif", "time_to_threshold"): (0.02, 0.02),
    ("ota-lif", "energy_per_spike"): (0.05, 0.05),
}
"""Circuit and quantity → most that the median and the 90th percentile of errors may be."""


@pytest.fixture(scope="module")
def grids():
    return kept()


@pytest.mark.parametrize(("circuit", "quantity"), PROMISED)
def test_closed_forms_are_as_near_to_spice_as_promised(circuit, quantity, grids):
    (found,) = (one for one in errors(grids[circuit]) if one.quantity == quantity)
    assert len(found.errors) >= 50
    median, ninetieth = np.quantile(np.abs(found.errors), [0.5, 0.9])
    assert median <= PROMISED[circuit, quantity][0]
    assert ninetieth <= PROMISED[circuit, quantity][1]


def test_the_document_holds_every_circuit_quantity_and_the_worst_rows(grids):
    document = TARGET.read_text()
    assert "{{" not in document
    for part in (summary(grids), unfinished(grids), worst(grids)):
        assert part in document
    rows = re.findall(r"^\| ([\w-]+) \| ([\w ]+) \| (\d+) \|", document, re.MULTILINE)
    counted = {(name, quantity.replace(" ", "_")): int(count) for name, quantity, count in rows}
    for name, cases in grids.items():
        for quantity in cases[0].circuit.units:
            assert counted[name, quantity] >= 0.95 * len(cases), quantity


def test_the_worst_row_is_the_worst(grids):
    for name, cases in grids.items():
        largest = max(float(np.abs(one.errors).max()) for one in errors(cases))
        section = worst({name: cases})
        first = re.search(r"\| ([+-][\d.]+)% \|", section)
        assert first
        assert abs(float(first[1])) == pytest.approx(100 * largest, abs=0.06)
