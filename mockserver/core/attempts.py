"""A request for a token, or a handshake, that a rule answers: now, later, in part, or never."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from . import frames
from .agenda import Agenda, Note
from .effects import Abort, Close, Reject, Respond
from .errors import Refusal, cut
from .spoiling import Spoiler
from .steps import Drip, Garble, Proceed, Refuse, Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .agenda import Item, Stretch
    from .effects import Accept, Effect
    from .script import Cue
    from .steps import Step


@dataclass(frozen=True, slots=True)
class Contract:
    """What the service does at its moment, given the time."""

    #: The legal thing.
    proceed: Callable[[float], Respond | Accept]
    #: A refusal as it is seen, noted in the journal.
    refuse: Callable[[Refusal, float], Respond]
    #: An answer as it goes out (shared across origins, compressed), noted in the journal.
    dress: Callable[[Respond, float], Respond]


class Attempt:
    """The steps of one rule, on the way to an answer."""

    def __init__(self, cue: Cue, contract: Contract, values: dict[str, str], now: float) -> None:
        self._cue = cue
        self._contract = contract
        self._values = values
        self._steps = list(cue.steps)
        self._spoiler = Spoiler()
        self._agenda = Agenda(now)
        self._agenda.put([self._go_on])
        self._over = False

    @property
    def due(self) -> float | None:
        """When it next has something to do."""
        return None if self._over else self._agenda.due

    def wake(self, now: float) -> Iterator[Stretch]:
        """Do all that is due; after the end, nothing."""
        if self._over:
            return
        for stretch in self._agenda.run(now):
            first = stretch[0]
            if isinstance(first, (Respond, Reject, Close, Abort)):
                self.end()
                yield [Close(first.code, cut(first.reason)) if isinstance(first, Close) else first]
                return
            yield stretch

    def end(self) -> None:
        """Nothing more comes: it is answered, or the client is gone."""
        self._over = True
        self._agenda.forget()

    def _go_on(self) -> list[Item]:
        """The next steps, up to one that must see its own moment."""
        items: list[Item] = []
        while self._steps:
            step = self._steps.pop(0)
            if told := self._cue.fault(step):
                items.append(Note("fault", told, script=self._cue.script, rule=self._cue.rule))
            match step:
                case Garble() | Drip():
                    self._spoiler.take(step)
                case Proceed() | Respond() | Reject() | Refuse():
                    return [*items, partial(self._answer, step)]
                case Silence():
                    pass
                case _:
                    items += self._spoiler.spoil([_effect(step)])
        return items

    def _answer(self, step: Proceed | Respond | Reject | Refuse) -> list[Item]:
        now = self._agenda.now
        match step:
            case Proceed():
                legal = self._contract.proceed(now)
            case Refuse(fact):
                refusal = Refusal(fact, self._values, script=self._cue.script, rule=self._cue.rule)
                legal = self._contract.refuse(refusal, now)
            case Reject(response):
                legal = response
            case Respond():
                legal = step
        if not isinstance(legal, Respond):
            return [*self._spoiler.spoil([legal]), self._go_on]
        answer = self._contract.dress(legal, now)
        if not self._spoiler.words:
            return [Reject(answer) if isinstance(step, Reject) else answer]
        pieces = self._spoiler.answer(frames.http_answer(answer, keep=False))
        # Half an answer stays half until the rule or the client ends it.
        return [*pieces, self._go_on] if self._spoiler.halved else [*pieces, Abort()]


def _effect(step: Step) -> Effect:
    """A step that is an effect by itself."""
    return step  # type: ignore[return-value]  # the events allow no other here
