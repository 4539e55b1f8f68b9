"""Families of settings (encoders, readouts, noise): a member is one file of a folder, and says its own keys in the network file."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar, cast

from pydantic import BaseModel, ConfigDict
from pydantic_core import core_schema

from costmodel.graphs.errors import InputError, nearest


class Member(BaseModel):
    """Base of all members: its ``type`` is what a file calls it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    bare: ClassVar[str | None] = None
    """The key that a word without "=" is for on the command line, ``TYPE:WORD``."""
    type: str


M = TypeVar("M", bound=Member)


class Family(Generic[M]):
    """The members of a folder by type name, and the pydantic annotation of a field that holds one of them.

    Args:
        folder: the package whose files hold the members; they are imported when a member is first asked for.
        what: what errors call a member ("encoder").
    """

    def __init__(self, folder: str, what: str) -> None:
        self.folder, self.what = folder, what
        self._members: dict[str, type[M]] = {}
        FAMILIES.append(self)

    def add(self, member: type[M]) -> None:
        """Registers a class under its type name; a base class without one is passed over."""
        name = member.model_fields["type"].default
        if isinstance(name, str):
            self._members[name] = member

    def members(self) -> dict[str, type[M]]:
        """Every member by type name."""
        package = importlib.import_module(self.folder)
        for found in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self.folder}.{found.name}")
        return dict(sorted(self._members.items()))

    def read(self, raw: object) -> M:
        """The member that ``{"type": …, its keys}`` describes; a text alone is its type.

        Raises:
            InputError: no such type, or keys at fault.
        """
        from costmodel.graphs.settings.validation import validated

        members = self.members()
        if isinstance(raw, Member):
            return cast("M", raw)
        known = {"type": raw} if isinstance(raw, str) else raw
        kind = known.get("type") if isinstance(known, Mapping) else None
        if not isinstance(kind, str):
            example = next(iter(members))
            raise InputError(f"{raw!r} is no {self.what}", mend=f'write {{"type": "{example}"}}, or one of {", ".join(members)}')
        if kind not in members:
            raise InputError(f"there is no {self.what} '{kind}'", mend=nearest(kind, members))
        return validated(members[kind], known, "")

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Fields are read by `read`."""
        plain = core_schema.plain_serializer_function_ser_schema(lambda member: member.model_dump(exclude_unset=True))
        return core_schema.no_info_plain_validator_function(self.read, serialization=plain)

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, handler: Any) -> dict[str, Any]:
        """A mark that `graphs.reading.schema` replaces by a reference to `schema`: members may hold members."""
        return {"family": self.what}

    def schema(self) -> dict[str, Any]:
        """JSON Schema of a member: an object of its keys, or its type name alone."""
        members = self.members()
        choices = []
        for name, member in members.items():
            own = member.model_json_schema()
            own["properties"]["type"] = {"const": name}
            own["required"] = sorted({*own.get("required", []), "type"})
            choices.append(own)
        return {"oneOf": [{"enum": list(members)}, *choices]}


FAMILIES: list[Family] = []
"""Every family there is."""
