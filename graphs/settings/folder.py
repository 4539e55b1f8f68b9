"""Folders whose files are found by name: a member is one file, and who asks for it imports nothing of it beforehand."""

import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType

from costmodel.graphs.errors import InputError, nearest


class Folder:
    """The members of a package by name.

    Args:
        package: its name; it is imported when a member is first asked for.
        what: what errors call a member ("learning rule").
        separator: what stands between the words of a member's name where its file has "_".
        apart: files of the package that are no members.
    """

    def __init__(self, package: str, what: str, separator: str = "-", apart: Iterable[str] = ()) -> None:
        self.package, self.what, self.separator, self.apart = package, what, separator, frozenset(apart)

    def names(self) -> list[str]:
        """Every member."""
        path = importlib.import_module(self.package).__path__
        files = {found.name for found in pkgutil.iter_modules(path)} - self.apart
        return sorted(file.replace("_", self.separator) for file in files)

    def load(self, name: str) -> ModuleType:
        """The member of that name.

        Raises:
            InputError: there is none.
        """
        if name not in self.names():
            raise InputError(f"there is no {self.what} '{name}'", mend=nearest(name, self.names()))
        return importlib.import_module(f"{self.package}.{name.replace(self.separator, '_')}")
