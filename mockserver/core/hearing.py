"""Voice activity in PCM samples: where speech begins and ends, measured in audio time.

A window counts as speech when it has enough energy; speech begins after enough speech windows and ends after
enough silent ones, as ``automaticActivityDetection`` asks. What the service does with energy and spectrum is
not known; what clients see of it is: one frame of three seconds is enough (SRV-025).
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
import sys
from array import array
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from typing import TYPE_CHECKING, Any, Final, Literal

from .errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: A window that is too short to hear a pause in, and long enough for two periods of a low voice.
WINDOW_S: Final = 0.02
#: Root mean square of a window of speech, of 32768: quiet speech is over it, room noise under.
THRESHOLD: Final = 400
#: Without a wish of the client; the service's own values are not documented.
PREFIX_PADDING_S: Final = 0.04
SILENCE_S: Final = 0.5
_DEFAULT_RATE_HZ: Final = 16_000
#: Sums of windows are not exact.
_EPSILON_S: Final = 1e-6
#: So much audio is left unheard at the most, in bytes: two thirds of a second, as a rule. Sessions that
#: began together come to it together, so what is left must not take long to listen to.
_MOST_UNHEARD: Final = 20_480
#: Where a sample, little endian, has the byte that tells how loud it is.
_HIGH_BYTE: Final = 1

_RATE: Final = re.compile(r"[1-9][0-9]{0,5}$")
_STANDARD: Final = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Change:
    """Speech began or ended, so many seconds after the first sample; how long it was."""

    kind: Literal["start", "end"]
    offset_s: float
    spoken_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """How eagerly speech is heard."""

    disabled: bool = False
    prefix_padding_s: float = PREFIX_PADDING_S
    silence_s: float = SILENCE_S

    @classmethod
    def of(cls, setup: dict[str, Any]) -> Detection:
        """What a setup asks for in ``realtimeInputConfig.automaticActivityDetection``."""
        wish = setup.get("realtimeInputConfig", {}).get("automaticActivityDetection", {})
        return cls(
            bool(wish.get("disabled")),
            int(wish.get("prefixPaddingMs", PREFIX_PADDING_S * 1000)) / 1000,
            int(wish.get("silenceDurationMs", SILENCE_S * 1000)) / 1000,
        )


class Hearing:
    """The ear of one session: all audio it was sent, and whether somebody speaks in it."""

    def __init__(self, detection: Detection) -> None:
        self.detection = detection
        #: How long it has to be quiet at the least before speech ends; without detection no silence ends it.
        self._patience_s = -math.inf if detection.disabled else detection.silence_s - 2 * _EPSILON_S
        #: Length of all audio that was listened to, in seconds.
        self.offset_s = 0.0
        self.speaking = False
        #: Where the speech that goes on, or may be beginning, began.
        self._since_s = 0.0
        self._loud_s = 0.0
        self._quiet_s = 0.0
        #: What was too little for a window: frames may cut a window, or even a sample, in two.
        self._rest = b""
        #: Audio in the middle of speech, too short to end it whatever is in it: listened to when it matters.
        #: How many bytes are left with it, and its rate.
        self._unheard: list[bytes] = []
        self._left_bytes = 0
        self._unheard_hz = 0

    def hear(self, blob: dict[str, Any]) -> list[Change]:
        """Take one frame; where speech began or ended in it.

        Raises:
            Refusal: the data is not base64.
        """
        return self.listen(rate_of(blob.get("mimeType", "")), _pcm(blob))

    def listen(self, rate: int, pcm: bytes) -> list[Change]:
        """Take samples; where speech began or ended in them."""
        if self.speaking:
            if self._leave(rate, pcm):
                return []
            self._catch_up()
            if self._leave(rate, pcm):
                return []
        return self._listen_to(rate, pcm)

    def _leave(self, rate: int, pcm: bytes) -> bool:
        """Leave samples unheard, if that is possible: they end no speech, and it is little that is left."""
        left = self._left_bytes + len(pcm)
        is_same = rate == self._unheard_hz or not self._unheard
        if not (is_same and left < _MOST_UNHEARD and self._quiet_s + left / 2 / rate < self._patience_s):
            return False
        self._unheard.append(pcm)
        self._left_bytes, self._unheard_hz = left, rate
        return True

    def _catch_up(self) -> None:
        """Listen to what is left; nothing begins or ends in it."""
        if self._unheard:
            left, self._unheard = self._unheard, []
            self._listen_to(self._unheard_hz, b"".join(left))

    def _listen_to(self, rate: int, pcm: bytes) -> list[Change]:
        if self._rest:
            pcm = self._rest + pcm
        window = 2 if self.detection.disabled else _window_bytes(rate)
        stop = len(pcm) // window * window
        self._rest = pcm[stop:]
        self._left_bytes = len(pcm) - stop
        if self.detection.disabled:
            self.offset_s += stop // 2 / rate
            return []
        seconds = window // 2 / rate
        if self.speaking and self._quiet_s + stop // 2 / rate < self._patience_s:
            self._follow(pcm, stop, window, seconds)
            return []
        changes: list[Change] = []
        for start in range(0, stop, window):
            self.offset_s += seconds
            changes += self._weigh(loud=is_loud(pcm, start, window), seconds=seconds)
        return changes

    def _follow(self, pcm: bytes, stop: int, window: int, seconds: float) -> None:
        """Speech goes on, for these are too short to end it: what counts is how long it is quiet at last."""
        start, offset_s = stop - window, self.offset_s
        while start >= 0 and not is_loud(pcm, start, window):
            start -= window
        # Added one by one, as elsewhere: however audio is cut, the sums are the same to the last bit.
        quiet_s = self._quiet_s if start < 0 else 0.0
        for _ in range(start + window, stop, window):
            quiet_s += seconds
        for _ in range(0, stop, window):
            offset_s += seconds
        self._quiet_s, self.offset_s = quiet_s, offset_s

    def _weigh(self, *, loud: bool, seconds: float) -> list[Change]:
        if self.speaking:
            self._quiet_s = 0.0 if loud else self._quiet_s + seconds
            ends = not loud and self._quiet_s >= self.detection.silence_s - _EPSILON_S
            return self.stop() if ends else []
        if self._loud_s < _EPSILON_S:
            self._since_s = self.offset_s - seconds
        # Voices are not even: a quiet window takes back a loud one, and no more.
        self._loud_s = self._loud_s + seconds if loud else max(0.0, self._loud_s - seconds)
        if not loud or self._loud_s < self.detection.prefix_padding_s - _EPSILON_S:
            return []
        self.speaking, self._quiet_s, self._loud_s = True, 0.0, 0.0
        return [Change("start", self._since_s)]

    def open(self) -> None:
        """Manual detection: the client says that speech begins; what came before is lost (PRO-038)."""
        self.speaking, self._since_s, self._quiet_s = True, self.offset_s, 0.0

    def close(self) -> Change:
        """Manual detection: the client says that it has ended; of no length if it never began."""
        spoken_s = self.offset_s - self._since_s if self.speaking else 0.0
        self.speaking = False
        return Change("end", self.offset_s, spoken_s)

    def stop(self) -> list[Change]:
        """Automatic detection: speech ends here, for it went quiet, or the stream did."""
        if not self.speaking or self.detection.disabled:
            return []
        self._catch_up()
        self.speaking = False
        ended_s = self.offset_s - self._quiet_s
        return [Change("end", ended_s, ended_s - self._since_s)]


def is_loud(pcm: bytes, start: int, size: int) -> bool:
    """Energy of a window over the threshold, a constant offset left out; the exact sum where it is close.

    Args:
        start, size: where the window is, in bytes; whole samples, and one at least.
    """
    glance, enough = _glance(size)
    # A part of the samples has no more than the whole has, each counted from the mean of the part.
    if _energy(glance(pcm, start)) > enough:
        return True
    window = pcm[start : start + size]
    if not window[_HIGH_BYTE::2].translate(None, b"\x00\xff"):
        return False  # from -256 to 255, all of them
    samples = _samples(window)
    return _energy(samples[::8]) > enough or _energy(samples) > enough


@lru_cache(maxsize=16)
def _window_bytes(rate: int) -> int:
    """How long a window is."""
    return 2 * max(1, round(rate * WINDOW_S))


@lru_cache(maxsize=16)
def _glance(size: int) -> tuple[Callable[[bytes, int], tuple[int, ...]], int]:
    """What takes every 32nd sample of a window of so many bytes, and the energy that is enough in it."""
    samples = size // 2
    return struct.Struct(f"<{(samples - 1) // 32 * 'h62x'}h").unpack_from, THRESHOLD * THRESHOLD * samples


def _energy(samples: Sequence[int]) -> float:
    """The sum of the squares of all samples, counted from their mean."""
    total = sum(samples)
    squares: int = sum(map(mul, samples, samples))
    return squares - total * total / len(samples)


def _pcm(blob: dict[str, Any]) -> bytes:
    """The bytes of a blob; any other kind of audio holds nothing this ear can hear."""
    if not blob.get("mimeType", "audio/pcm").lower().startswith("audio/pcm"):
        return b""
    data = blob.get("data", "").translate(_STANDARD)
    try:
        # SDKs send the URL-safe alphabet, with and without padding.
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError):
        shown = f'Base64 decoding failed for "{data[:40]}"'
        values = {"path": "realtime_input.audio.data", "type": "TYPE_BYTES", "value": shown}
        raise Refusal("CLS-036", values) from None


def _samples(pcm: bytes) -> array[int]:
    """PCM16, little endian."""
    samples = array("h", pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def rate_of(mime: str) -> int:
    """Sample rate of ``audio/pcm;rate=16000`` in Hz."""
    for parameter in mime.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "rate" and _RATE.match(value):
            return int(value)
    return _DEFAULT_RATE_HZ
