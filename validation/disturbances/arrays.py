"""What arrays of memristors make of a layer's weights: the acting side of the noise ``memfpaa``."""

from typing import NamedTuple

import numpy as np
import torch

from costmodel.devices.circuits.tiles import on_tiles
from costmodel.devices.classes.memfpaa import MemFPAA as Crossbars
from costmodel.devices.part import Part, part, parts
from costmodel.graphs.errors import InputError
from costmodel.graphs.noise.memfpaa import MemFPAA
from costmodel.graphs.noise.noise import normal

PREFIX = "memfpaa-"
T_0 = 1.0
"""Time after programming, s, at which conductances are what they were programmed to and drift begins."""


def process(noise: MemFPAA) -> Part:
    """The part whose cells a noise speaks of, with the values that the noise gives itself.

    Raises:
        InputError: there is no such process, or the part has no memristors.
    """
    known = [name.removeprefix(PREFIX) for name in parts() if name.startswith(PREFIX)]
    if noise.process not in known and not noise.process.endswith(".toml"):
        what = f"there is no memristive process '{noise.process}'"
        raise InputError(what, mend=f"known are {', '.join(known)} (or give a .toml part file)", where="noise memfpaa")
    found = part(noise.process if noise.process.endswith(".toml") else PREFIX + noise.process)
    if not issubclass(found.device, Crossbars):
        raise InputError(f"'{found.name}' has no memristors", mend='give a part of class "memfpaa"', where="noise memfpaa")
    return found.override(noise.values_of_part())


class Digit(NamedTuple):
    """What one pair of cells holds of a weight's magnitude: ``place`` times a number from 0 to ``most``."""

    place: int
    most: int


