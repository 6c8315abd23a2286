"""A session under any sequence of messages and moments, against ``conversation.py``.

Only for the reasons a close may have is the catalogue of facts asked.
"""

from __future__ import annotations

import base64
import re
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mockserver import FACTS
from mockserver.core.facts import Closes

from .conftest import AUDIO_MODEL, INVALID_ARGUMENT, SETUP_FIRST, Backend, speech
from .conversation import HISTORY_ONLY, PRECONDITION, TOOL, Conversation, Reader

#: Models and the modality asked of them; 3.1 takes content only to begin with.
VOICES: Final = {
    "launch": [("models/gemini-2.0-flash-live-001", "TEXT"), ("models/gemini-2.0-flash-live-001", "AUDIO")],
    "latest": [
        (AUDIO_MODEL, "AUDIO"),
        (HISTORY_ONLY, "AUDIO"),
        ("models/gemini-3.8-live", "AUDIO"),
        ("models/gemini-robotics-er-2-streaming-preview", "TEXT"),
    ],
}
#: Frames that no client should send, with what the close says where the text is known.
BAD_FRAMES: Final = {
    b"{": "",
    b"\xff\xfe": "",
    b"[]": "",
    b'{"audio": 1}': "",
    b'{"clientContent": {"turnComplete": "x"}}': "",
    b'{"clientContent": {"turns": [[]]}}': "",
    b'{"realtimeInput": {"audio": {"data": "%%%"}}}': "",
    b'{"realtime_input": {"text": 5, "noise": null}}': "",
    b"{}": INVALID_ARGUMENT,
    b'{"toolResponse": {}, "contextUpdate": {}}': INVALID_ARGUMENT,
    b'{"clientContent": {"turns": [{"role": "user", "parts": {"inlineData": {"mimeType": "audio/pcm"}}}]}}': (
        PRECONDITION
    ),
}
SECOND_SETUP: Final = b'{"setup": {}}'
#: Codes and templates of all close reasons that are known; the last three are the JSON transcoder's own.
CATALOGUE: Final = [
    *((fact.seen.code, fact.seen.reason) for fact in FACTS.values() if isinstance(fact.seen, Closes)),
    (1007, 'Invalid JSON payload received. Unknown name "": Root element must be a message.'),
    (
        1007,
        "Invalid JSON payload received. Unknown name {name}: Proto field is not repeating, {what}.",
    ),
    (1007, "Invalid JSON payload received. Unexpected token."),
]


TEXTS: Final = st.sampled_from(
    ["hi", "one two three", "", f"please call {TOOL} now", "ä€𝄞 …", "a b c d e f g h"]
)
#: Pieces of speech and silence; two silences in a row are never just the half second that matters.
PIECES: Final = st.lists(
    st.sampled_from([(True, 0.4), (True, 0.2), (False, 0.2), (False, 0.8)]), min_size=1, max_size=4
)


