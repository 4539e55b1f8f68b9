"""What a transient of a firing neuron shows: when it fired, when its reset was over, and what an interval took."""

from collections.abc import Mapping

import numpy as np

from costmodel.devices.circuits.firing import LATCH
from costmodel.devices.spice.job import Waves


def transient(first: float, period: float, shortest: float) -> tuple[float, float]:
    """Longest step and end of a transient through two spikes that resolves the shortest phase; 20 000 steps at most, s."""
    end = first + 1.4 * period
    return max(min(end / 400, shortest / 10), end / 20_000), end


def reset_end(waves: Waves, v_dd: float, fired: float) -> float:
    """When the comparator's output fell through mid-rail for good after a firing, s; NaN: not within the transient.

    Just after firing the solver's steps may cross mid-rail back and forth; a reset ends where the latch opens.
    """
    opened = waves.crossing("v(out)", (1 - 2 * LATCH) * v_dd / 2, rising=False, after=fired)
    falls = waves.crossings("v(out)", v_dd / 2, rising=False)
    ends = falls[(falls > fired) & (falls <= opened)]
    return float(ends[-1]) if len(ends) else opened


def firings(waves: Waves, v_dd: float) -> list[tuple[float, float]]:
    """(firing, end of its reset) of each spike whose reset ends within the transient, s."""
    found, ended = [], 0.0
    while True:
        fired = waves.crossing("v(out)", v_dd / 2, after=ended)
        ended = reset_end(waves, v_dd, fired)
        if not ended > fired:  # also where either is not a number
            return found
        found.append((fired, ended))


def spike_train(waves: Waves, v_dd: float, sources: Mapping[str, float]) -> dict[str, float]:
    """What a transient from rest through two spikes shows.

    Args:
        waves: with ``v(out)`` of the stage.
        v_dd: its supply, V.
        sources: the current of each source, as saved, and the source's voltage; energy per spike counts all of them, static
            power is that of ``i(vdd)`` at rest, after a fiftieth of the time to the first spike.

    Returns:
        time_to_threshold, refractory_time, period (s), energy_per_spike (J), static_power (W); NaN where there was no spike.
    """
    first = waves.crossing("v(out)", v_dd / 2)
    down = reset_end(waves, v_dd, first)
    second = waves.crossing("v(out)", v_dd / 2, after=down)
    resting = float(np.interp(first / 50, waves.time, -waves["i(vdd)"]))
    energy = sum(waves.integral(-waves[source] * volts, first, second) for source, volts in sources.items())
    return {
        "time_to_threshold": first,
        "refractory_time": down - first,
        "period": second - first,
        "energy_per_spike": energy,
        "static_power": resting * v_dd,
    }
