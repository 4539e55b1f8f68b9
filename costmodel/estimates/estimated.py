"""What a network costs on a part: the answer, with its intervals and what it is made of."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from costmodel.devices.device import Limit
from costmodel.estimates.interval import Interval


@dataclass(frozen=True)
class Estimate:
    """What a network costs on a part; the costs are None where it does not fit (``violations`` say why).

    Attributes:
        device, family, phase: what was asked.
        activity: "measured" of each element, or a "mean".
        feasible: whether the part can run the network.
        violations: what does not fit.
        latency: until the answers of one batch are out (training: one step), s.
        energy: per sample, J.
        static_energy, dynamic_energy: its parts.
        boundary: what the energy counts: chip, board or system.
        host: how the part is fed, where it can be fed in several ways.
        power: mean, W.
        throughput: samples per second with work kept coming.
        area: m².
        resources: what is occupied.
        placement: layer → cores that it is on, where a part has cores.
        price: per sample, USD.
        price_basis: what that counts, or why there is none.
        bound_by: what most of the time goes to: the largest of ``spent``.
        spent: what the time of a sample is spent on, s; some of it may overlap.
        breakdown: per operator its node, name and phase, its time for one batch (s) and its energy per sample (J).
    """

    device: str
    family: str
    phase: str
    feasible: bool
    boundary: str
    host: str | None = None
    activity: str = "mean"
    violations: tuple[Limit, ...] = ()
    latency: Interval | None = None
    energy: Interval | None = None
    static_energy: Interval | None = None
    dynamic_energy: Interval | None = None
    power: float | None = None
    throughput: float | None = None
    area: float | None = None
    resources: Mapping[str, float] = field(default_factory=dict)
    placement: Mapping[str, int] = field(default_factory=dict)
    price: float | None = None
    price_basis: str = ""
    bound_by: str | None = None
    spent: Mapping[str, float] = field(default_factory=dict)
    breakdown: tuple[Mapping[str, Any], ...] = ()

    @property
    def static(self) -> float | None:
        """Static energy per sample, J."""
        return self.static_energy and self.static_energy.value

    @property
    def dynamic(self) -> float | None:
        """Dynamic energy per sample, J."""
        return self.dynamic_energy and self.dynamic_energy.value

    def to_dict(self) -> dict[str, Any]:
        """As in ``estimate --json``."""
        energy = None if self.energy is None else self.energy.to_dict() | {"static": self.static, "dynamic": self.dynamic}
        return {
            "device": self.device,
            "family": self.family,
            "phase": self.phase,
            "activity": self.activity,
            "boundary": self.boundary,
            "host": self.host,
            "feasible": self.feasible,
            "violations": [asdict(limit) | {"levers": list(limit.levers)} for limit in self.violations],
            "latency_s": None if self.latency is None else self.latency.to_dict(),
            "energy_j": energy,
            "static_j": self.static_energy and self.static_energy.to_dict(),
            "dynamic_j": self.dynamic_energy and self.dynamic_energy.to_dict(),
            "power_w": self.power,
            "throughput_hz": self.throughput,
            "area_mm2": None if self.area is None else self.area * 1e6,
            "resources": dict(self.resources),
            "placement": dict(self.placement),
            "price_usd": self.price,
            "price_basis": self.price_basis,
            "bound_by": self.bound_by,
            "spent_s": dict(self.spent),
            "breakdown": [dict(row) for row in self.breakdown],
        }
