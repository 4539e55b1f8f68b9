"""What energies count: the boundary within which power is drawn, and how much of a chip's standing power."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from costmodel.devices.boundary import BOUNDARIES, boundary
from costmodel.devices.constant import Constant
from costmodel.devices.part import Part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError, nearest

FEW = 3
"""Parts of a boundary that are still named one by one."""
STATIC = ("whole", "used")
"""How a chip's standing power counts: whole, or the share of the chip that the network is on."""


@dataclass
class Counting:
    """How the energies of a request are counted.

    Attributes:
        boundary: "chip", "board" or "system"; None: each part's own.
        static: one of `STATIC`.
        strict: whether a part that has no such figure is a mistake; else it is left out, and named.
        notes: what must be said of it, once `parts` was asked.

    Raises:
        InputError: there is no such boundary, or no such way.
    """

    boundary: str | None = None
    static: str = "whole"
    strict: bool = True
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.static not in STATIC:
            mend = nearest(self.static, STATIC)
            raise InputError(f"there is no way '{self.static}' to count static power", mend=mend, where="--static")
        if self.boundary is not None:
            try:
                boundary(self.boundary)
            except InputError as error:
                raise error.at("--boundary") from None

    def parts(self, asked: list[Part], values: Mapping[str, Mapping[str, float]], workload: Workload) -> list[Part]:
        """The parts as they are counted, with what was set of each.

        Args:
            asked: the parts.
            values: name of a part → parameters that replace its own, SI.
            workload: what runs on them.

        Raises:
            InputError: a value makes no sense, or a part that was asked for by name has not the figure.
        """
        kept, without, whole = [], [], []
        for on in asked:
            given = values.get(on.name, {})
            try:
                counted = on if self.boundary is None else on.within(self.boundary, given)
            except InputError:
                if self.strict:
                    raise
                without.append(on.name)
                continue
            counted = counted.override(given)
            shared = counted if self.static == "whole" else with_used_share(counted, workload)
            if shared is None and self.strict:
                raise InputError(f"the static power of '{on.name}' is not shared out", mend="use --static whole", where="--static")
            whole += [on.name] if shared is None else []
            kept.append(shared or counted)
        self.notes = self._told(kept, without, whole)
        return kept

    def _told(self, kept: list[Part], without: list[str], whole: list[str]) -> list[str]:
        told = []
        if without:
            told.append(f"left out, for they have no figure within the boundary '{self.boundary}': {', '.join(without)}")
        if whole:
            told.append(f"static power counts whole, for it is not shared out: {', '.join(whole)}")
        return told + across({on.name: on.boundary for on in kept})


def across(counted: Mapping[str, str]) -> list[str]:
    """What must be said of energies that are held against one another.

    Args:
        counted: name of each part → its boundary.
    """
    named = {each: [name for name, within in counted.items() if within == each] for each in BOUNDARIES}
    told = [f"{each}: {', '.join(names) if len(names) < FEW else f'{len(names)} parts'}" for each, names in named.items() if names]
    return [f"energies count different things ({'; '.join(told)}); --boundary sets one for all"] if len(told) > 1 else []


def with_used_share(on: Part, workload: Workload) -> Part | None:
    """The part, whose standing power counts as far as the network uses the chip; None where it is not shared out."""
    used = on.device(on.values).used(Estimator(workload, on).facts)
    if used is None:
        return None
    share = min(1.0, float(np.max(used)))
    constant = Constant(share, share, share, "derived", f"the share that the network uses: {share:.3g} of it")
    return replace(on, constants={**on.constants, "static_share": constant})


def counted(parts: Iterable[Part]) -> dict[str, dict[str, str | None]]:
    """What the energies of an answer count, and how its parts are fed, for its JSON document: name of each part → both."""
    parts = list(parts)
    return {"boundary": {on.name: on.boundary for on in parts}, "host": {on.name: on.host for on in parts}}
