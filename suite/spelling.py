"""How Python and JavaScript write values and calls: in one line where it fits, else a part a line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Longest line of a snippet.
WIDTH: Final = 80
#: Longest text that is written out: audio would fill the page.
_SHOWN: Final = 60


class Raw(str):
    """Code as it is: a name, an expression."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Language:
    """What two languages write differently."""

    name: str
    indent: str
    constants: Mapping[Any, str]
    comment: str
    bare_keys: bool

    def call(self, function: str, named: Mapping[str, Any], before: str = "", after: str = "") -> str:
        """A call with arguments by name, with what stands before and after it."""
        if not named:
            return f"{before}{function}(){after}"
        flat = f"{before}{function}({self._arguments(named)}){after}"
        if len(flat) <= WIDTH:
            return flat
        lines = [line for name, item in named.items() for line in self._lines(self._head(name), item, 1)]
        inner = "\n".join(f"{self.indent}{line}" for line in lines)
        opening, closing = ("({", "})") if self.bare_keys else ("(", ")")
        return f"{before}{function}{opening}\n{inner}\n{closing}{after}"

    def value(self, value: Any) -> str:
        """A value in one line."""
        if isinstance(value, Raw):
            return str(value)
        if isinstance(value, str):
            return _quoted(value if len(value) <= _SHOWN else f"{value[:16]}…")
        if isinstance(value, dict):
            return "{" + ", ".join(self._item(name, item) for name, item in value.items()) + "}"
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(map(self.value, value)) + "]"
        return self.constants[value] if value is None or isinstance(value, bool) else str(value)

    def _arguments(self, named: Mapping[str, Any]) -> str:
        if self.bare_keys:
            return self.value(dict(named))
        return ", ".join(f"{name}={self.value(item)}" for name, item in named.items())

    def _head(self, name: str) -> str:
        return f"{self._key(name)}: " if self.bare_keys else f"{name}="

    def _key(self, name: str) -> str:
        return name if self.bare_keys and re.fullmatch(r"[A-Za-z_$][\w$]*", name) else _quoted(name)

    def _item(self, name: str, item: Any) -> str:
        """A field; JavaScript leaves out a name that is the value's own."""
        return (
            name
            if self.bare_keys and isinstance(item, Raw) and item == name
            else f"{self._key(name)}: {self.value(item)}"
        )

    def _lines(self, head: str, item: Any, depth: int) -> Iterable[str]:
        """An item in a line; one that is too long a part a line, and so on."""
        flat = f"{head}{self.value(item)},"
        if self.bare_keys and isinstance(item, Raw) and head == f"{item}: ":
            yield f"{item},"
        elif len(flat) + len(self.indent) * depth <= WIDTH or not isinstance(item, (dict, list)):
            yield flat
        else:
            opening, closing = "{}" if isinstance(item, dict) else "[]"
            yield f"{head}{opening}"
            for name, part in item.items() if isinstance(item, dict) else (("", part) for part in item):
                inner = f"{self._key(name)}: " if name else ""
                yield from (f"{self.indent}{line}" for line in self._lines(inner, part, depth + 1))
            yield f"{closing},"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


PYTHON: Final = Language(
    "python", "    ", {None: "None", True: "True", False: "False"}, "# ", bare_keys=False
)
JS: Final = Language("js", "  ", {None: "null", True: "true", False: "false"}, "// ", bare_keys=True)


def camel(name: str) -> str:
    """A field's name in camelCase."""
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)


#: Below these, names are the application's own and not those of fields.
_OPAQUE: Final = ("properties", "headers", "args", "response")


def in_camel_case(value: Any) -> Any:
    """The names of fields in camelCase, at every level."""
    if isinstance(value, dict):
        return {
            camel(name): inner if name in _OPAQUE else in_camel_case(inner) for name, inner in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [in_camel_case(inner) for inner in value]
    return value
