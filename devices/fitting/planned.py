"""A network as the hardware that ``costmodel rtl`` would make of it, planned once for all parts."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from costmodel.devices.fitting.widths import Widths
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.network import Network
from costmodel.rtl.cost.design import resources
from costmodel.rtl.cost.resources import FpgaCost
from costmodel.rtl.datapath import Precision
from costmodel.rtl.design import Design
from costmodel.rtl.planning import Options, plan
from costmodel.rtl.planning.parallel import widened


@dataclass(frozen=True, eq=False)
class Planned:
    """A network as hardware.

    Attributes:
        design: with some P and R, of some family; its neurons' data paths depend on neither.
        rates: input or layer → share of its elements that send in a step, at the network file's rates.
    """

    design: Design
    rates: dict[str, float]

    @lru_cache(maxsize=8)  # noqa: B019 -- few are kept, by `planned`
    def widths(self, units: int | None) -> Widths:
        """With every P that is tried, and every R unless it is given."""
        return Widths.of(self.design, self.rates, units)

    @lru_cache(maxsize=4096)  # noqa: B019
    def resources(self, family: str, lanes: int, units: int) -> FpgaCost:
        """What it takes of a family of FPGAs, with some P and R."""
        return resources(widened(self.design, lanes, units), family)


@lru_cache(maxsize=32)
def planned(network: Network, weight_bits: int | None, state_bits: int) -> Planned | None:
    """The hardware of a network; None where it has none.

    Weights that are missing are drawn: what hardware costs hangs on how many they are, hardly on what they are.

    Args:
        network: the network.
        weight_bits: of all weights; None: those of the file, or 8.
        state_bits: least bits of a state.
    """
    try:
        options = Options(weight_bits=weight_bits, precision=Precision(state_bits=state_bits))
        design = plan(_with_weights(network), "ecp5", options)
    except InputError:
        return None
    sent = Activity(network).sent
    return Planned(design, {name: float(sent[name].rate) for name in (design.source, *design.layers)})


def _with_weights(network: Network) -> Network:
    """The network with weights everywhere, those that are missing drawn as torch begins with."""
    dice, arrays = np.random.default_rng(0), {name: dict(own) for name, own in network.arrays.items()}
    for name, node in network.synapse_nodes():
        for key, shape in node.arrays(network.shapes[name][0]).items():
            if key == "weight" and key not in arrays.get(name, {}):
                bound = 1 / math.sqrt(max(math.prod(shape[1:]), 1))
                arrays.setdefault(name, {})[key] = dice.uniform(-bound, bound, shape)
    missing = arrays.keys() != network.arrays.keys() or any(arrays[name].keys() != own.keys() for name, own in network.arrays.items())
    return Network(network.settings, network.nodes, arrays, network.where) if missing else network
