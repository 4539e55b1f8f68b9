"""A table as HTML."""

from collections.abc import Iterable, Sequence
from html import escape


def table(columns: Sequence[str], rows: Iterable[list[str]], kind: str, label: str, numbers: Iterable[int] = ()) -> str:
    """A table that scrolls sideways where it is too wide, also by keyboard.

    Args:
        columns: headings, text.
        rows: cells, HTML; the first of each is the row's heading.
        kind: its class in the style sheet.
        label: what a screen reader calls it, text.
        numbers: columns to align right.
    """
    right = set(numbers)
    style = ['class="number"' if i in right else f'class="{escape(name)}"' for i, name in enumerate(columns)]
    head = "".join(f'<th scope="col" {style[i]}>{escape(name)}</th>' for i, name in enumerate(columns))
    body = []
    for first, *others in rows:
        cells = "".join(f"<td {look}>{cell}</td>" for look, cell in zip(style[1:], others, strict=True))
        body.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table class="{kind}">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
