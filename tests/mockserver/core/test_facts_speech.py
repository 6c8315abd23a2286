"""Audio both ways: speech is found in the samples, and what is said back is real PCM of the right length."""

from __future__ import annotations

import base64
import math
import random
from array import array
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.errors import Refusal
from mockserver.core.hearing import Change, Detection, Hearing

from .conftest import Backend, Client, speech

if TYPE_CHECKING:
    from collections.abc import Callable

NATIVE = "models/gemini-2.5-flash-native-audio-latest"
LIVE_38 = "models/gemini-3.8-live"
TRANSCRIBE = "models/gemini-3.5-transcribe-live"
AUDIO = {"generationConfig": {"responseModalities": ["AUDIO"]}}
MANUAL = {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}}}
HEARD = {"inputAudioTranscription": {}}


def tone(seconds: float, rate_hz: int = 16_000, loudness: int = 4_000, hz: float = 180) -> list[int]:
    """A voice, more or less: it swells four times a second."""
    return [
        round(loudness * abs(math.sin(math.pi * 4 * n / rate_hz)) * math.sin(2 * math.pi * hz * n / rate_hz))
        for n in range(round(seconds * rate_hz))
    ]


def noise(seconds: float, rate_hz: int = 16_000, loudness: int = 300) -> list[int]:
    """Noise of a room, with an offset as cheap microphones have."""
    source = random.Random(1)
    return [40 + source.randint(-loudness, loudness) for _ in range(round(seconds * rate_hz))]


def blob(samples: list[int], rate_hz: int = 16_000) -> dict[str, str]:
    """Samples as a frame."""
    return raw(array("h", samples).tobytes(), rate_hz)


def raw(pcm: bytes, rate_hz: int = 16_000) -> dict[str, str]:
    """Bytes as a frame."""
    return {"mimeType": f"audio/pcm;rate={rate_hz}", "data": base64.b64encode(pcm).decode()}


def send(client: Client, audio: dict[str, str]) -> None:
    """Send one frame."""
    client.send({"realtimeInput": {"audio": audio}})


def heard(client: Client) -> list[str]:
    """What was understood of the user's speech."""
    contents = [message.get("serverContent", {}) for message in client.messages]
    return [content["inputTranscription"]["text"] for content in contents if "inputTranscription" in content]


def pcm(client: Client) -> list[bytes]:
    """The chunks of audio that came."""
    turns = [message.get("serverContent", {}).get("modelTurn", {}) for message in client.messages]
    parts = [part for turn in turns for part in turn.get("parts", []) if "inlineData" in part]
    return [base64.b64decode(part["inlineData"]["data"]) for part in parts]


# -- in ---------------------------------------------------------------------------------------------------


@pytest.mark.fact("SRV-025")
def test_speech_is_found_in_one_frame_of_three_seconds(backend: Backend) -> None:
    client = backend.with_key("v1beta", model=NATIVE, **HEARD)
    frame = noise(0.6) + tone(1.4) + noise(1.0)
    assert len(frame) * 2 == 96_000
    send(client, blob(frame))
    assert heard(client) == ["1.4 seconds of speech"]
    assert pcm(client), "answered without audioStreamEnd"


@pytest.mark.fact("SRV-025")
def test_speech_up_to_the_end_of_the_only_frame_is_answered_when_no_more_comes(backend: Backend) -> None:
    client = backend.with_key("v1beta", model=NATIVE, **HEARD)
    send(client, blob(tone(3.0)))
    backend.advance(0.4)
    assert heard(client) == []
    backend.advance(0.11)
    assert heard(client) == ["3.0 seconds of speech"]
    backend.advance(10)
    assert len(heard(client)) == 1


@pytest.mark.fact("PRO-040")
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("hz", [110, 400, 2_000])
def test_any_rate_is_taken_at_its_own_speed(backend: Backend, rate_hz: int, hz: int) -> None:
    client = backend.with_key(model=NATIVE, **HEARD)
    send(client, blob(noise(0.5, rate_hz) + tone(1.5, rate_hz, hz=hz) + noise(1.0, rate_hz), rate_hz))
    assert heard(client) == ["1.5 seconds of speech"]


