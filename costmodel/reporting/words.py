"""The report's sentences: what was asked, and what came out, for a reader who knows neither the network nor the tool."""

from collections import Counter
from collections.abc import Callable, Sequence

from costmodel.estimates.interval import Interval
from costmodel.estimates.tables import span
from costmodel.graphs.settings.units import pretty
from costmodel.reporting.study import Fit, Study

_KINDS = {
    "measured": "measured on the running network",
    "published": "published by the network's authors",
    "assumed": "assumed, for nobody has measured them",
    "given": "set for this report",
}


def summary(study: Study) -> list[str]:
    """One paragraph, as sentences."""
    return [*_network(study), *_activity(study), *_answer(study)]


def _network(study: Study) -> list[str]:
    workload, sizes = study.workload, study.workload.summary
    network = workload.network
    if workload.rule is None:
        what = "This report estimates what one answer (inference)"
    else:
        what = f"This report estimates what one training step (learning rule {workload.rule})"
    together = "" if workload.batch == 1 else f", {workload.batch:,} samples at a time,"
    return [
        f"“{network.name}” is a spiking neural network of {sizes.neurons:,} neurons and {sizes.parameters:,} parameters; "
        f"each sample runs for {plural(network.timesteps, 'time step')} of {pretty(network.dt, 's')}.",
        f"{what} of it{together} costs in time, energy and money on {plural(len(study.parts), 'device')}.",
    ]


def _activity(study: Study) -> list[str]:
    work, counts = study.workload.summary.work, Counter(rate.kind for rate in study.rates)
    said = []
    if work.dense_synops > 0:
        share = 100 * work.effective_synops / work.dense_synops
        said.append(
            f"With every input active at every step, an inference would take {_big(work.dense_synops)} synaptic operations "
            f"(dense); at the rates below, {_big(work.effective_synops)} of them ({share:.2g} %) have an active input (effective)."
        )
    if len(counts) == 1:
        said.append(f"{'This rate is' if len(study.rates) == 1 else 'All rates are'} {_KINDS[next(iter(counts))]}.")
    elif counts:
        kinds = [f"{count} {'is' if count == 1 else 'are'} {_KINDS[kind]}" for kind, count in counts.items()]
        said.append(f"Of the rates, {_listed(kinds)}.")
    return said


def _answer(study: Study) -> list[str]:
    fits = study.fits
    if not fits:
        return ["None of the devices can run it as it is; what would have to change is listed below."]
    said = []
    if study.unfit:
        said.append(f"{plural(len(fits), 'device')} can run it; {plural(len(study.unfit), 'device')} cannot as it is.")
    if len(fits) == 1:
        only = fits[0]
        return [*said, f"{only.device} takes {_with(only.latency, 's')} and {_with(only.energy, 'J')} a sample."]
    said.append("The fastest is " + _best(fits, lambda e: e.latency, "s", "from input to answer", "faster"))
    said.append("The most frugal is " + _best(fits, lambda e: e.energy, "J", "a sample", "more frugal"))
    return [*said, *([counted(study)] if counted(study) else [])]


def counted(study: Study) -> str:
    """What the energies count, where they count different things: a sentence, or nothing."""
    told = {"chip": "the chip alone", "board": "the board", "system": "the whole system"}
    named = {each: [e.device for e in study.fits if e.boundary == each] for each in told}
    parts = [f"{told[each]} of {_some(names)}" for each, names in named.items() if names]
    return f"Energies count {'; '.join(parts)}." if len(parts) > 1 else ""


def _best(fits: Sequence[Fit], of: Callable[[Fit], Interval], unit: str, what: str, better: str) -> str:
    """The best device with its figure, and those whose intervals overlap with its own."""
    ranked = sorted(fits, key=lambda e: of(e).value)
    best = ranked[0]
    rivals = [e.device for e in ranked[1:] if of(e).low <= of(best).high]
    doubt = f"within the uncertainty, {_some(rivals)} may be {better}" if rivals else "no other interval reaches that"
    return f"{best.device} with {_with(of(best), unit)} {what}; {doubt}."


def _with(interval: Interval, unit: str) -> str:
    if interval.low == interval.high:
        return f"{pretty(interval.value, unit)} (exact)"
    return f"{pretty(interval.value, unit)} (90 % interval {span(interval, unit)})"


def _some(names: Sequence[str]) -> str:
    """The first few names and how many more."""
    return _listed(list(names)) if len(names) <= 4 else _listed([*names[:3], f"{len(names) - 3} more"])


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def plural(count: int, word: str) -> str:
    """A count and its word: "1 device", "23 devices"."""
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def _big(count: float) -> str:
    """A count in words a reader can say: "921,600", "29.0 million"."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if count >= size:
            return f"{count / size:.3g} {word}"
    return f"{count:,.0f}"
