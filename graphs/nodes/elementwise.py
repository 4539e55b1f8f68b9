"""Stateless element-wise nodes: scale, rectifier, normalisation."""

from typing import Literal

from pydantic import Field

from costmodel.graphs.nodes.node import Node, Shape


class Scale(Node):
    """y = s x. NIR: Scale. Array ``scale``: one factor per element."""

    max_rate = None
    type: Literal["scale"] = "scale"
    scale: float = Field(default=1.0, allow_inf_nan=False)

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """scale, of the input's shape."""
        return {"scale": shape}


class Relu(Node):
    """y = max(x, 0)."""

    type: Literal["relu"] = "relu"


class BatchNorm(Node):
    """y = γ (x − μ) / √(σ² + ε) + β per channel, folded into one multiplication and one addition for inference."""

    max_rate = None
    type: Literal["batchnorm"] = "batchnorm"

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """weight γ, bias β, running_mean μ, running_var σ²: one per channel."""
        return dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (shape[0],))
