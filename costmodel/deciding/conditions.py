"""Conditions on costs, as in ``latency <= 1ms and energy < h100.energy / 10``, read from text."""

import re
from dataclasses import dataclass

import numpy as np

from costmodel.deciding.costs import METRICS
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.settings.units import parse, pretty

_COMPARISON = re.compile(r"(<=|>=|==|<|>|=|≤|≥)")
_AND = re.compile(r"\band\b|&&?", re.IGNORECASE)
_METRIC = re.compile(
    r"(?:(?P<before>[\d.eE+-]+)\s*[*×·]\s*)?(?P<name>[^\s*×·/]*[^\s*×·/\d])\s*(?:(?P<sign>[*×·/])\s*(?P<after>[\d.eE+-]+))?$"
)
ROUNDING = 1e-12
"""What two equal costs may differ by, relatively, for the order in which they were summed."""

_SIGNS = {"≤": "<=", "≥": ">=", "==": "="}


class ConditionError(InputError):
    """A condition that cannot be read: ``picture`` shows the place, a caret under it."""

    def __init__(self, text: str, place: int, what: str, mend: str) -> None:
        self.picture = f"  {text}\n  {' ' * place}^"
        super().__init__(f'{what} (at character {place + 1} of "{text}")', mend=mend, where="--until")


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a number, or a metric of a device times a number.

    Attributes:
        text: as it was written.
        metric: one of `METRICS`; None for a plain number.
        device: the other device that it is of; None for the one asked about.
        factor: what the metric is multiplied by, or the number itself in SI.
    """

    text: str
    metric: str | None
    device: str | None
    factor: float


@dataclass(frozen=True)
class Comparison:
    """``left sign right``; the sign is <, <=, >, >= or =."""

    left: Side
    sign: str
    right: Side

    @property
    def text(self) -> str:
        """In words as they were written."""
        return f"{self.left.text} {self.sign} {self.right.text}"

    @property
    def metric(self) -> str:
        """What is compared."""
        return self.left.metric or self.right.metric or ""

    def excess(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """ln(left / right), its sign turned for > and >=: 0 or less where the comparison holds (= apart), ties up to rounding."""
        with np.errstate(all="ignore"):
            difference = np.log(np.maximum(left, 1e-300)) - np.log(np.maximum(right, 1e-300))
        tie = {"<": ROUNDING, ">": ROUNDING, "=": 0.0}.get(self.sign, -ROUNDING)
        return (-difference if self.sign.startswith(">") else difference) + tie

    def holds(self, left: float, right: float) -> bool:
        """Whether it holds for two numbers; = to a part in a million, <= and >= up to rounding."""
        if self.sign == "=":
            return abs(left - right) <= 1e-6 * abs(right)
        more = 1 + ROUNDING
        return {"<": left < right, "<=": left <= right * more, ">": left > right, ">=": left * more >= right}[self.sign]

    def pretty(self, left: float, right: float) -> str:
        """Both sides' values for people."""
        unit = METRICS[self.metric]
        return f"{pretty(left, unit, 4)} {self.sign} {pretty(right, unit, 4)}"


@dataclass(frozen=True)
class Condition:
    """Comparisons that all have to hold."""

    comparisons: tuple[Comparison, ...]

    @property
    def text(self) -> str:
        """In words as they were written."""
        return " and ".join(c.text for c in self.comparisons)

    @property
    def devices(self) -> tuple[str, ...]:
        """The other devices in it."""
        sides = (side for c in self.comparisons for side in (c.left, c.right))
        return tuple(dict.fromkeys(side.device for side in sides if side.device))


def condition(text: str) -> Condition:
    """A condition from text: comparisons of metrics with quantities or metrics, joined by "and".

    Raises:
        ConditionError: it cannot be read; the message says where.
    """
    comparisons, start = [], 0
    for joint in [*_AND.finditer(text), None]:
        end = joint.start() if joint else len(text)
        comparisons.append(_comparison(text, start, end))
        start = joint.end() if joint else end
    if len(comparisons) > 1 and any(c.sign == "=" for c in comparisons):
        raise ConditionError(text, text.index("="), "'=' stands alone", "write <= or >= beside 'and'")
    return Condition(tuple(comparisons))


def _comparison(text: str, start: int, end: int) -> Comparison:
    found = list(_COMPARISON.finditer(text, start, end))
    if not found:
        place = start + len(text[start:end]) - len(text[start:end].lstrip())
        raise ConditionError(text, place, "no comparison there", 'write one, as in "latency <= 1ms" or "energy < h100.energy"')
    if len(found) > 1:
        raise ConditionError(text, found[1].start(), "a second comparison", "join two with 'and'")
    sign, ends = found[0][0], ((start, found[0].start()), (found[0].end(), end))
    words = [text[a:b].strip() for a, b in ends]
    places = [a + len(text[a:b]) - len(text[a:b].lstrip()) for a, b in ends]
    sides = [_metric(text, place, word) for place, word in zip(places, words, strict=True)]
    metrics = [side.metric for side in sides if side is not None and side.metric]
    if not metrics:
        raise ConditionError(text, places[0], f"no cost there: '{words[0]}'", nearest(words[0], METRICS))
    if len(metrics) == 2 and METRICS[metrics[0]] != METRICS[metrics[1]]:
        raise ConditionError(text, places[1], f"{metrics[1]} does not compare with {metrics[0]}", "compare like with like")
    left, right = (side or _quantity(text, place, word, metrics[0]) for side, place, word in zip(sides, places, words, strict=True))
    return Comparison(left, _SIGNS.get(sign, sign), right)


def _metric(text: str, place: int, word: str) -> Side | None:
    """A side that is a metric, alone or times or over a number; None where it is something else."""
    found = _METRIC.match(word)
    if not found:
        return None
    device, _, metric = found["name"].rpartition(".")
    if metric not in METRICS:
        if device and not device.replace(".", "").isdigit():
            raise ConditionError(text, place, f"there is no metric '{metric}'", nearest(metric, METRICS))
        return None
    try:
        before, after = float(found["before"] or 1), float(found["after"] or 1)
    except ValueError:
        raise ConditionError(text, place, f"'{word}' has no number beside its metric", "write 0.5 * h100.energy") from None
    factor = before / after if found["sign"] == "/" and after else before * after
    if factor <= 0:
        raise ConditionError(text, place, f"'{word}' is never above 0", "multiply by a number above 0")
    return Side(word, metric, device or None, factor)


def _quantity(text: str, place: int, word: str, metric: str) -> Side:
    if word and word[0].isalpha():
        raise ConditionError(text, place, f"there is no metric '{word}'", nearest(word, METRICS))
    try:
        value = parse(word, METRICS[metric])
    except InputError as error:
        raise ConditionError(text, place, error.what, error.mend) from None
    if value <= 0:
        raise ConditionError(text, place, f"'{word}' is not above 0", f"no {metric} ever is 0 or less")
    return Side(word, None, None, value)
