"""What every test is followed by."""

import sys


def pytest_runtest_teardown():
    """Programs that train take denormal numbers as 0 for the rest of their process; the next test must have them."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
