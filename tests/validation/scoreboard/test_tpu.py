"""Cycles on a systolic array: by hand, and against SCALE-Sim."""

import importlib.metadata

import numpy as np
import pytest

from costmodel.devices.classes.tpu import TPU
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError
from costmodel.validation.scoreboard import board
from costmodel.validation.scoreboard.families import tpu
from costmodel.validation.scoreboard.families.tpu import CLASSES, Layer, Systolic, on_array
from costmodel.validation.scoreboard.family import Case
from costmodel.validation.scoreboard.scale_sim import cycles
from costmodel.validation.scoreboard.score import score
from tests.networks import conv, linear, network


def predicted(layer: Layer, flow: str) -> float:
    family = Systolic()
    family._layers = {"one": (layer, flow)}
    return family.predict(Case("one")).quantities["cycles"].value


@pytest.mark.parametrize(
    ("flow", "by_hand"),
    [
        # An 8 × 4 array, 8 samples, 20 inputs, 4 outputs; S_R, S_C, T over the array as in Samajdar et al. 2020, table II.
        ("ws", 3 * 1 * (2 * 8 + 4 + 8 - 2)),  # S_R = 20 inputs in three folds, S_C = 4 outputs, T = 8 samples
        ("is", 3 * 2 * (2 * 8 + 4 + 4 - 2)),  # S_R = 20 inputs, S_C = 8 samples in two folds, T = 4 outputs
        ("os", 1 * 1 * (8 + 4 + 20 - 2)),  # S_R = 8 samples, S_C = 4 outputs, T = 20 inputs, nothing put in before
    ],
)
def test_cycles_of_a_product_by_hand(flow, by_hand):
    layer = Layer((8, 4), dense=(8, 20, 4))
    assert predicted(layer, flow) == pytest.approx(by_hand, rel=1e-12)
    assert cycles((8, 4), flow, dense=(8, 20, 4)) == by_hand


@pytest.mark.parametrize("flow", CLASSES)
@pytest.mark.parametrize(
    "layer", [Layer((16, 8), dense=(33, 50, 17)), Layer((8, 16), conv=(9, 3, 20, 3, 2))], ids=lambda each: each.name
)
def test_a_small_layer_is_what_scale_sim_says(layer, flow):
    measured = cycles(layer.array, flow, dense=layer.dense, conv=layer.conv)
    assert predicted(layer, flow) == pytest.approx(measured, rel=0.02)


def test_arrays_share_the_tiles():
    """Three tiles on two arrays take the time of two."""
    on = on_array((8, 4), "ws").override({"arrays": 2})
    estimator = Estimator(Workload(network([20], linear(4, bias=False), timesteps=1), batch=8), on)
    (synapses,) = estimator.workload.table.rows["synapses"]
    assert estimator.figures().run.time[synapses, 0] == pytest.approx(2 * (2 * 8 + 4 + 8 - 2) * 1e-9)


def test_a_convolution_streams_its_positions():
    on = on_array((32, 32), "ws")
    estimator = Estimator(Workload(network([2, 10, 10], conv(8, 3, bias=False), timesteps=1)), on)
    streams = TPU(on.values).streams(estimator.columns().operators["synapses"])
    assert [float(np.ravel(each)[0]) for each in streams] == [2 * 3 * 3, 8, 8 * 8]


def test_the_family_holds_what_it_promises(tmp_path, monkeypatch):
    monkeypatch.setattr(tpu, "LAYERS", tpu.LAYERS[:8])
    family, ledger, rows = board.run("tpu", tmp_path, lambda *_: None)
    assert len(rows) == 24
    assert ledger.provenance["scalesim"] == importlib.metadata.version("scalesim")
    found = score(rows)
    assert found.median <= family.bounds["cycles"].median
    assert found.coverage >= 0.9
    assert all(row.low < row.predicted < row.high for row in rows)


def test_there_are_enough_layers_of_every_kind():
    names = [case.name for case in Systolic().cases()]
    assert len(names) == len(set(names)) >= 30
    assert all(sum(name.endswith(flow) for name in names) >= 10 for flow in CLASSES)
    assert sum("conv" in name for name in names) >= 12
    assert len({name.split()[0] for name in names}) >= 6


def test_without_scale_sim_it_says_how_to_get_it(monkeypatch):
    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    with pytest.raises(InputError, match=r'not installed; pip install "snn-costmodel\[peers\]"'):
        Systolic().prepare({})
