"""A notebook of a user's own network: its costs, what they are made of, what a changed parameter does, and which hardware wins."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from costmodel.devices.part import parts
from costmodel.graphs.lowering.measurement import Measurement
from costmodel.graphs.nodes.node import Rate
from costmodel.graphs.reading.dialects import PLAIN
from costmodel.graphs.reading.loading import dialect_of, load
from costmodel.reporting.sliders.moved import influential
from costmodel.reporting.study import Study

Cell = tuple[str, str]
"""Its type, "markdown" or "code", and its source."""


def notebook(study: Study, network: str, devices: Sequence[str], path: Path, measured: Measurement | None = None) -> str:
    """The notebook of a report, as the text of an .ipynb file that has not been run.

    Args:
        study: what the report is about.
        network: the network's file or name, as `costmodel.load` takes it.
        devices: the parts' files or names, one for each part of the study.
        path: where the notebook will be, from whose folder it will look for files.
        measured: activity that replaces the rates of the network's file.
    """
    folder = path.resolve().parent
    words = [_from(folder, word) for word in devices]
    measured = measured or Measurement()
    kept = None if measured.file is None else _from(folder, str(measured.file))
    cells = [*_asked(study, _loaded(folder, network), load(network).timesteps, words, measured.rates, kept), *_costs()]
    if study.fits:
        cells += [*_breakdown(), *_what_if(study), *_winner(study)]
    return written(cells)


def written(cells: Iterable[Cell]) -> str:
    """Cells as the text of an .ipynb file."""
    made = [_cell(index, kind, source) for index, (kind, source) in enumerate(cells)]
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return (
        json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False, indent=1) + "\n"
    )


def _cell(index: int, kind: str, source: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": f"cell-{index}", "metadata": {}, "source": source.strip("\n").splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _from(folder: Path, word: str) -> str:
    """A file as seen from a folder; the name of an example or a part as it is."""
    return os.path.relpath(Path(word).resolve(), folder) if Path(word).is_file() else word


def _loaded(folder: Path, network: str) -> str:
    """The code that loads a network, in the dialect of its file."""
    by, path = dialect_of(network), _quoted(_from(folder, network))
    if by == PLAIN:
        return f"cm.load({path})"
    return f"cm.load({path}, dialect({by.writer!r}, {by.dt!r}, {by.integrator!r}, {by.reset!r}))"


def _asked(
    study: Study, network: str, steps: int, devices: Sequence[str], measured: Mapping[str, Rate], elements: str | None
) -> Iterable[Cell]:
    """The network, by the code that loads it, and the parts, as they were asked for; ``elements`` is the file of the activity of
    each element."""
    workload = study.workload
    yield "markdown", f"# What {workload.network.name} costs\n\nChange anything here and run it again."
    lines = ["from pathlib import Path", ""] if elements else []
    lines += ["import matplotlib.pyplot as plt", "import numpy as np", "import pandas as pd"]
    lines += ["from matplotlib.ticker import EngFormatter, LogLocator, PercentFormatter", "", "import costmodel as cm"]
    if elements:
        lines.append("from costmodel.graphs.lowering.measurement import read")
    if measured:
        lines.append("from costmodel.graphs.nodes.node import Rate")
    if "dialect(" in network:
        lines.append("from costmodel.graphs.reading.dialects import dialect")
    lines += ["from costmodel.graphs.settings.units import pretty", "", f"network = {network}"]
    if measured:
        told = {name: f"Rate(**{rate.model_dump()!r})" for name, rate in measured.items()}
        entries = (f"    {_quoted(name)}: {rate}," for name, rate in told.items())
        lines += ["measured = {", *entries, "}", "network = network.with_rates(measured)"]
    if elements:
        lines.append(f"network = network.with_elements(read(Path({_quoted(elements)})))")
    if workload.network.timesteps != steps:
        lines.append(f"network = network.with_timesteps({workload.network.timesteps})")
    given = dict(workload.activities["mean"].given)
    settings = [_quoted(workload.phase), f"batch={workload.batch}"]
    settings += [f"rates={given!r}"] * bool(given) + [f"bits={workload.bits}"] * (workload.bits is not None)
    lines.append(f"workload = cm.Workload(network, {', '.join(settings)})")
    each = [_part(study, index, word) for index, word in enumerate(devices)]
    every = each == [f"cm.part({_quoted(name)})" for name in parts()]
    lines += ["parts = [cm.part(name) for name in cm.parts()]"] if every else ["parts = [", *(f"    {one}," for one in each), "]"]
    lines += ["", "sizes = workload.summary"]
    lines += [
        'print(f"{network.name}: {sizes.neurons:,} neurons, {sizes.parameters:,} parameters, {network.timesteps} time steps")'
    ]
    yield "code", "\n".join(lines)


def _part(study: Study, index: int, word: str) -> str:
    """The code of a part, with what was set of it."""
    on = study.parts[index]
    set_ = {name: c.value for name, c in on.constants.items() if c.source == "set by the user"}
    return f"cm.part({_quoted(word)})" + (f".override({set_!r})" if set_ else "")


def _costs() -> Iterable[Cell]:
    yield (
        "markdown",
        (
            "## Costs\n\nOf a sample, with the ends of 90 % intervals; latency is that of a batch. The most frugal comes first; "
            "`why_not` says what a part that cannot run the network lacks."
        ),
    )
    yield "code", 'cm.compare(workload, parts).sort_values("energy_j")'


def _breakdown() -> Iterable[Cell]:
    yield "markdown", "## Where time and energy go\n\nShares of the network's operators, and of what a part draws while it waits."
    yield (
        "code",
        """
