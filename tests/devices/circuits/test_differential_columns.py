"""Columns of signed weights: closed form against SPICE on draws of the whole range, the ideal limit, what is refused."""

import dataclasses

import numpy as np
import pytest

from costmodel.devices import spice
from costmodel.devices.circuits.differential_columns import DifferentialColumns
from costmodel.devices.circuits.draws import draws
from costmodel.graphs.errors import InputError


def test_closed_forms_are_what_spice_shows():
    circuits = draws(DifferentialColumns, 16, 2024)
    outcomes = spice.run_many([circuit.job() for circuit in circuits], workers=2)
    off: dict[str, list[float]] = {name: [] for name in DifferentialColumns.units}
    for circuit, waves in zip(circuits, outcomes, strict=True):
        assert isinstance(waves, spice.Waves), waves
        shown, said = circuit.simulated(waves), circuit.predicted()
        assert set(shown) == set(said) == set(off)
        for name in ("positive_current", "negative_current", "read_power"):
            off[name].append(abs(said[name] / shown[name] - 1))
        # The output is a difference that may be 0: it is held against what the columns' currents give before they are subtracted.
        scale = circuit.r_feedback * (abs(shown["positive_current"]) + abs(shown["negative_current"]))
        off["output"].append(abs(said["output"] - shown["output"]) / scale)
    for name, errors in off.items():
        assert np.median(errors) <= 0.002, (name, errors)
        assert max(errors) <= 0.05, (name, errors)


def test_without_losses_the_output_is_the_weighted_sum_of_inputs():
    near = DifferentialColumns(r_wire=0.1, r_driver=10, gain=1e5, r_on=1e5, r_off=1e8, rows=16)
    change = near.conductance[:, 0] - near.conductance[:, 1]
    assert near.predicted()["output"] == pytest.approx(-near.r_feedback * near.v_read * change[near.driven].sum(), rel=1e-3)
    assert np.sign(change).tolist() == np.sign(near.weight).tolist()


def test_mismatch_lets_the_common_part_through():
    matched, off = DifferentialColumns(), DifferentialColumns(mismatch=0.02)
    let_through = off.predicted()["output"] - matched.predicted()["output"]
    assert let_through == pytest.approx(0.02 * off.r_feedback * off.predicted()["negative_current"], rel=0.02)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"r_on": 2e6}, "r_on is 2e+06 ohm, above r_off"),
        ({"v_read": 1.0, "v_write": 0.8}, "v_read is 1 V, not below v_write"),
        ({"r_feedback": 1e5}, "beyond the supply"),
        ({"r_wire": -1.0}, "r_wire is -1.0 ohm"),
    ],
)
def test_what_makes_no_sense_is_refused(change, said):
    with pytest.raises(InputError) as refusal:
        dataclasses.replace(DifferentialColumns(), **change)
    assert said in str(refusal.value)
