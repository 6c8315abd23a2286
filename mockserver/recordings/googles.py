"""Recordings of google/test-server, such as the SDKs keep: ``NAME.websocket.log``.

Each message is a sign for who sent it, its length in bytes, a space and its bytes. One newline was added to
every message, which the length counts. There are no times, no handshake and no closes, and nothing says which
frames were text.
"""

from __future__ import annotations

import re
from typing import Final

from ..core.profiles import API_VERSIONS
from ..core.takes import Line, recorded
from .stand_ins import StandIns

SUFFIX: Final = ".websocket.log"
_HEAD: Final = re.compile(rb"([<>])([0-9]{1,9}) ")
#: What such a file does not tell: clients of the SDKs that keep them use this method, with a key.
_HANDSHAKE: Final = (
    f"GET /ws/google.ai.generativelanguage.{API_VERSIONS[1]}.GenerativeService.BidiGenerateContent?key=key-1"
)


def read(data: bytes, name: str) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """The lines of a recording, and what is wrong with it and does no harm.

    Raises:
        ValueError: it is none.
    """
    hide, place = StandIns(), 0
    hide.of("key", "key-1")
    lines = [Line(0, "ws-1", "client", "handshake", what=_HANDSHAKE), Line(0, "ws-1", "service", "accepted")]
    while place < len(data):
        head = _HEAD.match(data, place)
        if head is None:
            shown = data[place : place + 20].decode(errors="replace")
            raise ValueError(
                f"{name}: at byte {place} is {shown!r}, expected > or <, the length of a message and a space"
            )
        end = head.end() + int(head[2])
        if end > len(data):
            return tuple(lines), (f"{name}: the message at byte {place} is cut off, and left out",)
        payload = data[head.end() : end].removesuffix(b"\n")
        form = hide.payload(recorded(payload)) if payload else ""
        by_client = head[1] == b">"
        kind, by = ("text", "client") if by_client else ("binary", "service")
        lines.append(Line(0, "ws-1", by, kind, payload=form))
        place = end
    return tuple(lines), ()
