"""A script as YAML, for people to begin their own with; written without a YAML library."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..core.script import Script

#: Words that mean themselves in YAML 1.1 and 1.2; everything else is quoted as in JSON.
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z_]*([ -][A-Za-z0-9_]+)*$")
_NOT_PLAIN: Final = re.compile(r"(y|n|yes|no|on|off|true|false|null|none|nan|inf)$", re.IGNORECASE)


def as_yaml(script: Script) -> str:
    """A script as YAML."""
    return "\n".join(_mapping(script.data(), "")) + "\n"


def _mapping(data: dict[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in data.items():
        # The word on, which YAML 1.1 takes for true, is read as it is written.
        name = key if _PLAIN.match(key) else _quoted(key)
        lines += _item(f"{indent}{name}:", value, indent)
    return lines


def _item(head: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, dict) and value:
        return [head, *_mapping(value, f"{indent}  ")]
    if isinstance(value, list) and value:
        return [head, *(line for one in value for line in _entry(one, f"{indent}  "))]
    return [f"{head} {_scalar(value)}"]


def _entry(value: Any, indent: str) -> list[str]:
    """One line that begins with a dash, and what belongs to it."""
    if isinstance(value, dict) and value:
        first, *rest = _mapping(value, f"{indent}  ")
        return [f"{indent}- {first.strip()}", *rest]
    if isinstance(value, list) and value:
        first, *rest = (line for one in value for line in _entry(one, f"{indent}  "))
        return [f"{indent}- {first.strip()}", *rest]
    return [f"{indent}- {_scalar(value)}"]


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value if _PLAIN.match(value) and not _NOT_PLAIN.match(value) else _quoted(value)
    return json.dumps(value)


def _quoted(text: str) -> str:
    """As JSON, which is YAML too; what YAML would not print is escaped."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
