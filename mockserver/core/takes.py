"""What was recorded of a service, as data: lines, and the takes they make, one for each request or socket."""

from __future__ import annotations

import base64
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from .effects import NO_CODE
from .errors import pretty
from .matching import difference
from .messages import camel
from .steps import can_be_sent, wrong_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .effects import Headers

KINDS: Final = (
    "request", "response", "handshake", "accepted", "rejected", "text", "binary", "close", "drop", "note",
)  # fmt: skip
#: What begins a take.
OPENINGS: Final = ("request", "handshake")
Opening = Literal["request", "handshake"]
_MIME: Final = ("mimeType", "mime_type")
_STANDARD: Final = str.maketrans("-_", "+/")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One thing that crossed the boundary.

    Attributes:
        ms: milliseconds since the recording began.
        on: the request or socket: ``http-1``, ``ws-1``.
        by: who sent it; ``relay`` where the relay spoke in the place of the service.
        kind: one of ``KINDS``; ``note`` is for people.
        what: the request line, or a note's words.
        status: the HTTP status, or the close code; a close frame without one has none.
        payload: body or message: ``{json: …}``, a text, or ``{hex: …}``; None for none.
        reset: a drop was by a TCP reset.
    """

    ms: int
    on: str
    by: str
    kind: str
    what: str = ""
    status: int | None = None
    reason: str = ""
    headers: Headers = ()
    payload: Any = None
    reset: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be played.

        Raises:
            ValueError: an answer without a status, or a close that no frame can say.
        """
        if self.by != "client" and self.kind in ("response", "rejected"):
            for why in wrong_answer(self.status or 0, self.headers):
                raise ValueError(why)
        if self.by != "client" and self.kind == "close" and not can_be_sent(self.status or NO_CODE):
            raise ValueError(
                f"close code {self.status} cannot be sent, expected one that RFC 6455 lets be sent"
            )


@dataclass(frozen=True)
class Take:
    """One request or socket, from its opening to its end."""

    lines: tuple[Line, ...]

    @property
    def opening(self) -> Line:
        """The request, or the handshake."""
        return self.lines[0]

    @property
    def path(self) -> str:
        """What it was about, without the query."""
        return path_of(self.opening.what)

    @property
    def answer(self) -> Line | None:
        """What it was answered by: an answer, a 101, or a drop."""
        kinds = ("response", "rejected", "accepted", "drop")
        return next((line for line in self.lines if line.kind in kinds and line.by != "client"), None)


def path_of(what: str) -> str:
    """The method and the path of a request line; a slash too many is no other path."""
    method, _, target = what.partition(" ")
    return f"{method} /{target.partition('?')[0].lstrip('/')}"


def takes(lines: Iterable[Line]) -> tuple[Take, ...]:
    """The takes of a recording, in the order in which they began; one without its opening is none."""
    by_connection: dict[str, list[Line]] = {}
    for line in lines:
        if line.kind in OPENINGS or line.on in by_connection:
            by_connection.setdefault(line.on, []).append(line)
    return tuple(Take(tuple(found)) for found in by_connection.values())


# -- payloads ---------------------------------------------------------------------------------------------


def recorded(payload: bytes) -> Any:
    """A payload as recordings have it: JSON as JSON, with the length of audio and images in their place."""
    try:
        value = json.loads(payload, parse_constant=_refuse)
        if json.loads(pretty(value)) == value:
            return {"json": without_media(value)}
    except (ValueError, RecursionError):
        pass
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return {"hex": payload.hex()}


def played(form: Any) -> bytes:
    """A recorded payload as bytes again: JSON as the service writes it, silence for audio."""
    if form is None:
        return b""
    if isinstance(form, str):
        return form.encode(errors="replace")
    return bytes.fromhex(form["hex"]) if "hex" in form else pretty(_with_media(form["json"]))


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def without_media(value: Any) -> Any:
    """JSON with ``{"bytes": 3200}`` in the place of what audio and images hold."""
    if isinstance(value, list):
        return [without_media(one) for one in value]
    if not isinstance(value, dict):
        return value
    shorter = {name: without_media(one) for name, one in value.items()}
    data = value.get("data")
    if isinstance(data, str) and any(isinstance(value.get(name), str) for name in _MIME):
        with suppress(ValueError):  # no base64, and so no media
            shorter["data"] = {"bytes": len(base64.b64decode(data.translate(_STANDARD), validate=True))}
    return shorter


def _with_media(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_media(one) for one in value]
    if not isinstance(value, dict):
        return value
    longer = {name: _with_media(one) for name, one in value.items()}
    size = media_bytes(value)
    if size is not None:
        longer["data"] = base64.b64encode(bytes(size)).decode()
    return longer


def media_bytes(value: dict[str, Any]) -> int | None:
    """How many bytes of media a recorded blob stands for; None where it is none."""
    data = value.get("data")
    if not isinstance(data, dict) or list(data) != ["bytes"] or not any(name in value for name in _MIME):
        return None
    size = data["bytes"]
    return size if isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= 2**26 else None


# -- meaning ----------------------------------------------------------------------------------------------


def meaning(value: Any) -> Any:
    """JSON without what only spells it: one spelling of names, no defaults, no dates."""
    if isinstance(value, dict):
        parts = {camel(name): meaning(one) for name, one in value.items()}
        return {name: one for name, one in parts.items() if one not in (None, "", [], False, 0) or one == {}}
    if isinstance(value, list):
        return [meaning(one) for one in value]
    return "(a time)" if isinstance(value, str) and _TIME.match(value) else value


def differs(wanted: Any, got: Any) -> str | None:
    """How a payload differs from the one recorded; None if it means the same."""
    if not (_is_json(wanted) and _is_json(got)):
        same = played(wanted) == played(got)
        return None if same else f"{len(played(got))} bytes, expected {len(played(wanted))} others"
    one, other = meaning(wanted["json"]), meaning(got["json"])
    missing = difference(one, other)
    if missing is not None:
        return missing
    more = difference(other, one)
    return None if more is None else more.replace(" is missing", " was not recorded")


def as_json(form: Any) -> dict[str, Any]:
    """The JSON object that a payload is; an empty one where it is none."""
    value = form["json"] if _is_json(form) else None
    return value if isinstance(value, dict) else {}


def _is_json(form: Any) -> bool:
    return isinstance(form, dict) and "json" in form


def kind_of(form: Any) -> str:
    """What a client's message is: ``setup``, ``clientContent``, ``realtimeInput.text`` …"""
    value = meaning(form["json"]) if _is_json(form) else None
    if not isinstance(value, dict) or not value:
        return "other"
    name = next(iter(value))
    if name != "realtimeInput" or not isinstance(value[name], dict):
        return str(name)
    inner = "audio" if heard_bytes(form) is not None else next(iter(value[name]), "")
    return f"{name}.{inner}"


def heard_bytes(form: Any) -> int | None:
    """How many bytes of sound and pictures are in a message that holds nothing else; None where it does."""
    value = meaning(form["json"]) if _is_json(form) else None
    content = value.get("realtimeInput") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(content, dict) or not content or set(content) - {"audio", "video", "mediaChunks"}:
        return None
    blobs = [content.get("audio"), content.get("video")]
    blobs += content["mediaChunks"] if isinstance(content.get("mediaChunks"), list) else []
    return sum(media_bytes(blob) or 0 for blob in blobs if isinstance(blob, dict))
