"""The exported JSON Schema: up to date, and of one mind with the product about what is a network file."""

import json
from pathlib import Path

import jsonschema
import pytest

from costmodel.graphs.reading.loading import EXAMPLES, examples
from costmodel.graphs.reading.schema import network_schema

DOCUMENT = Path(__file__).parents[3] / "docs" / "network.schema.json"


@pytest.fixture(scope="module")
def schema():
    return json.loads(DOCUMENT.read_text())


def test_the_exported_schema_is_up_to_date(schema):
    assert schema == json.loads(json.dumps(network_schema()))


@pytest.mark.parametrize("name", examples())
def test_every_example_follows_it(schema, name):
    jsonschema.validate(json.loads((EXAMPLES / f"{name}.json").read_text()), schema)


@pytest.mark.parametrize(
    "node",
    [
        {"id": "a", "type": "linaer", "features": 3},
        {"id": "a", "type": "linear"},
        {"id": "a", "type": "linear", "features": 0},
        {"id": "a", "type": "lif", "tau": "1 ms", "reset": "subtrct"},
        {"id": "a", "type": "lif", "tau": "1 ms", "tua": 3},
    ],
)
def test_what_the_product_refuses_it_refuses(schema, node):
    document = {"name": "n", "nodes": [{"id": "in", "type": "input", "shape": [3]}, node]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)
