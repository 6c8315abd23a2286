"""Which recorded request or socket is played to a client, where its script has a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import replaying
from .replaying import Replay
from .takes import as_json, differs, recorded

if TYPE_CHECKING:
    from .choosing import Stage
    from .notes import Notes
    from .request import Request
    from .script import Cue
    from .takes import Opening, Take


class Prompter:
    """Has the text of what was recorded, and tells in the journal who departs from it."""

    def __init__(self, stage: Stage, notes: Notes, pace: float) -> None:
        self._stage = stage
        self._notes = notes
        self._pace = pace
        #: The keys with which recorded tokens were asked for.
        self._owners: dict[str, str] = {}

    def owner(self, token: str) -> str | None:
        """The key with which a recorded token was asked for."""
        return self._owners.get(token)

    @property
    def knows_owners(self) -> bool:
        """Whether recorded tokens were asked for."""
        return bool(self._owners)

    def forget(self) -> None:
        """A reset forgets who asked for tokens."""
        self._owners.clear()

    def take(
        self, opening: Opening, request: Request, name: str, owner: str | None, now: float
    ) -> Take | None:
        """The recorded take that is next."""
        performance = self._stage.performance(owner)
        if not performance.script.recorded:
            return None
        take, told = performance.take(opening, f"{request.method} {request.target}")
        if told:
            self._tell(told, name, owner, now)
        return take

    def answer(self, request: Request, name: str, owner: str | None, now: float) -> Cue | None:
        """What was answered to a request; preflights are left to the service, which knows the origin."""
        take = self.take("request", request, name, owner, now) if request.method != "OPTIONS" else None
        if take is None or take.answer is None:
            return None
        sent = recorded(request.body) if request.body else None
        difference = differs(take.opening.payload, sent)
        if difference is not None:
            self._tell(f"the body is not as recorded: {difference}", name, owner, now)
        token = as_json(take.answer.payload).get("name")
        if isinstance(token, str) and owner is not None:
            self._owners[token] = owner
        return self.cue(take, owner)

    def cue(self, take: Take, owner: str | None) -> Cue:
        """What was answered to a request or a handshake, at its time."""
        return replaying.cue(take, self._script(owner), self._pace)

    def session(self, take: Take, owner: str | None, now: float) -> Replay:
        """A recorded socket from where it was open."""
        return Replay(take, self._script(owner), self._pace, now)

    def _script(self, owner: str | None) -> str:
        return self._stage.performance(owner).script.name

    def _tell(self, what: str, name: str, owner: str | None, now: float) -> None:
        self._notes.effects([replaying.near_miss(what, self._script(owner))], name, owner, now)
