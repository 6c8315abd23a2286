"""Audio as the service sends it: PCM16 mono at 24 kHz, a deterministic tone, cut into its chunk sizes."""

from __future__ import annotations

import math
from array import array
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTPUT_RATE_HZ: Final = 24_000
OUTPUT_MIME: Final = f"audio/pcm;rate={OUTPUT_RATE_HZ}"
#: First chunk 200 ms, the others 240 ms, as recorded.
FIRST_CHUNK_BYTES: Final = 9_600
CHUNK_BYTES: Final = 11_520
BYTES_PER_SECOND: Final = 2 * OUTPUT_RATE_HZ
#: About what a voice needs for a character; a word more, a moment longer.
SECONDS_PER_CHARACTER: Final = 0.06
#: No answer is longer, however long the text; a whole book said back would fill the memory.
MAX_S: Final = 300


@cache
def _second() -> bytes:
    """One second of a 220 Hz tone that swells four times, like syllables."""
    samples = array("h")
    for n in range(OUTPUT_RATE_HZ):
        t = n / OUTPUT_RATE_HZ
        loudness = math.sin(math.pi * (4 * t % 1)) ** 2
        samples.append(round(9_000 * loudness * math.sin(2 * math.pi * 220 * t)))
    return samples.tobytes()


def spoken(text: str) -> bytes:
    """A tone as long as the text would take to say, from 0.2 s to five minutes."""
    said_s = min(MAX_S, len(text) * SECONDS_PER_CHARACTER)
    length = max(FIRST_CHUNK_BYTES, round(said_s * OUTPUT_RATE_HZ) * 2)
    whole, rest = divmod(length, BYTES_PER_SECOND)
    return _second() * whole + _second()[:rest]


def chunks(pcm: bytes, first_bytes: int = FIRST_CHUNK_BYTES, rate: int = OUTPUT_RATE_HZ) -> Iterator[bytes]:
    """Cut into the sizes the service sends; at another rate, into pieces as long."""
    first, size = (count // 2 * rate // OUTPUT_RATE_HZ * 2 for count in (first_bytes, CHUNK_BYTES))
    yield pcm[:first]
    for start in range(first, len(pcm), size):
        yield pcm[start : start + size]


def seconds(pcm: bytes, rate: int = OUTPUT_RATE_HZ) -> float:
    """How long it takes to play."""
    return len(pcm) / (2 * rate)
