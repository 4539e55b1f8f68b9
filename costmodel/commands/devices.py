"""``costmodel devices``: the catalogue, or one part's parameters."""

from typing import Annotated, Any

import typer

from costmodel.commands.options import Json


def run(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="a part or part file")] = None, json: Json = False
) -> None:
    """The catalogue; with NAME one part's parameters, each with unit, interval, kind and source."""
    if name is None:
        _catalogue(json)
    else:
        _one(name, json)


def _catalogue(json: bool) -> None:
    from costmodel.devices.part import part, parts
    from costmodel.output import console, print_json, table

    known = [part(name) for name in parts()]
    if json:
        print_json(
            {"schema": 1, "devices": [{"name": p.name, "family": p.family, "title": p.title, "class": p.class_name} for p in known]}
        )
        return
    shown = table("family", "part", "what it is")
    for on in known:
        shown.add_row(on.family, on.name, on.title)
    console().print(shown)


def _one(name: str, json: bool) -> None:
    from costmodel.devices.part import part
    from costmodel.graphs.settings.units import pretty
    from costmodel.output import console, print_json, table

    on = part(name)
    if json:
        print_json(
            {
                "schema": 1,
                "name": on.name,
                "family": on.family,
                "title": on.title,
                "class": on.class_name,
                "neurons": list(on.neurons),
                "rules": list(on.rules),
                "supports_source": on.supports_source,
                "parameters": {
                    key: {
                        "value": c.value,
                        "low": c.low,
                        "high": c.high,
                        "unit": on.device.params[key].unit,
                        "meaning": on.device.params[key].meaning,
                        "kind": c.kind,
                        "source": c.source,
                        "note": c.note,
                    }
                    for key, c in on.constants.items()
                },
            }
        )
        return
    out = console()
    out.print(f"{on.name}: {on.title} ({on.family}, class {on.class_name})", markup=False)
    rules = ", ".join(on.rules) if on.rules else "none"
    neurons = ", ".join(on.neurons).replace("*", "all")
    out.print(f"runs neurons: {neurons}; learns on chip: {rules.replace('*', 'all')}. Source: {on.supports_source}", markup=False)
    shown = table("parameter", "value", "90 %", "kind", "meaning", right=("value", "90 %"))
    for key, c in on.constants.items():
        param = on.device.params[key]
        unit = "" if param.unit == "1" else param.unit
        shown.add_row(key, "none" if c.value is None else pretty(c.value, unit, 4), _interval(c, unit), c.kind, param.meaning)
    out.print(shown)
    out.print("sources")
    for key, c in on.constants.items():
        out.print(f"  {key}: {c.source}" + (f" [{c.note}]" if c.note else ""), markup=False)


def _interval(constant: Any, unit: str) -> str:
    """The interval in the unit that the value is shown in."""
    from costmodel.graphs.settings.units import prefixed, rounded

    if constant.value is None:
        return ""
    if constant.low == constant.high:
        return "exact"
    scale, _ = prefixed(constant.value or constant.high, unit)
    return f"{rounded(constant.low / scale)}–{rounded(constant.high / scale)}"
