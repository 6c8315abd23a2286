"""What the model does in a session, and what a rule does to it: steps become frames, in their moments."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

from .agenda import Note
from .echoing import echo
from .effects import Delay, Pause, Send
from .errors import Refusal, pretty
from .matching import difference
from .spoiling import Spoiler
from .steps import (
    SPEECH,
    Call,
    Drip,
    Echo,
    Garble,
    GoAway,
    Interrupt,
    Proceed,
    Refuse,
    Resumption,
    Say,
    Silence,
    Think,
)
from .wav import Audio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .agenda import Item
    from .script import Cue
    from .session import Session
    from .steps import Step


@dataclass(slots=True)
class Turn:
    """A turn that is being answered, or another event on which a rule speaks."""

    heard: str
    #: Still to play, and the calls that must be answered before that.
    steps: list[Step]
    cue: Cue | None = None
    #: What Proceed does.
    legal: Callable[[], list[Item]] | None = None
    #: Does not wait for the model to have spoken.
    aside: bool = False
    owed: list[str] = field(default_factory=list)
    #: What the response to a call should hold, by its id.
    expected: dict[str, Call] = field(default_factory=dict)
    responses: list[str] = field(default_factory=list)
    spoiler: Spoiler = field(default_factory=Spoiler)

    def texts(self) -> list[str]:
        """What is said next, up to a step that does something else; those steps are played with it."""
        if not isinstance(self.steps[0], Say):
            return []
        says = cast("Iterator[Say]", next(groupby(self.steps, type))[1])
        texts = [self.filled(say.text) or "…" for say in says]
        del self.steps[: len(texts)]
        return texts

    def filled(self, text: str) -> str:
        """A text of the script with what was heard and answered in it."""
        if "{" not in text:  # one look, where each replacement takes one of its own
            return text
        return text.replace("{text}", self.heard).replace("{response}", "; ".join(self.responses))


class Player:
    """Plays the steps of a turn in one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def go_on(self, turn: Turn) -> list[Item]:
        """Play the steps that are left, up to one that must see its own moment."""
        items: list[Item] = []
        while turn.steps:
            if texts := turn.texts():
                items += turn.spoiler.spoil(self._session.speaker.say(*texts))
                continue
            if _is_epilogue(turn.steps):
                items += turn.spoiler.spoil(self._finish(turn))
            step = turn.steps.pop(0)
            if isinstance(step, Proceed) and turn.legal is None:
                step = Echo()
            if isinstance(step, Echo):
                turn.steps[:0] = echo(self._session.grant.setup, turn.heard)
                continue
            items += _noted(step, turn)
            if isinstance(step, (Garble, Drip)):
                turn.spoiler.take(step)
                continue
            if isinstance(step, (Proceed, Interrupt, GoAway)):
                return [*items, partial(self._now, step, turn)]
            items += turn.spoiler.spoil(self._play(step, turn))
            if isinstance(step, Call) and not _is_cancelled(turn):
                return items
        return [*items, *turn.spoiler.spoil(self._finish(turn)), partial(self._over, turn)]

    def _play(self, step: Step, turn: Turn) -> list[Item]:
        speaker = self._session.speaker
        match step:
            case Think(text):
                return [*speaker.think(turn.filled(text))]
            case Audio(pcm, rate, text):
                return [*speaker.play(pcm, rate, turn.filled(text))]
            case Call(name, args):
                effects, ids = speaker.call([(name, args)])
                turn.expected.update(dict.fromkeys(ids, step))
                return [*effects, partial(self._called, turn, ids)]
            case Resumption(resumable):
                return [self._session.resumption_update() if resumable else _not_resumable()]
            case Refuse(fact_id):
                refusal = self._session.refusal(fact_id)
                return [refusal if turn.cue is None else _played(refusal, turn.cue)]
            case Silence():
                return []
            case _:
                return [step]  # type: ignore[list-item]  # all others are effects

    def _now(self, step: Proceed | Interrupt | GoAway, turn: Turn) -> list[Item]:
        """A step that depends on what is at its moment, then the rest."""
        match step:
            case Proceed():
                assert turn.legal is not None, "a turn's own legal thing is an echo"
                if any(isinstance(one, SPEECH) for one in turn.steps) and not turn.aside:
                    self._session.answered = turn
                items = turn.spoiler.spoil(turn.legal())
            case Interrupt():
                items = turn.spoiler.spoil(self._session.cut_off(turn))
            case GoAway(seconds):
                items = turn.spoiler.spoil(self._session.go_away(seconds))
        if turn.aside:
            # What the model has to say stands in its own line.
            self._session.agenda.put(items)
            items = []
        return [*items, *self.go_on(turn)]

    def _called(self, turn: Turn, ids: list[str]) -> list[Item]:
        turn.owed = ids
        self._session.enter("tool called")
        return []

    def _finish(self, turn: Turn) -> list[Item]:
        """End the turn, if the model said or thought anything in it."""
        return [] if turn.aside else self._session.finish()

    def _over(self, turn: Turn) -> list[Item]:
        return self._session.turn_over() if turn is self._session.answered else []


def _is_epilogue(steps: list[Step]) -> bool:
    """Tell whether all that is left concerns the connection, and so comes after the end of the turn."""
    later = (GoAway, Resumption)
    if not isinstance(steps[-1], (*later, Pause, Delay)):
        return False
    return any(isinstance(step, later) for step in steps) and all(
        isinstance(step, (*later, Pause, Delay)) for step in steps
    )


def _is_cancelled(turn: Turn) -> bool:
    """Tell whether an interruption comes next, with or without a pause, so that nobody waits for the tool."""
    following = (step for step in turn.steps if not isinstance(step, Pause))
    return isinstance(next(following, None), Interrupt)


def _noted(step: Step, turn: Turn) -> list[Item]:
    told = turn.cue.fault(step) if turn.cue is not None else ""
    return [Note("fault", told, script=turn.cue.script, rule=turn.cue.rule)] if turn.cue and told else []


def _played(refusal: Refusal, cue: Cue) -> Refusal:
    return Refusal(refusal.fact, refusal.values, script=cue.script, rule=cue.rule)


def _not_resumable() -> Any:
    """Both fields have their defaults, and so are left out (proto JSON)."""
    return Send(pretty({"sessionResumptionUpdate": {}}))


def unexpected(turn: Turn, which: str, response: dict[str, Any]) -> list[Item]:
    """What the journal says of a response that does not hold what the script expects."""
    call = turn.expected.get(which)
    if call is None or call.expect is None:
        return []
    got = response.get("response", {})
    differs = difference(call.expect, got)
    if differs is None:
        return []
    what = f"tool {call.name} answered otherwise than expected: {differs}"
    cue = turn.cue
    return [
        Note("problem", what, pretty(got), script=cue.script if cue else "", rule=cue.rule if cue else None)
    ]
