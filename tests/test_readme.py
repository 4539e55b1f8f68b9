"""The README shows what the program prints."""

import re
from pathlib import Path

import pytest

from tests.command import costmodel

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