class Talk(RuleBasedStateMachine):
    """One client, legal and illegal, and a clock."""

    @initialize(
        data=st.data(),
        day=st.sampled_from(["launch", "latest"]),
        pace=st.sampled_from([0, 1]),
        delay_s=st.sampled_from([0, 0, 0.13]),
        manual=st.booleans(),
        fields=st.sets(
            st.sampled_from(["tools", "thoughts", "sessionResumption", "inputAudioTranscription"])
        ),
        handling=st.sampled_from(["START_OF_ACTIVITY_INTERRUPTS", "NO_INTERRUPTION"]),
    )
    def start(
        self,
        data: st.DataObject,
        day: str,
        pace: int,
        delay_s: float,
        manual: bool,
        fields: set[str],
        handling: str,
    ) -> None:
        model, modality = data.draw(st.sampled_from(VOICES[day]), "model")
        setup: dict[str, Any] = {name: {} for name in fields - {"tools", "thoughts"}}
        setup |= {"model": model, "generationConfig": {"responseModalities": [modality]}}
        setup["realtimeInputConfig"] = {"activityHandling": handling}
        setup["outputAudioTranscription"] = {}
        if manual:
            setup["realtimeInputConfig"]["automaticActivityDetection"] = {"disabled": True}
        if "tools" in fields:
            setup["tools"] = [{"functionDeclarations": [{"name": TOOL}]}]
        if "thoughts" in fields:
            setup["generationConfig"]["thinkingConfig"] = {"includeThoughts": True}
        self.backend = Backend(day, pace=pace, setup_delay_s=delay_s)
        self.client = self.backend.with_key("v1beta", **setup)
        self.model = Conversation(setup, self.backend.now, delay_s, pace, day == "latest")
        self.model.run(self.backend.now)
        self.reader = Reader(modality == "AUDIO")
        self.read = 0

    def send(self, message: dict[str, Any], *, heard: list[tuple[bool, float]] | None = None) -> None:
        """To both; the model is told in plain words what can be heard in audio."""
        self.client.send(message)
        self.model.hear({"realtimeInput": {"audio": {"heard": heard}}} if heard else message)

    @rule(text=TEXTS, over=st.sampled_from([True, True, False]), role=st.sampled_from(["user"] * 9 + [""]))
    def write(self, text: str, over: bool, role: str) -> None:
        turn: dict[str, Any] = {"parts": [{"text": text or "x"}], **({"role": role} if role else {})}
        self.send(
            {"clientContent": {"turns": [turn] if text else [], **({"turnComplete": True} if over else {})}}
        )

    @rule(text=TEXTS)
    def write_live(self, text: str) -> None:
        self.send({"realtimeInput": {"text": text}})

    @rule(pieces=PIECES, rate_hz=st.sampled_from([8_000, 16_000]))
    def speak(self, pieces: list[tuple[bool, float]], rate_hz: int) -> None:
        pcm = b"".join(
            base64.b64decode(speech(seconds, rate_hz, 8_000 if loud else 0)["data"])
            for loud, seconds in pieces
        )
        blob = {"mimeType": f"audio/pcm;rate={rate_hz}", "data": base64.b64encode(pcm).decode()}
        self.send({"realtimeInput": {"audio": blob}}, heard=pieces)

    @rule(signal=st.sampled_from(["activityStart", "activityEnd", "audioStreamEnd"]))
    def signal(self, signal: str) -> None:
        # Where signals are refused, they would end most conversations early.
        if self.model.manual or signal == "audioStreamEnd" or len(self.model.endings) % 4 == 3:
            self.send({"realtimeInput": {signal: True if signal == "audioStreamEnd" else {}}})

    @rule(
        ids=st.lists(st.sampled_from(["asked", "invented", "none"]), max_size=2),
        goes_on=st.sampled_from([0, 0, 1]),
    )
    def respond(self, ids: list[str], goes_on: int) -> None:
        known = self.reader.calls[-1] if self.reader.calls else "none-yet"
        responses: list[dict[str, Any]] = [
            {"id": known if id == "asked" else id, "response": {"ok": n}} for n, id in enumerate(ids)
        ]
        for response in responses[:1] * goes_on:
            response["willContinue"] = True
        self.send({"toolResponse": {"functionResponses": responses}})

    @rule(seconds=st.sampled_from([0.07, 0.13, 0.31, 0.53, 1.57, 11.0, 11.0, 547.0]))
    def wait(self, seconds: float) -> None:
        self.backend.advance(seconds)
        self.model.run(self.backend.now)

    @precondition(lambda self: self.model.close is None and self.model.endings)
    @rule(frame=st.sampled_from([*sorted(BAD_FRAMES), SECOND_SETUP]), really=st.sampled_from([0, 0, 1]))
    def send_what_nobody_should(self, frame: bytes, really: int) -> None:
        if not really:
            return  # a conversation should get somewhere first
        self.client.send(frame)
        if b"inlineData" in frame or b"%%%" in frame:
            self.wait(0.2)  # of the schema, so it waits for setupComplete like the rest
        assert self.client.close is not None
        assert self.client.close[0] == 1007
        assert BAD_FRAMES.get(frame, SETUP_FIRST) in ("", self.client.close[1])
        self.model.close = self.client.close
        self.model.endings = self.seen_endings()

    def seen_endings(self) -> list[str]:
        fresh = self.client.effects[self.read :]
        self.read += len(fresh)
        for effect in fresh:
            self.reader.read(effect)
        return self.reader.endings

    @invariant()
    def the_client_sees_what_it_should(self) -> None:
        assert self.seen_endings() == self.model.endings
        assert self.client.close == self.reader.close == self.model.close

    @invariant()
    def a_close_has_a_reason_that_somebody_saw(self) -> None:
        if self.client.close is not None:
            code, reason = self.client.close
            assert 0 < len(reason.encode()) <= 123
            assert any(code == known and is_made_from(template, reason) for known, template in CATALOGUE)
            assert self.backend.service.open_connections == 0


def is_made_from(template: str, reason: str) -> bool:
    """Tell whether a template could give a reason, which may be cut, and may join several lines."""
    if len(reason.encode()) >= 120:
        return reason.startswith(template.split("{")[0][:100])
    pattern = ".*".join(re.escape(text) for text in re.split(r"\{\w+\}", template))
    return re.fullmatch(pattern, reason, re.DOTALL) is not None


@pytest.mark.timeout(400)  # a failure is made small before it is told
def test_a_session_does_what_the_documented_rules_say() -> None:
    run_state_machine_as_test(Talk, settings=settings(max_examples=150, stateful_step_count=30))
