"""Heads and whole requests that came before, byte for byte: what the parser made of one it makes of it again.

Only of simple requests, each of which came whole in one read and had nothing behind it: no chunks, no
``Expect``, and the connection stays. All else goes to the parser, always; so it alone judges what is wrong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

from ..core.request import Head, Request
from .events import Asked, Upgrade

if TYPE_CHECKING:
    from .events import Event

_Written = TypeVar("_Written")
_Known = TypeVar("_Known")

#: How many are remembered; then the oldest is forgotten.
MOST: Final = 512
#: Longer ones, in bytes, and longer requests, are not expected twice.
LONGEST: Final = 4_096
_END: Final = b"\r\n\r\n"
#: What makes each handshake another one: 16 bytes in base64, written in the two ways in which clients do.
_KEY: Final = re.compile(rb"\r\n(?:Sec-WebSocket-Key|sec-websocket-key): ([A-Za-z0-9+/]{22}==)\r\n")
_KEY_NAME: Final = "sec-websocket-key"
#: Headers of handshakes with a body.
_HAVE_BODY: Final = frozenset({"transfer-encoding", "expect", "content-length"})


class Familiar:
    """The heads, and the requests, that all connections of a host have brought."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        #: Requests by all of their bytes: one that came before is the same one again.
        self._wholes: dict[bytes, Asked] = {}
        #: By the bytes of the head; with the length of the body that it announces.
        self._requests: dict[bytes, tuple[Head, int]] = {}
        #: By what stands before and behind the key; with the place of the key among the headers.
        self._handshakes: dict[tuple[bytes, bytes], tuple[Head, int]] = {}

    def find(self, data: bytes, *, secure: bool) -> Event | None:
        """The request or handshake that a read holds, if one begins with it; None: the parser must say."""
        asked = self._wholes.get(data) if len(data) <= LONGEST else None
        if asked is not None and asked.request.secure is secure:
            return asked
        end = data.find(_END, 0, LONGEST) + len(_END)
        known = self._requests.get(data[:end])
        if known is None:
            return self._find_handshake(data, end, secure) if self._handshakes else None
        head, length = known
        if len(data) - end != length:
            return None
        asked = Asked(Request.of(head, data[end:], secure), True)
        if len(data) <= LONGEST:
            self._keep(self._wholes, data, asked)
        return asked

    def _find_handshake(self, data: bytes, end: int, secure: bool) -> Upgrade | None:
        key = _KEY.search(data, 0, end)
        known = self._handshakes.get((data[: key.start(1)], data[key.end(1) : end])) if key else None
        if key is None or known is None:
            return None
        head, place = known
        headers = (*head.headers[:place], (_KEY_NAME, key[1].decode()), *head.headers[place + 1 :])
        return Upgrade(Request.of(Head(head.method, head.target, headers, head), b"", secure), data[end:])

    def learn(self, data: bytes, event: Event) -> None:
        """Remember what the parser made of a read that a request began and ended, if it is simple."""
        end = data.find(_END, 0, LONGEST) + len(_END)
        match event:
            # The body is all that stands behind the first empty line: so it came in no chunks, and this line
            # ended the head. The parser would take as many bytes behind that head again, whatever they are.
            case Asked(request, True) if request.body == data[end:]:
                self._keep(self._requests, data[:end], (request.head, len(request.body)))
            case Upgrade(request, rest) if rest == data[end:]:
                self._learn_handshake(data[:end], request.head)

    def _learn_handshake(self, written: bytes, head: Head) -> None:
        names = [name for name, _ in head.headers]
        key = _KEY.search(written)
        # A key that stands in the head once is the header's value, and no part of another one.
        if key is None or names.count(_KEY_NAME) != 1 or written.count(key[1]) != 1:
            return
        place = names.index(_KEY_NAME)
        if head.headers[place][1] == key[1].decode() and not _HAVE_BODY.intersection(names):
            around = written[: key.start(1)], written[key.end(1) :]
            self._keep(self._handshakes, around, (head, place))

    def _keep(self, heads: dict[_Written, _Known], written: _Written, known: _Known) -> None:
        heads[written] = known
        if len(heads) > self._most:
            del heads[next(iter(heads))]
