"""Files that frameworks wrote spike here as there: golden files and spikes, each framework's by the ``write.py`` of its folder."""

from pathlib import Path

import numpy as np
import pytest
import torch

from costmodel.graphs.nodes.population import Population
from costmodel.graphs.reading.dialects import WRITERS, dialect
from costmodel.graphs.reading.loading import load
from costmodel.validation.runner.model import NetworkModel
from tests.same_spikes import first_difference

HERE = Path(__file__).parent
FILES = sorted((path.parent.name, path.stem) for path in HERE.glob("*/*.nir"))
RESETS = {("sinabs", "iaf-reset"): "zero"}
"""What the file does not say, and who wrote it knows."""


def golden(writer: str, name: str) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Inputs (T, batch, inputs), and the spikes (T, batch, neurons) of both layers."""
    with np.load(HERE / writer / "spikes.npz") as stored:
        return torch.as_tensor(stored[f"{name}.input"]).float(), [torch.as_tensor(stored[f"{name}.{i}"]) for i in range(2)]


def test_every_writer_has_its_files():
    """snnTorch is run itself, in `test_dialects`."""
    assert {writer for writer, _ in FILES} == set(WRITERS) - {"snntorch"}


@pytest.mark.parametrize(("writer", "name"), FILES)
def test_a_file_spikes_as_its_writer(writer, name):
    """Every neuron and step. What a layer of Spyx sends is behind the delay that its reader puts after it."""
    network = load(HERE / writer / f"{name}.nir", dialect(writer, reset=RESETS.get((writer, name))))
    given, spikes = golden(writer, name)
    sent = NetworkModel(network).trace(given)[0]
    firing = [key for key, node in network.nodes.items() if isinstance(node, Population) and node.neuron.spiking()]
    senders = [f"{key}.late" if f"{key}.late" in network.nodes else key for key in firing]
    assert len(senders) == 2
    assert all(int(each.sum()) > 15 for each in spikes)
    theirs = dict(zip(senders, spikes, strict=True))
    assert first_difference(theirs, {key: sent[key].numpy() for key in senders}) is None


@pytest.mark.parametrize(
    ("writer", "name", "said"),
    [
        ("norse", "lif", "what a spike sets the membrane to (0 is taken)"),
        ("norse", "lif", "time constants in s · dt"),
        ("rockpool", "lif", "does not say: bias, recurrent weights"),
        ("rockpool", "lif-taus", "time steps of 2 ms"),
        ("sinabs", "iaf", "several spikes a step (one is taken)"),
        ("spyx", "rlif", "not through the recurrent weights"),
    ],
)
def test_what_was_done_to_a_file_is_told(writer, name, said):
    assert said in "; ".join(load(HERE / writer / f"{name}.nir", dialect(writer)).assumptions)


@pytest.mark.parametrize(("writer", "name"), [("norse", "lif-box-leak"), ("sinabs", "iaf"), ("rockpool", "lif"), ("spyx", "rlif")])
def test_read_as_it_stands_it_is_another_network(writer, name, tmp_path):
    """Or the dialect would not be needed."""
    network = load(HERE / writer / f"{name}.nir")
    given, spikes = golden(writer, name)
    shape = network.shapes[network.inputs[0]][1]
    sent, _ = NetworkModel(network).trace(given.reshape(*given.shape[:2], *shape))
    first = next(key for key, node in network.nodes.items() if isinstance(node, Population))
    assert not torch.equal(sent[first].flatten(2), spikes[0].float())
