"""What a network file holds, its nodes not yet looked into."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from costmodel.graphs.noise.noise import AnyNoise
from costmodel.graphs.readouts.readout import AnyReadout
from costmodel.graphs.settings.fields import Count, Seconds
from costmodel.graphs.settings.training import Training


class Settings(BaseModel):
    """The network file, its nodes not yet looked into."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1)
    dt: Seconds = Field(default=1e-3, gt=0, description="length of a time step, s")
    timesteps: Count = Field(default=1, description="time steps of a sample")
    bits: Count | None = Field(default=None, le=64, description="bits of weights and states where a node says nothing")
    benchmark: str | None = None
    nodes: list[dict[str, Any]] = Field(min_length=1)
    edges: list[tuple[str, str]] | None = Field(default=None, description="[from, to]; left out for a chain")
    readout: AnyReadout | None = Field(default=None, description="how answers are read; by default as the output's neuron asks for")
    noise: list[AnyNoise] = Field(default_factory=list, description="what disturbs the network as it runs")
    training: Training | None = None
    activity: str | None = Field(default=None, description="an .npz beside the file with the measured activity of each element")
    placement: dict[str, Count] = Field(
        default_factory=dict, description="cores of a many-core chip that a layer is spread over, by a node of it"
    )
    provenance: str | dict[str, Any] = Field(default="", description="where the network and its numbers come from")
