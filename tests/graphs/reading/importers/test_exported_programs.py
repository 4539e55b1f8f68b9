"""What torch.export wrote computes here what it computes in torch."""

import numpy as np
import pytest
import torch
from torch import nn

from costmodel.graphs.network import Network
from costmodel.graphs.reading.importers.torch_module import saved
from costmodel.validation.runner.model import NetworkModel
from tests.command import costmodel


class Residual(nn.Module):
    """A block with a skip, an average over space, and a gate."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1, groups=2)
        self.norm, self.last = nn.BatchNorm2d(2), nn.Linear(2, 3)

    def forward(self, x):
        y = torch.relu(self.norm(self.one(x)))
        return torch.sigmoid(self.last((self.two(y) + x).mean((2, 3))))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.qkv, self.last = nn.LayerNorm(8), nn.Linear(8, 24), nn.Linear(8, 8)

    def forward(self, x):
        q, k, v = self.qkv(self.norm(x)).chunk(3, -1)
        return x + self.last(torch.softmax(q @ k.transpose(-2, -1) * 8**-0.5, -1) @ v)


MODULES = {
    "layers": (
        nn.Sequential(
            *(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.GELU(), nn.MaxPool2d(2), nn.Dropout(0.2)),
            *(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(16, 5)),
        ),
        (1, 8, 8),
    ),
    "residual": (Residual(), (2, 6, 6)),
    "attention": (Attention(), (5, 8)),
    "one dimension": (nn.Sequential(nn.Conv1d(2, 3, 3, stride=2), nn.LeakyReLU(0.1), nn.Flatten(), nn.Linear(12, 2)), (2, 9)),
}


@pytest.fixture
def written(tmp_path):
    def write(name):
        torch.manual_seed(0)
        module, shape = MODULES[name]
        sample = torch.rand(3, *shape)
        with torch.no_grad():
            module.train()(torch.rand(20, *shape))  # statistics that are not those of the start
        torch.export.save(torch.export.export(module.eval(), (sample,)), tmp_path / "net.pt2")
        return module, sample, tmp_path / "net.pt2"

    return write


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("name", MODULES)
def test_it_computes_what_torch_computes(name, written):
    module, sample, path = written(name)
    found = saved(path, trust=True)
    network = Network.from_document(found.document, found.arrays, "net")
    with torch.no_grad():
        theirs = module(sample)
        ours = NetworkModel(network)(sample[None])[network.output]
    assert ours[0].reshape(theirs.shape).numpy() == pytest.approx(theirs.numpy(), rel=1e-5, abs=1e-6)
    weights = sum(array.size for own in found.arrays.values() for name, array in own.items() if name in ("weight", "bias"))
    assert weights == sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_the_command_wants_trust_and_takes_the_sample_that_it_was_exported_with(written, capsys, monkeypatch):
    *_, path = written("layers")
    out = path.with_name("net.json")
    told = costmodel(capsys, monkeypatch, "import", path, "--out", out)
    assert told.code == 2
    assert "give --trust if you know who wrote it" in told.err
    assert costmodel(capsys, monkeypatch, "import", path, "--trust", "--out", out).code == 0
    told = costmodel(capsys, monkeypatch, "versus", path, "yin-yang", "--trust", "-d", "asic-28nm", "--json")
    assert told.code == 0
    assert '"name": "net"' in told.out


def test_a_damaged_file_is_told_in_a_line(tmp_path, capsys, monkeypatch):
    path = tmp_path / "net.pt2"
    path.write_bytes(np.arange(100, dtype=np.uint8).tobytes())
    told = costmodel(capsys, monkeypatch, "import", path, "--trust", "--out", tmp_path / "net.json")
    assert told.code == 2
    assert len(told.err.splitlines()) == 1
    assert "torch.export cannot read it" in told.err
