"""Runs of several seeds side by side.

``python -m costmodel.validation.records.scores FOLDER PNG`` prints the table of docs/benchmarks.md and draws its learning curves.
"""

import sys
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from costmodel.validation.records.figures import ACCENT, STYLE, save
from costmodel.validation.records.reading import curves, runs

COLUMNS = 3


def scores(root: Path) -> pd.DataFrame:
    """A row per network and rule whose runs have ended: seeds, accuracies (or sMAPE) by seed, their mean, epochs, mean seconds."""
    found = runs(root)
    rows = []
    for (network, rule), several in found[found["ended"]].groupby(["network", "rule"]):
        ordered = several.sort_values("seed")
        values = ordered["smape"] if ordered["accuracy"].isna().all() else 100 * ordered["accuracy"]
        rows.append(
            {
                "network": network,
                "rule": rule,
                "measure": "sMAPE" if ordered["accuracy"].isna().all() else "accuracy, %",
                "seeds": list(ordered["seed"]),
                "values": [float(value) for value in values],
                "mean": float(values.mean()),
                "epochs": int(ordered["epochs"].max()),
                "seconds": float(ordered["seconds"].mean()),
            }
        )
    return pd.DataFrame(rows).set_index(["network", "rule"])


def markdown(table: pd.DataFrame) -> str:
    """The table in Markdown."""
    lines = ["| Network | Rule | Epochs | By seed | Mean |", "|---|---|---|---|---|"]
    for (network, rule), row in table.iterrows():
        name = " sMAPE" if row["measure"] == "sMAPE" else " %"
        each = ", ".join(f"{value:.2f}" for value in row["values"])
        lines.append(f"| {network} | {rule} | {row['epochs']} | {each} | **{row['mean']:.2f}{name}** |")
    return "\n".join(lines)


def learning_curves(root: Path) -> Figure:
    """Test accuracy (or sMAPE) over epochs: a panel per network and rule, a line per seed."""
    known, every = runs(root), curves(root)
    groups = list(known[known["ended"]].groupby(["network", "rule"]))
    rows = -(-len(groups) // COLUMNS)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(2.9 * COLUMNS, 1.9 * rows))
        panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
        for axes, ((network, rule), several) in zip(panels, groups, strict=False):
            for folder in several.index:
                one = every.loc[folder]
                right = one["smape"] if one["accuracy"].isna().all() else 100 * one["accuracy"]
                axes.plot(one.index, right, color=ACCENT, alpha=0.6, linewidth=1)
            axes.set_title(f"{network}, {rule}", fontsize=8)
            if not right.isna().all() and right.iloc[-1] > 50:
                axes.set_ylim(max(60.0, float(right.iloc[-1]) - 20), 100)
        for axes in panels[len(groups) :]:
            axes.set_visible(False)
        figure.supxlabel("epoch", fontsize=9)
        figure.supylabel("test accuracy, % (sMAPE of mackey-glass)", fontsize=9)
    return figure


def main() -> None:
    """Prints and draws what lies in the folder that the command line names."""
    root, picture = map(Path, sys.argv[1:])
    print(markdown(scores(root)))
    save(learning_curves(root), picture)


if __name__ == "__main__":
    main()
