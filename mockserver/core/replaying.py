"""A recorded socket being played again: what the service sent then it sends now, as the client goes on.

What the client sends is compared by meaning, and audio by its length. Where it differs, the journal says what
was expected, and the recording goes on all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .agenda import Agenda, Note
from .effects import NO_CODE, Abort, Close, Pause, Reject, Respond, Send
from .errors import cut
from .script import Cue
from .steps import Proceed
from .takes import differs, heard_bytes, kind_of, played, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .agenda import Item, Stretch
    from .effects import Effect
    from .steps import Step
    from .takes import Line, Take

#: After this long without more audio, less of it came than was recorded, and no more will.
QUIET_S: Final = 1.0


class Replay:
    """One session of a recording; to the service it is as a ``Session``."""

    def __init__(self, take: Take, script: str, pace: float, now: float) -> None:
        #: A recording gives out handles that nobody checks.
        self.handles: list[str] = []
        self._script = script
        self._pace = pace
        self._lines = [line for line in take.lines[1:] if line.kind not in ("accepted", "note")]
        self._last_ms = take.answer.ms if take.answer is not None else take.opening.ms
        self._over = False
        #: Bytes of media that came, and that belong to lines passed.
        self._heard = 0
        self._due_bytes = 0
        self.agenda = Agenda(now)
        self.agenda.put(self._play_on())

    @property
    def due(self) -> float | None:
        """When there is next something to do."""
        return None if self._over else self.agenda.due

    def wake(self, now: float) -> Iterator[Stretch]:
        """Do all that is due; after the end, nothing."""
        if self._over:
            return
        for stretch in self.agenda.run(now):
            if isinstance(stretch[0], (Close, Abort)):
                self.end()
                yield stretch[:1]
                return
            yield stretch

    def hear(self, payload: bytes, now: float) -> Iterator[Stretch]:
        """Take one message of the client."""
        yield from self.wake(now)
        if self._over:
            return
        form = recorded(payload)
        self.agenda.cancel(self._fall_quiet)
        size = heard_bytes(form)
        self.agenda.put(self._listen(size) if size is not None else self._compare(form))
        yield from self.wake(now)

    def end(self) -> None:
        """The connection is gone."""
        self._over = True
        self.agenda.forget()

    # -- the service --------------------------------------------------------------------------------------

    def _play_on(self) -> list[Item]:
        """What the service sends before the client is next to speak."""
        items: list[Item] = []
        while self._lines and self._lines[0].by != "client":
            line = self._lines.pop(0)
            items += [Pause(max(0, line.ms - self._last_ms) / 1000 * self._pace), _effect(line)]
            self._last_ms = line.ms
        return items

    def _pass(self) -> list[Item]:
        """The client has sent the line that was next."""
        self._last_ms = self._lines.pop(0).ms
        return self._play_on()

    # -- the client ---------------------------------------------------------------------------------------

    def _listen(self, size: int) -> list[Item]:
        """More audio: what was sent after so much of it, comes after so much of it."""
        self._heard += size
        items: list[Item] = []
        while (wanted := self._wanted()) is not None and self._heard >= self._due_bytes + wanted:
            self._due_bytes += wanted
            items += self._pass()
        if self._wanted() is not None:
            self.agenda.at(self.agenda.now + QUIET_S, self._fall_quiet)
        return items

    def _wanted(self) -> int | None:
        """How much audio the next line has; None where it is something else."""
        is_next = bool(self._lines) and self._lines[0].kind in ("text", "binary")
        return heard_bytes(self._lines[0].payload) if is_next else None

    def _fall_quiet(self) -> list[Item]:
        """No more audio comes: what was recorded of it is over."""
        items: list[Item] = []
        missing = self._due_bytes - self._heard
        while (wanted := self._wanted()) is not None:
            missing += wanted
            self._due_bytes += wanted
            items += self._pass()
        if missing > 0:
            items.insert(0, self._told(f"{missing} bytes less of audio came than were recorded"))
        self._heard = self._due_bytes = 0
        return items

    def _compare(self, form: object) -> list[Item]:
        items = self._fall_quiet() if self._wanted() is not None else []
        kind = kind_of(form)
        expected = [line for line in self._lines if line.by == "client" and line.kind in ("text", "binary")]
        same = next((line for line in expected if kind_of(line.payload) == kind), None)
        if same is None:
            more = f"expected {kind_of(expected[0].payload)}" if expected else "nothing more was recorded"
            return [*items, self._told(f"{kind} came, {more}; it is passed over")]
        while self._lines[0] is not same:
            left_out = self._lines[0]
            if left_out.kind in ("text", "binary"):
                items.append(
                    self._told(f"{kind_of(left_out.payload)} was recorded before {kind}, and is left out")
                )
            items += self._pass()
        difference = differs(same.payload, form)
        if difference is not None:
            items.append(self._told(f"{kind} is not as recorded: {difference}"))
        return [*items, *self._pass()]

    def _told(self, what: str) -> Note:
        return near_miss(what, self._script)


def near_miss(what: str, script: str) -> Note:
    """What the journal says where a client does otherwise than recorded."""
    return Note("problem", f"otherwise than recorded: {what}", script=script)


def cue(take: Take, script: str, pace: float) -> Cue:
    """What was answered to a request or a handshake, at its time."""
    line = take.answer
    assert line is not None, "what has no answer is not played"
    held = Pause(max(0, line.ms - take.opening.ms) / 1000 * pace)
    response = Respond(line.status or 200, line.headers, played(line.payload))
    answers: dict[str, Step] = {
        "accepted": Proceed(),
        "rejected": Reject(response),
        "response": response,
        "drop": Abort(line.reset),
    }
    return Cue(script, None, take.opening.kind, (held, answers[line.kind]))


def _effect(line: Line) -> Effect:
    match line.kind:
        case "close":
            return Close(line.status or NO_CODE, cut(line.reason))
        case "text" | "binary":
            return Send(played(line.payload), line.kind == "text")
        case _:
            return Abort(line.reset)
