"""From the text of a script to its data, with the line and column of everything in it.

Only plain data comes out: no Python objects, no more than so many values, however the text is folded up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..core.grammar import Place

#: Far more than a person writes: a script that is longer was made to do harm, or by mistake.
MAX_BYTES: Final = 1_000_000
MAX_VALUES: Final = 50_000
MAX_DEPTH: Final = 40
NEEDS_YAML: Final = (
    "reading YAML needs PyYAML: pip install 'genai-live-compat[yaml]', or write the script as JSON"
)
_SCALARS: Final = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")}
_TEXTS: Final = {f"tag:yaml.org,2002:{name}" for name in ("str", "timestamp", "value", "merge")}


class Unreadable(ValueError):
    """There is no data in it, for the reason that the message tells."""


@dataclass
class Source:
    """What was read: the data, and where each part of it stands."""

    name: str
    data: Any
    marks: dict[Place, tuple[int, int]] = field(default_factory=dict)
    #: Keys that stand twice in a mapping, as lines for people.
    doubled: list[str] = field(default_factory=list)

    def at(self, place: Place) -> str:
        """``FILE:LINE:COLUMN`` of a place, or of the nearest one around it that is known."""
        while place and place not in self.marks:
            place = place[:-1]
        line, column = self.marks.get(place, (1, 1))
        return f"{self.name}:{line}:{column}"


def read_text(text: str, name: str) -> Source:
    """Read YAML or JSON.

    Raises:
        Unreadable: it is neither, or too much.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise Unreadable(f"{name}: more than {MAX_BYTES} bytes, which is no script")
    try:
        import yaml
    except ImportError:
        return _json(text, name)
    try:
        return _Yaml(name).read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else f"{name}:1:1"
        raise Unreadable(f"{at}: this is no YAML: {error.problem or error.context}") from None
    except RecursionError:
        raise Unreadable(f"{name}:1:1: this is no YAML: nested too deeply") from None
    except yaml.YAMLError as error:
        raise Unreadable(f"{name}:1:1: this is no YAML: {error}") from None


def _json(text: str, name: str) -> Source:
    """Without PyYAML: JSON only, and no marks."""
    doubled: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in found]
        twice = dict.fromkeys(key for key in keys if keys.count(key) > 1)
        doubled.extend(f"{name}:1:1: {key!r} stands twice: take one away" for key in twice)
        return dict(found)

    try:
        return Source(name, json.loads(text, object_pairs_hook=pairs), doubled=doubled)
    except json.JSONDecodeError as error:
        if not text.lstrip().startswith("{"):
            raise Unreadable(f"{name}: {NEEDS_YAML}") from None
        raise Unreadable(f"{name}:{error.lineno}:{error.colno}: this is no JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise Unreadable(f"{name}:1:1: this is no JSON: nested too deeply, or a number too long") from None


class _Yaml:
    """Composes the nodes of a text and reads plain data from them."""

    def __init__(self, name: str) -> None:
        self._source = Source(name, None)
        self._values = 0

    def read(self, text: str) -> Source:
        import yaml

        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            self._construct = loader
            if node is not None:
                self._source.data = self._value(node, ())
        finally:
            loader.dispose()
        return self._source

    def _value(self, node: Any, place: Place) -> Any:
        """The data of a node; one that is referred to often counts as often."""
        import yaml

        mark = node.start_mark
        self._source.marks[place] = (mark.line + 1, mark.column + 1)
        self._values += 1
        if self._values > MAX_VALUES or len(place) > MAX_DEPTH:
            limit = f"more than {MAX_VALUES} values" if self._values > MAX_VALUES else "nested too deeply"
            raise Unreadable(
                f"{self._source.at(place)}: {limit}: aliases (*) count as often as they are used"
            )
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(one, (*place, number)) for number, one in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: Any, place: Place) -> dict[str, Any]:
        import yaml

        data: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Unreadable(f"{self._mark(key)}: a key is a word, got a list or a mapping")
            # As it is written: YAML 1.1 takes the word on for true.
            if key.value in data:
                self._source.doubled.append(f"{self._mark(key)}: {key.value!r} stands twice: take one away")
            data[key.value] = self._value(value, (*place, key.value))
            # What is wrong with a key's value is told at the key.
            self._source.marks[(*place, key.value)] = (key.start_mark.line + 1, key.start_mark.column + 1)
        return data

    def _scalar(self, node: Any, place: Place) -> Any:
        if node.tag in _TEXTS:
            return node.value
        if node.tag not in _SCALARS:
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            raise Unreadable(f"{self._source.at(place)}: tag {tag} is not taken, expected plain data")
        try:
            return self._construct.construct_object(node)
        except (ValueError, OverflowError):
            raise Unreadable(f"{self._source.at(place)}: {node.value[:40]!r} is no number") from None

    def _mark(self, node: Any) -> str:
        return f"{self._source.name}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"
