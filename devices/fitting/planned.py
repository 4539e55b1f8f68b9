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
        every = self.widths(None)
        if (lanes, units) not in every.chosen:
            return resources(widened(self.design, lanes, units), family)
        needs, at = every.needs[family], every.chosen.index((lanes, units))
        return FpgaCost(*(None if value is None else float(value[at]) for value in vars(needs).values()))


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
    dice, drawn = np.random.default_rng(0), {}
    for name, node in network.synapse_nodes():
        own = network.arrays.get(name, {})
        if "weight" not in own:
            shape = node.arrays(network.shapes[name][0])["weight"]
            bound = 1 / math.sqrt(math.prod(shape[1:]))
            drawn[name] = {**own, "weight": dice.uniform(-bound, bound, shape)}
    return (
        Network(network.settings, network.nodes, {**network.arrays, **drawn}, network.where, elements=network.elements)
        if drawn
        else network
    )
