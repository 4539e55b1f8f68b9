"""Examples from runs.

``python -m costmodel.validation.runs.shipping NAME RUN_FOLDER`` writes what a run measured, and learnt, into an example. With NAME
alone it measures an example that nobody trains: its rates under inputs of its own rate, with weights drawn under seed 0.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from costmodel.graphs.files import write, write_bytes
from costmodel.graphs.reading.loading import EXAMPLES, load
from costmodel.graphs.reading.writing import as_text, document
from costmodel.validation.learning.evaluation import Evaluation
from costmodel.validation.records.folder import RunFolder, commit
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.response import SteppedResponse
from costmodel.validation.runner.simulate import spikes_by_rate

SAMPLES = 100
"""Inputs that an untrained example is measured with."""

LARGEST = 2_000_000
"""Weights of more bytes are not shipped."""


def ship_run(name: str, folder: RunFolder) -> None:
    """Writes a run's rates, weights and record into an example.

    Raises:
        InputError: no such example, or the run has not ended.
    """
    network, result, known = load(name), folder.result(), folder.config()
    weights = folder.path / "weights.npz"
    keep = weights.stat().st_size <= LARGEST
    with np.load(weights) as stored:
        holding = {key.rpartition(".")[0] for key in stored.files}
    if keep:
        write_bytes(EXAMPLES / f"{name}.npz", weights.read_bytes())
    record = {key: result[key] for key in ("accuracy", "smape", "test_samples", "seed", "benchmark", "rule", "spikes_per_sample")}
    record["epochs"] = [
        {key: epoch[key] for key in ("epoch", "accuracy", "loss", "seconds", "synops")} for epoch in result["epochs"]
    ]
    record["training"] = known["network"].get("training")
    record |= {"data": known["data"], "versions": known["versions"], "commit": known["commit"], "started": known["started"]}
    write(EXAMPLES / f"{name}.provenance.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    _replace_nodes(name, document(network, result["measured"], f"{name}.npz" if keep else None, holding))


@torch.no_grad()
def ship_simulated(name: str) -> None:
    """Writes the rates of an example that is not trained, as measured here."""
    network = load(name)
    inputs = spikes_by_rate(network, network.timesteps, SAMPLES)
    model = NetworkModel(network)
    activity = SteppedResponse(network, model(inputs), network.dt).activity()
    measured = Evaluation(SAMPLES, None, None, None, {k: v.double().numpy() for k, v in activity.items()})
    drawn = f", weights of {', '.join(model.drawn)} drawn under seed 0" if model.drawn else ""
    source = f"{SAMPLES} inputs at their rate{drawn}; 5–95 % over the inputs; costmodel at {str(commit())[:10]}"
    rates = {node: rate for node, rate in measured.rates(source).items() if node not in network.inputs}
    holding = [node["id"] for node in network.settings.nodes if "weights" in node]
    _replace_nodes(name, document(network, rates, f"{name}.npz", holding))


def _replace_nodes(name: str, found: dict[str, Any]) -> None:
    """Writes the nodes of a document into an example; everything else of the file stays as somebody wrote it."""
    path = EXAMPLES / f"{name}.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    write(path, as_text({**raw, "nodes": found["nodes"]}))


def main() -> None:
    """Ships what the command line names."""
    name, *rest = sys.argv[1:]
    if rest:
        ship_run(name, RunFolder(Path(rest[0])))
    else:
        ship_simulated(name)


if __name__ == "__main__":
    main()
