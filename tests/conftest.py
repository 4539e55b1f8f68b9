"""What every test is preceded and followed by."""

import os
import sys

from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("untimed")
if "PYTEST_XDIST_WORKER" in os.environ:  # as many workers as processors: threads of each would wait for those of the others
    os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.pop("COLUMNS", None)  # tables in tests are as wide as those of somebody who has not set it


def pytest_runtest_teardown():
    """Programs that train take denormal numbers as 0 for the rest of their process; the next test must have them. Neurons that a
    test defined are forgotten, and the nodes made of them."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
    if "costmodel.graphs.nodes.node" in sys.modules:
        from costmodel.graphs.equations.neuron import NEURONS
        from costmodel.graphs.nodes.node import NODES

        for name in [name for name, kind in NEURONS.items() if not kind.__module__.startswith("costmodel.")]:
            del NEURONS[name]
            NODES.pop(name, None)
