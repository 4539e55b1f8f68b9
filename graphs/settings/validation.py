"""From pydantic's findings to one line that says where, what, and how to mend it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from costmodel.graphs.errors import InputError, nearest

Model = TypeVar("Model", bound=BaseModel)

_BRANCHES = ("int", "float", "str", "bool", "constrained-int", "constrained-str")

_MENDS = {
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "string_type": "write a text in quotes",
    "list_type": "write a list in brackets",
    "tuple_type": "write a list in brackets",
    "dict_type": "write an object in braces",
    "model_type": "write an object in braces",
    "finite_number": "write a finite number",
    "float_type": "write a number",
    "float_parsing": "write a number",
}


def validated(model: type[Model], data: object, where: str) -> Model:
    """The data as ``model``.

    Raises:
        InputError: the first finding, with ``where`` and the field it is in.
    """
    if not isinstance(data, Mapping):
        raise InputError(f"{_shown(data)} is not an object", mend="write { … }", where=where)
    try:
        return model.model_validate(dict(data))
    except InputError as error:
        raise error.at(where) from None
    except ValidationError as error:
        raise _told(error, model, where) from None


def one_of(known: Callable[[], Iterable[str]]) -> tuple[Any, ...]:
    """Annotations of a name that must be among those that are known when it is read: a folder's files, a registry's entries."""

    def check(name: str) -> str:
        if name not in known():
            raise InputError(f"'{name}' is not known", mend=nearest(name, known()))
        return name

    def describe(schema: dict[str, Any]) -> None:
        schema["enum"] = sorted(known())

    return AfterValidator(check), Field(json_schema_extra=describe)


def _told(error: ValidationError, model: type[BaseModel], where: str) -> InputError:
    """The most telling finding: an unknown key first, for it explains the others."""
    findings = error.errors()
    finding: Any = next((f for f in findings if f["type"] == "extra_forbidden"), findings[0])
    names = [str(part) for part in finding["loc"] if not _is_type_name(part)]
    field, kind, value = ".".join(names), finding["type"], finding["input"]
    if kind == "extra_forbidden":
        return InputError(f"unknown key '{field}'", mend=nearest(names[-1], _fields_at(model, names[:-1])), where=where)
    if kind == "missing":
        return InputError(f"'{field}' is missing", mend=f'add "{names[-1]}"', where=where)
    cause = finding.get("ctx", {}).get("error")
    place = f"{where}: {field}" if field else where
    if isinstance(cause, InputError):
        return cause.at(place)
    if kind == "value_error":
        return InputError(str(cause), where=place)
    if kind == "literal_error" and isinstance(value, str):
        known = [word.strip().strip("'") for word in finding["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return InputError(f"'{value}' is not known", mend=nearest(value, known), where=place)
    message = finding["msg"].replace("Input should be", "it should be").split(", unable")[0]
    return InputError(f"{_shown(value)} will not do: {message}", mend=_MENDS.get(kind, "correct it"), where=place)


def _is_type_name(part: object) -> bool:
    """Whether a piece of pydantic's location names a union's branch instead of a key."""
    return isinstance(part, str) and ("[" in part or part in _BRANCHES or part[:1].isupper())


def _fields_at(model: type[BaseModel], path: list[str]) -> list[str]:
    """The keys known at a place within a model."""
    for name in path:
        field = model.model_fields.get(name)
        annotations = [field.annotation, *getattr(field.annotation, "__args__", ())] if field else []
        inner = [a for a in annotations if isinstance(a, type) and issubclass(a, BaseModel)]
        if not inner:
            return list(model.model_fields)
        model = inner[0]
    return list(model.model_fields)


def _shown(value: object) -> str:
    """A value as in the file, cut short."""
    text = "null" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
