"""One Live conversation: what each message does, what the model does, and when."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from . import contents
from .agenda import Agenda
from .echoing import echo
from .effects import Abort, Close, Effect, Send
from .errors import Refusal, cut, pretty
from .hearing import Change, Detection, Hearing
from .script import Call, Echo, Refuse, Say, Silence, Think
from .speaking import Speaker, frame
from .states import LEADS, ON, Event, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .agenda import Item
    from .grants import Grant
    from .ids import Ids
    from .options import Options
    from .script import Performance, Step

#: A connection is told to leave after 540 s and closed 50 s later (PRO-013, CLS-067).
GO_AWAY_S: Final = 540.0
ABORTED_S: Final = 590.0
#: How often the models that tell their handle unasked do so (PRO-012).
RESUMPTION_S: Final = 1.2
SETUP_COMPLETE: Final = pretty({"setupComplete": {}})


@dataclass(slots=True)
class Turn:
    """A turn that is being answered."""

    heard: str
    #: Still to play, and the calls that must be answered before that.
    steps: list[Step]
    owed: list[str] = field(default_factory=list)
    responses: list[str] = field(default_factory=list)

    def filled(self, text: str) -> str:
        """A text of the script with what was heard and answered in it."""
        return text.replace("{text}", self.heard).replace("{response}", "; ".join(self.responses))


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
        self._speaker = Speaker(grant, ids, options)
        self._hearing = Hearing(Detection.of(grant.setup))
        self._content = contents.Reader(grant, options)
        self._state: State = "starting"
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._answered: Turn | None = None
        #: What was heard that may not interrupt the answer, and comes after it.
        self._unanswered: list[str] = []
        self._agenda = Agenda(now)
        self._agenda.at(now + options.setup_delay_s, self._begin)
        self._agenda.at(now + GO_AWAY_S, self._go_away)
        self._agenda.at(now + ABORTED_S, partial(self._refuse, "CLS-067"))
        if grant.token is not None:
            self._agenda.at(grant.token.expires_at, partial(self._refuse, "CLS-009"))

    # -- time and messages --------------------------------------------------------------------------------

    @property
    def due(self) -> float | None:
        """When this session next has something to do of its own accord."""
        return None if self._state == "closed" else self._agenda.due

    def wake(self, now: float) -> Iterator[Effect]:
        """Do all that is due, in the order in which it was due; after a close, nothing."""
        if self._state == "closed":
            return
        for effect in self._agenda.run(now):
            if isinstance(effect, (Close, Abort)):
                self.end()
                yield Close(effect.code, cut(effect.reason)) if isinstance(effect, Close) else effect
                return
            yield effect

    def receive(self, kind: str, content: dict[str, Any], now: float) -> Iterator[Effect]:
        """Take one client message that is of the schema.

        Raises:
            Refusal: the message has no business here now.
        """
        yield from self.wake(now)  # what was due before the message came, comes before its answer
        if self._state == "closed":
            return
        if (self._state, kind) not in ON:
            raise Refusal("CLS-040")
        self._agenda.put(self._act(kind, content))
        yield from self.wake(now)

    def end(self) -> None:
        """The connection is gone."""
        self._enter("ended")

    def _enter(self, event: Event) -> None:
        self._state = LEADS[self._state, event]

    def _act(self, kind: str, content: dict[str, Any]) -> list[Item]:
        match ON[self._state, kind]:
            case "wait":
                self._waiting.append((kind, content))
                return []
            case "client_content":
                return self._client_content(content)
            case "realtime_input":
                return self._realtime_input(content)
            case "tool_response":
                return self._tool_response(content)
            case "ignore":
                return self._acknowledgement() if kind == "toolResponse" else []

    def _refuse(self, fact_id: str) -> list[Item]:
        raise self._refusal(fact_id)

    def _refusal(self, fact_id: str) -> Refusal:
        return Refusal(
            fact_id, {"model": f"models/{self.grant.model.name}", "modalities": self.grant.modality}
        )

    # -- what the connection does -------------------------------------------------------------------------

    def _begin(self) -> list[Item]:
        steps = self._performance.steps("setup")
        if steps is not None:
            return [item for step in steps for item in self._play(step, Turn("", []))]
        self._enter("setup complete")
        # Each by itself, after setupComplete: one may interrupt the one before it, or be refused (SRV-020).
        if self._waiting:
            self._agenda.at(self._agenda.now, self._catch_up)
        told: list[Item] = [Send(SETUP_COMPLETE)]
        if self.grant.model.resumption == "at once and after turns":
            told.append(self._resumption_update())
        if self.grant.model.resumption == "every 1.2 s":
            self._agenda.at(self._agenda.now + RESUMPTION_S, self._tell_handle)
        return told

    def _catch_up(self) -> list[Item]:
        kind, content = self._waiting.pop(0)
        items = self._act(kind, content)
        if self._waiting:
            # Behind all that the audio in this one set off.
            self._agenda.at(self._agenda.now, self._catch_up)
        return items

    def _tell_handle(self) -> list[Item]:
        self._agenda.at(self._agenda.now + RESUMPTION_S, self._tell_handle)
        self._agenda.push_in(self._resumption_update())
        return []

    def _resumption_update(self) -> Effect:
        handle = self._ids.handle()
        self.handles.append(handle)
        return Send(pretty({"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}}))

    def _go_away(self) -> list[Item]:
        left = f"{ABORTED_S - GO_AWAY_S:.0f}s"
        self._agenda.push_in(Send(pretty({"goAway": {"timeLeft": left}})))
        return []

    # -- what the user does -------------------------------------------------------------------------------

    def _client_content(self, content: dict[str, Any]) -> list[Item]:
        said, written = self._content.read(content)
        self._speaker.meter.hear_text(written)
        return [] if said is None else [*self._interrupt(), *self._turn(said)]

    def _realtime_input(self, content: dict[str, Any]) -> list[Item]:
        self._content.begin()
        manual = self._hearing.detection.disabled
        if ("activityStart" in content or "activityEnd" in content) and not manual:
            raise Refusal("CLS-064")
        items: list[Item] = []
        if "activityStart" in content and not self._hearing.speaking:
            items += self._start(Change("start", self._hearing.offset_s))
        for blob in [content.get("audio"), *content.get("mediaChunks", [])]:
            if blob:
                self._hear(blob)
        if "text" in content:
            self._speaker.meter.hear_text(content["text"])
            items += [*self._interrupt(), *self._turn(content["text"])]
        if content.get("audioStreamEnd"):
            self._note(self._hearing.stop())
        if "activityEnd" in content:
            items += self._activity_end()
        return items

    def _hear(self, blob: dict[str, Any]) -> None:
        self._note(self._hearing.hear(blob))
        self._agenda.cancel(self._fall_silent)
        if self._hearing.speaking:
            # Nothing more may come: a pause in the stream ends speech like silence in the samples (SRV-025).
            self._agenda.at(self._agenda.now + self._hearing.detection.silence_s, self._fall_silent)

    def _fall_silent(self) -> list[Item]:
        self._note(self._hearing.stop())
        return []

    def _note(self, changes: list[Change]) -> None:
        """Each by itself: what one begins to answer, the next one interrupts."""
        for change in changes:
            act = self._start if change.kind == "start" else self._stop
            self._agenda.at(self._agenda.now, partial(act, change))

    def _start(self, change: Change) -> list[Item]:
        """Somebody begins to speak."""
        if self._hearing.detection.disabled:
            self._hearing.open()
        told = [_activity("ACTIVITY_START", change.offset_s)] if self.grant.model.transcribes else []
        handling = self.grant.setup.get("realtimeInputConfig", {}).get("activityHandling")
        return [*told, *([] if handling == "NO_INTERRUPTION" else self._interrupt())]

    def _stop(self, change: Change) -> list[Item]:
        """Somebody has spoken: transcribe it, answer it."""
        self._speaker.meter.hear_audio(change.spoken_s)
        heard = f"{change.spoken_s:.1f} seconds of speech"
        if self.grant.model.transcribes:
            return [*self._speaker.transcribe(heard), _activity("ACTIVITY_END", change.offset_s)]
        transcribed = "inputAudioTranscription" in self.grant.setup
        told = [frame({"inputTranscription": {"text": heard}})] if transcribed else []
        return [*told, *self._turn(heard)]

    def _activity_end(self) -> list[Item]:
        change = self._hearing.close()
        if change.spoken_s:
            return self._stop(change)
        empty = Send(pretty({"serverContent": {"turnComplete": True}, "usageMetadata": {}}))
        return [empty, self._refusal("CLS-065")]

    def _tool_response(self, content: dict[str, Any]) -> list[Item]:
        assert self._answered is not None, "calls are part of a turn"
        owed = self._answered.owed
        for response in content.get("functionResponses", []):
            self._answered.responses.append(json.dumps(response.get("response", {}), ensure_ascii=False))
            if owed and not response.get("willContinue"):
                # An id that was never issued is taken all the same (SRV-022), for the oldest call.
                known = response.get("id")
                owed.remove(known if known in owed else owed[0])
        if owed:
            return []
        self._enter("tools answered")
        update = [self._resumption_update()] if self.grant.model.resumption == "every 1.2 s" else []
        return [*self._acknowledgement(), *update, *self._go_on(self._answered)]

    # -- what the model does ------------------------------------------------------------------------------

    def _interrupt(self) -> list[Item]:
        """Drop what is still to be said or answered; the client hears of it (PRO-008, PRO-031)."""
        if self._answered is None:
            return []
        owed, self._answered = self._answered.owed, None
        cancelled = [Send(pretty({"toolCallCancellation": {"ids": owed}}))] if owed else []
        self._agenda.drop()
        self._unanswered.clear()
        self._speaker.forget()
        self._enter("interrupted")
        return [*cancelled, frame({"interrupted": True}), frame({"turnComplete": True})]

    def _turn(self, heard: str) -> list[Item]:
        if self._answered is not None:
            self._unanswered.append(heard)
            return []
        if self._content.is_full(self._speaker.meter):
            return [self._refusal("CLS-070")]
        self._answered = Turn(heard, list(self._performance.steps("turn") or ()))
        return [*self._acknowledgement(), *self._go_on(self._answered)]

    def _acknowledgement(self) -> list[Item]:
        return [frame({})] if self.grant.model.acknowledges else []

    def _go_on(self, turn: Turn) -> list[Item]:
        """Play the steps that are left, up to a tool call that must be answered first."""
        items: list[Item] = []
        while turn.steps:
            step = turn.steps.pop(0)
            if isinstance(step, Echo):
                turn.steps[:0] = echo(self.grant.setup, turn.heard)
                continue
            items += self._play(step, turn)
            if isinstance(step, Call):
                return items
        return [*items, *self._finish(), self._turn_over]

    def _play(self, step: Step, turn: Turn) -> list[Item]:
        match step:
            case Say(text):
                return [*self._speaker.say(turn.filled(text) or "…")]
            case Think(text):
                return [*self._speaker.think(turn.filled(text))]
            case Call(name, args):
                effects, ids = self._speaker.call([(name, args)])
                return [*effects, partial(self._called, turn, ids)]
            case Refuse(fact_id):
                return [self._refusal(fact_id)]
            case Silence() | Echo():
                return []
            case _:
                return [step]

    def _called(self, turn: Turn, ids: list[str]) -> list[Item]:
        turn.owed = ids
        self._enter("tool called")
        return []

    def _finish(self) -> list[Item]:
        """End the turn, if the model said or thought anything in it."""
        if not self._speaker.spoke:
            return []
        items: list[Item] = [*self._speaker.finish()]
        asked = "sessionResumption" in self.grant.setup
        when = self.grant.model.resumption
        if when == "at once and after turns" or (when == "after turns, when asked" and asked):
            items.append(self._resumption_update())
        return items

    def _turn_over(self) -> list[Item]:
        self._answered = None
        return self._turn(self._unanswered.pop(0)) if self._unanswered else []


def _activity(kind: str, offset_s: float) -> Effect:
    activity = {"type": kind, "audioOffset": f"{offset_s:.3f}s"}
    return Send(pretty({"serverContent": {}, "voiceActivity": activity}))
