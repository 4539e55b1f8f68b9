"""Stateless element-wise nodes: scale, shift, rectifier and its like, normalisation by channel."""

from typing import ClassVar, Literal

from pydantic import Field

from costmodel.graphs.equations.arithmetic import Arithmetic
from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Node, Shape


class Elementwise(Node):
    """Base of the nodes that compute each element by itself, or by itself and a few numbers of its row.

    Attributes:
        folded: whether a chip takes it into weights, thresholds or biases; else it must have such an element.
        constant: whether it sends a value whatever it receives.
    """

    keeps_spikes: ClassVar[bool] = False
    max_rate = None
    folded: ClassVar[bool] = False
    constant: ClassVar[bool] = False

    def always(self) -> bool:
        """Whether it sends a value whatever it receives."""
        return self.constant

    def counts(self) -> Arithmetic:
        """Operations of an element."""
        raise TypeError(f"{type(self).__name__} computes nothing")

    def gradient(self) -> Arithmetic:
        """Operations of an element's gradient: the derivative, which takes what the function takes, times the error."""
        return self.counts() + Arithmetic(multiply=1)


class Scale(Elementwise):
    """y = s x. NIR: Scale. Array ``scale``: one factor per element."""

    folded: ClassVar[bool] = True
    type: Literal["scale"] = "scale"
    scale: float = Field(default=1.0, allow_inf_nan=False)

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """scale, of the input's shape."""
        return {"scale": shape}

    def counts(self) -> Arithmetic:
        """A multiplication."""
        return Arithmetic(multiply=1)

    def gradient(self) -> Arithmetic:
        """The same."""
        return Arithmetic(multiply=1)


class Shift(Elementwise):
    """y = x + b: a bias of each element, as of learnt positions. Array ``shift``: one per element; without it nothing is added."""

    folded: ClassVar[bool] = True
    constant: ClassVar[bool] = True
    type: Literal["shift"] = "shift"

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """shift, of the input's shape."""
        return {"shift": shape}

    def counts(self) -> Arithmetic:
        """An addition."""
        return Arithmetic(add=1)

    def gradient(self) -> Arithmetic:
        """The error itself."""
        return Arithmetic()


class Relu(Elementwise):
    """y = max(x, 0)."""

    max_rate = 1.0
    type: Literal["relu"] = "relu"

    def counts(self) -> Arithmetic:
        """A comparison."""
        return Arithmetic(compare=1)

    def gradient(self) -> Arithmetic:
        """The error, or nothing."""
        return Arithmetic(multiply=1)


class Activation(Elementwise):
    """A smooth or piecewise function of each element, as networks of values have between their layers.

    sigmoid 1/(1 + e⁻ˣ); tanh; gelu x Φ(x), and gelu-tanh, its approximation by tanh (Hendrycks & Gimpel, arXiv:1606.08415, 2016);
    silu x/(1 + e⁻ˣ); leaky-relu x, or ``slope`` x below 0; elu x, or eˣ − 1 below 0; softplus ln(1 + eˣ).
    """

    type: Literal["activation"] = "activation"
    function: Literal["sigmoid", "tanh", "gelu", "gelu-tanh", "silu", "leaky-relu", "elu", "softplus"]
    slope: float = Field(default=0.01, ge=0, allow_inf_nan=False, description="of leaky-relu, below 0")

    def always(self) -> bool:
        """Where 0 becomes something else."""
        return self.function in ("sigmoid", "softplus")

    def counts(self) -> Arithmetic:
        """Of the formulas above; an error function, a tanh and a logarithm are transcendental functions."""
        return {
            "sigmoid": Arithmetic(add=1, divide=1, exponential=1),
            "tanh": Arithmetic(exponential=1),
            "gelu": Arithmetic(add=1, multiply=3, exponential=1),
            "gelu-tanh": Arithmetic(add=2, multiply=5, exponential=1),
            "silu": Arithmetic(add=1, divide=1, exponential=1),
            "leaky-relu": Arithmetic(multiply=1, compare=1),
            "elu": Arithmetic(add=1, exponential=1, compare=1),
            "softplus": Arithmetic(add=1, exponential=2),
        }[self.function]


class Softmax(Elementwise):
    """y = e^(x − m) / Σ e^(x − m) along an axis, m the largest x there."""

    constant: ClassVar[bool] = True
    type: Literal["softmax"] = "softmax"
    axis: int = Field(default=-1, description="axis, counted without the batch")

    def output_shape(self, shape: Shape) -> Shape:
        """The same."""
        if not -len(shape) <= self.axis < len(shape):
            raise InputError(f"there is no axis {self.axis} in {list(shape)}", mend="count axes from 0, without the batch")
        return shape

    def counts(self) -> Arithmetic:
        """Of an element: the search for the largest, a difference, an exponential, the sum, a division."""
        return Arithmetic(add=2, divide=1, exponential=1, compare=1)

    def gradient(self) -> Arithmetic:
        """y (g − Σ g y)."""
        return Arithmetic(add=2, multiply=2)


class LayerNorm(Elementwise):
    """y = γ (x − μ) / √(σ² + ε) + β, mean and variance of each sample over its last ``dims`` axes.

    (Ba, Kiros & Hinton, "Layer normalization", arXiv:1607.06450, 2016.) Arrays weight γ and bias β, of the shape of these axes.
    """

    constant: ClassVar[bool] = True
    type: Literal["layernorm"] = "layernorm"
    dims: int = Field(default=1, ge=1, le=8, description="how many of the last axes")
    eps: float = Field(default=1e-5, ge=0, allow_inf_nan=False, description="added to the variance")

    def output_shape(self, shape: Shape) -> Shape:
        """The same."""
        if self.dims > len(shape):
            raise InputError(f"normalises {self.dims} axes of {list(shape)}", mend="give at most as many as there are")
        return shape

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """weight γ and bias β."""
        return dict.fromkeys(("weight", "bias"), shape[-self.dims :])

    def learned(self, shape: Shape) -> int:
        """γ and β."""
        found = 2
        for size in shape[-self.dims :]:
            found *= size
        return found

    def counts(self) -> Arithmetic:
        """Of an element: two sums, a difference, a square, a product with 1/√(σ² + ε), γ and β."""
        return Arithmetic(add=4, multiply=3)

    def gradient(self) -> Arithmetic:
        """γ/σ (g − mean g − x̂ mean g x̂), and what γ and β gather."""
        return Arithmetic(add=5, multiply=5)


class BatchNorm(Elementwise):
    """y = γ (x − μ) / √(σ² + ε) + β per channel, folded into one multiplication and one addition for inference."""

    type: Literal["batchnorm"] = "batchnorm"
    eps: float = Field(default=1e-5, ge=0, allow_inf_nan=False, description="added to the variance")

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """weight γ, bias β, running_mean μ, running_var σ²: one per channel."""
        return dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (shape[0],))

    def learned(self, shape: Shape) -> int:
        """γ and β."""
        return 2 * shape[0]

    def counts(self) -> Arithmetic:
        """A multiplication and an addition."""
        return Arithmetic(multiply=1, add=1)

    def gradient(self) -> Arithmetic:
        """As of a linear map of each channel, and what γ and β gather."""
        return Arithmetic(multiply=3, add=3)
