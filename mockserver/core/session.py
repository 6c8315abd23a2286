"""One Live conversation: a state machine, its timers, and what it has still to say."""

from __future__ import annotations

import json
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from .effects import Abort, Close, Effect, Pause, Send
from .errors import Refusal, cut, pretty
from .hearing import Detection, Hearing
from .script import Call, Echo, Refuse, Say, Silence, Think
from .speaking import Speaker, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .grants import Grant
    from .hearing import Change
    from .ids import Ids
    from .options import Options
    from .script import Performance, Step

State = Literal["starting", "ready", "calling", "closed"]

#: A connection is told to leave after 540 s and closed 50 s later (PRO-013, CLS-067).
GO_AWAY_S: Final = 540.0
ABORTED_S: Final = 590.0
#: How often the models that tell their handle unasked do so (PRO-012).
RESUMPTION_S: Final = 1.2
SETUP_COMPLETE: Final = pretty({"setupComplete": {}})

#: What a message does in a state; a pair that is absent is the protocol error.
ON: Final[dict[tuple[State, str], str]] = {
    ("starting", "clientContent"): "_wait",
    ("starting", "realtimeInput"): "_wait",
    ("starting", "toolResponse"): "_wait",
    ("starting", "contextUpdate"): "_wait",
    ("ready", "clientContent"): "_client_content",
    ("ready", "realtimeInput"): "_realtime_input",
    ("ready", "toolResponse"): "_ignore",
    ("ready", "contextUpdate"): "_ignore",
    ("calling", "clientContent"): "_client_content",
    ("calling", "realtimeInput"): "_realtime_input",
    ("calling", "toolResponse"): "_tool_response",
    ("calling", "contextUpdate"): "_ignore",
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
        self._speaker = Speaker(grant, ids, options)
        self._hearing = Hearing(Detection.of(grant.setup))
        self._state: State = "starting"
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._outbox: deque[tuple[float, Effect]] = deque()
        #: Steps of the answer that follow the tool responses still owed, and the ids of their calls.
        self._steps: list[Step] = []
        self._owed: list[str] = []
        self._responses: list[str] = []
        self._heard = ""
        self._had_content = False
        self._now = now
        self._begins_at = now + options.setup_delay_s
        self._timers: list[tuple[float, Callable[[], list[Effect]]]] = [
            (self._begins_at, self._begin),
            (now + GO_AWAY_S, self._go_away),
            (now + ABORTED_S, lambda: self._refuse("CLS-067")),
        ]
        if grant.token is not None:
            self._timers.append((grant.token.expires_at, lambda: self._refuse("CLS-009")))

    # -- time and messages --------------------------------------------------------------------------------

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
            self._now = at = self.due
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
        self._now = now
        effects: list[Effect] = getattr(self, action)(kind, content)
        yield from self._post(effects, now)
        yield from self.wake(now)

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

    # -- setup --------------------------------------------------------------------------------------------

    def _begin(self) -> list[Effect]:
        steps = self._performance.steps("setup")
        if steps is not None:
            return [effect for step in steps for effect in self._play(step)]
        self._state = "ready"
        # Each by itself, after setupComplete: one may interrupt the one before it, or be refused (SRV-020).
        self._timers += [
            (self._begins_at, partial(self._receive_late, kind, content)) for kind, content in self._waiting
        ]
        effects: list[Effect] = [Send(SETUP_COMPLETE)]
        if self.grant.model.resumption == "at once and after turns":
            effects.append(self._resumption_update())
        if self.grant.model.resumption == "every 1.2 s":
            self._timers.append((self._begins_at + RESUMPTION_S, self._tell_handle))
        return effects

    def _receive_late(self, kind: str, content: dict[str, Any]) -> list[Effect]:
        effects: list[Effect] = getattr(self, ON[self._state, kind])(kind, content)
        return effects

    def _wait(self, kind: str, content: dict[str, Any]) -> list[Effect]:
        self._waiting.append((kind, content))
        return []

    def _ignore(self, kind: str, content: dict[str, Any]) -> list[Effect]:
        return self._acknowledgement() if kind == "toolResponse" else []

    def _tell_handle(self) -> list[Effect]:
        self._timers.append((self._now + RESUMPTION_S, self._tell_handle))
        return [self._resumption_update()]

    def _resumption_update(self) -> Effect:
        handle = self._ids.handle()
        self.handles.append(handle)
        return Send(pretty({"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}}))

    def _go_away(self) -> list[Effect]:
        left = f"{ABORTED_S - GO_AWAY_S:.0f}s"
        return [Send(pretty({"goAway": {"timeLeft": left}}))]

    def _refuse(self, fact_id: str) -> list[Effect]:
        raise Refusal(fact_id, self._values)

    @property
    def _values(self) -> dict[str, str]:
        return {"model": f"models/{self.grant.model.name}", "modalities": self.grant.modality}

    # -- what the user does -------------------------------------------------------------------------------

    def _client_content(self, kind: str, content: dict[str, Any]) -> list[Effect]:
        turns = content.get("turns", [])
        parts = [part for turn in turns for part in turn.get("parts", [])]
        history = self._is_history()
        self._check_content(turns, parts, history=history)
        self._had_content = True
        text = " ".join(part["text"] for part in parts if part.get("text"))
        self._speaker.meter.hear_text(text)
        if history or not content.get("turnComplete"):
            return []
        return [*self._interrupt(), *self._turn(text)]

    def _is_history(self) -> bool:
        """The first clientContent is history where setup says so (SRV-026)."""
        wish = self.grant.setup.get("historyConfig", {}).get("initialHistoryInClientContent")
        return bool(wish) and not self._had_content

    def _check_content(
        self, turns: list[dict[str, Any]], parts: list[dict[str, Any]], *, history: bool
    ) -> None:
        if any(not turn.get("role") for turn in turns) and not self._options.before("CLS-060"):
            raise Refusal("CLS-060")
        if any(part.get("inlineData", {}).get("mimeType", "").startswith("audio/") for part in parts):
            raise Refusal("CLS-063")
        if history and any("functionCall" in part or "functionResponse" in part for part in parts):
            raise Refusal("CLS-071")
        if self.grant.model.history_only_content and self._had_content and turns:
            raise Refusal("CLS-062")
        self._check_affective()

    def _check_affective(self) -> None:
        """3.8 accepts the wish in the setup and refuses the first content (CLS-066)."""
        wish = self.grant.setup.get("generationConfig", {}).get("enableAffectiveDialog")
        if wish and self.grant.model.affective_dialog == "CLS-066":
            raise Refusal("CLS-066")

    def _realtime_input(self, kind: str, content: dict[str, Any]) -> list[Effect]:
        self._check_affective()
        self._had_content = True
        manual = self._hearing.detection.disabled
        if ("activityStart" in content or "activityEnd" in content) and not manual:
            raise Refusal("CLS-064")
        effects: list[Effect] = []
        if "activityStart" in content:
            effects += self._start(0.0)
        for blob in [content.get("audio"), *content.get("mediaChunks", [])]:
            if blob:
                effects += self._hear(blob)
        if "text" in content:
            self._speaker.meter.hear_text(content["text"])
            effects += [*self._interrupt(), *self._turn(content["text"])]
        if content.get("audioStreamEnd"):
            effects += self._changed(self._hearing.stop())
        if "activityEnd" in content:
            effects += self._activity_end()
        return effects

    def _hear(self, blob: dict[str, Any]) -> list[Effect]:
        effects = self._changed(self._hearing.hear(blob))
        self._timers = [timer for timer in self._timers if timer[1] != self._fall_silent]
        if self._hearing.speaking:
            # Nothing more may come: a pause in the stream ends speech like silence in the samples (SRV-025).
            self._timers.append((self._now + self._hearing.detection.silence_s, self._fall_silent))
        return effects

    def _fall_silent(self) -> list[Effect]:
        return self._changed(self._hearing.stop())

    def _changed(self, changes: list[Change]) -> list[Effect]:
        effects: list[Effect] = []
        for change, offset_s in changes:
            effects += self._start(offset_s) if change == "start" else self._stop(offset_s)
        return effects

    def _start(self, offset_s: float) -> list[Effect]:
        """Somebody begins to speak."""
        if self._hearing.detection.disabled:
            self._hearing.open()
        told = [_activity("ACTIVITY_START", offset_s)] if self.grant.model.transcribes else []
        handling = self.grant.setup.get("realtimeInputConfig", {}).get("activityHandling")
        return [*told, *([] if handling == "NO_INTERRUPTION" else self._interrupt())]

    def _stop(self, offset_s: float) -> list[Effect]:
        """Somebody has spoken: transcribe it, answer it."""
        seconds = self._hearing.spoken_s
        self._speaker.meter.hear_audio(seconds)
        heard = f"{seconds:.1f} seconds of speech"
        if self.grant.model.transcribes:
            contents: list[dict[str, Any]] = [
                {"interimInputTranscription": {"text": heard.partition(" of")[0]}}
            ]
            contents += [{"inputTranscription": {"text": heard}}, {"generationComplete": True}]
            self._speaker.forget()
            return [*map(frame, contents), _activity("ACTIVITY_END", offset_s)]
        transcribed = "inputAudioTranscription" in self.grant.setup
        told = [frame({"inputTranscription": {"text": heard}})] if transcribed else []
        return [*told, *self._turn(heard)]

    def _activity_end(self) -> list[Effect]:
        if self._hearing.spoken_s:
            return self._stop(self._hearing.close())
        self._timers.append((self._now, lambda: self._refuse("CLS-065")))
        return [Send(pretty({"serverContent": {"turnComplete": True}, "usageMetadata": {}}))]

    # -- what the model does ------------------------------------------------------------------------------

    def _interrupt(self) -> list[Effect]:
        """Drop what is still to be said or answered; the client hears of it (PRO-008, PRO-031)."""
        effects: list[Effect] = []
        if self._owed:
            effects.append(Send(pretty({"toolCallCancellation": {"ids": self._owed}})))
        if self._outbox or self._owed:
            self._outbox.clear()
            self._speaker.forget()
            effects += [frame({"interrupted": True}), frame({"turnComplete": True})]
        self._owed, self._steps, self._responses = [], [], []
        if self._state == "calling":
            self._state = "ready"
        return effects

    def _turn(self, heard: str) -> list[Effect]:
        self._heard = heard
        self._steps = list(self._performance.steps("turn") or ())
        return [*self._acknowledgement(), *self._go_on()]

    def _acknowledgement(self) -> list[Effect]:
        return [frame({})] if self.grant.model.acknowledges else []

    def _go_on(self) -> list[Effect]:
        """Play the steps that are left, up to a tool call that must be answered first."""
        effects: list[Effect] = []
        spoke = False
        while self._steps:
            step = self._steps.pop(0)
            if isinstance(step, Echo):
                self._steps[:0] = self._echo()
                continue
            effects += self._play(step)
            spoke = spoke or isinstance(step, (Say, Think))
            if isinstance(step, Call):
                self._state = "calling"
                return effects
        return [*effects, *self._finish()] if spoke else effects

    def _echo(self) -> list[Step]:
        """Call the tool a turn names, and say what it answers; else say the turn back."""
        thoughts = (
            self.grant.setup.get("generationConfig", {}).get("thinkingConfig", {}).get("includeThoughts")
        )
        think: list[Step] = [Think("The user said: {text}")] if thoughts else []
        for tool in self.grant.setup.get("tools", []):
            for function in tool.get("functionDeclarations", []):
                if function.get("name") and function["name"] in self._heard:
                    return [*think, Call(function["name"], _sample_args(function)), Say("{response}")]
        return [*think, Say("{text}")]

    def _play(self, step: Step) -> list[Effect]:
        match step:
            case Say(text):
                return self._speaker.say(self._filled(text) or "…")
            case Think(text):
                return self._speaker.think(self._filled(text))
            case Call(name, args):
                effects, self._owed = self._speaker.call([(name, args)])
                return effects
            case Refuse(fact_id):
                raise Refusal(fact_id, self._values)
            case Silence() | Echo():
                return []
            case _:
                return [step]

    def _filled(self, text: str) -> str:
        return text.replace("{text}", self._heard).replace("{response}", "; ".join(self._responses))

    def _tool_response(self, kind: str, content: dict[str, Any]) -> list[Effect]:
        for response in content.get("functionResponses", []):
            # An id that was never issued is taken all the same (SRV-022), for the oldest call.
            known = response.get("id")
            self._owed.remove(known if known in self._owed else self._owed[0])
            self._responses.append(json.dumps(response.get("response", {}), ensure_ascii=False))
            if not self._owed:
                break
        if self._owed:
            return []
        self._state = "ready"
        update = [self._resumption_update()] if self.grant.model.resumption == "every 1.2 s" else []
        return [*self._acknowledgement(), *update, *self._go_on()]

    def _finish(self) -> list[Effect]:
        effects = self._speaker.finish()
        asked = "sessionResumption" in self.grant.setup
        when = self.grant.model.resumption
        if when == "at once and after turns" or (when == "after turns, when asked" and asked):
            effects.append(self._resumption_update())
        return effects


def _activity(kind: str, offset_s: float) -> Effect:
    activity = {"type": kind, "audioOffset": f"{offset_s:.3f}s"}
    return Send(pretty({"serverContent": {}, "voiceActivity": activity}))


#: What a tool is called with, by the type of each required parameter.
_SAMPLES: Final[dict[str, Any]] = {
    "STRING": "sample",
    "INTEGER": 1,
    "NUMBER": 1.5,
    "BOOLEAN": True,
    "ARRAY": [],
}


def _sample_args(function: dict[str, Any]) -> dict[str, Any]:
    schema = function.get("parameters") or function.get("parametersJsonSchema") or {}
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    wanted = schema.get("required", []) if isinstance(schema, dict) else []
    return {name: _sample(properties.get(name, {})) for name in wanted}


def _sample(schema: dict[str, Any]) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    return _SAMPLES.get(str(schema.get("type", "")).upper(), {})