FILLS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A200", "#000000", "#882255", "#888888"]

estimates = [each for each in (cm.Estimator(workload, on).estimate() for on in parts) if each.feasible]
estimates.sort(key=lambda each: each.energy.value)


def shares(column):  # of each operator, on each part
    rows = {each.device: pd.DataFrame(each.breakdown).groupby("node", sort=False)[column].sum() for each in estimates}
    table = pd.DataFrame(rows).T
    if column == "energy_j":
        table.insert(0, "static", [each.static for each in estimates])
    largest = table.div(table.sum(axis=1), axis=0).max().nlargest(10).index
    others = table.drop(columns=largest).sum(axis=1)
    table = table[[name for name in table if name in largest]]
    table = table.assign(others=others) if others.any() else table
    return table.div(table.sum(axis=1), axis=0)


tables = {"operators' time": shares("latency_s"), "energy of a sample": shares("energy_j")}
names = list(dict.fromkeys(name for table in tables.values() for name in table if name not in ("static", "others")))
colours = {"static": "0.75", "others": "0.9"} | {name: FILLS[i % len(FILLS)] for i, name in enumerate(names)}
figure, axes = plt.subplots(1, 2, figsize=(10, 1.4 + 0.3 * len(estimates)), sharey=True, layout="constrained")
for place, (title, table) in zip(axes, tables.items(), strict=True):
    table.plot.barh(stacked=True, ax=place, color=colours, width=0.75, legend=False)
    place.set(title=title, xlim=(0, 1))
    place.xaxis.set_major_formatter(PercentFormatter(1))
    place.spines[["top", "right"]].set_visible(False)
axes[0].invert_yaxis()
used = {name: handle for place in axes for handle, name in zip(*place.get_legend_handles_labels(), strict=True)}
used = {name: used[name] for name in colours if name in used}
figure.legend(used.values(), used, loc="outside lower center", ncols=7, frameon=False);
""",
    )


def _what_if(study: Study) -> Iterable[Cell]:
    """One part's most influential parameter, moved over two decades."""
    estimator = next(each for each in study.estimators if each.part.name == study.fits[0].device)
    sliders = influential(estimator, 1)
    if not sliders:
        return
    first = sliders[0]
    unit = "" if first.unit == "1" else first.unit
    yield (
        "markdown",
        (
            f"## What if?\n\nThe costs of {estimator.part.name} hang most on `{first.name}`, {first.meaning}. Put in another "
            "part or another parameter (`cm.part(name).values` lists them)."
        ),
    )
    yield (
        "code",
        f"""
device, name, unit = {_quoted(estimator.part.name)}, {_quoted(first.name)}, {_quoted(unit)}
on = next(on for on in parts if on.name == device)
estimator, before = cm.Estimator(workload, on), on.values[name]
for value in (before, {_round(first.at(-50))}):
    e = estimator.estimate({{name: value}})
    costs = f"{{pretty(e.latency.value, 's')}}, {{pretty(e.energy.value, 'J')}}"
    print(f"{{name}} = {{pretty(value, unit)}}: {{costs}}, bound by {{e.bound_by}}")

values = np.geomspace({_round(first.at(-100))}, {_round(first.at(100))}, 61)
figures = estimator.figures({{name: values}})
figure, axes = plt.subplots(1, 2, figsize=(10, 3.2), layout="constrained")
for place, (metric, of) in zip(axes, {{"latency": "s", "energy": "J"}}.items(), strict=True):
    place.loglog(values, np.broadcast_to(getattr(figures, metric), values.shape), color=FILLS[0], lw=2)
    place.axvline(before, color="0.7", lw=1, ls="--")
    place.set(xlabel=name, ylabel=metric)
    place.xaxis.set_major_formatter(EngFormatter(unit))
    for formatter in (place.yaxis.set_major_formatter, place.yaxis.set_minor_formatter):
        formatter(EngFormatter(of))
    place.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    place.tick_params(axis="y", which="minor", labelsize=8)
    place.spines[["top", "right"]].set_visible(False)
""",
    )


def _winner(study: Study) -> Iterable[Cell]:
    """Who is fastest and most frugal, now and with other batches."""
    together = sorted({1, study.workload.batch, 16, 256})
    yield (
        "markdown",
        (
            "## Which hardware wins?\n\nFor some numbers of samples together: who answers a batch soonest, who takes least energy "
            "a sample, and who may be better, as far as the intervals say."
        ),
    )
    yield (
        "code",
        f"""
def best(table, metric, unit):
    fits = table[table.feasible].sort_values(f"{{metric}}_{{unit.lower()}}")
    first = fits.iloc[0]
    rivals = fits.index[1:][fits[f"{{metric}}_low"].iloc[1:] <= first[f"{{metric}}_high"]]
    told = f"{{first.name}} with {{pretty(first[f'{{metric}}_{{unit.lower()}}'], unit)}}"
    return told + (f" (or {{', '.join(rivals[:3])}}{{' …' if len(rivals) > 3 else ''}})" if len(rivals) else "")


rows, rates = {{}}, workload.activities["mean"].given
for batch in {together}:
    table = cm.compare(cm.Workload(network, workload.phase, batch=batch, rates=rates, bits=workload.bits), parts)
    if table.feasible.any():
        rows[batch] = {{"fastest": best(table, "latency", "s"), "most frugal": best(table, "energy", "J")}}
pd.set_option("display.max_colwidth", None)
pd.DataFrame(rows).T.rename_axis("batch")
""",
    )


def _quoted(text: str) -> str:
    """A text as Python code."""
    return json.dumps(text, ensure_ascii=False)


def _round(value: float) -> str:
    return f"{value:.4g}"