@pytest.mark.parametrize(
    ("samples", "spoken"),
    [
        (tone(0.5) + noise(0.3) + tone(0.5) + noise(1), ["1.3 seconds of speech"]),
        (tone(0.5) + noise(0.7) + tone(1.0) + noise(1), ["0.5 seconds of speech", "1.0 seconds of speech"]),
        ([0] * 48_000, []),
        (noise(3.0), []),
        ([2_000] * 48_000, []),
        ([0] * 8_000 + [30_000] + [0] * 8_000, []),
        ([0] * 16_000 * 60 + tone(1.0) + [0] * 16_000, ["1.0 seconds of speech"]),
        (tone(1.0, loudness=1_200) + noise(1), ["0.9 seconds of speech"]),
        ([], []),
        ([-32_768, 32_767] * 8_000 + [0] * 16_000, ["1.0 seconds of speech"]),
    ],
    ids=["short-pause", "long-pause", "silence", "noise", "offset", "click", "minute-of-silence", "quiet",
         "nothing", "full-scale"],
)  # fmt: skip
def test_what_is_speech(latest: Backend, samples: list[int], spoken: list[str]) -> None:
    client = latest.with_key(model=NATIVE, **HEARD)
    send(client, blob(samples))
    assert heard(client) == spoken


def test_what_is_said_in_one_frame_after_a_pause_interrupts_the_answer(
    make_backend: Callable[..., Backend],
) -> None:
    backend = make_backend(pace=1)
    client = backend.with_key(model=NATIVE, **HEARD)
    send(client, blob(tone(0.5) + [0] * 16_000 + tone(1.0) + [0] * 16_000))
    backend.advance(30)
    said = [next(iter(message["serverContent"])) for message in client.messages[1:]]
    assert [word for word in said if word != "modelTurn"] == [
        "inputTranscription", "interrupted", "turnComplete",
        "inputTranscription", "generationComplete", "turnComplete",
    ]  # fmt: skip


def test_speech_ends_as_soon_as_the_client_says_so(backend: Backend) -> None:
    client = backend.with_key(model=NATIVE, **HEARD)
    for start in range(0, 16_000, 1_600):
        send(client, blob(tone(1.0)[start : start + 1_600]))
        backend.advance(0.1)
    assert heard(client) == []
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    assert heard(client) == ["1.0 seconds of speech"]
    client.send({"realtimeInput": {"audioStreamEnd": True}})
    backend.advance(5)
    assert len(heard(client)) == 1


@pytest.mark.parametrize(
    ("wish", "answered_after_s"),
    [
        ({}, 0.5),
        ({"silenceDurationMs": 100}, 0.1),
        ({"silenceDurationMs": 1_500}, 1.5),
        ({"prefixPaddingMs": 300}, 0.5),
    ],
    ids=str,
)
def test_speech_ends_after_the_silence_the_setup_asks_for(
    backend: Backend, wish: dict[str, int], answered_after_s: float
) -> None:
    client = backend.with_key(model=NATIVE, realtimeInputConfig={"automaticActivityDetection": wish}, **HEARD)
    send(client, speech(1.0))
    quiet = blob([0] * 320)
    for _ in range(round(answered_after_s / 0.02) - 1):
        backend.advance(0.02)
        send(client, quiet)
    assert heard(client) == []
    send(client, quiet)
    assert heard(client) == ["1.0 seconds of speech"]


