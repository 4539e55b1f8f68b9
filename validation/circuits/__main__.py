"""``python -m costmodel.validation.circuits`` simulates what is not yet kept, and writes docs/analog.md anew."""

from costmodel.graphs.files import write
from costmodel.validation.circuits.cases import measure
from costmodel.validation.circuits.report import TARGET, text

if __name__ == "__main__":
    measure()
    write(TARGET, text())
