"""One Live conversation: what each message does, what the model does, and when."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from . import contents
from .agenda import Agenda
from .alike import Alike
from .effects import Abort, Close, Effect, Send
from .errors import Refusal, cut, pretty
from .hearing import Change, Detection, Hearing
from .matching import About
from .playing import Player, Turn, unexpected
from .speaking import Speaker, activity, frame, go_away, interrupted
from .states import LEADS, ON, Event, State
from .steps import Echo, Proceed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .agenda import Item, Stretch
    from .grants import Grant
    from .ids import Ids
    from .options import Options
    from .script import Performance

#: A connection is told to leave after 540 s and closed 50 s later (PRO-013, CLS-067).
GO_AWAY_S: Final = 540.0
ABORTED_S: Final = 590.0
#: How often the models that tell their handle unasked do so (PRO-012).
RESUMPTION_S: Final = 1.2
SETUP_COMPLETE: Final = Send(pretty({"setupComplete": {}}))


class Session:
    """A granted conversation. Times are Unix seconds on the mock's clock."""

    def __init__(
        self,
        grant: Grant,
        performance: Performance,
        ids: Ids,
        options: Options,
        now: float,
        version: str = "",
    ) -> None:
        self.grant = grant
        #: Resumption handles this session gave out since the service last asked.
        self.handles: list[str] = []
        self._performance = performance.opened()
        self._ids = ids
        self._options = options
        self._version = version
        self._state: State = "starting"
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        #: What audio was like so far.
        self._alike: Alike | None = None
        #: When speech ends by itself if nothing more comes; None: nobody looks.
        self._silent_at: float | None = None
        #: The turn that is being answered.
        self.answered: Turn | None = None
        #: What was heard that may not interrupt the answer, and comes after it.
        self._unanswered: list[str] = []
        self.agenda = Agenda(
            now,
            (now + options.setup_delay_s, self._begin),
            (now + GO_AWAY_S, self._announce_end),
            (now + ABORTED_S, self._abort),
        )
        if grant.token is not None:
            self.agenda.at(grant.token.expires_at, self._outlive)

    # -- what a session has once it needs it --------------------------------------------------------------

    @cached_property
    def _about(self) -> About:
        """What is the same of all its events."""
        setup = self.grant.setup
        return About(self.grant.owner, self._version, setup.get("model", ""), setup)

    @cached_property
    def speaker(self) -> Speaker:
        """The voice of the model."""
        return Speaker(self.grant, self._ids, self._options)

    @property
    def _player(self) -> Player:
        return Player(self)  # not kept: the two would keep each other

    @cached_property
    def _hearing(self) -> Hearing:
        return Hearing(Detection.of(self.grant.setup))

    @cached_property
    def _content(self) -> contents.Reader:
        return contents.Reader(self.grant, self._options)

    # -- time and messages --------------------------------------------------------------------------------

    @property
    def due(self) -> float | None:
        """When this session next has something to do of its own accord."""
        return None if self._state == "closed" else self.agenda.due

    def wake(self, now: float) -> Iterator[Stretch]:
        """Do all that is due, in the order in which it was due; after a close, nothing."""
        if self._state == "closed":
            return
        for stretch in self.agenda.run(now):
            first = stretch[0]
            if isinstance(first, (Close, Abort)):
                self.end()
                yield [Close(first.code, cut(first.reason)) if isinstance(first, Close) else first]
                return
            yield stretch

    def receive(self, kind: str, content: dict[str, Any], now: float) -> Iterator[Stretch]:
        """Take one client message that is of the schema.

        Raises:
            Refusal: the message has no business here now.
        """
        yield from self.wake(now)  # what was due before the message came, comes before its answer
        if self._state == "closed":
            return
        if (self._state, kind) not in ON:
            raise Refusal("CLS-040")
        self.agenda.put(self._act(kind, content))
        yield from self.wake(now)

    def overhear(self, payload: bytes, now: float) -> list[Change] | None:
        """Take audio that comes as it came before; what changes by it is due now.

        None: it is another message, or another moment, and to be read as any other.
        """
        alike, due = self._alike, self.agenda.due
        if alike is None or ON.get((self._state, "realtimeInput")) != "realtime_input":
            return None
        if due is not None and due <= now:
            return None
        if self._performance.listens("realtime_input"):
            return None
        pcm = alike.data(payload)
        if pcm is None:
            return None
        self._performance.count("realtime_input")
        self.agenda.now = now
        changes = self._hearing.listen(alike.rate_hz, pcm)
        self._heard(changes)
        return changes

    def heed(self, payload: bytes, kind: str, content: dict[str, Any]) -> None:
        """Know a message that was taken: the next one may be like it."""
        self._alike = Alike.of(payload, kind, content)

    def end(self) -> None:
        """The connection is gone; nothing of the session refers to it from here on, so that it goes too."""
        self.enter("ended")
        self.agenda.forget()
        self.answered = None

    def enter(self, event: Event) -> None:
        """Change the state by an event."""
        self._state = LEADS[self._state, event]

    def _act(self, kind: str, content: dict[str, Any]) -> list[Item]:
        match ON[self._state, kind]:
            case "wait":
                self._waiting.append((kind, content))
                return []
            case "client_content":
                return self._on("client_content", partial(self._client_content, content), message=content)
            case "realtime_input":
                return self._on("realtime_input", partial(self._realtime_input, content), message=content)
            case "tool_response":
                return self._tool_response(content)
            case "ignore":
                return self._acknowledgement() if kind == "toolResponse" else []

    def _on(self, event: str, legal: Callable[[], list[Item]], **about: Any) -> list[Item]:
        """Do the legal thing, or what a rule does instead, which does not wait until the model has spoken."""
        if not self._performance.listens(event):
            self._performance.count(event)
            return legal()
        cue = self._performance.cue(event, replace(self._about, **about))
        if cue is None:
            return legal()
        turn = Turn("", list(cue.steps), cue, legal, aside=True)
        self.agenda.put(self._player.go_on(turn), aside=True)
        return []

    def _abort(self) -> list[Item]:
        """The connection is as old as one gets."""
        raise self.refusal("CLS-067")

    def _outlive(self) -> list[Item]:
        """The token is over."""
        raise self.refusal("CLS-009")

    def refusal(self, fact_id: str) -> Refusal:
        """The refusal of a fact, filled in with what this session is."""
        return Refusal(
            fact_id, {"model": f"models/{self.grant.model.name}", "modalities": self.grant.modality}
        )

    # -- what the connection does -------------------------------------------------------------------------

    def _begin(self) -> list[Item]:
        if not self._performance.listens("setup"):
            self._performance.count("setup")
            return self._open()
        cue = self._performance.cue("setup", self._about)
        if cue is None:
            return self._open()
        return self._player.go_on(Turn("", list(cue.steps), cue, self._open))

    def _open(self) -> list[Item]:
        self.enter("setup complete")
        # Each by itself, after setupComplete: one may interrupt the one before it, or be refused (SRV-020).
        if self._waiting:
            self.agenda.at(self.agenda.now, self._catch_up)
        told: list[Item] = [SETUP_COMPLETE]
        if self.grant.model.resumption == "at once and after turns":
            told.append(self.resumption_update())
        if self.grant.model.resumption == "every 1.2 s":
            self.agenda.at(self.agenda.now + RESUMPTION_S, self._tell_handle)
        return told

    def _catch_up(self) -> list[Item]:
        kind, content = self._waiting.pop(0)
        items = self._act(kind, content)
        if self._waiting:
            # Behind all that the audio in this one set off.
            self.agenda.at(self.agenda.now, self._catch_up)
        return items

    def _tell_handle(self) -> list[Item]:
        self.agenda.at(self.agenda.now + RESUMPTION_S, self._tell_handle)
        self.agenda.push_in(self.resumption_update())
        return []

    def resumption_update(self) -> Effect:
        """Tell a new handle."""
        handle = self._ids.handle()
        self.handles.append(handle)
        return Send(pretty({"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}}))

    def _announce_end(self) -> list[Item]:
        self.agenda.push_in(go_away(ABORTED_S - GO_AWAY_S))
        return []

    def go_away(self, seconds: float) -> list[Item]:
        """Announce an earlier end than the contract's."""
        self.agenda.at(self.agenda.now + seconds, self._abort)
        return [go_away(seconds)]

    # -- what the user does -------------------------------------------------------------------------------

    def _client_content(self, content: dict[str, Any]) -> list[Item]:
        said, written = self._content.read(content)
        self.speaker.meter.hear_text(written)
        return [] if said is None else [*self._interrupt(), *self._turn(said)]

    def _realtime_input(self, content: dict[str, Any]) -> list[Item]:
        self._content.begin()
        manual = self._hearing.detection.disabled
        if ("activityStart" in content or "activityEnd" in content) and not manual:
            raise Refusal("CLS-064")
        items: list[Item] = []
        if "activityStart" in content and not self._hearing.speaking:
            items += self._change(Change("start", self._hearing.offset_s))
        for blob in [content.get("audio"), *content.get("mediaChunks", [])]:
            if blob:
                self._hear(blob)
        if "text" in content:
            self.speaker.meter.hear_text(content["text"])
            items += [*self._interrupt(), *self._turn(content["text"])]
        if content.get("audioStreamEnd"):
            self._note(self._hearing.stop())
        if "activityEnd" in content:
            items += self._activity_end()
        return items

    def _hear(self, blob: dict[str, Any]) -> None:
        self._heard(self._hearing.hear(blob))

    def _heard(self, changes: list[Change]) -> None:
        if changes:
            self._note(changes)
        if self._hearing.speaking:
            # Nothing more may come: a pause in the stream ends speech like silence in the samples (SRV-025).
            moment = self.agenda.now + self._hearing.detection.silence_s
            if self._silent_at is None:
                self.agenda.at(moment, self._fall_silent)
            self._silent_at = moment

    def _fall_silent(self) -> list[Item]:
        assert self._silent_at is not None, "it is planned for a moment"
        if self._silent_at > self.agenda.now:  # more has come since: not planned anew for each piece of audio
            self.agenda.at(self._silent_at, self._fall_silent)
            return []
        self._silent_at = None
        self._note(self._hearing.stop())
        return []

    def _note(self, changes: list[Change]) -> None:
        """Each by itself: what one begins to answer, the next one interrupts."""
        for change in changes:
            self.agenda.at(self.agenda.now, partial(self._change, change))

    def _change(self, change: Change) -> list[Item]:
        if change.kind == "start":
            return self._on("activity_start", partial(self._start, change))
        return self._on("activity_end", partial(self._stop, change))

    def _start(self, change: Change) -> list[Item]:
        """Somebody begins to speak."""
        if self._hearing.detection.disabled:
            self._hearing.open()
        told = [activity("ACTIVITY_START", change.offset_s)] if self.grant.model.transcribes else []
        handling = self.grant.setup.get("realtimeInputConfig", {}).get("activityHandling")
        return [*told, *([] if handling == "NO_INTERRUPTION" else self._interrupt())]

    def _stop(self, change: Change) -> list[Item]:
        """Somebody has spoken: transcribe it, answer it."""
        self.speaker.meter.hear_audio(change.spoken_s)
        heard = f"{change.spoken_s:.1f} seconds of speech"
        if self.grant.model.transcribes:
            return [*self.speaker.transcribe(heard), activity("ACTIVITY_END", change.offset_s)]
        transcribed = "inputAudioTranscription" in self.grant.setup
        told = [frame({"inputTranscription": {"text": heard}})] if transcribed else []
        return [*told, *self._turn(heard)]

    def _activity_end(self) -> list[Item]:
        change = self._hearing.close()
        if change.spoken_s:
            return self._change(change)
        empty = Send(pretty({"serverContent": {"turnComplete": True}, "usageMetadata": {}}))
        return [empty, self.refusal("CLS-065")]

    def _tool_response(self, content: dict[str, Any]) -> list[Item]:
        turn = self.answered
        assert turn is not None, "calls are part of a turn"
        problems: list[Item] = []
        responses = content.get("functionResponses", [])
        for response in responses:
            turn.responses.append(json.dumps(response.get("response", {}), ensure_ascii=False))
            # An id that was never issued is taken all the same (SRV-022), for the oldest call.
            known = response.get("id")
            which = known if known in turn.owed else next(iter(turn.owed), "")
            problems += unexpected(turn, which, response)
            if turn.owed and not response.get("willContinue"):
                turn.owed.remove(which)
        if turn.owed:
            return problems
        self.enter("tools answered")
        tools = tuple(str(response.get("name", "")) for response in responses)
        cue = self._performance.cue("tool_response", replace(self._about, tools=tools, message=content))
        if cue is not None:
            rest, turn.cue, turn.steps = turn.steps, cue, []
            for step in cue.steps:
                turn.steps += rest if isinstance(step, Proceed) else [step]
            return [*problems, *self._player.go_on(turn)]
        update = [self.resumption_update()] if self.grant.model.resumption == "every 1.2 s" else []
        return [*problems, *self._acknowledgement(), *update, *self._player.go_on(turn)]

    # -- what the model does ------------------------------------------------------------------------------

    def _interrupt(self) -> list[Item]:
        """Drop what is still to be said or answered; the client hears of it (PRO-008, PRO-031)."""
        if self.answered is None:
            return []
        owed, self.answered = self.answered.owed, None
        self.agenda.drop()
        self._unanswered.clear()
        self.speaker.forget()
        self.enter("interrupted")
        return interrupted(owed)

    def cut_off(self, turn: Turn) -> list[Item]:
        """Break off by a rule: the turn that is being answered, which goes on if the rule is its own."""
        if turn is not self.answered:
            return self._interrupt()
        owed, turn.owed = turn.owed, []
        self.speaker.forget()
        self.enter("interrupted")
        return interrupted(owed)

    def _turn(self, heard: str) -> list[Item]:
        if self.answered is not None:
            self._unanswered.append(heard)
            return []
        if self._content.is_full(self.speaker.meter):
            return [self.refusal("CLS-070")]
        cue = self._performance.cue("turn", replace(self._about, text=heard))
        self.answered = Turn(heard, list(cue.steps) if cue is not None else [Echo()], cue)
        return [*self._acknowledgement(), *self._player.go_on(self.answered)]

    def _acknowledgement(self) -> list[Item]:
        return [frame({})] if self.grant.model.acknowledges else []

    def finish(self) -> list[Item]:
        """End the turn, if the model said or thought anything in it."""
        if not self.speaker.spoke:
            return []
        items: list[Item] = [*self.speaker.finish()]
        asked = "sessionResumption" in self.grant.setup
        when = self.grant.model.resumption
        if when == "at once and after turns" or (when == "after turns, when asked" and asked):
            items.append(self.resumption_update())
        return items

    def turn_over(self) -> list[Item]:
        """The answer is out: what was heard meanwhile comes next."""
        self.answered = None
        return self._turn(self._unanswered.pop(0)) if self._unanswered else []
