"""The code of docs/models.md, by the heading that it stands under."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "models.md"


def blocks() -> dict[str, str]:
    """Heading → its Python."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {}
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        code = re.search(r"```python\n(.*?)```", text, flags=re.DOTALL)
        if code:
            found[heading] = code.group(1)
    return found


def ran(heading: str) -> str:
    """What the code of a heading printed."""
    import contextlib
    import io

    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        exec(compile(blocks()[heading], f"{PAGE.name}: {heading}", "exec"), {})  # the page's own code
    return stream.getvalue()
