"""Transmission delays."""

from typing import Literal

from pydantic import Field

from graphs.nodes.node import Node, Seconds, Shape


class Delay(Node):
    """Holds what passes back by a time: per input (axonal), per output (dendritic) or per connection (synaptic).

    It stands before (axonal, synaptic) or behind (dendritic) the synapses it delays. NIR: Delay. Array ``delay``: one
    time per element, s.
    """

    stateful = True
    type: Literal["delay"] = "delay"
    kind: Literal["axonal", "dendritic", "synaptic"] = "axonal"
    delay: Seconds = Field(ge=0, le=1e6, description="longest delay, s")

    def holds_state(self) -> bool:
        """Unless it delays by nothing."""
        return self.delay > 0

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """delay: one per element (axonal and dendritic)."""
        return {} if self.kind == "synaptic" else {"delay": shape}
