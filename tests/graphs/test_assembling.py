"""Networks from arrays spike as numpy steps them, in the order of Brian2 and with delays of every connection."""

import numpy as np
import pytest
import torch

import costmodel as cm
from costmodel.graphs.errors import InputError
from costmodel.validation.runner.model import NetworkModel

DT, STEPS, BATCH = 1e-3, 60, 3
IN, EXC, INH = 12, 8, 5


def drawn(dice, before, after, share, sign=1.0):
    """COO arrays, with some pairs of neurons twice."""
    count = round(before * after * share)
    return dice.integers(0, before, count), dice.integers(0, after, count), sign * dice.uniform(0.1, 0.5, count)


def spikes_of(network, train):
    with torch.no_grad():
        return {key: x.numpy() for key, x in NetworkModel(network).double()(torch.as_tensor(train)).items()}


def stepped(train, taus, thresholds, synapses):
    """Leaky neurons in the order of Brian2 (decay, threshold, synapses v_post += w, resets v -= θ), synapse by synapse.

    Args:
        train: (T, batch, inputs).
        taus, thresholds: of every population, per neuron.
        synapses: (source, target, source indices, target indices, weights, steps from the spike to the synapse).

    Returns:
        Spikes (T, batch, neurons) of every population.
    """
    sent = {"in": train} | {key: np.zeros((STEPS, BATCH, len(tau))) for key, tau in taus.items()}
    v = {key: np.zeros((BATCH, len(tau))) for key, tau in taus.items()}
    for t in range(STEPS):
        for key, tau in taus.items():
            v[key] *= np.exp(-DT / tau)
            sent[key][t] = v[key] >= thresholds[key]
        for source, target, i, j, w, steps in synapses:
            for a, b, weight, late in zip(i, j, w, np.broadcast_to(steps, w.shape), strict=True):
                if t >= late:
                    v[target][:, b] += weight * sent[source][t - late, :, a]
        for key in taus:
            v[key] -= thresholds[key] * sent[key][t]
    return {key: sent[key] for key in taus}


def test_a_brian2_network_spikes_as_numpy_steps_it():
    """Two recurrent populations, parameters per neuron, delays per synapse, per axon and none, repeated synapses."""
    dice = np.random.default_rng(0)
    taus = {"exc": dice.uniform(5e-3, 20e-3, EXC), "inh": dice.uniform(5e-3, 20e-3, INH)}
    thresholds = {"exc": dice.uniform(0.8, 1.2, EXC), "inh": np.full(INH, 1.0)}
    late = {"in": dice.integers(0, 4, 60), "exc": 2, "inh": dice.integers(0, 5, INH)}
    to_exc, to_inh, back = drawn(dice, IN, EXC, 60 / 96), drawn(dice, EXC, INH, 0.7), drawn(dice, INH, EXC, 0.6, -1.0)
    own = dice.uniform(0, 0.1, (EXC, EXC))
    rows, columns = np.nonzero(own)
    synapses = [
        ("in", "exc", *to_exc, late["in"]),
        ("exc", "inh", *to_inh, late["exc"]),
        ("inh", "exc", *back, late["inh"][back[0]]),
        ("exc", "exc", rows, columns, own[rows, columns], 0),
    ]
    # a weight moves v at once, then decays with it: r (1 − e) = e, one step after the synapse
    kinds = {
        key: {
            "type": "lif", "size": len(tau), "tau": tau, "v_threshold": thresholds[key],
            "r": 1 / np.expm1(DT / tau), "reset": "subtract",
        }
        for key, tau in taus.items()
    }  # fmt: skip
    connections = [
        {"source": "in", "target": "exc", "weight": to_exc, "delay": (late["in"] + 1) * DT},
        {"source": "exc", "target": "inh", "weight": to_inh, "delay": (late["exc"] + 1) * DT},
        {"source": "inh", "target": "exc", "weight": back, "delay": (late["inh"][back[0]] + 1) * DT},
        {"source": "exc", "target": "exc", "weight": own, "delay": DT},
    ]
    network = cm.Network.from_arrays(kinds, connections, {"in": {"size": IN, "rate": 300.0}}, DT, STEPS, outputs=["inh"])
    train = (dice.random((STEPS, BATCH, IN)) < 0.3).astype(float)
    ours, theirs = spikes_of(network, train), stepped(train, taus, thresholds, synapses)
    for key in taus:
        assert theirs[key].sum() > 50
        assert (ours[key] == theirs[key]).all()


