"""A command from a cold start, here and in another checkout, in turn: ``python -m tests.performance.cold_start OTHER [ROUNDS]``.

OTHER is a checkout of the commit to compare with (``git worktree add OTHER COMMIT``). Both run under this Python, on the same
machine in the same minutes; what counts is the ratio, round by round.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = (("estimate", "mnist-784-128-10", "--json"), ("estimate", "yin-yang-ttfs", "-d", "loihi", "--json"), ("--help",))


def seconds(checkout: Path, words: tuple[str, ...]) -> float:
    """Of one run as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    start = time.perf_counter()
    command = [sys.executable, "-m", "costmodel", *words]
    subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def main(other: Path, rounds: int = 9) -> None:
    """Prints a line per command: median seconds of both, and the median of the ratios."""
    here = Path(__file__).resolve().parents[2]
    for words in COMMANDS:
        for checkout in (here, other):
            seconds(checkout, words)  # compiles what is imported
        pairs = [(seconds(here, words), seconds(other, words)) for _ in range(rounds)]
        ours, theirs = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratios = [a / b for a, b in pairs]
        told = f"ratio {statistics.median(ratios):.3f} ({min(ratios):.2f} … {max(ratios):.2f})"
        print(f"costmodel {' '.join(words)}: {ours:.3f} s here, {theirs:.3f} s there, {told}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), *map(int, sys.argv[2:]))
