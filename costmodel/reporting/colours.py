"""Colours that people with any colour vision tell apart (Okabe & Ito, 2008), each with a second sign beside it."""

FAMILIES = {
    "cpu": ("#0072B2", "circle", "●"),
    "gpu": ("#009E73", "square", "■"),
    "tpu": ("#56B4E9", "diamond", "◆"),
    "fpga": ("#E69F00", "triangle-up", "▲"),
    "fpaa": ("#CC79A7", "pentagon", "⬟"),
    "memfpaa": ("#882255", "star", "★"),
    "asic": ("#D55E00", "cross", "✚"),
    "neuromorphic": ("#000000", "triangle-down", "▼"),
}
"""Colour, marker, and the marker as a character, of a device family."""

_FILLS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A200")
_HATCHES = ("", "/", "x")

INK, GREY, FAINT = "#1b1f24", "#6b7280", "#d9dde3"
"""Colours of text, of what is secondary, and of rules and grids."""


STATIC_FILL, OTHERS_FILL = ("#c3c9d1", ""), ("#dfe3e8", ".")
"""Fill of what no operator causes, and of operators that are summed."""


def fill(index: int) -> tuple[str, str]:
    """Colour and hatch of the n-th series of a stacked bar; 21 differ."""
    return _FILLS[index % len(_FILLS)], _HATCHES[index // len(_FILLS) % len(_HATCHES)]


def swatch(colour: str, hatch: str = "") -> str:
    """A legend's patch, as HTML."""
    lines = {"": [], "/": [-45], "x": [-45, 45], ".": [0, 90]}[hatch]
    layers = [f"repeating-linear-gradient({angle}deg,rgb(255 255 255/.7) 0 2px,transparent 2px 5px)" for angle in lines]
    return f'<span class="swatch" style="background:{",".join([*layers, colour])}"></span>'


def mark(colour: str, character: str) -> str:
    """A legend's marker, as HTML."""
    return f'<span style="color:{colour}">{character}</span>'
