"""What-if: the same network with something changed, before and after, and against another device."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from costmodel.deciding.drawing import odds
from costmodel.devices.part import Part
from costmodel.estimates.counting import across
from costmodel.estimates.estimated import Estimate
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.settings.units import pretty, rounded


@dataclass(frozen=True)
class WhatIf:
    """Two estimates of one network, and of another device where one was asked for.

    Attributes:
        before, after: without and with the change.
        against: the other device with the same change of the network; None where none was asked for.
        changed: what was set, in words.
        odds: the probability that the changed device has less latency, and less energy, than the other; None where they do not
            compare. What both share is drawn once (`costmodel.deciding.drawing`).
    """

    before: Estimate
    after: Estimate
    against: Estimate | None
    changed: tuple[str, ...]
    odds: Mapping[str, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """As in ``whatif --json``; ratios are after over before, and over the other device."""
        return {
            "schema": 1,
            "changed": list(self.changed),
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "against": None if self.against is None else self.against.to_dict(),
            "ratio": _ratios(self.after, self.before),
            "ratio_against": None if self.against is None else _ratios(self.after, self.against),
            "odds_against": None if self.odds is None else dict(self.odds),
        }

    def sentences(self) -> list[str]:
        """The comparison in words."""
        change = ", ".join(self.changed)
        told = []
        if self.against is not None:
            told += [_sentence(f"With {change} {self.after.device}", self.after, self.against, self.against.device)]
        if self.against is not None and self.odds is not None:
            told.append(
                f"It is faster than {self.against.device} with a probability of {likely(self.odds['latency'])}, and takes less "
                f"energy with {likely(self.odds['energy'])}: over the intervals of all parameters and rates, what both share "
                "drawn once."
            )
        told.append(_sentence(f"With {change} {self.after.device}", self.after, self.before, "before"))
        held = [each for each in (self.after, self.against) if each is not None]
        return [*told, *(f"Note: {note}." for note in across({each.device: each.boundary for each in held}))]


def whatif(
    before: Workload, after: Workload, on: Part, changed: Part, against: Part | None = None, words: tuple[str, ...] = ()
) -> WhatIf:
    """Estimates before and after a change.

    Args:
        before, after: the workload without and with the change.
        on, changed: the part without and with the change.
        against: another part, to be held against the changed one.
        words: what was set, as the user wrote it.
    """
    new = Estimator(after, changed)
    was, now = Estimator(before, on).estimate(), new.estimate()
    if against is None:
        return WhatIf(was, now, None, words)
    rival = Estimator(after, against)
    other = rival.estimate()
    return WhatIf(was, now, other, words, odds(new, rival) if now.feasible and other.feasible else None)


def likely(probability: float) -> str:
    """A probability from draws, in per cent; 0 and 1 are not certain."""
    return "under 1 %" if probability < 0.01 else "over 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def _ratios(new: Estimate, old: Estimate) -> dict[str, float] | None:
    if new.latency is None or old.latency is None or new.energy is None or old.energy is None:
        return None
    return {"latency": new.latency.value / old.latency.value, "energy": new.energy.value / old.energy.value}


def _sentence(head: str, new: Estimate, old: Estimate, old_name: str) -> str:
    """ "… is 3.2 µs faster than h100 (4.1 µs against 7.3 µs) and takes 2.0 times its energy (…)"."""
    if new.latency is None or old.latency is None or new.energy is None or old.energy is None:
        which = new.device if new.latency is None else old_name
        return f"{head}: no comparison, for {which} does not fit the network."
    difference = old.latency.value - new.latency.value
    speed = "as fast as" if difference == 0 else f"{pretty(abs(difference), 's')} {'faster' if difference > 0 else 'slower'} than"
    ratio = new.energy.value / old.energy.value
    energy = "takes as much energy"
    if abs(ratio - 1) > 5e-4:
        energy = f"takes {rounded(max(ratio, 1 / ratio))} times {'the' if ratio > 1 else 'less'} energy"
    return (
        f"{head} is {speed} {old_name} ({pretty(new.latency.value, 's')} against {pretty(old.latency.value, 's')}) and {energy} "
        f"({pretty(new.energy.value, 'J')} against {pretty(old.energy.value, 'J')})."
    )
