"""``python -m costmodel.rtl.fitting measure [PART …]`` or ``python -m costmodel.rtl.fitting fit``."""

import sys

from costmodel.rtl.fitting.measured import FAMILIES


def main(what: str, *parts: str) -> None:
    """Measures what is missing, or fits and writes the page."""
    if what == "measure":
        from costmodel.rtl.fitting.measure import measure

        measure(parts or list(FAMILIES))
    elif what == "fit":
        from costmodel.rtl.fitting import fit, report

        fit.write()
        report.write()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*(sys.argv[1:] or [""]))
