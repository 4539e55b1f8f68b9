"""``costmodel explain``: the equation, the numbers put in, their sources."""

from typing import Annotated, Any

import typer

from costmodel.commands.options import (
    Batch,
    BoundaryOption,
    Json,
    NetworkArgument,
    OneDevice,
    PhaseOption,
    Rates,
    Settings,
    StaticOption,
    Timesteps,
    one,
    phase,
)


def run(
    network: NetworkArgument,
    device: OneDevice,
    metric: Annotated[str, typer.Option("--metric", help="latency, energy, area or price")] = "latency",
    latex: Annotated[bool, typer.Option("--latex", help="print the equations in LaTeX")] = False,
    phase_: PhaseOption = "inference",
    batch: Batch = None,
    timesteps: Timesteps = None,
    rate: Rates = None,
    set_: Settings = None,
    boundary: BoundaryOption = None,
    static: StaticOption = "whole",
    json: Json = False,
) -> None:
    """Why a cost is what it is: its equation with names, then with numbers, then where every number comes from."""
    import sys

    from costmodel.estimates.counting import counted
    from costmodel.estimates.explaining import explain, text
    from costmodel.estimates.explaining import latex as in_latex
    from costmodel.estimates.request import request
    from costmodel.output import print_json, print_notes

    asked = request(
        network,
        one(device),
        phase=phase(phase_),
        batch=batch,
        timesteps=timesteps,
        rate=rate,
        settings=set_,
        boundary=boundary,
        static=static,
    )
    found = explain(asked.workload, asked.parts[0], metric)
    print_notes(asked.notes)
    if json:
        print_json(found.to_dict() | counted(asked.parts))
    elif latex:
        lines = [f"{name} &= {equation}" for name, equation in _in_latex(found, in_latex)]
        sys.stdout.write("\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}\n")
    else:
        sys.stdout.write(text(found) + "\n")


def _in_latex(found: Any, latex: Any) -> list[tuple[str, str]]:
    """Left and right sides; operators of one equation once."""
    from costmodel.estimates.explaining import latex_name

    sides = [(latex_name(e.name), latex(e.expression)) for e in found.whole]
    by_equation: dict[str, list[str]] = {}
    for e in found.operators:
        by_equation.setdefault(latex(e.expression), []).append(latex_name(e.name))
    sides += [(" = ".join(names), equation) for equation, names in by_equation.items()]
    parts = ((name, expression) for name, kinds in found.named.items() for expression in dict.fromkeys(kinds.values()))
    return sides + [(latex_name(name), latex(expression)) for name, expression in parts]
