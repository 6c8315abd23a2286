"""A session that knows what audio was like beside one that reads each message anew: they do the same."""

from __future__ import annotations

import base64
import json
import random
from array import array
from functools import cache, partial
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.core import alike, hearing
from mockserver.core.hearing import Change, Detection, Hearing, is_loud
from mockserver.core.script import Match, Rule, Script
from mockserver.core.session import Session
from mockserver.core.steps import Interrupt, Pause, Proceed, Refuse, Say

from .conftest import Backend
from .talking import AUDIO, LIVE_31, MANUAL, NATIVE, UNINTERRUPTED

RATE_HZ: Final = 16_000


@cache
def pcm(loud: bool, ms: int) -> bytes:
    """So many milliseconds of somebody who speaks, or of a quiet room."""
    height = 4_000 if loud else 40
    draw = random.Random(ms)
    return array("h", [draw.randint(-height, height) for _ in range(RATE_HZ * ms // 1000)]).tobytes()


def message(shape: str, data: str) -> bytes:
    """A message with audio."""
    return (shape % data).encode()


#: Around the data: as SDKs write it, near to that, and what is no audio.
SHAPES: Final = (
    '{"realtimeInput":{"audio":{"data":"%s","mimeType":"audio/pcm;rate=16000"}}}',
    '{"realtimeInput":{"audio":{"data":"%s","mimeType":"audio/pcm;rate=8000"}}}',
    '{"realtime_input":{"audio":{"mime_type":"audio/pcm","data":"%s"}}}',
    '{"realtimeInput":{"audio":{"data":"%s","mimeType":"audio/ogg"}}}',
    '{"realtimeInput":{"mediaChunks":[{"data":"%s","mimeType":"audio/pcm"}]}}',
)
FORMS: Final = {
    "standard": lambda pcm: base64.b64encode(pcm).decode(),
    "URL-safe": lambda pcm: base64.urlsafe_b64encode(pcm).decode(),
    "unpadded": lambda pcm: base64.b64encode(pcm).decode().rstrip("="),
    "padded twice": lambda pcm: base64.b64encode(pcm).decode() + "=",
    "broken": lambda pcm: base64.b64encode(pcm).decode()[:-5] + "*",
}
SPOKEN: Final = message(SHAPES[0], FORMS["standard"](pcm(True, 250)))
audio = st.builds(
    lambda shape, form, loud, ms, cut: message(shape, FORMS[form](pcm(loud, ms)[cut:])),
    st.sampled_from(SHAPES),
    st.sampled_from([*FORMS]),
    st.booleans(),
    st.sampled_from([10, 20, 30, 60]),
    st.sampled_from([0, 1, 2]),
)
#: What nearly all of it is: one client always writes in one way.
usual = st.builds(
    lambda loud, ms: message(SHAPES[0], FORMS["standard"](pcm(loud, ms))),
    st.sampled_from([True, True, False]),
    st.sampled_from([20, 100, 250, 600]),
)
others = st.sampled_from(
    [
        {"realtimeInput": {"audioStreamEnd": True}},
        {"realtimeInput": {"activityStart": {}}},
        {"realtimeInput": {"activityEnd": {}}},
        {"realtimeInput": {"text": "hello"}},
        {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "hi"}]}], "turnComplete": True}},
    ]
).map(lambda value: json.dumps(value).encode())
waits = st.sampled_from([0.02, 0.1, 0.3, 0.5, 0.13, 1.2, 3.0, 1, 2])
scripts = st.sampled_from(
    [
        (),
        (Rule("realtime_input", (Refuse("CLS-009"),), nth=4),),
        (Rule("realtime_input", (Pause(0.1), Proceed()), nth=2), Rule("turn", (Say("one"), Say("two")))),
        (
            Rule("activity_start", (Pause(0.02), Proceed(), Interrupt())),
            Rule("turn", (Say("{text}"),), match=Match("speech")),
        ),
    ]
)
setups = st.sampled_from(
    [
        {"model": NATIVE, **AUDIO},
        {"model": NATIVE, **AUDIO, **MANUAL},
        {"model": NATIVE, **AUDIO, **UNINTERRUPTED},
        {"model": LIVE_31, **AUDIO, "inputAudioTranscription": {}},
    ]
)
delays = st.sampled_from([0.0, 0.0, 0.13])


def lived(
    setup: dict[str, Any], rules: tuple[Rule, ...], delay_s: float, acts: list[bytes | float | int]
) -> list[Any]:
    """All that is to be seen of a session."""
    backend = Backend("latest", script=Script("test", rules), pace=1.0, setup_delay_s=delay_s)
    client = backend.with_key(**setup)
    seen: list[Any] = []
    for act in acts:
        before = len(client.effects)
        if isinstance(act, bytes):
            client.send(act)
        elif isinstance(act, int):
            backend.now += act  # nobody has looked yet when the next message comes
        else:
            backend.advance(act)
        seen.append((backend.now, client.effects[before:]))
    return [*seen, *backend.service.journal, backend.service.performances[None].counts]


