"""Everything that crossed the boundary, in order; every view is a function of it."""

from __future__ import annotations

import itertools
import json
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

from .limits import Limits
from .pages import Pages, loss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    #: An entry that nobody has looked at: about how many bytes it was told, its kind, and what its fields are
    #: made of. Messages of one moment are one, with None for bytes and all their payloads. Of messages it is
    #: plain values: nothing to the garbage collector.
    _Late: TypeAlias = tuple[Any, ...]
    #: Gives the fields of an entry, from what was said of it.
    Teller: TypeAlias = Callable[..., dict[str, Any]]

#: Those of a server that is told nothing else.
_LIMITS: Final = Limits()

Kind = Literal[
    "request",
    "response",
    "handshake",
    "open",
    "rejected",
    "in",
    "out",
    "close",
    "lost",
    "refusal",
    "fault",
    "problem",
]

#: What an entry costs beside its texts and its payload.
_ENTRY_BYTES: Final = 400
#: Longest payload a log line shows, in characters.
_SHOWN: Final = 120
#: What an entry that is still to be made costs beside what it was told.
_LATE_BYTES: Final = _ENTRY_BYTES + _SHOWN

_SECRET: Final = re.compile(
    r"(?P<name>auth_tokens(?:/|%2[Ff]))(?P<id>[\w.~-]{8,})"
    r"|(?P<place>[?&](?:key|access_token)=)(?P<value>[^&\s\"]+)"
    r"|(?P<key>\bAIza[\w-]{20,})"
)
#: A key that is shorter may be a word of its own, and is hidden in its place only.
_TELLING: Final = 12
_CREDENTIAL_HEADERS: Final = frozenset({"authorization", "x-goog-api-key", "proxy-authorization", "cookie"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Attributes:
        number: position in the journal, from 1.
        at: Unix seconds on the mock's clock.
        connection: ``http-3`` or ``ws-1``: all entries of one request or one socket share it.
        owner: the API key behind it (for a token: the key that minted it), None if there was none.
        what: the request line, the status, the close code and reason or the message's keys.
        client: what the client calls itself (``x-goog-api-client`` or ``user-agent``).
        placement: where the request carried credentials.
        secure: whether the request came over TLS.
        headers: of the request or its answer, names in lower case.
        status: HTTP status or close code, where there is one.
        payload: body or message, whole.
        text: whether a message came in a text frame; the service sends binary ones.
        fact, hint: on a refusal, the evidence behind it and what to change.
        confidence: of that fact; ``guess`` marks what nobody has seen.
        script, rule: on a fault, and all that a script does otherwise than the contract, who did it.
    """

    number: int
    at: float
    connection: str
    kind: Kind
    owner: str | None = None
    what: str = ""
    client: str = ""
    placement: tuple[str, ...] = ()
    secure: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    payload: bytes = b""
    text: bool = False
    fact: str = ""
    hint: str = ""
    confidence: str = ""
    script: str = ""
    rule: int | None = None

    @property
    def size(self) -> int:
        """About how many bytes it holds."""
        headers = sum([len(name) + len(value) for name, value in self.headers]) if self.headers else 0
        return len(self.payload) + len(self.what) + len(self.hint) + headers + _ENTRY_BYTES

    def shown(self) -> dict[str, Any]:
        """As JSON for logs and the control API: no empty fields, secrets shortened."""
        fields: dict[str, Any] = {
            "number": self.number,
            "at": round(self.at, 3),
            "connection": self.connection,
            "kind": self.kind,
            "owner": shorten(self.owner) if self.owner else None,
            "what": self.hidden(self.what),
            "client": self.hidden(self.client),
            "placement": list(self.placement),
            "secure": self.secure or None,
            "headers": {name: self.hidden(_shown_header(name, value)) for name, value in self.headers},
            "status": self.status,
            "payload": self.hidden(self.payload.decode(errors="replace")),
            "text": self.text or None,
            "fact": self.fact,
            "hint": self.hidden(self.hint),
            "confidence": self.confidence,
            "script": self.script,
            "rule": self.rule,
        }
        return {name: value for name, value in fields.items() if value not in (None, "", [], {})}

    def line(self) -> str:
        """As one line of text for a person."""
        if self.kind == "refusal":
            mark = ", a guess" if self.confidence == "guess" else ""
            mark += f", by {self._player}" if self.script else ""
            text = f"{self._plain(self.what)} [{self.fact}{mark}]\n{'':>10}→ {self._plain(self.hint)}"
        else:
            by = f" ({self._player})" if self.script else ""
            text = f"{self._plain(self.what)}{by}"
            text += f"\n{'':>10}→ {self._plain(self.hint)}" if self.hint else ""
        return f"{self.connection:>8}  {self.kind:<9} {text}"

    def hidden(self, text: str) -> str:
        """A text of it without secrets; its owner's key is one in any form, wherever the client put it."""
        return hide_secrets(text, self.owner or "")

    def _plain(self, text: str) -> str:
        """The same, and nothing that begins another line or moves a cursor."""
        hidden = self.hidden(text)
        if hidden.isprintable():
            return hidden
        return "".join([one if one.isprintable() else repr(one)[1:-1] for one in hidden])

    @property
    def _player(self) -> str:
        rule = f"rule {self.rule} of " if self.rule is not None else ""
        return f"{rule}script {self.script}"


class Journal:
    """A ring of entries, bounded in their number and in bytes; the newest is always kept.

    Most entries are never read: they are made when somebody looks.
    """

    def __init__(
        self,
        max_entries: int = _LIMITS.journal_entries,
        max_bytes: int = _LIMITS.journal_bytes,
        tellers: Mapping[Kind, Teller] | None = None,
    ) -> None:
        self._tellers = tellers or {}
        self._entries: deque[Entry | _Late] = deque()
        #: How many entries these are.
        self._number = 0
        #: Whether some of them are still to be made.
        self._is_late = False
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._count = 0
        #: About how many bytes the entries hold.
        self.bytes = 0
        #: How many old entries the ring has let go, and about how many bytes they held.
        self.dropped = 0
        self.dropped_bytes = 0
        #: Called with each entry as it is added.
        self.watchers: list[Callable[[Entry], None]] = []

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._made())

    def _made(self) -> tuple[Entry, ...]:
        """All entries, made once."""
        if self._is_late:
            numbers = itertools.count(self._count - self._number + 1)
            made = [entry for one in self._entries for entry in self._entries_of(one, numbers)]
            self._entries = deque(made)
            self.bytes = sum([entry.size for entry in made])
            self._is_late = False
        return tuple(self._entries)  # type: ignore[arg-type]  # all of them are made

    def _entries_of(self, one: Entry | _Late, numbers: Iterator[int]) -> list[Entry]:
        """What stands in one place."""
        if isinstance(one, Entry):
            next(numbers)
            return [one]
        size, kind, what, *about = one
        tell = self._tellers[kind]
        return [
            Entry(next(numbers), **tell(kind, each, *about)) for each in (what if size is None else [what])
        ]

    def __len__(self) -> int:
        return self._number

    def add(self, **fields: Any) -> Entry:
        """Append an entry; its number is given here."""
        self._count += 1
        self._number += 1
        entry = Entry(number=self._count, **fields)
        self._entries.append(entry)
        self.bytes += entry.size
        if self._number > self._max_entries or self.bytes > self._max_bytes:
            self._let_go()
        for watcher in self.watchers:
            watcher(entry)
        return entry

    def add_late(self, size: int, kind: Kind, what: Any, *about: Any) -> None:
        """Append an entry that is made when somebody looks, by the teller of its kind.

        Args:
            size: about how many bytes it is told.
            what: it and ``about`` are what the teller is told; they stay as they are.
        """
        if self.watchers:
            self.add(**self._tellers[kind](kind, what, *about))
            return
        self._count += 1
        self._number = number = self._number + 1
        self._entries.append((size, kind, what, *about))
        self._is_late = True
        self.bytes = kept = self.bytes + size + _LATE_BYTES
        if kept > self._max_bytes or number > self._max_entries:
            self._let_go()

    def add_each_late(self, kind: Kind, payloads: list[bytes], *about: Any) -> None:
        """Append an entry for each of these, as ``add_late`` does one by one."""
        if self.watchers:
            for payload in payloads:
                self.add(**self._tellers[kind](kind, payload, *about))
            return
        self._count += len(payloads)
        self._number += len(payloads)
        self._entries.append((None, kind, tuple(payloads), *about))
        self._is_late = True
        self.bytes += sum(map(len, payloads)) + _LATE_BYTES * len(payloads)
        if self._number > self._max_entries or self.bytes > self._max_bytes:
            self._let_go()

    def _let_go(self) -> None:
        """Drop the oldest, as many as it takes."""
        before, held = self._number, self.bytes
        while self._is_over():
            oldest = self._entries.popleft()
            if isinstance(oldest, Entry):
                self._forget(oldest.size)
            elif oldest[0] is not None:
                self._forget(oldest[0] + _LATE_BYTES)
            elif left := self._let_go_of(oldest[2]):
                self._entries.appendleft((*oldest[:2], left, *oldest[3:]))
        self.dropped += before - self._number
        self.dropped_bytes += held - self.bytes

    def _let_go_of(self, payloads: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Drop the first of these, as many as it takes; those that are left."""
        for number, payload in enumerate(payloads):
            if not self._is_over():
                return payloads[number:]
            self._forget(len(payload) + _LATE_BYTES)
        return ()

    def _is_over(self) -> bool:
        return self._number > 1 and (self.bytes > self._max_bytes or self._number > self._max_entries)

    def _forget(self, size: int) -> None:
        self.bytes -= size
        self._number -= 1

    @property
    def loss(self) -> str:
        """What a report says of what is gone, in a sentence; empty where nothing is."""
        return loss(self.dropped, self.dropped_bytes)

    def of(self, owner: str) -> list[Entry]:
        """All entries behind one API key."""
        return [entry for entry in self if entry.owner == owner]

    def pages(self) -> Pages:
        """What it holds now."""
        before = self._count - self._number
        return Pages(self._made(), before, self.dropped, self.dropped_bytes)

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        self._entries.clear()
        self._number = 0
        self._is_late = False
        self.bytes = self.dropped = self.dropped_bytes = 0


def _shown_header(name: str, value: str) -> str:
    """A header as a log may show it: no key and no token."""
    if name not in _CREDENTIAL_HEADERS:
        return hide_secrets(value)
    scheme, space, secret = value.rpartition(" ")
    return f"{scheme}{space}{shorten(secret)}"


def text(entries: Iterable[Entry]) -> str:
    """A journal as lines for a person."""
    return "\n".join(entry.line() for entry in entries)


def shorten(secret: str) -> str:
    """A key or token as logs show it: enough to tell two apart, not enough to use; a short one stays."""
    if "…" in secret:
        return secret
    head, slash, rest = secret.rpartition("/")
    return f"{head}{slash}{rest[:4]}…{rest[-2:]}" if len(rest) > 8 else f"{head}{slash}{rest[:2]}…"


def hide_secrets(text: str, key: str = "") -> str:
    """Shorten every key and token in a text; ``key`` is one whose form tells nothing."""
    if len(key) >= _TELLING:
        for form in {key, quote(key, safe="")}:
            text = text.replace(form, shorten(key))
    return _SECRET.sub(_shorter, text)


def _shorter(match: re.Match[str]) -> str:
    if match["name"]:
        return match["name"] + shorten(match["id"])
    if match["place"]:
        return match["place"] + (shorten(match["value"]))
    return shorten(match["key"])


def summary(payload: bytes) -> str:
    """What a frame says, in a line: its JSON without white space, cut."""
    try:
        shown = json.dumps(json.loads(payload), ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        shown = payload.decode(errors="replace")
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}… ({len(payload)} bytes)"
