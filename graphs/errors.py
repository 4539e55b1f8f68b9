"""The one exception for input that is at fault: where it is, what is wrong, how to mend it."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Input at fault, told in one line as ``where: what; mend``.

    Args:
        what: what is wrong, in words ("timesteps is -3, a count of 1 or more is needed").
        mend: what to write instead, or nothing where ``what`` already says it.
        where: file and place in it ("net.json: node 'fc1'").
    """

    def __init__(self, what: str, *, mend: str = "", where: str = "") -> None:
        self.what, self.mend, self.where = what, mend, where
        text = f"{where}: {what}" if where else what
        super().__init__(" ".join((f"{text}; {mend}" if mend else text).split()))

    def at(self, where: str) -> "InputError":
        """The same error, with ``where`` put before the place it already names."""
        place = f"{where}: {self.where}" if self.where else where
        return InputError(self.what, mend=self.mend, where=place)


def nearest(name: str, known: Iterable[str]) -> str:
    """A mend that names what ``name`` was probably meant to be: "did you mean 'lif'?".

    Without a near match it lists the known names, at most a dozen.
    """
    names = sorted(known)
    match = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    if match:
        return f"did you mean '{match[0]}'?"
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return "known are " + ", ".join(names[:12]) + more
