"""The house: rooms of one idea, short files, and a picture of them that is up to date. `lint-imports` holds who imports whom."""

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
PACKAGES = ("costmodel", "graphs", "rtl", "devices", "validation")

FAMILIES = {
    "costmodel/commands", "devices/circuits", "devices/classes", "graphs/neurons", "graphs/nodes", "graphs/rules", "rtl/blocks",
    "validation/benchmarks",
}  # fmt: skip
"""Folders of one kind, a member a file, found by name: they may hold any number."""


def files() -> list[Path]:
    """Every Python file that is kept, links left out."""
    kept = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=TOP, capture_output=True, text=True, check=True).stdout.split("\0")
    return [Path(name) for name in kept if name]


@pytest.fixture(scope="module")
def architecture():
    spec = importlib.util.spec_from_file_location("architecture", TOP / "docs" / "architecture.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_room_is_crowded():
    folders: dict[str, int] = {}
    for file in files():
        folders[str(file.parent)] = folders.get(str(file.parent), 0) + 1
    assert {folder: count for folder, count in folders.items() if count > 16 and folder not in FAMILIES} == {}


def test_files_are_short():
    lengths = {str(file): len((TOP / file).read_text(encoding="utf-8").splitlines()) for file in files()}
    assert {file: length for file, length in lengths.items() if length > 400} == {}


@pytest.mark.parametrize("package", PACKAGES[1:])
def test_a_package_says_its_rooms(package):
    said = (TOP / package / "__init__.py").read_text(encoding="utf-8")
    inside = [path for path in (TOP / package).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    rooms = {path.stem for path in inside} - {"__init__"}
    shared = {"files", "collector", "installing", "errors", "token"}
    assert {room for room in rooms - shared if f"`{room}`" not in said} == set()


def test_the_table_of_rooms_is_that_of_the_imports(architecture):
    page = architecture.PAGE.read_text(encoding="utf-8")
    assert architecture.table() in page, "run python docs/architecture.py"


def test_the_picture_of_rooms_is_that_of_the_imports(architecture):
    graph = architecture.rooms()
    wanted = set()
    for name in architecture.COLUMNS:
        own = graph.subgraph([room for room in graph if architecture.column(room) == name])
        wanted |= {f"{here}→{there}" for here, there in architecture.needed(own)}
    drawn = set(re.findall(r'id="([^"]*→[^"]*)"', architecture.PICTURE.read_text(encoding="utf-8")))
    assert drawn == wanted, "run python docs/architecture.py"
