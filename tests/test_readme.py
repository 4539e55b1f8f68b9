"""The README shows what the program prints."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.command import costmodel
from tests.networks import write_nir

README = (Path(__file__).parent.parent / "README.md").read_text()
MNIST = "mnist-784-128-10"
SOLVE = ("solve", MNIST, "-d", "memfpaa-hfox", "--for", "t_event", "--until")
BLOCKS = re.findall(r"^```\w*\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("mnist-784-128-10: one inference", ("estimate", MNIST)),
        ("memfpaa-hfox: t_event =", (*SOLVE, "latency < loihi.latency")),
        ("With t_event = 1us", ("whatif", MNIST, "-d", "memfpaa-hfox", "--set", "t_event=1us", "--against", "loihi")),
        ("latency on brainscales2", ("explain", "yin-yang-ttfs", "-d", "brainscales2")),
    ],
)
def test_printed_blocks_are_real(start, words, capsys, monkeypatch):
    block = next(block for block in BLOCKS if block.startswith(start))
    printed = {line.rstrip() for line in costmodel(capsys, monkeypatch, *words).out.splitlines()}
    for line in block.splitlines():
        if line.startswith("report: ") or line.strip() == "…":
            continue
        assert line in printed or any(one.startswith(line.removesuffix("…")) for one in printed if line.endswith("…")), line


def test_commands_that_it_names_exist():
    from costmodel.cli import app

    known = {command.name for command in app.registered_commands}
    assert set(re.findall(r"^costmodel ([\w-]+)", README, re.MULTILINE)) <= known


CHEAPER = {"--verify": "2"}
"""Values with which the lines of "Use" run here instead; and where they train for as many epochs as a network says, for one."""


def use() -> list[list[str]]:
    """The words of every line under "Use", without its comment."""
    block = next(block for block in BLOCKS if block.startswith("costmodel estimate my-net.json"))
    return [shlex.split(line, comments=True)[1:] for line in block.splitlines()]


def test_every_line_of_use_runs(capsys, monkeypatch, tmp_path):
    """One after another in one folder, on the network that the README shows; none says that there is nothing to say."""
    monkeypatch.chdir(tmp_path)
    shown = next(block for block in BLOCKS if block.startswith('{"name"'))
    Path("my-net.json").write_text(shown)
    write_nir(Path("net.nir"), 5, 8, 3)
    shape = json.loads(shown)["nodes"][0]["shape"]
    np.savez("in.npz", input=(np.random.default_rng(0).random((60, 2, *shape)) < 0.1).astype(np.float32))
    assert len(use()) >= 18
    for words in use():
        cheap = [CHEAPER.get(before, word) for before, word in zip(["", *words], words, strict=False)]
        if words[0] in ("run", "to-accuracy") and "--epochs" not in words:
            cheap += ["--epochs", "1"]
        answer = costmodel(capsys, monkeypatch, *cheap)
        assert answer.code == 0, (words, answer.err)
        for nothing in ("no comparison", "has no boundary", "does not fit the"):
            assert nothing not in answer.out.replace("\n", " "), words
    for path in ("report.html", "net.json", "traces.npz", "my-run/result.json", "trained/network.json", "hw/report.md"):
        assert Path(path).exists()