def digits(bits: int, bits_per_cell: int) -> list[Digit]:
    """The magnitude of a weight of ``bits`` bits, one of them its sign, over ⌈bits / bits_per_cell⌉ pairs, evenly."""
    magnitude, slices = max(bits - 1, 1), -(-bits // bits_per_cell)
    width = -(-magnitude // slices)
    return [Digit(2**low, 2 ** min(width, magnitude - low) - 1) for low in range(0, magnitude, width)]


class Array:
    """The crossbars of one layer. Convolutions are taken as their kernel matrix, (channels, fan-in), not unrolled.

    Pairs: w ∝ Σ place (G⁺ − G⁻), the layer's largest |w| at the full range from 1 / r_off to 1 / r_on. The columns of a
    weight, G⁺ and G⁻ of every digit, lie beside one another. Every change of weights programs the cells anew, with the same
    pattern. A weight of 0 is a pair of cells that are off, which scatter as well: a missing connection leaks.

    Args:
        noise: the noise.
        bits: of a weight, as the network says; None: the part's.
        seed: of the pattern by which cells differ.

    Raises:
        InputError: as `process`.
    """

    def __init__(self, noise: MemFPAA, bits: int | None, seed: int) -> None:
        self.noise, self.seed = noise, seed
        self.values = {name: value for name, value in process(noise).values.items() if value is not None}
        asked, per_cell = bits or round(self.values["weight_bits"]), round(self.values["bits_per_cell"])
        self.digits = digits(asked, per_cell) if noise.levels is None else [Digit(1, noise.levels - 1)]
        self.low, self.high = 1 / self.values["r_off"], 1 / self.values["r_on"]
        self._seen: torch.Tensor | None = None
        self._mean = self._noise = torch.empty(0)
        self._share: np.ndarray | None = None
        self._solved = False

    def weights(self, weight: torch.Tensor, dice: torch.Generator, *, training: bool) -> torch.Tensor:
        """The weights of one pass; gradients pass straight through.

        The equations of the lines are solved when weights have changed; while training, they are not: lines take the share
        of every cell's current that they took at the last test (or first pass), as it hangs on sums over many cells.
        """
        known = weight.detach().cpu().double()
        largest = float(known.abs().max())
        if not 0 < largest < np.inf:
            return weight
        if self._seen is None or not torch.equal(known, self._seen) or not (self._solved or training):
            mean, noise = self._applied(known.reshape(len(known), -1).numpy(), largest, training=training)
            self._mean, self._noise = (torch.from_numpy(x).reshape(known.shape) for x in (mean, noise))
            self._seen = known.clone()
        value = self._mean.to(weight)
        if self.values["g_noise"] > 0:
            value = value + self._noise.to(weight) * normal(value, dice)
        return value + (weight - weight.detach())  # exactly the value: what is added is 0, and has the gradient

    def targets(self, weight: np.ndarray, largest: float) -> np.ndarray:
        """(digits, 2, inputs, outputs) the conductances, S, that weights (outputs, inputs) ask for; G⁺ before G⁻."""
        highest = sum(digit.place * digit.most for digit in self.digits)
        magnitude = np.rint(np.abs(weight.T) / largest * highest)
        found = np.full((len(self.digits), 2, *magnitude.shape), self.low)
        for pair, digit in zip(found, self.digits, strict=True):
            held = magnitude // digit.place % (digit.most + 1) / digit.most * (self.high - self.low)
            pair[0] += np.where(weight.T > 0, held, 0)
            pair[1] += np.where(weight.T < 0, held, 0)
        return found

    def programmed(self, targets: np.ndarray) -> np.ndarray:
        """What they are at the noise's age: scattered by a lognormal pattern, within the physical range, then drifted."""
        spread, age = self.values["g_spread"], self.noise.age
        if spread > 0:
            dice = torch.Generator().manual_seed(self.seed)
            pattern = torch.randn(targets.shape, generator=dice, dtype=torch.float64).numpy()
            sigma = np.sqrt(np.log1p(spread**2))  # so that mean and deviation of the factor are 1 and the spread
            targets = (targets * np.exp(sigma * pattern - sigma**2 / 2)).clip(self.low, self.high)
        return targets * (age / T_0) ** -self.values["g_drift"] if age > T_0 else targets

    def through_lines(self, cells: np.ndarray) -> np.ndarray:
        """Effective conductances behind the resistances of lines, drivers and amplifiers, of the same shape."""
        pairs = cells.transpose(2, 3, 0, 1)
        flat, v = pairs.reshape(len(pairs), -1), self.values
        sizes = round(v["tile_rows"]), round(v["tile_columns"])
        effective = on_tiles(flat, *sizes, v["r_wire"], v["r_driver"], v["r_sense"])
        return effective.reshape(pairs.shape).transpose(2, 3, 0, 1)

    def _applied(self, weight: np.ndarray, largest: float, *, training: bool) -> tuple[np.ndarray, np.ndarray]:
        """(outputs, inputs) the weights without read noise, and the deviation that read noise gives them.

        The noise of cells is taken behind the lines, as if it did not change what these drop; the normal numbers of a
        weight's cells add up to one normal number.
        """
        cells = self.programmed(self.targets(weight, largest))
        self._solved = self._share is None or not training
        if self._share is None or not training:
            self._share = self.through_lines(cells) / cells
        effective = cells * self._share
        highest = sum(digit.place * digit.most for digit in self.digits)
        unit = largest / highest / (self.high - self.low)
        worth = np.array([digit.place * digit.most for digit in self.digits])[:, None, None] * unit
        mean = (worth * (effective[:, 0] - effective[:, 1])).sum(axis=0).T
        noise = self.values["g_noise"] * np.sqrt((worth**2 * (effective**2).sum(axis=1)).sum(axis=0)).T
        gain = self._gain(weight, mean)
        return gain * np.ascontiguousarray(mean), gain * np.ascontiguousarray(noise)

    def _gain(self, wanted: np.ndarray, found: np.ndarray) -> float:
        """1, or what brings the weights found closest to those wanted."""
        power = float((found**2).sum())
        return float((wanted * found).sum()) / power if self.noise.gain == "calibrated" and power > 0 else 1.0
