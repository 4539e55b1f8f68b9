"""The part of a report whose sliders change what its costs hang on: its HTML, style and scripts."""

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from costmodel.devices.part import Part
from costmodel.reporting.colours import FAMILIES, STATIC_FILL, fill, mark, swatch
from costmodel.reporting.sliders.model import MOST_OPERATORS, Model
from costmodel.reporting.sliders.moved import STEPS, Slider
from costmodel.reporting.study import STATIC, Study


def asset(name: str) -> str:
    """The text of a style sheet or script of this package."""
    return (files("costmodel.reporting") / name).read_text(encoding="utf-8")


class WhatIf:
    """The section of a study; empty where no part runs the network, or it has too many operators to write out.

    Args:
        study: what the report is about.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        few = len(study.workload.table.tasks) <= MOST_OPERATORS
        self.model = Model(study) if study.fits and few else None
        self.looks = _looks(study) if self.model else {}

    def html(self) -> Iterator[str]:
        """The section."""
        if not self.study.fits:
            return
        yield '<section id="what-if"><h2>What if?</h2>'
        if self.model is None:
            count = len(self.study.workload.table.tasks)
            yield f'<p class="quiet">The network has {count:,} operators, more than the {MOST_OPERATORS} for sliders.</p></section>'
            return
        yield (
            '<p class="quiet">Move a slider, by pointer or arrow keys, and all costs follow, with their 90 % intervals: the '
            "equations are computed here. A parameter that you set is taken as exact. The address of this page keeps what you set. "
            "A dot is a cost on a logarithmic scale, the line through it its interval; the bar below splits it by operator.</p>"
            "<noscript><p>The sliders need JavaScript.</p></noscript>"
            '<p class="verdict"></p><div class="hidden" role="status" aria-live="polite"></div>'
        )
        yield from self._network()
        key = "".join(f"<li>{swatch(*look)} {escape(name)}</li>" for name, look in self.looks.items())
        yield f'<ul class="key">{key}</ul>'
        axes = "".join(
            f'<div><b>{title}</b><div class="axis"></div></div>' for title in ("latency of a batch", "energy of a sample")
        )
        yield f'<div class="axes" aria-hidden="true"><span></span>{axes}</div>'
        for index, (estimator, sliders) in enumerate(zip(self.model.estimators, self.model.sliders, strict=True)):
            yield self._part(index, estimator.part, sliders)
        yield "</section>"

    def scripts(self) -> str:
        """The model and what shows it; nothing without a section."""
        if self.model is None:
            return ""
        code = (self.model.code, *(asset(name) for name in ("model.js", "view.js")))
        return "\n".join(f"<script>{each}</script>" for each in code)

    def _network(self) -> Iterator[str]:
        if self.model is None:
            return
        of, own = self.model.network, self.study.workload
        named = (
            ("batch", "samples together", len(of.batch), of.batch.index(own.batch)),
            ("timesteps", "time steps of a sample", len(of.timesteps), of.timesteps.index(own.network.timesteps)),
            ("activity", "factor on the rate of all spikes", len(of.activity), of.activity.index(1.0)),
        )
        rows = (_row(name, "network", name, meaning, 0, count - 1, start) for name, meaning, count, start in named if count > 1)
        yield f'<fieldset class="sliders"><legend>The network</legend>{"".join(rows)}</fieldset>'
        yield '<p><button type="button" class="reset">Reset all sliders</button></p>'

    def _part(self, index: int, on: Part, sliders: list[Slider]) -> str:
        colour, _, sign = FAMILIES[on.family]
        name = escape(on.name)
        rows = "".join(_row(f"{on.name}.{each.name}", str(index), each.name, each.meaning, -STEPS, STEPS, 0) for each in sliders)
        costs = "".join(
            f'<div class="cost"><div class="figures"><span class="sr">{metric} </span><b></b> <span class="span"></span></div>'
            f'<div class="track"><i class="interval"></i><i class="dot" style="color:{colour}"></i></div>'
            f'<div class="stack" role="img" aria-label="{metric} of {name} by operator; in numbers below">'
            f"{self._segments(metric)}</div></div>"
            for metric in ("latency", "energy")
        )
        operators = "".join(f"<tr><th>{escape(each)}</th><td></td><td></td></tr>" for each in self.study.operators)
        static = "<tr><th>static</th><td>–</td><td></td></tr>"
        return (
            f'<article class="part" data-part="{index}"><div class="who"><h3>{mark(colour, sign)} {name}</h3>'
            f'<span class="badge fastest" hidden>fastest</span> <span class="badge frugal" hidden>most frugal</span>'
            f'<span class="bound">bound by <b></b></span></div>{costs}'
            f'<p class="unfitting" hidden>does not fit at this batch and these time steps</p>'
            f'<details><summary>Parameters and breakdown<span class="sr"> of {name}</span></summary>'
            f'<fieldset class="sliders"><legend class="sr">Parameters of {name}</legend>{rows}</fieldset>'
            f'<table class="breakdown"><thead><tr><th scope="col">operator</th><th scope="col">time of a batch</th>'
            f'<th scope="col">energy of a sample</th></tr></thead><tbody>{operators}{static}</tbody></table></details></article>'
        )

    def _segments(self, metric: str) -> str:
        names = [name for name in self.looks if not (metric == "latency" and name == STATIC)]
        return "".join(f'<i style="{_background(*self.looks[name])}"></i>' for name in names)


def _looks(study: Study) -> dict[str, tuple[str, str]]:
    """Colour and hatch of what bars are made of: as in the figures where these name it, then further ones."""
    ranks = dict(study.shown)
    for name in dict.fromkeys(study.series):
        ranks.setdefault(name, len(ranks))
    return {STATIC: STATIC_FILL} | {name: fill(ranks[name]) for name in dict.fromkeys(study.series)}


def _background(colour: str, hatch: str) -> str:
    """The style of a patch."""
    return swatch(colour, hatch).partition('style="')[2].partition('"')[0]


def _row(name: str, owner: str, label: str, meaning: str, low: int, high: int, start: int) -> str:
    """A slider with its label, what it means, and its value."""
    key = escape(name)
    return (
        f'<div class="slider"><label for="{key}"><b>{escape(label)}</b> <span class="meaning">{escape(meaning)}</span></label>'
        f'<span class="value"></span>'
        f'<input type="range" id="{key}" data-owner="{owner}" min="{low}" max="{high}" step="1" value="{start}"></div>'
    )
