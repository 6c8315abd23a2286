"""What a client should see of a session: a model of the documented rules, and a reader of frames.

The model knows which turns end, how and with what said, and which close comes. The reader holds every frame
against the grammar of the protocol. Neither reads a rule from the code under test.
"""

from __future__ import annotations

import base64
import json
import math
from typing import Any, Final

from mockserver.core.effects import Close, Effect, Send

from .conftest import INVALID_ARGUMENT, SETUP_FIRST

PRECONDITION: Final = "Precondition check failed."
MANUAL_ONLY: Final = (
    "Explicit activity control is not supported when automatic activity detection is enabled."
)
ABORTED: Final = (
    "Connection aborted because the client failed to close the connection after receiving a GoAway signal "
    "once the session durat"
)
TOOL: Final = "get_weather"
#: This model takes content only to begin with.
HISTORY_ONLY: Final = "models/gemini-3.1-flash-live-preview"


class Conversation:
    """What a client should see of one session: endings of turns, and the close."""

    def __init__(self, setup: dict[str, Any], now: float, delay_s: float, pace: float, latest: bool) -> None:
        self.now = now
        self.endings: list[str] = []
        self.close: tuple[int, str] | None = None
        self._begins_at, self._closes_at = now + delay_s, now + 590
        self._seconds_per_character = 0.06 * pace if "AUDIO" in str(setup["generationConfig"]) else 0.0
        self._least_s = 0.2 * pace if self._seconds_per_character else 0.0
        self.manual = "disabled" in str(setup)
        self._interruptible = "NO_INTERRUPTION" not in str(setup)
        self._tools = "tools" in setup
        self._asks_for_role = latest
        self._history_only = setup["model"] == HISTORY_ONLY
        self._early: list[dict[str, Any]] = []
        self._opening = True
        self._written: list[str] = []
        #: What is being said, until when; a call that waits for its answer ends never.
        self._saying = ""
        self._said_at = -math.inf
        self._answering = False
        self._queue: list[str] = []
        self._responses: list[str] = []
        self._close_behind: tuple[int, str] | None = None
        self._silent_at = math.inf
        self._offset_s = self._since_s = self._loud_until_s = 0.0
        self._speaking = False

    @property
    def calling(self) -> bool:
        """Whether the client owes a tool response."""
        return self._answering and self._said_at == math.inf

    def run(self, until: float) -> None:
        """Let time pass."""
        while self.close is None:
            ends_at = self._said_at if self._answering else math.inf
            at, what = min(
                (ends_at, self._finish),
                (self._begins_at, self._begin),
                (self._silent_at, self._fall_silent),
                (self._closes_at, self._abort),
                key=lambda item: item[0],
            )
            if at > until:
                break
            self.now = max(at, self.now)
            what()
        self.now = until

    def hear(self, message: dict[str, Any]) -> None:
        """Take a message that is of the schema."""
        if self.close is not None:
            return
        if "setup" in message:
            self.close = (1007, SETUP_FIRST)
        elif self._begins_at < math.inf:
            self._early.append(message)
        else:
            self._act(message)
            self.run(self.now)

    def _act(self, message: dict[str, Any]) -> None:
        [(kind, content)] = message.items()
        if kind == "clientContent":
            self._content(content)
        elif kind == "realtimeInput":
            self._realtime(content)
        elif kind == "toolResponse" and self.calling:
            self._respond(content["functionResponses"])

    def _begin(self) -> None:
        self._begins_at = math.inf
        for message in self._early:
            if self.close is None:
                self._act(message)
                self.run(self.now)

    def _abort(self) -> None:
        self.close = (1008, ABORTED)

    # -- turns --

    def _content(self, content: dict[str, Any]) -> None:
        turns, over = content.get("turns", []), content.get("turnComplete", False)
        if self._asks_for_role and any("role" not in turn for turn in turns):
            self.close = (1007, INVALID_ARGUMENT)
            return
        if self._history_only and not self._opening and turns:
            self.close = (1007, INVALID_ARGUMENT)
            return
        self._opening = self._opening and not over
        self._written += [turn["parts"][0]["text"] for turn in turns]
        if over:
            heard, self._written = " ".join(self._written), []
            self._interrupt()
            self._turn(heard)

    def _interrupt(self) -> None:
        if self._answering:
            self.endings.append("interrupted")
            self._answering, self._queue, self._close_behind = False, [], None

    def _turn(self, heard: str) -> None:
        if self._answering:
            self._queue.append(heard)
            return
        self._answering, self._responses, self._said_at = True, [], math.inf
        if not (self._tools and TOOL in heard):
            self._say(heard or "…")

    def _say(self, text: str) -> None:
        self._saying = text
        self._said_at = self.now + max(self._least_s, len(text) * self._seconds_per_character)

    def _finish(self) -> None:
        self.endings.append(f"said {self._saying}")
        self._answering = False
        self.close = self._close_behind
        if self.close is None and self._queue:
            self._turn(self._queue.pop(0))

    def _respond(self, responses: list[dict[str, Any]]) -> None:
        self._responses += [json.dumps(response["response"]) for response in responses]
        if not all(response.get("willContinue") for response in responses):
            self._say("; ".join(self._responses))

    # -- speech --

    def _realtime(self, content: dict[str, Any]) -> None:
        self._opening = False
        if "text" in content:
            self._interrupt()
            self._turn(content["text"])
        elif "audioStreamEnd" in content:
            self._fall_silent()
        elif "audio" in content:
            self._listen(content["audio"]["heard"])
        elif not self.manual:
            self.close = (1007, MANUAL_ONLY)
        elif "activityStart" in content and not self._speaking:
            self._speaking, self._since_s = True, self._offset_s
            if self._interruptible:
                self._interrupt()
        elif "activityEnd" in content:
            spoken_s = self._offset_s - self._since_s if self._speaking else 0.0
            self._speaking = False
            if spoken_s:
                self._turn(f"{spoken_s:.1f} seconds of speech")
            elif self._answering and not self.calling:
                self._close_behind = (1007, PRECONDITION)
            else:
                self.close = (1007, PRECONDITION)

    def _listen(self, pieces: list[tuple[bool, float]]) -> None:
        """Half a second of silence ends speech, in the samples or in the stream."""
        self._silent_at = math.inf
        for loud, seconds in pieces:
            before, self._offset_s = self._offset_s, self._offset_s + seconds
            if self.manual:
                continue
            if loud and not self._speaking:
                self._speaking, self._since_s = True, before
                if self._interruptible:
                    self._interrupt()
            if loud:
                self._loud_until_s = self._offset_s
            elif self._speaking and self._offset_s - self._loud_until_s > 0.5:
                self._fall_silent()
            self.run(self.now)
        if self._speaking and not self.manual:
            self._silent_at = self.now + 0.5

    def _fall_silent(self) -> None:
        self._silent_at = math.inf
        if self._speaking and not self.manual:
            self._speaking = False
            self._turn(f"{self._loud_until_s - self._since_s:.1f} seconds of speech")


