"""For each target a bug as people write them; a fuzzer that does not find it looks at nothing."""

from __future__ import annotations

import json
from array import array
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from mockserver.core import constraints, hearing, schema
from mockserver.core.messages import MESSAGES
from mockserver.core.request import Request
from mockserver.edge import framing as edge_framing
from mockserver.edge.sockets import Assembly
from mockserver.recordings import files
from mockserver.scripts import reading

if TYPE_CHECKING:
    from collections.abc import Callable

    #: What puts a bug in: ``setattr``, or the one of pytest's ``monkeypatch``.
    Put = Callable[[Any, str, Any], None]


def http(put: Put) -> None:
    """A path is taken for UTF-8."""
    put(Request, "path", property(lambda self: unquote(self.target.partition("?")[0], errors="strict")))


def socket(put: Put) -> None:
    """A message in pieces is its last piece."""
    real = Assembly.add

    def add(self: Assembly, frame: Any) -> Any:
        self._fragments.clear()
        return real(self, frame)

    put(Assembly, "add", add)


def framing(put: Put) -> None:
    """The mask is put on backwards where nothing is left over of it."""
    real = edge_framing.unmasking()
    put(
        edge_framing,
        "unmasking",
        lambda: lambda data, mask: real(data, mask if len(data) % 4 else mask[::-1]),
    )


def messages(put: Put) -> None:
    """Audio has whole samples."""
    put(hearing, "_samples", lambda pcm: array("h", pcm))
    put(hearing.Hearing, "hear", lambda self, blob: len(hearing._samples(hearing._pcm(blob))) and [])


def tokens(put: Put) -> None:
    """What has the form of a time is one."""

    def timestamp(text: str) -> float | None:
        found = schema._RFC3339.match(text)
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if found else None

    put(schema, "timestamp", timestamp)


def masks(put: Put) -> None:
    """A field of a mask is in the schema."""

    def read(text: str) -> tuple[str, ...]:
        message, path = "BidiGenerateContentSetup", []
        for part in text.split("."):
            name, message = MESSAGES[message][part]
            path.append(name)
        return tuple(path)

    put(constraints, "_read_path", read)


def scripts(put: Put) -> None:
    """A key of a mapping is a word."""

    def mapping(self: Any, node: Any, place: Any) -> dict[str, Any]:
        return {key.value: self._value(value, (*place, key.value)) for key, value in node.value}

    put(reading._Yaml, "_mapping", mapping)


def recordings(put: Put) -> None:
    """The first line of a recording is an object."""

    def header(text: bytes, path: Any) -> dict[str, Any]:
        try:
            about: dict[str, Any] = json.loads(text)
        except RecursionError:
            about = {}
        if about.get("format") != files.FORMAT:
            raise ValueError("no recording")
        return about

    put(files, "_header", header)


MUTANTS: Final[dict[str, Callable[[Put], None]]] = {
    "frames": framing, "json": tokens,
    "http": http, "socket": socket, "messages": messages, "tokens": tokens, "masks": masks, "scripts": scripts,
    "recordings": recordings,
}  # fmt: skip
