"""Audio comes in messages that differ in their data alone: once one is read, so are all that are like it."""

from __future__ import annotations

import base64
import binascii
import sys
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from .hearing import rate_of

if TYPE_CHECKING:
    from collections.abc import Callable

#: Shorter data might stand in the message twice, and is not worth the look.
_SHORTEST: Final = 64
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
#: What Python itself has.
_decode: Final = (
    partial(binascii.a2b_base64, strict_mode=True)
    if sys.version_info >= (3, 11)
    else partial(base64.b64decode, validate=True)
)


@lru_cache(maxsize=1)
def decoding() -> Callable[[bytes], bytes]:
    """What decodes base64, and refuses with a ValueError what is none; looked for with the first message."""
    try:  # many times as fast, where it is installed (the extra ``fast``)
        from pybase64 import b64decode
    except ImportError:
        return _decode
    # By place, with no other alphabet, and validated: a partial with a name would copy it for each message.
    return lambda text: b64decode(text, None, True)


@dataclass(frozen=True, slots=True)
class Alike:
    """A message that was found to be right, without the data of its audio: what is before and behind it."""

    before: bytes
    behind: bytes
    #: Samples a second, by the blob's type.
    rate_hz: int
    #: Whether its data was in the URL-safe alphabet: what comes next will be, as a rule.
    is_url_safe: bool

    @classmethod
    def of(cls, payload: bytes, kind: str, content: dict[str, Any]) -> Alike | None:
        """What others may share with this message; None where it holds more than one piece of audio."""
        blob = content.get("audio") if kind == "realtimeInput" and len(content) == 1 else None
        if blob is None or not blob.keys() <= {"data", "mimeType"}:
            return None
        data, mime = blob.get("data", "").encode(), blob.get("mimeType", "audio/pcm")
        # Once: so it is the text of the field, and not of another one that an escape hides.
        if len(data) < _SHORTEST or payload.count(data) != 1 or not mime.lower().startswith("audio/pcm"):
            return None
        before, _, behind = payload.partition(data)
        return cls(before, behind, rate_of(mime), _is_url_safe(data))

    def data(self, payload: bytes) -> bytes | None:
        """The audio of a message that is like it; None where it is not, or the data is not whole base64."""
        start, end = len(self.before), len(payload) - len(self.behind)
        if end - start < _SHORTEST or not (payload.startswith(self.before) and payload.endswith(self.behind)):
            return None
        data = payload[start:end]
        if self.is_url_safe:
            data = data.translate(_STANDARD)
        try:
            # Of these letters alone: so there is no end of the string in it either.
            return decoding()(data)
        except ValueError:
            return replace(self, is_url_safe=True).data(payload) if _is_url_safe(data) else None


def _is_url_safe(data: bytes) -> bool:
    return b"-" in data or b"_" in data
