"""The program that measures the runner's speed: everybody is named and computes what we do, or it says how much else."""

import json
import subprocess
import sys


def test_it_measures_everybody_who_is_installed_and_names_who_is_not(tmp_path):
    words = ["--rounds", "1", "--steps", "2", "--networks", "784-128-10", "--json", tmp_path / "speed.json"]
    command = [sys.executable, "-m", "tests.performance.runner_speed", *map(str, words)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert max(map(len, told.splitlines())) <= 80
    record = json.loads((tmp_path / "speed.json").read_text())
    assert [group["way"] for group in record["groups"]] == ["forward", "forward and backward"]
    for peer, version in record["peers"].items():
        assert (peer in record["groups"][0]["rows"]) is (version is not None)
        assert (f"{peer:22}  not installed" in told) is (version is None)
    shares = record["differing"]["784-128-10"]
    assert shares["rate"] > 0.05
    assert shares["snnTorch, reset_delay=False"] < 0.01
