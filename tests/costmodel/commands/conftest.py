"""What tests of refused input share."""

import json

import pytest

from tests.command import costmodel


@pytest.fixture
def refused(tmp_path, capsys, monkeypatch):
    """Writes a network file (a document or a text), imports nothing, and returns the one line that refuses it."""

    def check(content, *words, name="net.json", command="report"):
        path = tmp_path / name
        if content is not None:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        before = sorted(tmp_path.iterdir())
        extra = ["--out", tmp_path / "report.html"] if command == "report" else []
        answer = costmodel(capsys, monkeypatch, command, path, "-d", "loihi", *extra, *words)
        assert answer.code == 2
        assert answer.out == ""
        line = answer.err.strip()
        assert "\n" not in line
        assert line.startswith("costmodel: ")
        assert "Traceback" not in line
        assert sorted(tmp_path.iterdir()) == before, "something was written"
        return line

    return check