@pytest.mark.fact("SRV-028")
@pytest.mark.parametrize(
    "write",
    [
        lambda data: {"mediaChunks": [{"mimeType": "audio/pcm;rate=16000", "data": data}]},
        lambda data: {"media_chunks": [{"mime_type": "audio/pcm", "data": data}]},
        lambda data: {"audio": {"mimeType": "audio/pcm", "data": data.replace("+", "-").replace("/", "_")}},
        lambda data: {"audio": {"mimeType": "AUDIO/PCM; Rate=16000", "data": data.rstrip("=")}},
    ],
    ids=["mediaChunks", "media_chunks", "url-safe", "unpadded"],
)
def test_base64_in_any_dress(backend: Backend, write: Callable[[str], dict[str, Any]]) -> None:
    data = base64.b64encode(array("h", [*tone(1.0), *[0] * 16_000, -1, -1]).tobytes()).decode()
    assert {"+", "/", "="} <= set(data)
    client = backend.with_key("v1beta", model=NATIVE, **HEARD)
    client.send({"realtimeInput": write(data)})
    assert heard(client) == ["1.0 seconds of speech"]


@pytest.mark.fact("SRV-028")
def test_base64_with_its_plus_escaped(backend: Backend) -> None:
    data = base64.b64encode(array("h", [*tone(1.0), *[0] * 16_000]).tobytes()).decode()
    message = '{"realtimeInput": {"audio": {"mimeType": "audio/pcm", "data": "%s"}}}'
    client = backend.with_key("v1beta", model=NATIVE, **HEARD)
    client.send((message % data.replace("+", "\\u002B")).encode())
    assert heard(client) == ["1.0 seconds of speech"]


@pytest.mark.parametrize("data", ["*", "A", "AAAA\n", "é", "A=AA"])
def test_what_is_no_base64_is_refused(backend: Backend, data: str) -> None:
    client = backend.with_key(model=NATIVE)
    send(client, {"mimeType": "audio/pcm", "data": data})
    client.expect_close(
        1007,
        f"Invalid value at 'realtime_input.audio.data' (TYPE_BYTES), Base64 decoding failed for \"{data}\"",
        "CLS-036",
    )


@pytest.mark.parametrize(
    "mime",
    [
        "audio/webm",
        "audio/wav",
        "image/jpeg",
        "",
        "audio/pcm;rate=0",
        "audio/pcm;rate=" + "9" * 5_000,
        "audio/pcm;rate=x;rate",
    ],
)
def test_strange_kinds_of_audio_are_survived(backend: Backend, mime: str) -> None:
    client = backend.with_key(model=NATIVE, **HEARD)
    send(client, {**blob(tone(1.0)), "mimeType": mime})
    backend.advance(1)
    assert heard(client) == (["1.0 seconds of speech"] if mime.startswith("audio/pcm") else [])


@given(st.lists(st.integers(1, 9_000), min_size=1, max_size=40))
@settings(max_examples=15, deadline=None)
def test_how_audio_is_cut_into_frames_does_not_matter(cuts: list[int]) -> None:
    sound = array("h", noise(0.2) + tone(0.7) + noise(0.8) + tone(0.5) + noise(0.6)).tobytes()
    whole = Hearing(Detection()).hear(raw(sound))
    assert [change.kind for change in whole] == ["start", "end", "start", "end"]
    ear, changes, start = Hearing(Detection()), list[Change](), 0
    for cut in [*cuts, len(sound)]:
        changes += ear.hear(raw(sound[start : start + cut]))
        start += cut
    assert changes == whole


@given(st.binary(max_size=3_000), st.text(max_size=30))
def test_any_bytes_of_any_kind_are_heard_or_refused(data: bytes, mime: str) -> None:
    ear = Hearing(Detection())
    ear.hear({"mimeType": f"audio/pcm;{mime}", "data": base64.b64encode(data).decode()})
    with suppress(Refusal):
        ear.hear({"mimeType": "audio/pcm", "data": mime})
    assert ear.offset_s >= 0


@pytest.mark.fact("PRO-038")
def test_under_manual_detection_only_what_lies_between_the_signals_counts(latest: Backend) -> None:
    client = latest.with_key("v1beta", model=TRANSCRIBE, **MANUAL)
    send(client, speech(3.0))
    latest.advance(5)
    assert len(client.messages) == 1
    for message in ({"activityStart": {}}, {"audio": speech(0.6, loudness=0)}, {"activityEnd": {}}):
        client.send({"realtimeInput": message})
    assert heard(client) == ["0.6 seconds of speech"]


