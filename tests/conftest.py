"""What every test is preceded and followed by."""

import os
import sys

from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("untimed")
os.environ.pop("COLUMNS", None)  # tables in tests are as wide as those of somebody who has not set it


def pytest_runtest_teardown():
    """Programs that train take denormal numbers as 0 for the rest of their process; the next test must have them."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
