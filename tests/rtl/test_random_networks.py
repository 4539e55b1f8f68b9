"""Random networks on random hardware: answers and times are those predicted, whatever the sizes and choices."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from costmodel.graphs.errors import InputError
from costmodel.rtl.planning import Options, plan
from tests.hardware import FLATTEN, LIF, check_design, conv, drawn, random_inputs
from tests.networks import linear

small = st.integers(1, 7)
NEURONS = [
    LIF,
    {**LIF, "reset": "value"},
    {"type": "if", "r": 300.0},
    {"type": "cubalif", "tau_syn": "3 ms", "tau_mem": "6 ms", "r": 6.0},
    {"type": "alif", "tau": "5 ms", "tau_a": "20 ms", "r": 5.0},
    {"type": "threshold"},
    {"type": "sigma-delta", "v_threshold": 0.5},
]
neurons = st.sampled_from(NEURONS)


@st.composite
def dense(draw):
    nodes = [{"type": "input", "shape": [draw(small)]}]
    for _ in range(draw(st.integers(1, 3))):
        nodes += [linear(draw(small), bias=draw(st.booleans())), draw(neurons)]
    return nodes


@st.composite
def convolutional(draw):
    rows, columns = draw(st.integers(3, 6)), draw(st.integers(3, 6))
    convolution = conv(
        draw(st.integers(1, 5)),
        [draw(st.integers(1, 3)), draw(st.integers(1, 3))],
        stride=[draw(st.integers(1, 3)), draw(st.integers(1, 3))],
        padding=[draw(st.integers(0, 2)), draw(st.integers(0, 2))],
        dilation=draw(st.integers(1, 2)),
    )
    pool = {"type": draw(st.sampled_from(["maxpool2d", "sumpool2d", "avgpool2d"])), "kernel": [1, draw(st.integers(1, 2))]}
    ways = [([], [], []), ([pool], [], []), ([], [pool], [FLATTEN]), ([], [], [FLATTEN])]
    sums, spikes, between = draw(st.sampled_from(ways))
    behind = [*spikes, *between, linear(3), LIF] if between else []
    delay = [{"type": "delay", "delay": draw(st.sampled_from(["0 ms", "1 ms", "2 ms"]))}] if draw(st.booleans()) else []
    neuron = draw(neurons.filter(lambda one: one["type"] != "sigma-delta")) if spikes else draw(neurons)
    source = {"type": "input", "shape": [draw(st.integers(1, 3)), rows, columns]}
    return [source, *delay, convolution, *sums, neuron, *behind]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    nodes=dense() | convolutional(),
    lanes=st.integers(1, 6),
    units=st.integers(1, 3),
    bits=st.integers(2, 12),
    queue=st.integers(1, 5),
    rate=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    values=st.booleans(),
    family=st.sampled_from(["ice40", "ecp5", "xilinx"]),
    seed=st.integers(0, 999),
)
def test_random_networks(nodes, lanes, units, bits, queue, rate, values, family, seed):
    values = values and nodes[1]["type"] != "delay"
    if values:
        nodes = [{**nodes[0], "encoder": {"type": "direct"}}, *nodes[1:]]
    try:
        network = drawn(nodes, seed=seed, timesteps=3)
        design = plan(network, family, Options(lanes=lanes, units=units, weight_bits=bits, queue=queue))
    except InputError as error:
        if "larger than its input" not in str(error) and "an intermediate value of the datapath needs" not in str(error):
            raise
        assume(False)
    check_design(design, random_inputs(network, rate=rate, seed=seed, signs=values), all_send=False)
