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
    from costmodel.output import print_json
    from costmodel.tabulating import Column, Table

    known = [part(name) for name in parts()]
    if json:
        print_json(
            {"schema": 1, "devices": [{"name": p.name, "family": p.family, "title": p.title, "class": p.class_name} for p in known]}
        )
        return
    columns = (
        Column("family", "family", lambda on: on.family, drop=1),
        Column("name", "part", lambda on: on.name),
        Column("title", "what it is", lambda on: on.title, form="prose"),
    )
    Table(columns, known).print()


def _one(name: str, json: bool) -> None:
    from costmodel.devices.boundary import reachable
    from costmodel.devices.part import part
    from costmodel.output import print_json, say

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
                "boundary": on.boundary,
                "boundaries": reachable(on.powers),
                "host": on.host,
                "hosts": {
                    mode: {"meaning": found.meaning, "parameters": _parameters(on, found.constants)}
                    for mode, found in on.hosts.items()
                },
                "parameters": _parameters(on, on.constants),
            }
        )
        return
    rules = ", ".join(on.rules) if on.rules else "none"
    neurons = ", ".join(on.neurons).replace("*", "all")
    say(
        f"{on.name}: {on.title} ({on.family}, class {on.class_name})",
        f"runs neurons: {neurons}; learns on chip: {rules.replace('*', 'all')}. Source: {on.supports_source}",
    )
    say(f"its energy counts the {on.boundary}; --boundary: {', '.join(reachable(on.powers))}")
    _constants(on).print()
    if on.hosts:
        say(f"how it is fed: --set host=MODE, {on.host} unless set")
    for mode, found in on.hosts.items():
        say(f"{mode}: {found.meaning}")
        _constants(on.hosted(mode), found.constants).print()
    say("sources", *(f"  {key}: {c.source}" + (f" [{c.note}]" if c.note else "") for key, c in on.constants.items()))


def _parameters(on: Any, constants: Any) -> dict[str, Any]:
    """Constants as in JSON."""
    return {
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
        for key, c in constants.items()
    }


def _constants(on: Any, some: Any = None) -> Any:
    """The constants of a part, or some of them; where there is no room for all their kind goes first, then their meaning."""
    from costmodel.graphs.settings.units import pretty
    from costmodel.tabulating import Column, Table

    def unit(key: str) -> str:
        return "" if on.device.params[key].unit == "1" else on.device.params[key].unit

    def value(key: str) -> str:
        return "none" if on.constants[key].value is None else pretty(on.constants[key].value, unit(key), 4)

    columns = (
        Column("parameter", "parameter", str),
        Column("value", "value", value, lambda key: on.constants[key].value, "number"),
        Column("value_90", "90 %", lambda key: _interval(on.constants[key], unit(key)), lambda key: on.constants[key], "number"),
        Column("kind", "kind", lambda key: on.constants[key].kind, drop=1),
        Column("meaning", "meaning", lambda key: on.device.params[key].meaning, form="prose", drop=2),
    )
    return Table(columns, on.constants if some is None else some)


def _interval(constant: Any, unit: str) -> str:
    """The interval in the unit that the value is shown in."""
    from costmodel.graphs.settings.units import prefixed, pretty, rounded

    if constant.value is None:
        return ""
    if constant.low == constant.high:
        return "exact"
    if constant.value == 0:
        return f"0–{pretty(constant.high, unit)}"
    scale, _ = prefixed(constant.value, unit)
    return f"{rounded(constant.low / scale)}–{rounded(constant.high / scale)}"
