"""``python -m validation.circuits`` simulates what is not yet kept, and writes docs/analog.md anew."""

from graphs.files import write
from validation.circuits.cases import measure
from validation.circuits.report import TARGET, text

if __name__ == "__main__":
    measure()
    write(TARGET, text())
