"""The six kinds of operators that a network lowers to, and their work in symbols.

An operator has sizes (what the graph says) and work (equations over the sizes, the rates and the bit widths). The equations
are properties: over numbers they give a number, over columns of a whole network a column, over sympy symbols an expression.

Sizes and work are those of one sample and one execution; ``executions`` says how often that happens in a sample (once a time
step, or once). All counts follow NeuroBench: an operation needs a non-zero input and a non-zero weight; taps on padding do
not exist.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from costmodel.graphs.equations.algebra import Value


class Operator:
    """Base of the kinds: it holds sizes as attributes.

    Args:
        sizes: a value for every name in ``fields()``: numbers, columns or symbols.

    Raises:
        KeyError: a size is missing.
    """

    kind: ClassVar[str]
    sizes: ClassVar[dict[str, str]]
    made: ClassVar[dict[str, str]] = {}
    """Sizes of hardware that is made for the network, which nobody else reads: 0 where there is none."""
    shared: ClassVar[dict[str, str]] = {
        "executions": "executions per sample",
        "batch": "samples that one execution serves",
        "layer_neurons": "neurons of the layer it belongs to",
        "layer_connections": "connections of that layer",
        "layer_weight_bits": "bits that the layer's weights take, each stored once",
        "layer_fan_in": "most inputs of a neuron of that layer",
        "layer_inputs": "elements that send to that layer",
        "layer_cores": "cores that somebody gave that layer on a many-core chip; 0 where nobody did",
        "resident": "bytes that the whole network keeps: weights and states",
        "looped": "1 where the operator lies on a loop of connections, so that its time steps follow one another, else 0",
        "training": "1 in a training step, else 0",
        "backward": "1 in the backward pass, else 0",
        "update": "1 where parameters are changed, else 0",
        "event_driven": "1 where the network's spikes are found event by event, in no time steps, else 0",
        "solving": "exponentials that finding a first spike takes, at what stands for such a layer or its gradient, else 0",
        "entering": "exponentials that an input of such a layer takes, once for each order in which inputs come",
        "orders": "orders in which inputs come to such a layer: one, or one for each neuron where connections have delays",
        "flowing": "entries of a neuron's state and a constant, at what stands for a layer that flows from event to event, else 0",
        "grid": "steps of the grid on which such a layer looks for crossings, in one execution",
    }

    def __init__(self, sizes: Mapping[str, Value]) -> None:
        for name in self.fields():
            setattr(self, name, sizes[name])

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self.kind} operators have no '{name}'; they have {', '.join(self.fields())}")

    @classmethod
    def fields(cls) -> dict[str, str]:
        """Every size and its meaning."""
        return {**cls.sizes, **cls.made, **cls.shared}


class Synapses(Operator):
    """Weighted connections: linear, convolutional, sparse, and their transposes in training."""

    kind = "synapses"
    sizes: ClassVar[dict[str, str]] = {
        "inputs": "input elements",
        "outputs": "output elements",
        "connections": "weighted connections inside the input: taps on padding are none",
        "rate": "share of the inputs that is not zero, of spike trains that meet the sum of theirs",
        "arriving": "events that reach an input, each of those counted that a sum joins: its rate where nothing is summed",
        "fan_out": "connections of an active input",
        "binary": "1 where inputs are spikes, 0 where they are values to multiply",
        "weights": "weights stored",
        "biases": "biases stored",
        "bits": "bits of a weight",
        "most_inputs": "most inputs of an output",
        "rows": "inputs of one output: rows of the weight matrix",
        "columns": "outputs that share an input window: columns of the weight matrix",
        "positions": "places where the weight matrix is applied",
        "groups": "weight matrices side by side",
        "reduces": "1 where the batch is summed over, as in a weight gradient, else 0",
    }

    @property
    def events(self) -> Value:
        """Inputs that are not zero."""
        return self.inputs * self.rate

    @property
    def synops(self) -> Value:
        """Effective synaptic operations: connections whose input is not zero."""
        return self.events * self.fan_out

    @property
    def acs(self) -> Value:
        """Accumulates: synaptic operations on spikes."""
        return self.synops * self.binary

    @property
    def macs(self) -> Value:
        """Multiply-accumulates: synaptic operations on values."""
        return self.synops * (1 - self.binary)

    @property
    def weight_bytes(self) -> Value:
        """Bytes of weight that the effective synaptic operations read."""
        return self.synops * self.bits / 8


class Neurons(Operator):
    """An element-wise update: a neuron population, a rectifier, a normalisation, an optimiser's step."""

    kind = "neurons"
    sizes: ClassVar[dict[str, str]] = {
        "neurons": "elements",
        "states": "state variables of each",
        "add": "additions and subtractions per element",
        "multiply": "multiplications per element",
        "divide": "divisions per element",
        "exponential": "exponentials and other transcendental functions per element",
        "compare": "comparisons and selects per element",
        "substeps": "integrator steps within one execution",
        "rate": "share of the elements that sends something",
        "graded": "1 where it sends values, 0 where spikes",
        "gathered": "share of the layer's inputs that a neuron gathers until it spikes, where spikes are found event by event",
        "followed": "events that a neuron follows from one to the next, those of its own layer among them, of a sample",
        "arriving": "events of a sample that reach such a layer from others",
        "sent": "spikes of such a layer in a sample",
        "bits": "bits of a state variable",
    }
    made: ClassVar[dict[str, str]] = {
        "positions": "places of the layer, rows times columns, with as many neurons each",
        "reads": "accumulators that are read for a neuron: those of a pooling window before it, or one",
        "stages": "stages of the pipeline that updates a neuron",
    }

    @property
    def updates(self) -> Value:
        """Element updates."""
        return self.neurons * self.substeps

    @property
    def spikes(self) -> Value:
        """Messages sent: spikes, or values that are not zero."""
        return self.neurons * self.rate

    @property
    def operations(self) -> Value:
        """Arithmetic per element, all kinds together."""
        return self.add + self.multiply + self.divide + self.exponential + self.compare

    @property
    def state_bytes(self) -> Value:
        """Bytes of state read (as many are written)."""
        return self.updates * self.states * self.bits / 8


