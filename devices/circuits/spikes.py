"""What a transient with many spikes shows: when the firing stage fired, and when its reset was over."""

from devices.circuits.firing import LATCH
from devices.spice.job import Waves


def firings(waves: Waves, v_dd: float) -> list[tuple[float, float]]:
    """(firing, end of its reset) of each spike whose reset ends within the transient, s.

    Just after firing the solver's steps may cross mid-rail back and forth; a reset ends where the latch opens, and the next
    spike is after that.
    """
    found, opened = [], 0.0
    while True:
        fired = waves.crossing("v(out)", v_dd / 2, after=opened)
        opened = waves.crossing("v(out)", (1 - 2 * LATCH) * v_dd / 2, rising=False, after=fired)
        if not opened > fired:  # also where either is not a number
            return found
        falls = waves.crossings("v(out)", v_dd / 2, rising=False)
        ends = falls[(falls > fired) & (falls <= opened)]
        found.append((fired, float(ends[-1]) if len(ends) else opened))
