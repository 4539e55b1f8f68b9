"""Exported programs are the network that torch runs: the same values, and the counts of the module itself."""

from pathlib import Path

import pytest
import torch
from torch import nn

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.reading.importers.exported import saved
from costmodel.validation.runner.model import NetworkModel
from tests.command import costmodel


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.norm = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.last = nn.Linear(4 * 4 * 4, 5)
        self.norm.running_mean.uniform_(-1, 1)
        self.norm.running_var.uniform_(0.5, 2)

    def forward(self, x):
        x = torch.relu(self.first(x))
        x = torch.relu(self.norm(self.second(x)) + x)
        return self.last(nn.functional.avg_pool2d(x, 2).flatten(1))


MODULES = {
    "perceptron": (nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 3)), (12,)),
    "convolutions": (
        nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(), nn.Flatten(), nn.Linear(4 * 3 * 3, 5)),
        (2, 8, 8),
    ),
    "residual": (Residual(), (2, 8, 8)),
}


def exported(folder: Path, name: str) -> tuple[Path, nn.Module, torch.Tensor]:
    torch.manual_seed(0)
    module, shape = MODULES[name]
    x = torch.rand(3, *shape)
    torch.export.save(torch.export.export(module.eval(), (x,)), folder / f"{name}.pt2")
    return folder / f"{name}.pt2", module, x


@pytest.mark.parametrize("name", MODULES)
def test_an_exported_program_computes_what_the_module_does(tmp_path, name):
    path, module, x = exported(tmp_path, name)
    found = saved(path, trust=True)
    network = Network.from_document(found.document, found.arrays, name)
    with torch.no_grad():
        ours = NetworkModel(network)(x[None])[network.outputs[0]][0]
        theirs = module(x)
    assert theirs.abs().max() > 0.1
    torch.testing.assert_close(ours.reshape(theirs.shape), theirs, rtol=1e-5, atol=1e-6)


def test_the_command_imports_one_that_is_trusted(tmp_path, capsys, monkeypatch):
    path, module, _ = exported(tmp_path, "convolutions")
    done = costmodel(capsys, monkeypatch, "import", path, "--trust", "--out", tmp_path / "net.json")
    assert done.code == 0, done.err
    assert f"{sum(p.numel() for p in module.parameters()):,} parameters" in done.out
    refused = costmodel(capsys, monkeypatch, "import", path, "--out", tmp_path / "other.json")
    assert refused.code == 2
    assert "give --trust" in refused.err


@pytest.mark.parametrize("content", [b"", b"no program", None])
def test_what_is_no_program_is_told_in_a_line(tmp_path, content):
    path, _, _ = exported(tmp_path, "perceptron")
    path.write_bytes(path.read_bytes()[:2000] if content is None else content)
    with pytest.raises(InputError) as error:
        saved(path, trust=True)
    assert "write it with torch.export.save" in str(error.value)
    assert "\n" not in str(error.value)
