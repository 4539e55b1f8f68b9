"""A neuron as fixed-point hardware: one pipelined datapath, its integer twin, and its bill of materials.

``compile_neuron`` makes a `Datapath` from a neuron's equations; `rtl.datapath.circuit` is its circuit and
`rtl.datapath.compiling.ranges` observes what its states need.
"""

from costmodel.rtl.datapath.compiling.compiler import compile_neuron
from costmodel.rtl.datapath.datapath import Datapath, Port
from costmodel.rtl.datapath.precision import Precision

__all__ = ["Datapath", "Port", "Precision", "compile_neuron"]
