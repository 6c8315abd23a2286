"""What one step showed, and what was predicted of it, as the page holds it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mockserver import FACTS

from ... import snippets
from ...same import HOST, Same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...model import Expected, Seen, Wire

#: The lanes and notes of a story, by the number the page knows them by.
WHO: Final = ("app", "client", "server", "event", "sdk", "mock")
_OPENS: Final = ("request", "handshake")


class Pool:
    """Entries that cells share, each once."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    @property
    def entries(self) -> list[Any]:
        """All entries, in the order in which they came."""
        return [json.loads(text) for text in self._places]

    def place(self, entry: Any) -> int:
        """Where an entry stands; it is added where it is new."""
        return self._places.setdefault(_text(entry), len(self._places))


def _text(entry: Any) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))


class Sides:
    """Observations and predictions, each once, and the facts they speak of."""

    def __init__(self, same: Same) -> None:
        self.seen = Pool()
        self.expected = Pool()
        self._same = same
        self._facts: set[str] = set()
        #: By identity, with the object beside, so that no identity is given twice.
        self._known: dict[tuple[int, str, bool], tuple[Seen, int]] = {}
        self._implied: dict[Expected, int] = {}

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        """The facts that were spoken of."""
        return {id: _fact(id) for id in sorted(self._facts & set(FACTS))}

    def observed(self, seen: Seen, language: str, *, places: bool) -> int:
        """Where a step's observation stands; ``places``: base URLs are what it is about."""
        key = (id(seen), language, places)
        if key not in self._known:
            entry = _Telling(self._same, language, places=places).side(seen)
            self._facts |= {line[2] for line in entry["l"] if line[0] == WHO.index("mock")}
            self._known[key] = (seen, self.seen.place(entry))
        return self._known[key][1]

    def implied(self, expected: Expected) -> int:
        """Where a step's prediction stands."""
        if expected not in self._implied:
            self._facts |= set(expected.because)
            self._implied[expected] = self.expected.place(
                {
                    "v": expected.verdict.value,
                    "x": list(map(wire_text, expected.wire)),
                    "e": expected.error,
                    "m": expected.message,
                    "t": list(expected.told) if expected.told else None,
                    "i": expected.ends_in,
                    "s": list(map(list, expected.shows)),
                    "w": list(expected.warnings),
                    "b": list(expected.because),
                }
            )
        return self._implied[expected]


class _Telling:
    """One observation as the page holds it."""

    def __init__(self, same: Same, language: str, *, places: bool) -> None:
        self._same = same
        self._language = language
        self._places = places

    def side(self, seen: Seen) -> dict[str, Any]:
        clients = dict.fromkeys(self._same(r["client"]) for r in seen.requests if r.get("client"))
        return {
            "v": seen.verdict.value,
            "x": list(map(wire_text, seen.wire)),
            "e": self._error(seen.error),
            "w": list(map(self._same, seen.warnings)),
            "s": [[name, self._same(value)] for name, value in seen.shows],
            "l": self._story(seen),
            "u": list(clients),
        }

    def _error(self, error: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if error is None:
            return None
        cause = error.get("cause")
        chain = (
            [f"{one.get('class')}: {one.get('message')}" for one in cause] if isinstance(cause, list) else []
        )
        message = error.get("message")
        return {
            "c": error.get("qualified") or error.get("class"),
            "m": self._same(str(message)) if message is not None else None,
            "n": error.get("code"),
            "r": self._same(str(error["reason"])) if error.get("reason") else None,
            "b": list(map(self._same, chain)),
        }

    def _story(self, seen: Seen) -> list[list[Any]]:
        credentials = iter(request.get("credentials", ()) for request in seen.requests)
        return [self._line(line, credentials) for line in seen.story]

    def _line(self, line: Mapping[str, Any], credentials: Any) -> list[Any]:
        who = WHO.index(line["who"])
        if line["who"] == "app":
            asked = self.asked(line["asked"])
            name = snippets.name(self._language, line["verb"], asked)
            return [who, name, snippets.code(self._language, line["verb"], asked)]
        what = self._same(line["what"])
        if line["who"] == "mock":
            return [who, what, line.get("fact", ""), line.get("hint", "")]
        if line.get("kind") in _OPENS:
            return [who, what, line["kind"], " + ".join(next(credentials, ()))]
        return [who, what, *([line["kind"]] if "kind" in line else [])]

    def asked(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters as an application of a reader has them: the mock's place is none of its business."""
        asked = {name: self._plain(value) for name, value in parameters.items()}
        client = asked.get("client")
        if not self._places and isinstance(client, dict) and client.get("base_url") == f"http://{HOST}":
            asked["client"] = {name: value for name, value in client.items() if name != "base_url"}
        return asked

    def _plain(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._same(value)
        if isinstance(value, dict):
            return {name: self._plain(item) for name, item in value.items()}
        return [self._plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def written(language: str, calls: Iterable[tuple[str, Mapping[str, Any]]], *, places: bool) -> str:
    """The code of a case, before anything is measured."""
    telling, named = _Telling(Same(), language, places=places), []
    for verb, parameters in calls:
        text = json.dumps(parameters).replace("{url}", f"http://{HOST}").replace("{ws}", f"ws://{HOST}")
        text = text.replace("{https}", f"https://{HOST}").replace("{stranger}", f"https://{HOST}")
        named.append((verb, telling.asked(json.loads(text))))
    return snippets.program(language, named)


def wire_text(wire: Wire) -> str:
    """A request in a line."""
    close = f", close {wire.close}" if wire.close else ""
    return (
        f"{wire.method} on {wire.version or '?'} with {' + '.join(wire.placement) or 'no credential'}"
        f" → {wire.status or 'no answer'}{close}"
    )


def _fact(id: str) -> dict[str, Any]:
    row = FACTS[id]
    return {
        "condition": row.condition,
        "confidence": row.confidence,
        "sources": list(row.sources),
        "since": row.since,
        "until": row.until,
        "note": row.note,
    }
