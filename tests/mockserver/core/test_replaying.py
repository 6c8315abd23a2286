"""A recorded session, without a socket: what the client sends is compared by meaning, audio by length."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from itertools import chain
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.agenda import Note
from mockserver.core.effects import NO_CODE, Abort, Close, Send
from mockserver.core.errors import pretty
from mockserver.core.forms import LINE
from mockserver.core.options import Options
from mockserver.core.replaying import QUIET_S, Replay
from mockserver.core.request import Request
from mockserver.core.script import Script
from mockserver.core.service import Service
from mockserver.core.takes import Line, Take, differs, kind_of, played, recorded, takes

from .test_properties import json_values

OPENING = [
    Line(0, "ws-1", "client", "handshake", what="GET /x"),
    Line(5, "ws-1", "service", "accepted"),
]


def client(payload: Any) -> Line:
    """A message of the client."""
    return Line(5, "ws-1", "client", "text", payload={"json": payload})


def service(payload: Any, ms: int = 5) -> Line:
    """A message of the service."""
    return Line(ms, "ws-1", "service", "binary", payload={"json": payload})


def audio(size: int) -> dict[str, Any]:
    """A piece of audio as a recording has it."""
    return {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": {"bytes": size}}}}


class Played:
    """A recording being played to whom speaks here."""

    def __init__(self, *lines: Line, pace: float = 1.0) -> None:
        self.replay = Replay(Take((*OPENING, *lines)), "tape", pace, 100.0)
        self.now = 100.0
        self.problems: list[str] = []
        self.ends: list[Any] = []

    def _sort(self, stretches: Any) -> list[Any]:
        sent = []
        for effect in chain.from_iterable(stretches):
            if isinstance(effect, Note):
                assert (effect.kind, effect.script) == ("problem", "tape")
                self.problems.append(effect.what.removeprefix("otherwise than recorded: "))
            elif isinstance(effect, Send):
                sent.append(json.loads(effect.payload))
            else:
                self.ends.append(effect)
        return sent

    def hear(self, message: Any) -> list[Any]:
        """Send a message; what comes at once."""
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self._sort(self.replay.hear(payload, self.now))

    def hear_audio(self, size: int) -> list[Any]:
        """Send audio."""
        blob = {"data": base64.b64encode(bytes(size)).decode(), "mimeType": "audio/pcm"}
        return self.hear({"realtimeInput": {"audio": blob}})

    def wait(self, seconds: float = 0.0) -> list[Any]:
        """Let time pass; what comes by itself."""
        self.now += seconds
        return self._sort(self.replay.wake(self.now))


SETUP = client({"setup": {"model": "models/m", "generationConfig": {"responseModalities": ["AUDIO"]}}})
TURN = client(
    {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "hi"}]}], "turnComplete": True}}
)


def test_what_the_service_sent_comes_when_the_client_has_spoken() -> None:
    played = Played(SETUP, service({"setupComplete": {}}), TURN, service({"a": 1}), service({"a": 2}))
    assert played.wait() == []
    assert played.hear(SETUP.payload["json"]) == [{"setupComplete": {}}]
    assert played.hear(TURN.payload["json"]) == [{"a": 1}, {"a": 2}]
    assert played.problems == []
    assert played.replay.due is None


def test_who_was_spoken_to_first_is_so_again() -> None:
    assert Played(service({"hello": 1}), SETUP).wait() == [{"hello": 1}]


@pytest.mark.parametrize(
    "same",
    [
        {"setup": {"generation_config": {"response_modalities": ["AUDIO"]}, "model": "models/m"}},
        {"setup": {"model": "models/m", "generationConfig": {"responseModalities": ["AUDIO"], "topK": 0}}},
        {"setup": {"model": "models/m", "tools": [], "generationConfig": {"responseModalities": ["AUDIO"]}}},
    ],
)
def test_spelling_order_and_defaults_make_no_difference(same: Any) -> None:
    played = Played(SETUP, service({"setupComplete": {}}))
    assert played.hear(same) == [{"setupComplete": {}}]
    assert played.problems == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"model": "models/n"}, "setup is not as recorded: setup.model is 'models/n', expected 'models/m'"),
        ({"tools": [{"googleSearch": {}}]}, "setup is not as recorded: setup.tools was not recorded"),
        (
            {"generationConfig": {}},
            "setup is not as recorded: setup.generationConfig.responseModalities is missing",
        ),
        (
            {"outputAudioTranscription": {}},
            "setup is not as recorded: setup.outputAudioTranscription was not recorded",
        ),
    ],
)
def test_a_difference_is_told_and_the_recording_goes_on(other: Any, told: str) -> None:
    played = Played(SETUP, service({"setupComplete": {}}))
    assert played.hear({"setup": {**SETUP.payload["json"]["setup"], **other}}) == [{"setupComplete": {}}]
    assert [problem.partition(";")[0] for problem in played.problems] == [told]


def test_a_time_is_any_time() -> None:
    wanted, got = (
        {"json": {"expireTime": time}} for time in ("2026-01-01T00:00:00Z", "2027-02-03T04:05:06.789Z")
    )
    assert differs(wanted, got) is None
    assert differs(wanted, {"json": {"expireTime": "soon"}}) is not None


def test_another_message_than_recorded_is_passed_over_and_told_of() -> None:
    played = Played(SETUP, service({"setupComplete": {}}), TURN, service({"a": 1}))
    played.hear(SETUP.payload["json"])
    assert played.hear({"toolResponse": {}}) == []
    assert played.problems == ["toolResponse came, expected clientContent; it is passed over"]
    assert played.hear(TURN.payload["json"]) == [{"a": 1}]
    assert played.hear(TURN.payload["json"]) == []
    assert played.problems[1:] == ["clientContent came, nothing more was recorded; it is passed over"]


def test_a_message_that_is_left_out_is_told_of() -> None:
    config = client({"realtimeInput": {"text": "first"}})
    played = Played(config, service({"a": 1}), TURN, service({"a": 2}))
    assert played.hear(TURN.payload["json"]) == [{"a": 1}, {"a": 2}]
    assert played.problems == ["realtimeInput.text was recorded before clientContent, and is left out"]


def test_audio_is_measured_and_not_counted() -> None:
    lines = [client(audio(100)), client(audio(100)), service({"a": 1}), client(audio(300)), service({"a": 2})]
    in_one = Played(*lines)
    assert in_one.hear_audio(500) == [{"a": 1}, {"a": 2}]
    in_many = Played(*lines)
    assert [in_many.hear_audio(50) for _ in range(10)] == [
        *[[]] * 3, [{"a": 1}], *[[]] * 5, [{"a": 2}],
    ]  # fmt: skip
    assert in_one.problems == in_many.problems == []
    assert in_many.hear_audio(1_000) == [], "more than recorded is nothing to talk about"
    assert in_many.problems == []


def test_less_audio_than_recorded_is_enough_once_the_client_is_quiet() -> None:
    played = Played(client(audio(1_000)), service({"a": 1}))
    assert played.hear_audio(900) == []
    assert played.wait(QUIET_S - 0.01) == []
    assert played.wait(0.02) == [{"a": 1}]
    assert played.problems == ["100 bytes less of audio came than were recorded"]


def test_the_end_of_audio_is_its_end() -> None:
    end = {"realtimeInput": {"audioStreamEnd": True}}
    played = Played(client(audio(1_000)), client(audio(1_000)), client(end), service({"a": 1}))
    played.hear_audio(1_500)
    assert played.hear(end) == [{"a": 1}]
    assert played.problems == ["500 bytes less of audio came than were recorded"]


def test_times_between_are_those_of_the_recording_scaled() -> None:
    lines = [SETUP, service({"setupComplete": {}}, 1_005), service({"a": 1}, 3_005)]
    played = Played(*lines, pace=0.5)
    assert played.hear(SETUP.payload["json"]) == []
    assert played.wait(0.49) == []
    assert played.wait(0.02) == [{"setupComplete": {}}]
    assert played.wait(1.0) == [{"a": 1}]
    at_once = Played(*lines, pace=0)
    assert at_once.hear(SETUP.payload["json"]) == [{"setupComplete": {}}, {"a": 1}]


@pytest.mark.parametrize(
    ("line", "effect"),
    [
        (Line(6, "ws-1", "service", "close", status=1011, reason="x" * 200), Close(1011, "x" * 123)),
        (Line(6, "ws-1", "service", "close"), Close(NO_CODE)),
        (Line(6, "ws-1", "service", "drop"), Abort()),
        (Line(6, "ws-1", "service", "drop", reset=True), Abort(reset=True)),
    ],
)
def test_an_end_is_played_and_nothing_after_it(line: Line, effect: Any) -> None:
    played = Played(SETUP, service({"a": 1}), line, service({"a": 2}), pace=0)
    assert played.hear(SETUP.payload["json"]) == [{"a": 1}]
    assert played.ends == [effect]
    assert played.hear(SETUP.payload["json"]) == []
    assert played.replay.due is None


def test_audio_of_the_service_is_silence_of_the_same_length() -> None:
    blob = {"mimeType": "audio/pcm;rate=24000", "data": {"bytes": 4_800}}
    [sent] = Played(service({"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}})).wait()
    inline = sent["serverContent"]["modelTurn"]["parts"][0]["inlineData"]
    assert base64.b64decode(inline["data"]) == bytes(4_800)


def test_frames_keep_their_kind() -> None:
    line = replace(service({"a": 1}), kind="text")
    [[effect]] = Replay(Take((*OPENING, line)), "tape", 0, 0.0).wake(0.0)
    assert effect == Send(pretty({"a": 1}), text=True)


# -- payloads ---------------------------------------------------------------------------------------------


@given(json_values)
def test_a_payload_survives(value: Any) -> None:
    form = recorded(json.dumps(value).encode())
    assert recorded(played(form)) == form
    assert differs(form, form) is None


@given(st.binary(max_size=40) | st.text(max_size=20).map(lambda text: text.encode(errors="surrogatepass")))
def test_bytes_survive_whatever_they_are(payload: bytes) -> None:
    form = recorded(payload)
    assert recorded(played(form)) == form
    if not isinstance(form, dict) or "hex" in form:
        assert played(form) == payload


@pytest.mark.parametrize(
    ("payload", "form"),
    [
        (b'{"a": NaN}', '{"a": NaN}'),
        (b'{"a": "\\ud800"}', '{"a": "\\ud800"}'),
        (b"\xff\x00", {"hex": "ff00"}),
        (b"<html>", "<html>"),
        (b"3", {"json": 3}),
        (b'{"data": "AAAA", "mimeType": "a/b"}', {"json": {"data": {"bytes": 3}, "mimeType": "a/b"}}),
        (b'{"data": "no base64!", "mime_type": "a/b"}', {"json": {"data": "no base64!", "mime_type": "a/b"}}),
        (b'{"data": "AAAA"}', {"json": {"data": "AAAA"}}),
    ],
)
def test_a_payload_is_recorded_for_people(payload: bytes, form: Any) -> None:
    assert recorded(payload) == form


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"setup": {}}, "setup"),
        ({"realtime_input": {"audio_stream_end": True}}, "realtimeInput.audioStreamEnd"),
        ({"realtimeInput": {"mediaChunks": [audio(3)["realtimeInput"]["audio"]]}}, "realtimeInput.audio"),
        ({"realtimeInput": {"text": "hi"}}, "realtimeInput.text"),
        ([], "other"),
    ],
)
def test_a_message_has_a_kind(message: Any, kind: str) -> None:
    assert kind_of({"json": message}) == kind


lines = st.builds(
    Line,
    st.integers(0, 10**6),
    st.sampled_from(["ws-1", "ws-2", "http-1"]),
    st.sampled_from(["client", "service", "relay"]),
    st.sampled_from(["request", "handshake", "accepted", "text", "binary", "drop", "note"]),
    what=st.text(max_size=10),
    payload=st.none() | st.text(max_size=5) | json_values.map(lambda value: {"json": value}),
    reset=st.booleans(),
)


@given(lines)
def test_a_line_reads_back_from_its_data(line: Line) -> None:
    from mockserver.core.grammar import Reading

    reading = Reading(lambda name: pytest.fail(name))
    assert repr(LINE.read(json.loads(json.dumps(LINE.write(line))), (), reading)) == repr(line)
    assert reading.problems == []


@given(st.lists(lines, max_size=12), st.lists(json_values, max_size=6))
def test_any_recording_can_be_played_to_anybody(found: list[Line], messages: list[Any]) -> None:
    for take in takes(found):
        replay = Replay(take, "tape", 0, 0.0)
        for number, message in enumerate(messages):
            list(replay.hear(json.dumps(message).encode(), float(number)))
        list(replay.wake(1e9))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({"kind": "response"}, "status 0 ends no request"),
        ({"kind": "rejected", "status": 199}, "status 199 ends no request"),
        ({"kind": "response", "status": 200, "headers": {"a b": "c"}}, "header name 'a b' cannot be sent"),
        ({"kind": "close", "status": 1006}, "close code 1006 cannot be sent"),
        ({"kind": "text", "payload": {"hex": "xyz"}}, "expected pairs of hex digits"),
        ({"kind": "text", "payload": 3}, "expected a text, {json: …} or {hex: …}"),
        ({"kind": "shout"}, "'shout' is none of request, response"),
    ],
)
def test_a_line_that_cannot_be_played_is_refused(line: Any, says: str) -> None:
    from mockserver.core.grammar import Reading

    reading = Reading(lambda name: pytest.fail(name))
    LINE.read({"ms": 0, "on": "ws-1", "by": "service", **line}, (), reading)
    assert says in str(reading.problems[0])


@pytest.mark.parametrize("name", ["auth_tokens/recorded", "of another form"])
def test_a_recorded_token_belongs_to_the_key_that_asked_for_it(name: str) -> None:
    recording = (
        Line(0, "http-1", "client", "request", what="POST /v1alpha/auth_tokens"),
        Line(1, "http-1", "service", "response", status=200, payload={"json": {"name": name}}),
        *OPENING,
    )
    service = Service(Options(pace=0), Script("tape", recorded=recording))
    service.request(Request("POST", "/v1alpha/auth_tokens", (("x-goog-api-key", "mine"),)), 0.0)
    service.handshake(Request("GET", f"/x?access_token={quote(name)}"), 0.0)
    assert {entry.owner for entry in service.journal} == {"mine"}
