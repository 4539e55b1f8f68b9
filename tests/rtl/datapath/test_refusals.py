"""What cannot become a datapath is refused in one line that says what to do."""

import numpy as np
import pytest

from costmodel.graphs.equations.neuron import NEURONS
from costmodel.graphs.errors import InputError
from costmodel.graphs.neurons import neuron
from costmodel.rtl.datapath import Precision, compile_neuron
from costmodel.rtl.datapath.compiling.ranges import observed_ranges
from tests.datapaths import Spiky, compiled


@pytest.mark.parametrize(
    ("case", "options", "words"),
    [
        ("lif", {"input_scale": 0.0}, "input_scale is 0.0"),
        ("lif", {"bounds": (3, -3)}, "bounds are (3, -3)"),
        ("lif", {"form": "both"}, "take 'membrane', 'input' or None"),
        ("lif", {"reset": "soft"}, "no reset 'soft'; known are subtract, value, none"),
        ("lif", {"parameters": {}}, "parameter 'tau' is missing; give it, in s"),
        ("lif", {"parameters": {"tau": 0.02, "tua": 1}}, "no parameter 'tua'; did you mean 'tau'?"),
        ("lif", {"parameters": {"tau": [0.02, 0.03], "r": [1, 2, 3]}}, "has 3 values, another has 2"),
        ("lif", {"parameters": {"tau": np.nan}}, "neither a finite number"),
        ("lif", {"bias": [0.5]}, "integers, one per neuron, are needed"),
        ("lif", {"ranges": {"u": (0, 1)}}, "has no state 'u'"),
        ("lif", {"ranges": {"v": (1, 0)}}, "lowest < highest"),
        ("i", {"ranges": {}}, "state 'v' of neuron 'i' has no range"),
        ("cubalif", {"ranges": {}}, "state 'i' of neuron 'cubalif' has no range"),
        ("cubalif", {"form": "membrane"}, "take form 'input'"),
    ],
)
def test_refusals(case, options, words):
    with pytest.raises(InputError) as refused:
        compiled(case, **options)
    assert words in str(refused.value)


def test_more_refusals():
    class Slow(neuron("li")):
        type = "test-datapath-slow"
        max_step = 1e-4

    NEURONS.pop("test-datapath-slow")
    Slow.params, Slow.states = neuron("li").params, neuron("li").states
    with pytest.raises(InputError, match="sends values and needs 10 substeps"):
        compile_neuron(Slow, {"tau": 0.02}, 1e-3, input_scale=1.0, bounds=(-1, 1))
    with pytest.raises(InputError, match="delta differs between neurons; use one value for all"):
        compile_neuron(Spiky, {"delta": [0.5, 0.6]}, 1e-3, input_scale=1.0, bounds=(-1, 1), ranges={"v": (-1, 2), "a": (0, 3)})
    with pytest.raises(InputError, match="grows without bound"):
        observed_ranges(neuron("qif"), "none", {"tau": 0.02}, 1e-3, np.full((4000, 1), 100.0))
    with pytest.raises(InputError, match="needs a value for spiked"):
        compiled("izhikevich").evaluate(dict.fromkeys(("acc", "v", "u", "final_pass"), np.zeros(1, np.int64)))
    for options in ({"state_bits": 3}, {"multiply": "lut"}, {"decay": "none"}, {"table_bits": 20}, {"constant_bits": 1}):
        with pytest.raises(InputError):
            Precision(**options)
