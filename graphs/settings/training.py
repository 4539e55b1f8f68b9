"""How a network learns, as its file says it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

from costmodel.graphs.equations.adjoint import SURROGATES
from costmodel.graphs.equations.optimizer import OPTIMIZERS
from costmodel.graphs.settings.fields import Count
from costmodel.graphs.settings.folder import Folder
from costmodel.graphs.settings.validation import one_of

RULES = Folder("costmodel.graphs.rules", "learning rule")
"""What a training step of each learning rule takes: ``load(name).lower(lowering)``."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Loss(BaseModel):
    """What is minimised.

    Cross-entropy: of the softmax of the readout's scores. Mean squared error: of the scores from the values to be predicted, or,
    where classes are learnt, from ``correct`` for the right class and ``wrong`` for the others.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Literal["cross-entropy", "mean-squared-error"] = "cross-entropy"
    correct: float = Field(default=1.0, allow_inf_nan=False, description="score wanted of the right class (mean squared error)")
    wrong: float = Field(default=0.0, allow_inf_nan=False, description="score wanted of the other classes (mean squared error)")
    spike_cost: NotNegative = Field(default=0.0, description="cost of the hidden populations' mean rate, per spike a step")
    late_cost: NotNegative = Field(default=0.0, description="cost of a late right answer: times exp(−score of the right class)")


class Decay(BaseModel):
    """The learning rate times ``factor`` after every ``every`` epochs."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    factor: Positive
    every: Count = 1


class Training(BaseModel):
    """How the network learns."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rule: Annotated[str, *one_of(RULES.names)] = "bptt"
    surrogate: Annotated[str, *one_of(lambda: SURROGATES)] = "fast-sigmoid"
    steepness: Positive | None = Field(default=None, description="k of the surrogate, per unit of the spike condition")
    optimizer: Annotated[str, *one_of(lambda: OPTIMIZERS)] = "adam"
    loss: Loss = Loss()
    epochs: Annotated[int, Strict(), Field(ge=0, le=2**31)] | None = None
    batch: Count | None = None
    learning_rate: Positive | None = None
    schedule: Literal["constant", "cosine"] | Decay = Field(default="constant", description="of the learning rate over the epochs")
    weight_decay: NotNegative = Field(default=0.0, description="share of a weight lost per step and learning rate")
    clip: Positive | None = Field(default=None, description="largest norm of all gradients together; larger ones are scaled")
