"""Runs read back: one table over many folders."""

from pathlib import Path

import pandas as pd

from costmodel.graphs.errors import InputError
from costmodel.validation.records.folder import RunFolder


def run_folders(root: Path) -> list[RunFolder]:
    """Every run's folder at or below a folder.

    Raises:
        InputError: there is none.
    """
    found = [RunFolder(path.parent) for path in sorted(root.rglob("run.json"))]
    if not found:
        raise InputError("holds no run", mend="give a folder that 'run --out' wrote, or one above", where=str(root))
    return found


def runs(root: Path) -> pd.DataFrame:
    """A row per run: network, benchmark, rule, seed, epochs done, accuracy or sMAPE, loss, seconds, synaptic operations, commit,
    when it was started, and whether it has ended; indexed by folder.

    Raises:
        InputError: there is none, or a file of one is damaged.
    """
    rows = []
    for folder in run_folders(root):
        known = folder.config()
        network, training = known["network"], known["network"].get("training") or {}
        done = folder.epochs() if (folder.path / "epochs.json").exists() else []
        last = done[-1] if done else {}
        rows.append(
            {
                "folder": str(folder.path),
                "network": network["name"],
                "benchmark": network.get("benchmark"),
                "rule": training.get("rule", "bptt"),
                "seed": known["seed"],
                "epochs": len(done),
                "accuracy": last.get("accuracy"),
                "smape": last.get("smape"),
                "loss": last.get("loss"),
                "seconds": sum(epoch["seconds"] for epoch in done),
                "synops": sum(epoch["synops"] for epoch in done),
                "commit": known["commit"],
                "started": pd.Timestamp(known["started"]),
                "ended": (folder.path / "result.json").exists(),
            }
        )
    return pd.DataFrame(rows).set_index("folder")


def curves(root: Path) -> pd.DataFrame:
    """A row per epoch of every run, indexed by folder and epoch: the metrics of ``run --json``, rates as ``rate.NODE``.

    Raises:
        InputError: there is no run, or a file of one is damaged.
    """
    rows = []
    for folder in run_folders(root):
        for epoch in folder.epochs():
            flat = {key: value for key, value in epoch.items() if key != "rates"}
            rows.append({"folder": str(folder.path), **flat, **{f"rate.{k}": v for k, v in epoch["rates"].items()}})
    return pd.DataFrame(rows).set_index(["folder", "epoch"])