class Pooling(Operator):
    """Reduction over windows without weights; no synaptic operations."""

    kind = "pooling"
    sizes: ClassVar[dict[str, str]] = {
        "inputs": "input elements",
        "outputs": "output elements",
        "window": "inputs of one output",
        "rate": "share of the inputs that is not zero",
    }
    made: ClassVar[dict[str, str]] = {"words": "words of a bitmap of the windows that have sent; 0: it keeps none"}

    @property
    def events(self) -> Value:
        """Inputs that are not zero."""
        return self.inputs * self.rate


class Memory(Operator):
    """State that is only kept: delay lines, and what training stores for later."""

    kind = "memory"
    sizes: ClassVar[dict[str, str]] = {
        "elements": "elements written and read; 0 where results that are there anyway are kept",
        "rate": "share of them that is not zero",
        "bits": "bits of an element",
        "kept": "elements that stay allocated for each kept step",
        "history": "steps that are kept",
    }
    made: ClassVar[dict[str, str]] = {"words": "words of a bitmap of the elements of a step"}

    @property
    def events(self) -> Value:
        """Elements that pass and are not zero."""
        return self.elements * self.rate

    @property
    def kept_bytes(self) -> Value:
        """Bytes that stay allocated."""
        return self.kept * self.bits * self.history / 8


class Transfer(Operator):
    """Values or events between the host and the device."""

    kind = "transfer"
    sizes: ClassVar[dict[str, str]] = {
        "values": "elements of the tensor moved",
        "rate": "share of them that is not zero",
        "outgoing": "1 for answers to the host, 0 for inputs from it",
    }

    @property
    def events(self) -> Value:
        """Elements that are not zero."""
        return self.values * self.rate


class Plasticity(Operator):
    """Weights changed on line by a local rule: traces, and a change of weight at spikes."""

    kind = "plasticity"
    sizes: ClassVar[dict[str, str]] = {
        "connections": "plastic connections",
        "rate": "share of the connections that change",
        "add": "additions per weight change",
        "multiply": "multiplications per weight change",
        "exponential": "exponentials per weight change",
        "compare": "comparisons per weight change",
        "bits": "bits of a weight",
    }

    @property
    def changes(self) -> Value:
        """Weight changes."""
        return self.connections * self.rate

    @property
    def operations(self) -> Value:
        """Arithmetic per weight change, all kinds together."""
        return self.add + self.multiply + self.exponential + self.compare


KINDS: dict[str, type[Operator]] = {kind.kind: kind for kind in (Synapses, Neurons, Pooling, Memory, Transfer, Plasticity)}
"""The kinds by name."""