@pytest.mark.fact("PRO-014")
@pytest.mark.fact("PRO-019")
def test_transcribe_live_tells_activity_and_never_completes_a_turn(latest: Backend) -> None:
    client = latest.with_key("v1beta", model=TRANSCRIBE)
    send(client, blob([0] * 16_000 + tone(1.0, loudness=8_000) + [0] * 16_000))
    first, *_, last = client.messages[1:]
    assert first["voiceActivity"]["type"] == "ACTIVITY_START"
    assert last == {"serverContent": {}, "voiceActivity": {"type": "ACTIVITY_END", "audioOffset": "2.000s"}}
    assert [next(iter(m["serverContent"]), "activity") for m in client.messages[1:]] == [
        "activity", *["interimInputTranscription"] * 3,
        "inputTranscription", "generationComplete", "activity",
    ]  # fmt: skip
    interims = [
        m["serverContent"]["interimInputTranscription"]["text"]
        for m in client.messages
        if "interim" in str(m)
    ]
    assert interims == ["1.0", "1.0 seconds", "1.0 seconds of"]


# -- out --------------------------------------------------------------------------------------------------


@pytest.mark.fact("PRO-040")
@pytest.mark.fact("PRO-041")
@pytest.mark.fact("SRV-003")
@pytest.mark.parametrize(("model", "first"), [(NATIVE, 9_600), (LIVE_38, 960)], ids=["2.5", "3.8"])
def test_a_second_of_audio_is_48000_bytes_in_chunks(latest: Backend, model: str, first: int) -> None:
    client = latest.with_key("v1beta", model=model, **AUDIO)
    client.say("x" * 50)  # three seconds
    sizes = [len(chunk) for chunk in pcm(client)]
    assert sum(sizes) == 144_000
    assert sizes[0] == first
    assert set(sizes[1:-1]) == {11_520}
    assert 0 < sizes[-1] <= 11_520
    kinds = [
        part["inlineData"]["mimeType"]
        for m in client.messages
        if "inlineData" in str(m)
        for part in m["serverContent"]["modelTurn"]["parts"]
    ]
    assert set(kinds) == {"audio/pcm;rate=24000"}


def test_a_book_is_not_said_back_whole(backend: Backend) -> None:
    client = backend.with_key(model=NATIVE)
    client.say("x" * 400_000)
    assert sum(map(len, pcm(client))) == 300 * 48_000


def test_audio_that_comes_back_is_speech_to_the_ear_that_hears_it(backend: Backend) -> None:
    client = backend.with_key(model=NATIVE)
    client.say("x" * 50)
    ear = Hearing(Detection())
    changes = ear.hear(raw(b"".join(pcm(client)) + bytes(48_000), 24_000))
    assert [change.kind for change in changes] == ["start", "end"]
    assert changes[1].spoken_s == pytest.approx(3.0, abs=0.1)


@pytest.mark.fact("PRO-042")
def test_audio_costs_25_tokens_a_second_both_ways_and_its_history_again_every_turn(backend: Backend) -> None:
    client = backend.with_key(model=NATIVE)
    for _ in range(2):
        send(client, blob(tone(4.0, loudness=8_000)))
        client.send({"realtimeInput": {"audioStreamEnd": True}})
    first, second = [m["usageMetadata"] for m in client.messages if "usageMetadata" in m]
    said = "4.0 seconds of speech"
    spoken = round(len(said) * 0.06 * 25)
    assert (first["promptTokenCount"], first["responseTokenCount"]) == (100, spoken)
    assert (second["promptTokenCount"], second["responseTokenCount"]) == (100 + spoken + 100, spoken)
    assert first["promptTokensDetails"] == [{"modality": "AUDIO", "tokenCount": 100}]
