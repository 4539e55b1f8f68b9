"""Operation counts against the identities of NeuroBench's baselines, to the last digit, and the rules they follow."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.summary import summarise
from costmodel.graphs.nodes.conv import Conv1d, Conv2d
from tests.networks import FLATTEN, LIF, POOL, conv, dvs_csnn, gsc_m5, linear, network


def snntorch_conv(shape: list[int], features: int):
    return network(shape, conv(12, 5), POOL, LIF, conv(features, 5), POOL, LIF, FLATTEN, linear(10), LIF)


def reaching(n: int):
    return network([n], linear(50, bias=False), LIF, linear(2, bias=False), LIF)


def tudelft():
    layers = (conv(32, 3, stride=2, bias=False), LIF, conv(64, 3, stride=2, bias=False), LIF, FLATTEN, linear(10))
    return network([1, 28, 28], *layers)


@pytest.mark.parametrize(
    ("net", "dense", "parameters"),
    [
        (network([20], linear(256), LIF, linear(256), LIF, linear(256), LIF, linear(35), timesteps=200), 29_030_400, 145_152 + 803),
        (dvs_csnn(), 891_206_400, 76_187),
        (reaching(96), 4_900, 4_900),
        (reaching(192), 9_700, 9_700),
        (snntorch_conv([2, 34, 34], 32), 540_000 + 1_161_600 + 8_000, 18_254),
        (snntorch_conv([1, 28, 28], 64), 172_800 + 1_228_800 + 10_240, 29_826),
        (tudelft(), 48_672 + 663_552 + 23_040, 41_760 + 10),
    ],
    ids=["gsc-snn", "dvs-csnn", "reaching-96", "reaching-192", "nmnist-conv", "mnist-conv", "tudelft"],
)
def test_dense_synops_and_parameters(net, dense, parameters):
    found = summarise(net)
    assert found.work.dense_synops == dense
    assert found.parameters == parameters


def test_gsc_m5_dense_and_footprint():
    found = summarise(gsc_m5())
    assert found.work.dense_synops == 1_880_256
    assert found.footprint_bytes == 109_228


def test_each_layer_of_the_dvs_network():
    from costmodel.graphs.lowering.lowering import Lowering

    lowering = Lowering(dvs_csnn())
    per_step = [lowering.geometry(name).connections for name, _ in lowering.network.synapse_nodes()]
    assert per_step == [154**2 * 2 * 16, 74**2 * 16 * 32, 34**2 * 32 * 64, 1024 * 11]


conv_2d = st.fixed_dictionaries(
    {
        "features": st.integers(1, 4).map(lambda n: 2 * n),
        "kernel": st.tuples(st.integers(1, 4), st.integers(1, 4)).map(list),
        "stride": st.tuples(st.integers(1, 3), st.integers(1, 3)).map(list),
        "padding": st.sampled_from([0, 1, 2, "same"]),
        "dilation": st.sampled_from([1, 2]),
        "groups": st.sampled_from([1, 2]),
    }
)


def connections_one_by_one(node: Conv2d, shape, weight) -> np.ndarray:
    """Connections of each input, by walking over every output and every tap: slow, and written apart from the product."""
    from costmodel.graphs.nodes.window import axes

    reach = np.zeros(shape, dtype=int)
    rows, columns = axes(shape, 2, node.kernel, node.stride, node.padding, node.dilation)
    per_group, out_per_group = shape[0] // node.groups, node.features // node.groups
    for feature, y, x in itertools.product(range(node.features), range(rows.outputs), range(columns.outputs)):
        first = feature // out_per_group * per_group
        for c, i, j in itertools.product(range(per_group), range(rows.kernel), range(columns.kernel)):
            row = y * rows.stride - rows.before + i * rows.dilation
            column = x * columns.stride - columns.before + j * columns.dilation
            if 0 <= row < shape[1] and 0 <= column < shape[2] and weight[feature, c, i, j]:
                reach[first + c, row, column] += 1
    return reach


@given(fields=conv_2d, height=st.integers(5, 9), width=st.integers(5, 9), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_convolution_reach_equals_a_walk_over_all_taps(fields, height, width, seed):
    shape = (4, height, width)
    node = Conv2d(id="c", **fields)
    try:
        weight_shape = node.arrays(shape)["weight"]
    except ValueError:
        return  # the window is larger than the input
    weight = np.random.default_rng(seed).integers(0, 2, weight_shape)
    assert (node.reach(shape, weight) == connections_one_by_one(node, shape, weight)).all()
    everywhere = connections_one_by_one(node, shape, np.ones(weight_shape))
    assert (node.reach(shape, None) == everywhere).all()
    assert node.geometry(shape).connections == everywhere.sum()


def test_convolution_sizes_equal_torch():
    import torch

    for kernel, stride, padding, dilation in itertools.product((1, 3, 4), (1, 2), (0, 1), (1, 2)):
        node = Conv1d(id="c", features=3, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
        there = torch.nn.Conv1d(2, 3, kernel, stride, padding, dilation)(torch.zeros(1, 2, 17)).shape[1:]
        assert node.output_shape((2, 17)) == tuple(there)


def test_effective_counts_follow_the_rates():
    net = network([20], linear(30, bias=False), {**LIF, "rate": 0.25}, linear(10), timesteps=8, input={"rate": 0.5})
    work = summarise(net).work
    assert work.effective_synops == 8 * (20 * 0.5 * 30 + 30 * 0.25 * 10)
    assert work.acs == work.effective_synops
    assert work.macs == 0
    assert work.spikes == 8 * 30 * 0.25


def test_values_cost_macs_and_spikes_acs():
    net = network([20], linear(30), {**LIF, "rate": 0.1}, linear(10), input={"encoder": {"type": "direct"}, "rate": 1.0})
    work = summarise(net).work
    assert work.macs == 20 * 30
    assert work.acs == 30 * 0.1 * 10


def test_average_pooling_turns_spikes_into_values_and_raises_the_rate():
    pool = {"type": "avgpool2d", "kernel": 2}
    net = network([1, 4, 4], pool, FLATTEN, linear(10), input={"rate": 0.1})
    work = summarise(net).work
    assert work.acs == 0
    assert work.macs == pytest.approx(4 * (1 - 0.9**4) * 10)


def test_measured_activity_counts_border_taps_exactly():
    net = network([1, 3, 3], conv(1, 3, padding=1, bias=False))
    corner = np.zeros((1, 3, 3))
    corner[0, 0, 0] = 1.0
    assert summarise(net, Activity(net, elements={"in": corner})).work.effective_synops == 4
    middle = np.zeros((1, 3, 3))
    middle[0, 1, 1] = 1.0
    assert summarise(net, Activity(net, elements={"in": middle})).work.effective_synops == 9
