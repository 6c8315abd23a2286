"""Keys and tokens never leave in a report: SDKs put them into messages, warnings and events."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar, cast

from mockserver import hide_secrets

T = TypeVar("T")


def hidden(value: T) -> T:
    """The same value with every key and token in it cut short."""
    return cast(T, _hidden(value))


def _hidden(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Enum):
        return hide_secrets(value)
    if isinstance(value, (list, tuple)):
        return type(value)(map(_hidden, value))
    if isinstance(value, dict):
        return {name: _hidden(item) for name, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _hidden(getattr(value, field.name)) for field in fields(value)})
    return value
