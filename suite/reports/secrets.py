"""Keys and tokens never leave in a report: SDKs put them into messages, warnings and events."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final, TypeVar, cast

from mockserver import hide_secrets

T = TypeVar("T")

_PLAIN: Final = (int, float, bool, type(None), Enum)


def hidden(value: T) -> T:
    """The same value with every key and token in it cut short."""
    return cast(T, _Hiding().hidden(value))


class _Hiding:
    """Looks at each object once: the cells of a run share most of what they hold.

    What is shared stays shared, and what holds no secret stays the object it was.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        #: By identity. Every object is kept beside its result, so that no identity is given twice.
        self._done: dict[int, tuple[Any, Any]] = {}

    def hidden(self, value: Any) -> Any:
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, str):
            if value not in self._texts:
                self._texts[value] = hide_secrets(value)
            return self._texts[value]
        known = self._done.get(id(value))
        if known is None:
            known = self._done[id(value)] = (value, self._inside(value))
        return known[1]

    def _inside(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            parts = [self.hidden(part) for part in value]
            return value if _same(parts, value) else type(value)(parts)
        if isinstance(value, dict):
            items = {name: self.hidden(item) for name, item in value.items()}
            return value if _same(items.values(), value.values()) else items
        if is_dataclass(value) and not isinstance(value, type):
            old = {field.name: getattr(value, field.name) for field in fields(value)}
            new = {name: self.hidden(part) for name, part in old.items()}
            return value if _same(new.values(), old.values()) else replace(value, **new)
        return value


def _same(new: Any, old: Any) -> bool:
    """Whether nothing was hidden."""
    return all(one is other or (isinstance(one, str) and one == other) for one, other in zip(new, old, strict=True))
