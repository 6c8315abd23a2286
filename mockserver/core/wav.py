"""Audio a script plays: PCM16 mono out of a WAV file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PCM: Final = 1
#: The real format stands further back in the chunk.
_EXTENSIBLE: Final = 0xFFFE
_NAMES: Final = {3: "floating point", 6: "A-law", 7: "µ-law", 85: "MP3"}
#: Rates that a client could be asked to play.
RATES_HZ: Final = range(8_000, 96_001)


@dataclass(frozen=True, slots=True)
class Audio:
    """Play recorded audio: PCM16, one channel, little endian.

    Attributes:
        rate: samples per second, told to the client in ``mimeType``; the service's own is 24000.
        text: what is said in it: its transcription, and the answer where the session is in text.
        file: the WAV file it came from.
    """

    pcm: bytes
    rate: int = 24_000
    text: str = ""
    file: str = ""

    def __post_init__(self) -> None:
        """Refuse what no client could play.

        Raises:
            ValueError: no samples, half a sample, or a rate nobody uses.
        """
        if not self.pcm or len(self.pcm) % 2:
            raise ValueError(f"{len(self.pcm)} bytes are no PCM16, expected an even number of bytes")
        if self.rate not in RATES_HZ:
            raise ValueError(f"{self.rate} Hz is no rate to play, expected {RATES_HZ[0]} to {RATES_HZ[-1]}")

    @classmethod
    def wav(cls, data: bytes, file: str = "the WAV file", text: str = "") -> Audio:
        """Read the bytes of a WAV file.

        Raises:
            ValueError: it is no WAV file, or holds anything but PCM16 mono.
        """
        if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
            raise ValueError(f"{file} is no WAV file; {_convert(file)}")
        chunks = dict(_chunks(data))
        form, samples = chunks.get(b"fmt ", b""), chunks.get(b"data", b"")
        if len(form) < 16:
            raise ValueError(f"{file} does not say what it holds: its fmt chunk is missing; {_convert(file)}")
        coding, channels, rate, bits = (_number(form, *at) for at in ((0, 2), (2, 2), (4, 4), (14, 2)))
        if coding == _EXTENSIBLE and len(form) >= 26:
            coding = _number(form, 24, 2)
        if (coding, channels, bits) != (_PCM, 1, 16):
            kind = "PCM" if coding == _PCM else _NAMES.get(coding, f"coding {coding}")
            tracks = "1 channel" if channels == 1 else f"{channels} channels"
            held = f"{bits}-bit {kind}, {tracks}, {rate} Hz"
            raise ValueError(f"{file} holds {held}, expected 16-bit PCM, 1 channel; {_convert(file)}")
        return cls(samples[: len(samples) // 2 * 2], rate, text, file)


def _convert(file: str) -> str:
    name = file if file.endswith((".wav", ".WAV")) else "in.wav"
    return f"convert it: ffmpeg -i {name} -ac 1 -ar 24000 -c:a pcm_s16le out.wav"


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a RIFF file; what a recorder did not finish ends with the file."""
    start = 12
    while start + 8 <= len(data):
        size = _number(data, start + 4, 4)
        yield data[start : start + 4], data[start + 8 : start + 8 + size]
        start += 8 + size + size % 2


def _number(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(data[start : start + size], "little")
