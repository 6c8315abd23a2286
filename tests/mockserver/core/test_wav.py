"""WAV files: PCM16 mono is played, everything else is told apart, with the way out."""

from __future__ import annotations

import io
import struct
import wave

import pytest

from mockserver import Audio


def wav(channels: int = 1, width: int = 2, rate: int = 24_000, frames: bytes = b"\1\0\2\0") -> bytes:
    """A WAV file, by the standard library."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(frames)
    return file.getvalue()


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WAV file of these chunks."""
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def form(coding: int, bits: int = 16, extra: bytes = b"") -> tuple[bytes, bytes]:
    """A fmt chunk for one channel at 24 kHz."""
    return b"fmt ", struct.pack("<HHIIHH", coding, 1, 24_000, 24_000 * bits // 8, bits // 8, bits) + extra


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
def test_pcm16_mono_at_any_rate(rate: int) -> None:
    assert Audio.wav(wav(rate=rate), "a.wav", "hi") == Audio(b"\1\0\2\0", rate, "hi", "a.wav")


def test_chunks_that_do_not_matter_and_odd_lengths() -> None:
    data = riff((b"LIST", b"abc"), form(1), (b"data", b"\1\0\2\0\3"))
    assert Audio.wav(data).pcm == b"\1\0\2\0"


def test_the_extensible_form_of_pcm() -> None:
    extensible = form(0xFFFE, extra=struct.pack("<HHIH", 22, 16, 4, 1) + bytes(14))
    assert Audio.wav(riff(extensible, (b"data", b"\0\0"))).rate == 24_000


@pytest.mark.parametrize(
    ("data", "held"),
    [
        (wav(channels=2), "16-bit PCM, 2 channels, 24000 Hz"),
        (wav(width=1, frames=b"\1\1"), "8-bit PCM, 1 channel, 24000 Hz"),
        (wav(width=3, frames=b"\1\1\1"), "24-bit PCM, 1 channel, 24000 Hz"),
        (riff(form(3, 32), (b"data", b"\0\0\0\0")), "32-bit floating point, 1 channel, 24000 Hz"),
        (riff(form(7, 8), (b"data", b"\0\0")), "8-bit µ-law, 1 channel, 24000 Hz"),
    ],
)
def test_what_it_holds_and_how_to_convert_it(data: bytes, held: str) -> None:
    with pytest.raises(ValueError, match=r"a\.wav holds") as caught:
        Audio.wav(data, "a.wav")
    assert str(caught.value) == (
        f"a.wav holds {held}, expected 16-bit PCM, 1 channel; "
        "convert it: ffmpeg -i a.wav -ac 1 -ar 24000 -c:a pcm_s16le out.wav"
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"ID3 an mp3", "is no WAV file"),
        (b"", "is no WAV file"),
        (riff((b"data", b"\0\0")), "its fmt chunk is missing"),
        (wav(frames=b""), "0 bytes are no PCM16"),
        (wav(rate=7), "7 Hz is no rate to play"),
    ],
)
def test_what_is_no_recording(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Audio.wav(data, "a.wav")