class Reader:
    """Holds frames against the grammar of a session, and tells the endings of turns."""

    def __init__(self, audio: bool) -> None:
        self._audio = audio
        self.endings: list[str] = []
        self.calls: list[str] = []
        self.close: tuple[int, str] | None = None
        self._ready = self._generated = self._interrupted = self._refuses = self._went = False
        self._said, self._pcm_bytes, self._billed = "", 0, 0

    def read(self, effect: Effect) -> None:
        """Take what comes next."""
        assert self.close is None, "nothing comes after a close"
        if isinstance(effect, Close):
            self.close = (effect.code, effect.reason)
            return
        assert isinstance(effect, Send)
        assert not self._refuses, "a refused activity is followed by the close"
        message = json.loads(effect.payload)
        assert effect.payload == (json.dumps(message, indent=2, ensure_ascii=False) + "\n").encode()
        if not self._ready:
            assert message == {"setupComplete": {}}
            self._ready = True
            return
        for kind, content in message.items():
            if kind == "usageMetadata":
                assert "turnComplete" in message["serverContent"]
            else:
                getattr(self, f"_{kind}")(content, message.get("usageMetadata"))

    def _toolCall(self, content: Any, _: Any) -> None:
        assert not self._generated
        self.calls += [call["id"] for call in content["functionCalls"]]
        assert all(call["name"] == TOOL for call in content["functionCalls"])

    def _toolCallCancellation(self, content: Any, _: Any) -> None:
        assert content == {"ids": [self.calls[-1]]}

    def _sessionResumptionUpdate(self, content: Any, _: Any) -> None:
        assert content["resumable"] is True
        assert content["newHandle"]

    def _goAway(self, content: Any, _: Any) -> None:
        assert content == {"timeLeft": "50s"}
        assert not self._went
        self._went = True

    def _serverContent(self, content: dict[str, Any], usage: Any) -> None:
        if content.get("interrupted"):
            self._interrupted = True
        elif content.get("generationComplete"):
            assert not self._generated, "a turn is generated once"
            self._generated = True
        elif content.get("turnComplete"):
            self._turn_ends(usage)
        else:
            self._said += content.get("outputTranscription", {}).get("text", "")
            for part in content.get("modelTurn", {}).get("parts", []):
                self._part(part)

    def _part(self, part: dict[str, Any]) -> None:
        assert not self._generated, "after generationComplete nothing is said"
        assert not self._interrupted
        if "inlineData" in part:
            self._pcm_bytes += len(base64.b64decode(part["inlineData"]["data"]))
        elif not part.get("thought"):
            self._said += part.get("text", "")

    def _turn_ends(self, usage: dict[str, Any] | None) -> None:
        if usage == {}:
            assert not self._generated
            assert not self._said
            self._refuses = True
            return
        if self._interrupted:
            assert usage is None
            self.endings.append("interrupted")
        else:
            assert self._generated, "generationComplete comes before turnComplete"
            assert usage is not None
            self._bill(usage)
            if self._audio:
                assert self._pcm_bytes == 2 * max(4_800, round(len(self._said) * 0.06 * 24_000))
            self.endings.append(f"said {self._said}")
        self._said, self._pcm_bytes = "", 0
        self._generated = self._interrupted = False

    def _bill(self, usage: dict[str, Any]) -> None:
        """The parts make the sum, and what was billed once is billed again."""
        prompt, response = usage["promptTokenCount"], usage["responseTokenCount"]
        assert usage["totalTokenCount"] == prompt + response
        assert sum(detail["tokenCount"] for detail in usage["promptTokensDetails"]) == prompt
        [detail] = usage["responseTokensDetails"]
        assert detail == {"modality": "AUDIO" if self._audio else "TEXT", "tokenCount": response}
        if self._audio:
            assert response == round(self._pcm_bytes / 48_000 * 25)
        assert prompt >= self._billed
        self._billed = prompt + response
