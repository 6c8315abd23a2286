"""Keys and tokens never leave in a report: SDKs put them into messages, warnings and events."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final, TypeVar, cast

from mockserver import hide_secrets

from ..model import Prediction

T = TypeVar("T")

#: What holds no text.
_PLAIN: Final = frozenset({int, float, bool, type(None)})


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
        #: By value: each cell has a prediction of its own, and most are equal.
        self._predictions: dict[Prediction, Prediction] = {}
        self._fields: dict[type, tuple[str, ...]] = {}

    def hidden(self, value: Any) -> Any:
        kind = type(value)
        if kind is str:
            if value not in self._texts:
                short = hide_secrets(value)
                self._texts[value] = value if short == value else short
            return self._texts[value]
        if kind in _PLAIN or isinstance(value, Enum):
            return value
        if kind is Prediction:
            if value not in self._predictions:
                self._predictions[value] = self._inside(value, kind)
            return self._predictions[value]
        known = self._done.get(id(value))
        if known is None:
            known = self._done[id(value)] = (value, self._inside(value, kind))
        return known[1]

    def _inside(self, value: Any, kind: type) -> Any:
        if isinstance(value, str):
            return hide_secrets(value)
        if isinstance(value, (list, tuple)):
            parts = [self.hidden(part) for part in value]
            return value if all(map(is_same, parts, value)) else kind(parts)
        if isinstance(value, dict):
            items = {name: self.hidden(item) for name, item in value.items()}
            return value if all(map(is_same, items.values(), value.values())) else items
        if kind not in self._fields:
            self._fields[kind] = tuple(field.name for field in fields(value)) if is_dataclass(value) else ()
        changed = {}
        for name in self._fields[kind]:
            old = getattr(value, name)
            if not is_same(new := self.hidden(old), old):
                changed[name] = new
        return replace(value, **changed) if changed else value


def is_same(new: Any, old: Any) -> bool:
    """Whether nothing was hidden; of equal texts and predictions only one is remembered."""
    return new is old or (type(old) in (str, Prediction) and new == old)
