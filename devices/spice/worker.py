"""A process that runs jobs: pickled jobs on standard input, what came of each on standard output, until the input ends."""

import os
import pickle
import sys

from costmodel.devices.spice.session import SpiceError, simulate
from costmodel.graphs.errors import InputError


def main() -> None:
    """Serves jobs."""
    # The library writes to the standard output too: answers go by a copy of it that nobody else knows.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            job = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            found = simulate(job)
        except (SpiceError, InputError) as error:
            found = error
        pickle.dump(found, answers)
        answers.flush()


if __name__ == "__main__":
    main()
