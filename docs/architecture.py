"""Draws docs/figures/architecture.svg from the imports, and writes the table of rooms into docs/architecture.md.

``python docs/architecture.py`` does both. A room stands above those that it imports; lines are imports that no chain of others
implies.
"""

import ast
from pathlib import Path

import grimp
import matplotlib as mpl
import networkx as nx
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

HERE = Path(__file__).parent
PAGE = HERE / "architecture.md"
PICTURE = HERE / "figures" / "architecture.svg"
ROOT = "costmodel"
PARTS = ("graphs", "rtl", "devices", "validation")
"""Folders beside costmodel/; in an installation they lie inside."""

COLUMNS = (*PARTS[:3], ROOT, PARTS[3], "front door")
FRONT_DOOR = ("__main__", "cli", "commands")
WIDE, HIGH = 14.4, 6.4
"""Inches."""

LEVELS, MOST = 9, 4
"""Rows of the highest column; rooms side by side."""

START, END = "<!-- rooms, by docs/architecture.py -->\n", "<!-- end of rooms -->\n"


def column(room: str) -> str:
    """Where a room is drawn."""
    first = room.partition(".")[0]
    return first if first in PARTS else "front door" if first in FRONT_DOOR else ROOT


def rooms() -> nx.DiGraph:
    """Rooms (files that lie loose in a package are rooms of their own) and who imports whom."""
    found = grimp.build_graph(ROOT, cache_dir=None)
    graph = nx.DiGraph()

    def room(module: str) -> str:
        parts = module.split(".")[1:]
        return ".".join(parts[: 2 if parts[0] in PARTS else 1])

    def inside(module: str) -> bool:
        return module != ROOT and module.removeprefix(f"{ROOT}.") not in PARTS

    graph.add_nodes_from(room(module) for module in found.modules if inside(module))
    for module in filter(inside, found.modules):
        for target in filter(inside, found.find_modules_directly_imported_by(module)):
            here, there = room(module), room(target)
            if here != there:
                graph.add_edge(here, there)
    return graph


def says(room: str) -> str:
    """The first sentence of a room's docstring."""
    parts = room.split(".")
    path = HERE.parent.joinpath(*(parts if parts[0] in PARTS else (ROOT, *parts)))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = " ".join((ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or "").split("\n\n")[0].split())
    return text.partition(". ")[0].rstrip(".")


def table() -> str:
    """The rooms of every package, from the ground up, with what each says it is."""
    graph = rooms()
    lines = []
    for name in COLUMNS:
        lines += [f"### {name}", "", "| room | |", "|---|---|"]
        own = [room for room in nx.lexicographical_topological_sort(graph.reverse()) if column(room) == name]
        lines += [f"| `{_path(room)}` | {says(room).replace('|', '·')} |" for room in own]
        lines.append("")
    return "\n".join(lines)


def _path(room: str) -> str:
    parts = room.split(".")
    path = "/".join(parts if parts[0] in PARTS else (ROOT, *parts))
    return path + ("/" if (HERE.parent / path).is_dir() else ".py")


def draw() -> Figure:
    """The house: a column for each package, in it rooms by what they rest on."""
    graph = rooms()
    figure = Figure(figsize=(WIDE, HIGH))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDE), ylim=(0, HIGH))
    axes.axis("off")
    left, places = 0.0, {}
    for name in COLUMNS:
        own = graph.subgraph([room for room in graph if column(room) == name])
        rows = _rows(own)
        width = max(1.7, 0.5 + max(sum(_width(room) for room in row) for row in rows))
        frame = {"boxstyle": "round,pad=0,rounding_size=0.12", "fc": "#f4f6f8", "ec": "#c6ced6"}
        axes.add_patch(FancyBboxPatch((left + 0.06, 0.62), width - 0.12, HIGH - 0.78, **frame))
        axes.text(left + width / 2, HIGH - 0.42, name, ha="center", va="center", fontsize=13, fontweight="bold", color="#1b2a38")
        for level, row in enumerate(rows):
            gap = (width - sum(_width(room) for room in row)) / (len(row) + 1)
            x = left + gap
            for room in row:
                places[room] = (x + _width(room) / 2, 0.95 + level * (HIGH - 2.0) / (LEVELS - 1))
                x += _width(room) + gap
        for here, there in needed(own):
            (x0, y0), (x1, y1) = places[here], places[there]
            axes.plot([x0, x1], [y0 - 0.1, y1 + 0.1], color="#9fb0c0", lw=0.8, zorder=1, gid=f"{here}→{there}")
        for room in own:
            fill = {
                "boxstyle": "round,pad=0.22",
                "fc": "#dcebf7" if _path(room).endswith("/") else "white",
                "ec": "#7d9bb5",
                "lw": 0.7,
            }
            axes.text(*places[room], _label(room), ha="center", va="center", fontsize=9, zorder=3, color="#10202e", bbox=fill)
        left += width
    axes.annotate("", (0.1, 0.3), (left - 0.1, 0.3), arrowprops={"arrowstyle": "-|>", "color": "#5b7690", "lw": 1.5})
    told = "imports between packages run to the left only"
    axes.text(left / 2, 0.3, told, ha="center", va="center", fontsize=10, color="#1b2a38", bbox={"fc": "white", "ec": "none"})
    axes.set_xlim(0, left)
    return figure


def needed(own: nx.DiGraph) -> list[tuple[str, str]]:
    """Who imports whom, but for what a chain of other imports implies."""
    return sorted(nx.transitive_reduction(own).edges)


def _rows(own: nx.DiGraph) -> list[list[str]]:
    """Rooms by what they rest on, the ground first; a generation of many is laid in several rows."""
    rows = []
    for generation in nx.topological_generations(own.reverse()):
        names = sorted(generation)
        count = -(-len(names) // MOST)
        rows += [names[part::count] for part in range(count)]
    return rows


def _label(room: str) -> str:
    return room.rpartition(".")[2].replace("__main__", "main")


def _width(room: str) -> float:
    return 0.26 + 0.078 * len(_label(room))


if __name__ == "__main__":
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": ROOT, "font.family": "sans-serif"})
    draw().savefig(PICTURE, metadata={"Date": None})
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    PAGE.write_text(before + START + table() + END + rest.partition(END)[2], encoding="utf-8")
