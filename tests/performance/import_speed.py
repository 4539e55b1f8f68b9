"""What bringing a torch module in takes, beside running it: ``python -m tests.performance.import_speed [ROUNDS]``.

SEW-ResNet18 of SpikingJelly (`make .venv/frameworks`, on PYTHONPATH), 4 steps of 2 images of 64 × 64: its forward pass,
its import, and its import with the activity of every element, in turn, in processor time on one thread; what counts is the ratio,
round by round.
"""

import statistics
import sys
import time
from collections.abc import Callable

import torch
from spikingjelly.activation_based import functional, neuron, surrogate

from tests.frameworks import large


def network() -> torch.nn.Module:
    """SEW-ResNet18 for small images."""
    made = large.sew_resnet().sew_resnet18(
        spiking_neuron=neuron.IFNode, surrogate_function=surrogate.ATan(), detach_reset=True, cnf="ADD", num_classes=10
    )
    functional.set_step_mode(made, "m")
    return made.eval()


def seconds(work: Callable[[], object]) -> float:
    """Of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main(rounds: int = 9) -> None:
    """Prints the medians and the medians of the ratios."""
    import costmodel as cm

    torch.set_num_threads(1)
    net, images = network(), torch.rand(4, 2, 3, 64, 64)

    def forward() -> None:
        functional.reset_net(net)
        with torch.no_grad():
            net(images)

    works = {
        "forward pass": forward,
        "import": lambda: cm.from_torch(net, images),
        "import, measured": lambda: cm.from_torch(net, images, measure=True),
    }
    for work in works.values():
        work()
    times = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(seconds(work))
    for name, own in times.items():
        ratios = [a / b for a, b in zip(own, times["forward pass"], strict=True)]
        told = f"{statistics.median(ratios):.2f} of a forward pass ({min(ratios):.2f} … {max(ratios):.2f})"
        print(f"{name}: {statistics.median(own) * 1e3:.0f} ms, {told}")
    more = [(b - a) / c for a, b, c in zip(times["import"], times["import, measured"], times["forward pass"], strict=True)]
    print(f"measuring adds {100 * statistics.median(more):.0f} % of a forward pass ({100 * min(more):.0f} … {100 * max(more):.0f})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
