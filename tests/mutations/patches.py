"""What mutations are made of: patches that fit, that tell whether the server used them, and that are undone.

A mutant that dies because its mutation is broken proves nothing. So a patch names what exists, takes what the
real function takes, counts its calls and keeps what it raised by itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, MutableMapping
from pathlib import Path
from traceback import walk_tb
from typing import Any, Final, TypeAlias

import pytest

from mockserver.core.errors import Refusal

_ROOT: Final = Path(__file__).parent.parent.parent
#: Exceptions that come from here are no behaviour that a test could be about.
SERVER: Final = ("mockserver/core/", "mockserver/edge/")


class Patches:
    """The patches of one mutation, on the server of this process.

    Attributes:
        placed: the functions and properties that the mutation has replaced by its own.
        called: those of them that were called.
        faults: what failed in the mutation itself, or in the server because of it.
        changes: how many names and rows are not what they were.
    """

    def __init__(self) -> None:
        self.placed: list[str] = []
        self.called: set[str] = set()
        self.faults: list[str] = []
        self.changes = 0
        self._monkeypatch = pytest.MonkeyPatch()
        self.undo = self._monkeypatch.undo

    def set_item(self, table: MutableMapping[Any, Any], key: object, row: object) -> None:
        """Replace a row of a table, or add one."""
        self.changes += key not in table or table[key] != row
        self._monkeypatch.setitem(table, key, row)

    def delete_item(self, table: MutableMapping[Any, Any], key: object) -> None:
        """Take a row from a table.

        Raises:
            KeyError: there is no such row.
        """
        self.changes += 1
        self._monkeypatch.delitem(table, key)

    def put(self, owner: Any, name: str, value: Any) -> None:
        """Replace one name.

        Raises:
            AttributeError: there is no such name.
            TypeError: a function does not take what the real one takes, or a constant is of another type.
        """
        real, label = inspect.getattr_static(owner, name), f"{owner.__name__}.{name}"
        if isinstance(value, property):
            if callable(real) or value.fget is None:
                raise TypeError(f"{label} is a function, the mutation has a property")
            if value.fset is None and not isinstance(real, property):
                raise TypeError(f"{label} is set by its owner, the mutation cannot be")
            value = property(self._watched(value.fget, label), value.fset)
        elif inspect.isfunction(value):
            _check_fit(value, getattr(owner, name), label)
            value = self._watched(value, label)
        elif not isinstance(value, type(real)) and not isinstance(value, (int, float)):
            raise TypeError(f"{label} is {type(real).__name__}, the mutation {type(value).__name__}")
        self.changes += value != real
        self._monkeypatch.setattr(owner, name, value)

    def _watched(self, mutated: Callable[..., Any], label: str) -> Callable[..., Any]:
        self.placed.append(label)

        def watched(*args: Any, **kwargs: Any) -> Any:
            self.called.add(label)
            try:
                return mutated(*args, **kwargs)
            except Exception as error:
                if origin(error).startswith("tests/"):
                    self.faults.append(f"the mutation of {label} raised {error!r}")
                raise

        return watched


#: Makes the server untrue to a fact.
Mutation: TypeAlias = Callable[[Patches], object]


def put(owner: Any, name: str, value: Any) -> Mutation:
    """Replace one name."""
    return lambda patches: patches.put(owner, name, value)


def put_items(table: MutableMapping[Any, Any], rows: Callable[[], dict[Any, Any]]) -> Mutation:
    """Replace rows of a table, by what they are then."""

    def mutation(patches: Patches) -> None:
        for key, row in rows().items():
            patches.set_item(table, key, row)

    return mutation


def wrap(owner: Any, name: str, around: Callable[..., Any]) -> Mutation:
    """Replace a function by ``around``, which gets the real one first."""

    def mutation(patches: Patches) -> None:
        real = getattr(owner, name)
        _check_fit(around, real, f"{owner.__name__}.{name}", real)
        patches.put(owner, name, lambda *args, **kwargs: around(real, *args, **kwargs))

    return mutation


def refused(when: Callable[..., object], fact: str) -> Callable[..., Any]:
    """Refuse before the real function is asked, where ``when`` finds something."""

    def around(real: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if when(*args):
            raise Refusal(fact)
        return real(*args, **kwargs)

    return around


def origin(error: BaseException) -> str:
    """Which part of the project failed; empty for a refusal, by which a server does its work."""
    if isinstance(error, Refusal):
        return ""
    paths = [Path(frame.f_code.co_filename) for frame, _ in walk_tb(error.__traceback__)]
    own = [path.relative_to(_ROOT).as_posix() for path in paths if path.is_relative_to(_ROOT)]
    return own[-1] if own else ""


def _check_fit(mutated: Callable[..., Any], real: Callable[..., Any], label: str, *first: Any) -> None:
    """Compare signatures: with all that the real function takes, and with what it cannot do without."""
    taken = inspect.signature(real).parameters.values()
    needed = [one for one in taken if one.default is one.empty]
    for given in (taken, needed):
        by_place = [one.name for one in given if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
        by_name = {one.name: None for one in given if one.kind is one.KEYWORD_ONLY}
        try:
            inspect.signature(mutated).bind(*first, *by_place, **by_name)
        except TypeError as error:
            raise TypeError(
                f"the mutation of {label}{inspect.signature(real)} does not fit: {error}"
            ) from None
