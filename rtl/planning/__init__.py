"""From a network file to a `Design`: which hardware, how wide, how parallel."""

from rtl.planning.options import Options
from rtl.planning.planner import plan

__all__ = ["Options", "plan"]
