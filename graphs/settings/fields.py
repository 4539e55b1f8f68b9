"""Types of the fields of files: counts, flags, and quantities with units."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Strict, WithJsonSchema

from costmodel.graphs.settings.units import parse

MOST_COUNTED = 2**31
"""Greatest number of what is counted."""

Count = Annotated[int, Strict(), Field(ge=1, le=MOST_COUNTED)]
"""A whole number of 1 or more."""

Flag = Annotated[bool, Strict()]
"""true or false."""


def _parsed(unit: str) -> BeforeValidator:
    return BeforeValidator(lambda value: parse(value, unit))


def _schema(unit: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}], "description": f"in {unit}, or a text with its unit"})


Seconds = Annotated[float, _parsed("s"), _schema("s")]
Hertz = Annotated[float, _parsed("Hz"), _schema("Hz")]
Ohms = Annotated[float, _parsed("ohm"), _schema("ohm")]


def quantity(unit: str) -> Any:
    """The pydantic type of a quantity: a number in SI, or a text with a unit of the same dimension."""
    return Annotated[float, _parsed(unit), _schema(unit)]
