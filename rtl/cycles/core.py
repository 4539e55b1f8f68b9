"""How many clock cycles a core takes, in closed form; `rtl.timing` has the exact time of every token.

Every function takes numbers, numpy arrays or sympy symbols. ``lanes`` is P, accumulators added to in a cycle, and ``units`` R,
neurons updated in a cycle.
"""

import numpy as np

from costmodel.graphs.equations.algebra import Value, ceiling, maximum, minimum, symbolic

TURNAROUND = 5
"""Cycles of a step besides events, neurons and the data path: its end is taken, the last weights arrive (1), neurons pass the
memory and a register (2), the end of the step is sent (1), and the next token may be taken (1)."""

MOST_UNITS = 8
"""R beyond which the equations do not look."""

CYCLES_PER_HELD = 2
"""Cycles in which a stage that holds spikes, a maximum or a delay, takes one: its word of a bitmap is read and written."""


def groups(channels: Value, lanes: Value) -> Value:
    """Accumulator words of a position: ⌈channels ÷ P⌉."""
    return ceiling(channels / lanes)


def cycles_per_event(channels: Value, lanes: Value, taps: Value, positions: Value) -> Value:
    """Accesses of an event, taps · ⌈channels ÷ P⌉, and one cycle more where its last word may be the next event's first.

    Args:
        channels: neurons of a position (all of a fully connected layer).
        lanes: P.
        taps: positions that an event reaches, the mean over events; 1 where there is one position.
        positions: of the layer.
    """
    accesses = taps * groups(channels, lanes)
    return accesses + minimum(1.0, maximum(positions - 1, 0.0) + maximum(2 - accesses, 0.0))


def beats(neurons: Value, positions: Value, lanes: Value, units: Value) -> Value:
    """Cycles in which neurons are updated, R at a time: an only position stops at its last neuron, others at a whole word.

    Args:
        neurons: of the layer.
        positions: of the layer, as many channels at each.
        lanes, units: P and R; R divides P.
    """
    channels = neurons / positions
    word = minimum(1.0, positions - 1)
    return positions * ((1 - word) * ceiling(channels / units) + word * groups(channels, lanes) * lanes / units)


def dividing(lanes: Value, units: Value) -> Value:
    """R of a layer: the largest divisor of its P up to what was asked, of which 8 at most are looked at.

    Args:
        lanes: P.
        units: R as asked.
    """
    most = MOST_UNITS if symbolic(units) else int(min(np.max(units), MOST_UNITS))
    found: Value = 1.0
    for n in range(2, most + 1):
        divides = 1 - minimum(1.0, n * (ceiling(lanes / n) - lanes / n))
        asked = minimum(1.0, maximum(0.0, units - n + 1))
        found = maximum(found, n * divides * asked)
    return found


def cycles_per_sweep(beats: Value, depth: Value, passes: Value = 1, waits: Value = 0) -> Value:
    """Cycles from a step's end token to the next token: passes · (beats + depth + 2) + 3 + waits.

    Args:
        beats: cycles in which neurons are read: neurons ÷ R, times the size of a pooling window before them.
        depth: stages of the neurons' data path.
        passes: substeps of the integrator.
        waits: see `waits`.
    """
    return passes * (beats + depth + 2) + TURNAROUND - 2 + waits


def waits(neurons: Value, units: Value, rate: Value) -> Value:
    """Cycles that a sweep stands still for spikes: R neurons fire together, and one spike leaves a cycle.

    Of every R neurons that fire with probability ``rate``, all spikes but the first: neurons ÷ R · (R rate − 1 + (1 − rate)^R).
    """
    return neurons / units * (units * rate - 1 + (1 - rate) ** units)


def end_of_pool(words: Value, events: Value) -> Value:
    """Cycles from a step's end, as a maximum of spikes takes it, to the end that it sends: its bitmap is cleared.

    Args:
        words: of the bitmap.
        events: that came in the step; they have left.
    """
    return words + 2 + 0 * events


def end_of_delay(words: Value, events: Value) -> Value:
    """Cycles from a step's end, as a delay takes it, to the end that it sends: a bitmap is read, and spikes leave.

    Args:
        words: of the bitmap of a step.
        events: that leave, as many as come in a step.
    """
    return 2 * words + events + 2


def cycles_per_step(events: Value, per_event: Value, sweep: Value) -> Value:
    """Cycles of a step: events · cycles_per_event + cycles_per_sweep."""
    return events * per_event + sweep


def cycles_per_readout(kind: str, classes: int) -> int:
    """Cycles from the end of a sample, as a readout takes it, to the end that it sends: the winner leaves one earlier.

    Args:
        kind: of `rtl.readout.Readout`; all but "first" compare scores, one a cycle.
        classes: how many scores.
    """
    return 2 if kind == "first" else classes + 3


def pipeline(steps: list, timesteps: Value) -> Value:
    """Cycles of a sample through layers that work side by side: Σ steps + (T − 1) · the slowest."""
    total, slowest = steps[0], steps[0]
    for step in steps[1:]:
        total, slowest = total + step, maximum(slowest, step)
    return total + (timesteps - 1) * slowest
