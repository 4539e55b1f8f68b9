"""Steps of Loihi: by hand, and against SANA-FE."""

import importlib.metadata

import numpy as np
import pytest

from costmodel.devices.classes.loihi import Loihi
from costmodel.devices.part import part
from costmodel.devices.placement.mapping import Mapping, expected_maximum
from costmodel.graphs.errors import InputError
from costmodel.validation.scoreboard import board
from costmodel.validation.scoreboard.families import loihi
from costmodel.validation.scoreboard.families.loihi import PART, OnLoihi, place
from costmodel.validation.scoreboard.layered import Layers
from costmodel.validation.scoreboard.sana_fe import simulate
from costmodel.validation.scoreboard.score import score
from costmodel.validation.scoreboard.wiring import Graph, Wiring

ON = part(str(PART))


def two_neurons(rate: float) -> Wiring:
    """One neuron on core 0 with a connection to another on core 5, a tile to the north."""
    core, ones, one = np.array([0, 5]), np.ones(2), np.array([1])
    rates = np.array([rate, 0.0])
    return Wiring(core, rates, ones, np.array([0]), one, "dense", 0 * ones, np.zeros((0, 100), dtype=bool))


def test_energy_of_two_neurons_by_hand():
    """Two updates; half a spike, message, hop and synaptic operation. (pJ, from SANA-FE's file.)"""
    by_hand = (2 * (51.2 + 21.6) + 0.5 * (69.3 + 111 + 4.2 + 35.5)) * 1e-12
    wiring = two_neurons(0.5)
    north = ON.override({"e_hop": 4.2e-12})
    assert Loihi(north.values).mapped(wiring.mapping).energy == pytest.approx(by_hand, rel=1e-12)
    measured = simulate(wiring)
    assert measured["energy"] == pytest.approx(by_hand, rel=0.01)
    assert (measured["messages"], measured["hops"], measured["synapses"]) == (measured["spikes"],) * 3


def test_time_of_a_silent_neuron_by_hand():
    """Nothing but updates and the barrier of two tiles."""
    on = ON.override({"t_barrier": 1e-6})
    wiring = two_neurons(0.0)
    by_hand = 6.0e-9 + 3.7e-9 + 1e-6
    assert Loihi(on.values).mapped(wiring.mapping).time == pytest.approx(by_hand, rel=1e-4)
    assert simulate(wiring)["latency"] == pytest.approx(by_hand, rel=1e-9)


def test_a_mapping_counts_axons_synapses_and_hops():
    """Three neurons on cores 0, 0 and 1, the last two tiles away; the first has three connections, two of them on core 1."""
    places = np.array([[0, 0], [1, 1]])
    core, before, after = np.array([0, 0, 1]), np.array([0, 0, 0, 1]), np.array([1, 2, 2, 0])
    mapping = Mapping.of(core, np.array([0.5, 0.25, 0.0]), np.ones(3), before, after, places)
    assert mapping.axons.tolist() == [2, 1, 0]
    found = sorted(zip(mapping.source, mapping.target, mapping.synapses, mapping.hops, strict=True))
    assert found == [(0, 0, 1, 0), (0, 1, 2, 2), (1, 0, 1, 0)]
    assert mapping.per_target(mapping.events * mapping.synapses).tolist() == [0.75, 1.0]


def test_largest_of_normal_values():
    """Of one: its mean. Of two: mean + σ / √π. Of a hundred: 2.508 σ."""
    assert expected_maximum(np.array([3.0]), np.array([4.0])) == pytest.approx(3.0, abs=1e-3)
    assert expected_maximum(np.array([3.0, 3.0]), np.array([4.0, 4.0])) == pytest.approx(3 + 2 / np.sqrt(np.pi), rel=1e-3)
    assert expected_maximum(np.zeros(100) + 5, np.ones(100)) == pytest.approx(7.508, rel=2e-3)
    assert expected_maximum(np.array([3.0, 1.0]), np.zeros(2)) == pytest.approx(3.0, rel=1e-5)


@pytest.mark.parametrize(("cores", "fan_out"), [(1, 1), (2, 1), (4, 3), (8, 8), (8, 30), (32, 5)])
def test_cores_that_an_event_reaches(cores, fan_out):
    """As many as random connections hit, (1 − (1 − 1/cores)^fan_out) of them."""

    class Op:
        layer_neurons, layer_weight_bits, layer_cores = 1024.0 * cores, 0.0, 0.0

    Op.fan_out = float(fan_out)
    assert Loihi(ON.values).reached(Op()) == pytest.approx(1 - (1 - 1 / cores) ** fan_out, rel=0.02)


def test_updates_and_incoming_spikes_overlap():
    """A core's step is the longer of its two sides, not their sum."""
    layers = Layers((64,), (128,), 0.1, 1024)
    placed = place(layers)
    on, rates = placed.on.values, layers.rates
    updates = 128 * (on["t_update"] + rates[1].mean() * on["t_spike"])
    takes = 64 * rates[0].mean() * (on["t_receive"] + 128 * on["t_synop"])
    hops = (1 + 2 / 3) * on["t_hop"]
    found = placed.from_layer_rates()["latency_from_layer_rates"]
    assert found == pytest.approx(max(updates, takes + hops) + on["t_barrier"], rel=1e-9)


def test_forced_rates_are_what_sana_fe_counts():
    """Inputs exactly, neurons within a spike each over the run."""
    wiring = Graph(2, 32, 2, 4, 0.2).wiring()
    measured = simulate(wiring)
    assert measured["spikes"] == pytest.approx(wiring.rate.sum(), abs=64 / 100)
    layers = Layers((50,), (4,), 0.3, 64)
    wiring = layers.wiring([1, 1])
    assert simulate(wiring)["messages"] == pytest.approx(layers.trains.sum() / 100, rel=1e-12)


def test_the_family_holds_what_it_promises(tmp_path, monkeypatch):
    monkeypatch.setattr(loihi, "GRAPHS", loihi.GRAPHS[1:13:3])
    monkeypatch.setattr(loihi, "LAYERED", (loihi.LAYERED[1], loihi.LAYERED[3], loihi.LAYERED[9], loihi.LAYERED[16]))
    family, ledger, rows = board.run("loihi", tmp_path, lambda *_: None)
    assert ledger.provenance["sanafe"] == importlib.metadata.version("sanafe")
    assert all(row.low < row.predicted < row.high for row in rows)
    for name, bound in family.bounds.items():
        found = score(row for row in rows if row.quantity == name)
        assert found.rows == (4 if name.endswith("layer_rates") else 8)
        assert found.median <= bound.median, name


def test_there_are_enough_networks_of_every_kind():
    names = [case.name for case in OnLoihi().cases() if case.scored]
    assert len(names) == len(set(names))
    assert sum(name.startswith("graph") for name in names) >= 15
    assert sum(name.startswith("layers") for name in names) >= 20
    assert all(sum(kind in name for name in names) >= 6 for kind in ("dense", "sparse", "conv"))


def test_without_sana_fe_it_says_how_to_get_it(monkeypatch):
    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    with pytest.raises(InputError, match=r'not installed; pip install "snn-costmodel\[peers\]"'):
        OnLoihi().prepare({})
