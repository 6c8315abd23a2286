"""One Live conversation: a state machine, its timers, and what it has still to say."""

from __future__ import annotations

import base64
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from . import audio
from .effects import Abort, Close, Effect, Pause, Send
from .errors import Refusal, cut, pretty
from .models import AUDIO
from .script import Say, Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .grants import Grant
    from .ids import Ids
    from .options import Options
    from .script import Performance, Step

State = Literal["starting", "ready", "closed"]

#: A connection is told to leave after 540 s and closed 50 s later (PRO-013, CLS-067).
GO_AWAY_S: Final = 540.0
ABORTED_S: Final = 590.0
SETUP_COMPLETE: Final = pretty({"setupComplete": {}})

#: What a message does in a state; a pair that is absent is the protocol error.
ON: Final[dict[tuple[State, str], str]] = {
    ("starting", "clientContent"): "_queue",
    ("starting", "realtimeInput"): "_queue",
    ("starting", "toolResponse"): "_queue",
    ("starting", "contextUpdate"): "_queue",
    ("ready", "clientContent"): "_client_content",
    ("ready", "realtimeInput"): "_realtime_input",
    ("ready", "toolResponse"): "_ignore",
    ("ready", "contextUpdate"): "_ignore",
}


class Session:
    """A granted conversation. Times are Unix seconds on the mock's clock."""

    def __init__(
        self, grant: Grant, performance: Performance, ids: Ids, options: Options, now: float
    ) -> None:
        self.grant = grant
        #: Resumption handles this session gave out since the service last asked.
        self.handles: list[str] = []
        self._performance = performance
        self._ids = ids
        self._options = options
        self._state: State = "starting"
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._outbox: deque[tuple[float, Effect]] = deque()
        self._heard_bytes = 0
        self._begins_at = now + options.setup_delay_s
        self._timers: list[tuple[float, Callable[[], list[Effect]]]] = [
            (self._begins_at, self._begin),
            (now + GO_AWAY_S, self._go_away),
            (now + ABORTED_S, lambda: self._refuse("CLS-067")),
        ]
        if grant.token is not None:
            self._timers.append((grant.token.expires_at, lambda: self._refuse("CLS-009")))

    @property
    def due(self) -> float | None:
        """When this session next has something to do of its own accord."""
        if self._state == "closed":
            return None
        moments = [at for at, _ in self._timers]
        if self._outbox:
            moments.append(self._outbox[0][0])
        return min(moments, default=None)

    def wake(self, now: float) -> Iterator[Effect]:
        """Do all that is due, in the order in which it was due."""
        while self._state != "closed" and self.due is not None and self.due <= now:
            at = self.due
            if self._outbox and self._outbox[0][0] <= at:
                yield self._let_go(self._outbox.popleft()[1])
                continue
            timer = min(self._timers, key=lambda timer: timer[0])
            self._timers.remove(timer)
            yield from self._post(timer[1](), at)

    def receive(self, kind: str, content: dict[str, Any], now: float) -> Iterator[Effect]:
        """Take one client message that is of the schema.

        Raises:
            Refusal: the message has no business here now.
        """
        if self._state == "closed":
            return
        action = ON.get((self._state, kind))
        if action is None:
            raise Refusal("CLS-040")
        effects: list[Effect] = getattr(self, action)(kind, content)
        yield from self._post(effects, now)

    def end(self) -> None:
        """The connection is gone."""
        self._state = "closed"

    def _let_go(self, effect: Effect) -> Effect:
        if isinstance(effect, (Close, Abort)):
            self._state = "closed"
        return Close(effect.code, cut(effect.reason)) if isinstance(effect, Close) else effect

    def _post(self, effects: list[Effect], now: float) -> Iterator[Effect]:
        """Let through what may go now; from a pause on, keep the rest in the outbox."""
        at = max([now, *(due for due, _ in self._outbox)]) if self._outbox else now
        for effect in effects:
            if self._state == "closed":
                return
            if isinstance(effect, Pause):
                at += effect.seconds
            elif at > now or self._outbox:
                self._outbox.append((at, effect))
            else:
                yield self._let_go(effect)

    def _begin(self) -> list[Effect]:
        steps = self._performance.steps("setup")
        if steps is not None:
            return [step for step in steps if not isinstance(step, (Say, Silence))]
        self._state = "ready"
        # Each by itself, after setupComplete: one may interrupt the one before it, or be refused (SRV-020).
        self._timers += [
            (self._begins_at, partial(getattr(self, ON["ready", kind]), kind, content))
            for kind, content in self._waiting
        ]
        return [Send(SETUP_COMPLETE)]

    def _queue(self, kind: str, content: dict[str, Any]) -> list[Effect]:
        self._waiting.append((kind, content))
        return []

    def _ignore(self, kind: str, content: dict[str, Any]) -> list[Effect]:
        return []

    def _client_content(self, kind: str, content: dict[str, Any]) -> list[Effect]:
        turns = content.get("turns", [])
        if any(not turn.get("role") for turn in turns) and not self._options.before("CLS-060"):
            raise Refusal("CLS-060")
        if not content.get("turnComplete"):
            return []
        texts = [part.get("text", "") for turn in turns for part in turn.get("parts", [])]
        return self._interrupt() + self._turn(" ".join(text for text in texts if text))

    def _realtime_input(self, kind: str, content: dict[str, Any]) -> list[Effect]:
        if "text" in content:
            return self._interrupt() + self._turn(content["text"])
        if ("activityStart" in content or "activityEnd" in content) and not self._manual_activity:
            raise Refusal("CLS-064")
        for blob in [content.get("audio"), *content.get("mediaChunks", [])]:
            self._heard_bytes += len(blob.get("data", "")) * 3 // 4 if blob else 0
        if "activityStart" in content:
            self._heard_bytes = 0
            return self._interrupt()
        if "activityEnd" in content or (content.get("audioStreamEnd") and self._heard_bytes):
            heard, self._heard_bytes = self._heard_bytes, 0
            return self._turn(f"{heard} bytes of audio")
        return []

    @property
    def _manual_activity(self) -> bool:
        detection = self.grant.setup.get("realtimeInputConfig", {}).get("automaticActivityDetection", {})
        return bool(detection.get("disabled"))

    def _interrupt(self) -> list[Effect]:
        """Drop what is still to be said; the client hears of it (PRO-008)."""
        if not self._outbox:
            return []
        self._outbox.clear()
        return [_content({"interrupted": True}), _content({"turnComplete": True})]

    def _turn(self, heard: str) -> list[Effect]:
        effects: list[Effect] = []
        for step in self._performance.steps("turn") or ():
            effects += self._play(step, heard)
        if "sessionResumption" in self.grant.setup and any(isinstance(e, Send) for e in effects):
            handle = self._ids.handle()
            self.handles.append(handle)
            update = {"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}}
            effects.append(Send(pretty(update)))
        return effects

    def _play(self, step: Step, heard: str) -> list[Effect]:
        if isinstance(step, Say):
            text = step.text.replace("{text}", heard) or "…"
            return self._say(text, heard)
        return [] if isinstance(step, Silence) else [step]

    def _say(self, text: str, heard: str) -> list[Effect]:
        if self.grant.modality == AUDIO:
            pcm = audio.spoken(text)
            effects = [self._model_turn(_inline(chunk)) for chunk in audio.chunks(pcm)]
            if "outputAudioTranscription" in self.grant.setup:
                effects.insert(0, _content({"outputTranscription": {"text": text}}))
            held: list[Effect] = [Pause(audio.seconds(pcm) * self._options.pace)]
            spent = round(audio.seconds(pcm) * 25)
        else:
            effects = [self._model_turn({"text": chunk}) for chunk in _text_chunks(text)]
            held, spent = [], _tokens(text)
        usage = _usage(_tokens(heard), spent, self.grant.modality)
        end = Send(pretty({"serverContent": {"turnComplete": True}, "usageMetadata": usage}))
        return [*effects, _content({"generationComplete": True}), *held, end]

    def _model_turn(self, part: dict[str, Any]) -> Effect:
        turn: dict[str, Any] = {"parts": [part]}
        if self.grant.model.writes_role:
            turn["role"] = "model"
        return _content({"modelTurn": turn})

    def _go_away(self) -> list[Effect]:
        left = f"{ABORTED_S - GO_AWAY_S:.0f}s"
        return [Send(pretty({"goAway": {"timeLeft": left}}))]

    def _refuse(self, fact_id: str) -> list[Effect]:
        raise Refusal(fact_id)


def _content(content: dict[str, Any]) -> Effect:
    return Send(pretty({"serverContent": content}))


def _inline(pcm: bytes) -> dict[str, Any]:
    return {"inlineData": {"mimeType": audio.OUTPUT_MIME, "data": base64.b64encode(pcm).decode()}}


def _text_chunks(text: str) -> list[str]:
    """First chunk one or two words, the rest in one, as recorded."""
    words = text.split(" ")
    head = " ".join(words[:2])
    rest = text[len(head) :]
    return [head, rest] if rest else [head]


def _tokens(text: str) -> int:
    """About four characters a token, at least one."""
    return max(1, round(len(text) / 4))


def _usage(prompt: int, response: int, modality: str) -> dict[str, Any]:
    return {
        "promptTokenCount": prompt,
        "responseTokenCount": response,
        "totalTokenCount": prompt + response,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt}],
        "responseTokensDetails": [{"modality": modality, "tokenCount": response}],
    }
