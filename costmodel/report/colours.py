"""Colours that people with any colour vision tell apart (Okabe & Ito, 2008), each with a second sign beside it."""

FAMILIES = {
    "cpu": ("#0072B2", "circle"),
    "gpu": ("#009E73", "square"),
    "tpu": ("#56B4E9", "diamond"),
    "fpga": ("#E69F00", "triangle-up"),
    "fpaa": ("#CC79A7", "pentagon"),
    "memfpaa": ("#882255", "star"),
    "asic": ("#D55E00", "cross"),
    "neuromorphic": ("#000000", "triangle-down"),
}
"""Colour and marker of a device family."""

_FILLS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A200")
_HATCHES = ("", "/", "x")

INK, GREY, FAINT = "#1b1f24", "#6b7280", "#d9dde3"
"""Colours of text, of what is secondary, and of rules and grids."""


def fill(index: int) -> tuple[str, str]:
    """Colour and hatch of the n-th series of a stacked bar; 21 differ."""
    return _FILLS[index % len(_FILLS)], _HATCHES[index // len(_FILLS) % len(_HATCHES)]
