"""Functions of torch that compute, as operations of a network document: a file for each kind, by the functions' own names."""

from costmodel.graphs.reading.tracing.functions import elementwise, norms, products, reductions, synapses, windows
from costmodel.graphs.reading.tracing.functions.composites import COMPOSITES
from costmodel.graphs.reading.tracing.functions.given import Given, Made, Unknown

__all__ = ["COMPOSITES", "FUNCTIONS", "Given", "Made", "Unknown"]

FUNCTIONS = {
    **synapses.FUNCTIONS,
    **windows.FUNCTIONS,
    **norms.FUNCTIONS,
    **elementwise.FUNCTIONS,
    **products.FUNCTIONS,
    **reductions.FUNCTIONS,
}
"""Name of a function → what makes an operation of a call of it."""
