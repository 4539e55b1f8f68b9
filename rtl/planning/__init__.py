"""From a network file to a `Design`: which hardware, how wide, how parallel."""

from costmodel.rtl.planning.options import Options
from costmodel.rtl.planning.planner import plan

__all__ = ["Options", "plan"]