@pytest.fixture(params=["fast", "Python's own"])
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of what may decode base64; the fast one where it is installed."""
    if request.param != "fast":
        monkeypatch.setattr(alike, "decoding", lambda: alike._decode)


@pytest.mark.usefixtures("decoder")
@settings(max_examples=300)
@given(setups, scripts, delays, st.lists(st.one_of(*[usual] * 12, *[waits] * 8, audio, others), max_size=24))
@example({"model": NATIVE, **AUDIO}, (), 0.13, [SPOKEN, SPOKEN, SPOKEN, 0.13, 0.5])
@example({"model": NATIVE, **AUDIO}, (), 0.0, [SPOKEN, SPOKEN, SPOKEN, 1, SPOKEN, 3.0])
def test_the_same_is_heard(
    setup: dict[str, Any], rules: tuple[Rule, ...], delay_s: float, acts: list[bytes | float | int]
) -> None:
    knowing = lived(setup, rules, delay_s, acts)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Session, "overhear", lambda *_: None)
        assert knowing == lived(setup, rules, delay_s, acts)


def test_most_of_it_is_overheard(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Backend()
    client = backend.with_key(model=NATIVE, **AUDIO)
    client.send(SPOKEN)
    monkeypatch.setattr(Session, "receive", None)
    for _ in range(5):
        client.send(SPOKEN)
    backend.advance(0.5)
    assert client.messages


# -- decoding ---------------------------------------------------------------------------------------------

letters = st.text("ABYZabyz0189+/=-_ \n*é\0", max_size=40).map(str.encode)
spoilt = st.builds(
    lambda pcm, at, letter: base64.b64encode(pcm)[:at] + letter + base64.b64encode(pcm)[at:],
    st.binary(max_size=90),
    st.integers(0, 130),
    st.sampled_from([b"", b"=", b"==", b"-", b"\n", b"\x80", b"\xff"]),
)


def outcome(decode: Any, data: bytes) -> bytes | None:
    """What it gives; None where it refuses."""
    try:
        return bytes(decode(data))
    except ValueError:
        return None


@given(letters | spoilt | st.binary(max_size=60))
@example(b"AAAA==")
@example(b"AB==")
def test_what_is_decoded_fast_is_what_python_decodes(data: bytes) -> None:
    fast = pytest.importorskip("pybase64").b64decode
    # What it refuses is read as any other message is: nothing is lost.
    assert outcome(partial(fast, validate=True), data) in (None, outcome(alike._decode, data))


@given(st.binary(max_size=4_000))
def test_what_clients_encode_is_decoded(pcm: bytes) -> None:
    for decode in (alike.decoding(), alike._decode):
        assert decode(base64.b64encode(pcm)) == pcm


def test_the_library_is_taken_where_it_is_installed() -> None:
    pytest.importorskip("pybase64")
    assert alike.decoding() is not alike._decode


# -- listening --------------------------------------------------------------------------------------------


class Weighing(Hearing):
    """The same without a short way: each window is weighed, and at once."""

    def listen(self, rate: int, pcm: bytes) -> list[Change]:
        """Take samples; where speech began or ended in them."""
        pcm = self._rest + pcm
        size = 2 * max(1, round(rate * 0.02))
        stop = len(pcm) - len(pcm) % size
        self._rest = pcm[stop:]
        changes: list[Change] = []
        for start in range(0, stop, size):
            self.offset_s += size // 2 / rate
            changes += self._weigh(loud=is_loud(pcm, start, size), seconds=size // 2 / rate)
        return changes


def heard(ear: Hearing) -> list[Any]:
    """All that an ear knows."""
    ear._catch_up()
    return [ear.speaking, ear.offset_s, ear._since_s, ear._loud_s, ear._quiet_s, ear._rest]


RATES: Final = (RATE_HZ, RATE_HZ, RATE_HZ, 8_000, 24_000, 1, 999_999)


@settings(max_examples=300)
@given(
    st.sampled_from([0.02, 0.1, 0.5, 0.5, 60.0]),
    st.lists(
        st.tuples(
            st.sampled_from([True, True, False]),
            st.sampled_from([10, 20, 20, 30, 100, 460, 500, 700]),
            st.sampled_from([0, 0, 0, 1, 2, 3]),
            st.sampled_from(RATES),
            st.sampled_from(["", "", "", "look", "stop"]),
        ),
        max_size=30,
    ),
)
@example(0.5, [(True, 700, 0, RATE_HZ, ""), *[(False, 100, 0, RATE_HZ, "")] * 6])
@example(
    60.0, [(True, 700, 0, RATE_HZ, ""), *[(True, 700, 1, RATE_HZ, "")] * 6, (False, 20, 0, 8_000, "stop")]
)
def test_what_is_left_unheard_makes_no_difference(
    silence_s: float, pieces: list[tuple[bool, int, int, int, str]]
) -> None:
    detection = Detection(silence_s=silence_s)
    one, other = Hearing(detection), Weighing(detection)
    for loud, ms, cut, rate, then in pieces:
        # At a sample a second each of them is a window.
        piece = pcm(loud, ms)[cut : 40 if rate == 1 else None]
        assert one.listen(rate, piece) == other.listen(rate, piece)
        assert one.speaking == other.speaking
        if then == "stop":
            assert one.stop() == other.stop()
        elif then == "look":
            assert heard(one) == heard(other)
    assert heard(one) == heard(other)


def test_little_is_left_unheard() -> None:
    ear, most = Hearing(Detection(silence_s=3_600.0)), 0
    for _ in range(200):
        ear.listen(RATE_HZ, pcm(True, 20))
        assert sum(map(len, ear._unheard)) < hearing._MOST_UNHEARD
        most = max(most, len(ear._unheard))
    assert most > 1
    assert ear.stop()
    assert not ear._unheard
