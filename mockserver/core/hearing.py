"""Voice activity in PCM samples: where speech begins and ends, measured in audio time.

A window counts as speech when its peak is over a threshold; speech begins after enough speech windows and
ends after enough silent ones, as ``automaticActivityDetection`` asks. What the service does with energy and
spectrum is not known; what clients see of it is: one frame of three seconds is enough (SRV-025).
"""

from __future__ import annotations

import base64
import binascii
import sys
from array import array
from dataclasses import dataclass
from typing import Any, Final, Literal

from .errors import Refusal

#: A window that is too short to hear a pause in, and long enough to be cheap.
WINDOW_S: Final = 0.02
#: Peak of a window of speech, of 32768: quiet speech is over it, room noise under.
THRESHOLD: Final = 700
#: Without a wish of the client; the service's own values are not documented.
PREFIX_PADDING_S: Final = 0.02
SILENCE_S: Final = 0.5
#: Every n-th sample is looked at: speech is slow beside 16 kHz.
_STRIDE: Final = 4
_DEFAULT_RATE_HZ: Final = 16_000

_STANDARD: Final = str.maketrans("-_", "+/")

Change = tuple[Literal["start", "end"], float]


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
        #: Length of all audio so far, in seconds.
        self.offset_s = 0.0
        #: Length of the speech that goes on or has just ended, in seconds.
        self.spoken_s = 0.0
        self.speaking = False
        self._loud_s = 0.0
        self._quiet_s = 0.0

    def hear(self, blob: dict[str, Any]) -> list[Change]:
        """Take one chunk; where speech began or ended in it, as offsets in seconds from the first sample.

        Raises:
            Refusal: the data is not base64.
        """
        samples = _samples(blob)
        rate = _rate(blob.get("mimeType", ""))
        if self.detection.disabled:
            self.offset_s += len(samples) / rate
            # Before activityStart it is thrown away (PRO-038).
            self.spoken_s += len(samples) / rate if self.speaking else 0.0
            return []
        size = max(1, round(rate * WINDOW_S))
        changes: list[Change] = []
        for start in range(0, len(samples), size):
            window = samples[start : start + size : _STRIDE]
            seconds = min(size, len(samples) - start) / rate
            self.offset_s += seconds
            loud = max(window) > THRESHOLD or min(window) < -THRESHOLD
            changes += self._weigh(loud=loud, seconds=seconds)
        return changes

    def _weigh(self, *, loud: bool, seconds: float) -> list[Change]:
        if self.speaking:
            self.spoken_s += seconds
            self._quiet_s = 0.0 if loud else self._quiet_s + seconds
            return self.stop() if self._quiet_s >= self.detection.silence_s else []
        self._loud_s = self._loud_s + seconds if loud else 0.0
        if self._loud_s < max(self.detection.prefix_padding_s, WINDOW_S / 2):
            return []
        self.speaking, self.spoken_s, self._quiet_s = True, self._loud_s, 0.0
        return [("start", self.offset_s - self._loud_s)]

    def open(self) -> None:
        """Manual detection: the client says that speech begins."""
        self.speaking, self.spoken_s = True, 0.0

    def close(self) -> float:
        """Manual detection: the client says that it has ended; the offset in seconds."""
        self.speaking = False
        return self.offset_s

    def stop(self) -> list[Change]:
        """Speech ends here, because it went quiet or because the client says so."""
        if not self.speaking or self.detection.disabled:
            return []
        self.speaking, self._loud_s = False, 0.0
        self.spoken_s -= self._quiet_s
        return [("end", self.offset_s - self._quiet_s)]


def _samples(blob: dict[str, Any]) -> array[int]:
    """PCM16 little endian; any other kind of audio holds nothing this ear can hear."""
    samples = array("h")
    if not blob.get("mimeType", "audio/pcm").lower().startswith("audio/pcm"):
        return samples
    data = blob.get("data", "").translate(_STANDARD)
    try:
        # SDKs send the URL-safe alphabet, with and without padding.
        pcm = base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError):
        shown = f'"{data[:40]}"'
        values = {"path": "realtime_input.audio.data", "type": "TYPE_BYTES", "value": shown}
        raise Refusal("CLS-036", values) from None
    samples.frombytes(pcm[: len(pcm) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _rate(mime: str) -> int:
    """Sample rate of ``audio/pcm;rate=16000`` in Hz."""
    for parameter in mime.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "rate" and value.isascii() and value.isdigit() and int(value) > 0:
            return int(value)
    return _DEFAULT_RATE_HZ