@pytest.mark.parametrize("as_matrix", [True, False])
def test_currents_through_layers_arrive_in_their_step(as_matrix):
    """No delay, no loop: integrators of x W, against products of whole trains."""
    dice = np.random.default_rng(1)
    w1, w2 = dice.integers(-8, 16, (IN, EXC)) / 16, dice.integers(-8, 16, (EXC, INH)) / 16
    given = [w if as_matrix else (*np.nonzero(w), w[np.nonzero(w)]) for w in (w1, w2)]
    network = cm.Network.from_arrays(
        {"hid": {"type": "if", "size": (2, 4), "r": 1 / DT, "reset": "subtract"}, "out": {"type": "if", "size": INH, "r": 1 / DT}},
        [{"source": "in", "target": "hid", "weight": given[0]}, {"source": "hid", "target": "out", "weight": given[1]}],
        {"in": {"size": IN}},
        DT,
        STEPS,
    )
    x = train = (dice.random((STEPS, BATCH, IN)) < 0.3).astype(float)
    ours = spikes_of(network, train)
    for key, weight in (("hid", w1), ("out", w2)):
        v, sent = 0.0, []
        for now in x @ weight:
            v = v + now
            sent.append(v >= 1)
            v = v - sent[-1]
        x = np.array(sent, dtype=float)
        assert x.sum() > 50
        assert (ours[key] == x).all()


def test_counts_are_of_the_synapses_given():
    """Every entry is a synapse, also one of weight 0 and a second one between the same neurons; rates are in Hz, each its own."""
    pre, post, weight = np.array([0, 0, 1, 3]), np.array([1, 1, 0, 1]), np.array([0.5, 0.25, 0.0, 1.0])
    rates = np.array([10.0, 20.0, 30.0, 0.0])
    network = cm.Network.from_arrays(
        {"a": {"type": "lif", "size": 2, "tau": "10 ms"}},
        [{"source": "in", "target": "a", "weight": (pre, post, weight)}],
        {"in": {"size": 4, "rate": rates}},
        DT,
        10,
    )
    sizes = [node.geometry(network.shapes[key][0]).connections for key, node in network.synapse_nodes()]
    assert sum(sizes) == len(weight)
    assert cm.Activity(network).sent["in"].elements == pytest.approx(rates * DT)
    assert cm.Activity(network).sent["in"].rate == pytest.approx(rates.mean() * DT)


A = {"type": "lif", "size": 3, "tau": 0.01}
ONE = {"source": "in", "target": "a", "weight": np.ones((2, 3))}


@pytest.mark.parametrize(
    ("population", "connection", "told"),
    [
        ({"type": "lyf"}, {}, "population 'a': 'lyf' is no kind of neuron; did you mean 'lif'?"),
        ({"type": "lif", "size": 0}, {}, "a size of 0; give a whole number of 1 or more"),
        ({"tau": np.ones(4)}, {}, "its 'tau' has shape (4,); give 1 value or 3"),
        ({"tau": [0.1, np.nan, 0.1]}, {}, "its tau holds values that are not finite"),
        ({"taw": 1.0}, {}, "unknown key 'taw'; did you mean 'tau'?"),
        ({}, {"weight": np.ones((3, 2))}, "weights of shape (3, 2); (source, target) is (2, 3)"),
        ({}, {"weight": ([0, 2], [0, 0], [1.0, 1.0])}, "a source index of 2; its neurons count from 0 to 1"),
        ({}, {"weight": ([0], [-1], [1.0])}, "a target index of -1; its neurons count from 0 to 2"),
        ({}, {"weight": ([0, 1], [0], [1.0, 1.0])}, "arrays of shapes (2,), (1,) and (2,)"),
        ({}, {"weight": ([0], [0], [np.inf])}, "its weight holds values that are not finite"),
        ({}, {"weight": np.zeros((2, 3))}, "it has no synapses; remove it"),
        ({}, {"delay": np.ones(4)}, "delays of shape (4,); give one, or one for each of the 6 synapses"),
        ({}, {"delay": -1e-3}, "a delay of -0.001 s; give 0 or more"),
        ({}, {"source": "on"}, "connections[0]: no population or input 'on'; did you mean 'in'?"),
        ({}, {"target": "in"}, "connections[0]: no population 'in'"),
        ({}, {"source": "a", "weight": np.ones((3, 3)), "delay": 0.0}, "a delay of less than a time step in a loop"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(population, connection, told):
    with pytest.raises(InputError) as error:
        cm.Network.from_arrays({"a": {**A, **population}}, [{**ONE, **connection}], {"in": {"size": 2}}, DT, 10)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
