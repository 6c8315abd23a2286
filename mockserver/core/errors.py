"""Refusals: a fact, filled in with what the client sent, as an HTTP answer or as a close."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Final

from .effects import Close, Headers, Respond
from .facts import Answers, Closes, fact

if TYPE_CHECKING:
    from .schema import Checked

#: A close frame carries 125 bytes, two of them the code (WS-007).
MAX_REASON_BYTES: Final = 123

BAD_REQUEST: Final = "type.googleapis.com/google.rpc.BadRequest"

#: In a ``Date`` header, whatever language the machine speaks (RFC 9110, 5.6.7).
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class _Seen(dict[str, str]):
    """Placeholders; one that has no value here is left out of the text."""

    def __missing__(self, key: str) -> str:
        return ""


# Not frozen: Python itself sets what an exception carries, such as its traceback.
@dataclass(eq=False)
class Refusal(Exception):
    """Why the server refuses, raised by whoever finds out and rendered by the service.

    Attributes:
        fact: id of the fact whose row says what is seen.
        values: what fills the row's placeholders.
        text: replaces the row's message where the service composes one (several violations).
        advice: replaces the row's hint where the case has one of its own.
        shown_as: id of another fact whose answer is given, where this one's is a choice.
        violations: the fields at fault, for ``google.rpc.BadRequest``.
        script, rule: who plays it, where it is no judgement of the service.
    """

    fact: str
    values: dict[str, str] = field(default_factory=dict)
    text: str = ""
    advice: str = ""
    shown_as: str = ""
    violations: tuple[tuple[str, str], ...] = ()
    script: str = ""
    rule: int | None = None

    @property
    def message(self) -> str:
        """The whole message, uncut."""
        seen = fact(self.shown_as or self.fact).seen
        template = (
            seen.message if isinstance(seen, Answers) else seen.reason if isinstance(seen, Closes) else ""
        )
        return self.text or template.format_map(_Seen(self.values))

    @property
    def hint(self) -> str:
        """What the developer of the client should change."""
        return self.advice or fact(self.fact).hint.format_map(_Seen(self.values))

    def __str__(self) -> str:
        return f"{self.message or fact(self.fact).condition} [{self.fact}]; {self.hint}"

    def respond(self, now: float) -> Respond:
        """Render as an HTTP answer; an empty one where the service has no such method."""
        seen = fact(self.shown_as or self.fact).seen
        assert isinstance(seen, Answers), f"{self.fact} is no HTTP refusal"
        if not seen.status:
            return empty(seen.http, now)
        error: dict[str, Any] = {"code": seen.http, "message": self.message, "status": seen.status}
        if seen.details:
            error["details"] = list(seen.details)
        elif self.violations:
            # An empty string is left out, as in all proto JSON.
            fields = [
                {"field": name, "description": text} if name else {"description": text}
                for name, text in self.violations
            ]
            error["details"] = [{"@type": BAD_REQUEST, "fieldViolations": fields}]
        return answer(seen.http, {"error": error}, now)

    def close(self) -> Close:
        """Render as a close, with the reason cut as on the wire."""
        seen = fact(self.shown_as or self.fact).seen
        assert isinstance(seen, Closes), f"{self.fact} is no close"
        return Close(seen.code, cut(self.message))


def violated(checked: Checked, by_kind: dict[str, str], **values: str) -> Refusal:
    """The refusal of a message that is not of its schema; the first violation names the fact.

    ``by_kind`` has a fact for each kind of violation, and for usual mistakes one of their own: under the
    field's proto path, or under kind and path of its parent.
    """
    first = checked.violations[0]
    usual = by_kind.get(f"{first.field}.{first.name}") or by_kind.get(f"{first.kind} {first.field}")
    return Refusal(
        usual or by_kind[first.kind],
        {**values, "name": first.name, "path": first.field, "type": first.type, "value": first.value},
        checked.message,
        violations=tuple((violation.field, violation.description) for violation in checked.violations),
    )


def cut(reason: str) -> str:
    """Cut a close reason at 123 bytes, never within a character."""
    return reason.encode(errors="replace")[:MAX_REASON_BYTES].decode(errors="ignore")


def pretty(value: Any) -> bytes:
    """JSON as the service writes it: two spaces, a newline at the end, UTF-8 (WS-005); no lone surrogates."""
    return (_indented(value, "\n") + "\n").encode(errors="replace")


def _indented(value: Any, newline: str) -> str:
    """As ``json.dumps`` with an indent, which leaves its C encoder for it and takes four times as long."""
    if isinstance(value, str):
        return encode_basestring(value)
    inner = f"{newline}  "
    if isinstance(value, dict) and value:
        items = [f"{_name(name)}: {_indented(item, inner)}" for name, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{newline}}}"
    if isinstance(value, (list, tuple)) and value:
        return f"[{inner}{f',{inner}'.join([_indented(item, inner) for item in value])}{newline}]"
    if type(value) is int:
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


def _name(name: Any) -> str:
    """The name of a field; proto JSON has no others than strings, scripts in Python may."""
    return encode_basestring(name) if isinstance(name, str) else json.dumps({name: 0})[1:-4]


def headers(content_type: str, now: float) -> Headers:
    """The headers every REST answer of the service carries (WS-030)."""
    return _headers(content_type, int(now))


@lru_cache(maxsize=8)
def _headers(content_type: str, second: int) -> Headers:
    return (
        ("Content-Type", content_type),
        ("Vary", "Origin"),
        ("Vary", "X-Origin"),
        ("Vary", "Referer"),
        ("Date", _date(second)),
        ("Server", "scaffolding on HTTPServer2"),
        ("X-XSS-Protection", "0"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("X-Content-Type-Options", "nosniff"),
        ("Server-Timing", "gfet4t7; dur=1"),
    )


def _date(second: int) -> str:
    """A time in Unix seconds as headers have it."""
    at = datetime.fromtimestamp(second, timezone.utc)
    return f"{_DAYS[at.weekday()]}, {at:%d} {_MONTHS[at.month - 1]} {at:%Y %H:%M:%S} GMT"


def answer(status: int, value: Any, now: float) -> Respond:
    """An HTTP answer with a JSON body."""
    return Respond(status, headers("application/json; charset=UTF-8", now), pretty(value))


def empty(status: int, now: float) -> Respond:
    """An HTTP answer without a body, which SDKs recognize by its content type (TOK-002)."""
    return Respond(status, headers("text/html; charset=UTF-8", now), b"")


def unimplemented(what: str, now: float) -> Respond:
    """The answer to a method of the service that this mock does not play."""
    message = f"{what} is a method of the service that this mock does not play"
    return answer(501, {"error": {"code": 501, "message": message, "status": "UNIMPLEMENTED"}}, now)
