"""The JSON Schema of a network file, from the node classes themselves.

``python -m costmodel.graphs.reading.schema docs/network.schema.json`` writes it.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from costmodel.graphs.document import Settings
from costmodel.graphs.nodes import node_types
from costmodel.graphs.settings.registry import FAMILIES


def network_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the network file; a node's ``type`` decides which other keys it may have."""
    nodes = node_types()
    models = list(dict.fromkeys(nodes.values()))
    references, schema = models_json_schema(
        [(model, "validation") for model in (Settings, *models)], ref_template="#/$defs/{model}"
    )
    definitions = schema["$defs"]
    settings = definitions.pop(references[(Settings, "validation")]["$ref"].rsplit("/", 1)[1])
    for name, model in nodes.items():
        definition = definitions[references[(model, "validation")]["$ref"].rsplit("/", 1)[1]]
        definition.setdefault("required", [])
        definition["required"] = sorted({*definition["required"], "type"})
        if "default" in definition["properties"]["type"]:
            definition["properties"]["type"] = {"const": name}
    choices = [references[(model, "validation")] for model in models]
    settings["properties"]["nodes"]["items"] = {"oneOf": choices}
    families = {family.what: family.schema() for family in FAMILIES}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "costmodel network file",
        **{key: value for key, value in settings.items() if key != "title"},
        "$defs": {**definitions, **families},
    }
    return _linked(whole)


def _linked(schema: Any) -> Any:
    """The schema with every mark of a family replaced by a reference to its definition."""
    if isinstance(schema, list):
        return [_linked(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("family"), str):
        kept = {key: value for key, value in schema.items() if key in ("description", "default")}
        return {"$ref": f"#/$defs/{schema['family']}", **kept}
    return {key: _linked(value) for key, value in schema.items()}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(
        json.dumps(network_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )
