"""What the mock does beyond the contract: "on this event, the n-th time, do these steps".

Answers (``Say``, ``Call`` …) and faults (``Reject``, ``Close``, ``Abort``, ``Silence`` …) stand in one
grammar; faults are counted, never rolled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from .matching import ASKABLE, About, Match
from .steps import (
    ALLOWED,
    ANSWERS,
    EVENTS,
    Call,
    Echo,
    Proceed,
    Refuse,
    Say,
    Silence,
    Step,
    Think,
    describe,
    mistakes,
)
from .takes import Line, Take, path_of, takes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .takes import Opening

__all__ = [
    "ALLOWED", "ECHO", "EVENTS", "Call", "Cue", "Echo", "Event", "Match", "Performance", "Proceed", "Refuse",
    "Rule", "Say", "Script", "Silence", "Step", "Think",
]  # fmt: skip

Event = Literal[
    "mint", "handshake", "setup", "turn", "tool_response", "client_content", "realtime_input",
    "activity_start", "activity_end",
]  # fmt: skip
Steps = tuple[Step, ...]

_NTH: Final = re.compile(r"([1-9][0-9]{0,8})(-([1-9][0-9]{0,8})?)?$")
_NO_ABOUT: Final = About()


@dataclass(frozen=True)
class Rule:
    """On an event, do these steps instead of the legal thing.

    Attributes:
        nth: only the n-th time the event happens and matches (1 is the first), or the times ``"2-4"``, or
            from a time on, ``"3-"``; None: every time.
        match: what must hold of the event.
        each: instead of ``then``, a list of steps for each time, one after the other.
        repeat: after the last of ``each``, begin with the first again; without it, the next rules speak.
        per: whether times are counted on the whole server, or anew in each session.
    """

    on: Event
    then: Steps = ()
    nth: int | str | None = None
    match: Match | None = None
    each: tuple[Steps, ...] = ()
    repeat: bool = False
    per: Literal["server", "session"] = "server"

    def __post_init__(self) -> None:
        """Refuse a rule that could never be carried out.

        Raises:
            ValueError: an unknown event, or a step that does not fit it.
        """
        for _, why in self.mistakes():
            raise ValueError(f"rule on {self.on if self.on in EVENTS else repr(self.on)}: {why}")

    def mistakes(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """All that is wrong with it: where, and why."""
        if self.on not in ALLOWED:
            yield ("on",), f"expected one of {', '.join(EVENTS)}"
            return
        yield from self._mistakes()
        for number, why in mistakes(self.on, self.then):
            yield ("then", number), why
        for which, steps in enumerate(self.each):
            for number, why in mistakes(self.on, steps):
                yield ("each", which, number), why

    def _mistakes(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        if self.nth is not None and (isinstance(self.nth, bool) or not _NTH.match(str(self.nth))):
            yield ("nth",), f"nth is {self.nth!r}, expected a number from 1 up, '2-4', or '3-' for 3 and on"
        elif self.span[1] < self.span[0]:
            yield ("nth",), f"nth is {self.nth!r}, expected the smaller number first"
        if self.each and (self.then or self.nth is not None):
            yield ("each",), "each goes by itself: take then and nth away"
        if self.repeat and not self.each:
            yield ("repeat",), "repeat is for each: without it a rule speaks every time"
        if self.per not in ("server", "session"):
            yield ("per",), f"per is {self.per!r}, expected server or session"
        elif self.per == "session" and self.on in ("mint", "handshake"):
            yield ("per",), f"per session makes no sense on {self.on}: no session is open yet"
        for name in self.match.asked if self.match else ():
            if name not in ASKABLE[self.on]:
                known = ", ".join(ASKABLE[self.on])
                yield ("match", name), f"match cannot ask for {name} here, expected {known}"

    @property
    def span(self) -> tuple[float, float]:
        """The first and the last time it speaks."""
        found = _NTH.match(str(self.nth))
        if self.nth is None or found is None:
            return 1, float("inf")
        first = float(found[1])
        return first, float(found[3]) if found[3] else float("inf") if found[2] else first

    def steps(self, count: int) -> Steps | None:
        """What it does the ``count``-th time; None: it does not speak."""
        if self.each:
            if count > len(self.each) and not self.repeat:
                return None
            return self.each[(count - 1) % len(self.each)]
        first, last = self.span
        return self.then if first <= count <= last else None


@dataclass(frozen=True)
class Script:
    """Rules in order: the first that speaks for an event wins.

    Attributes:
        about: what it is good for, in a sentence.
        whom: for whom it is, where it is not for everybody: an API key, a model.
        recorded: what a service did once, which is done again; what was not recorded is as by the rules.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    about: str = ""
    whom: Match | None = None
    recorded: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a wish about whom that nobody can be asked.

        Raises:
            ValueError: it asks for anything but a key and a model.
        """
        for name in self.whom.asked if self.whom else ():
            if name not in ("api_key", "model"):
                raise ValueError(f"a script cannot be for a {name}, expected api_key or model")

    @cached_property
    def events(self) -> frozenset[str]:
        """The events on which a rule of it may speak."""
        return frozenset(rule.on for rule in self.rules)

    @cached_property
    def counts_by_session(self) -> bool:
        """Whether a rule of it counts anew in each session."""
        return any(rule.per == "session" for rule in self.rules)

    def data(self) -> dict[str, Any]:
        """The script as JSON, which ``mockserver.load`` reads back."""
        from .forms import SCRIPT

        written: dict[str, Any] = SCRIPT.write(self)
        return written


#: The model says back what it was told, and calls the tool it was told of.
ECHO: Final = Script("echo", (Rule("turn", (Echo(),)),))


@dataclass(frozen=True, slots=True)
class Cue:
    """A rule that speaks now."""

    script: str
    rule: int | None
    event: str
    steps: Steps

    def fault(self, step: Step) -> str:
        """What the journal says of a step; empty if it is no fault, or was the service's own."""
        return "" if isinstance(step, ANSWERS) or self.rule is None else describe(step)


@dataclass(slots=True)
class Counts:
    """How often something has happened: each event; each rule's match; each rule's word."""

    events: dict[str, int] = field(default_factory=dict)
    #: By the rule itself: rules may be put in front of others.
    matched: dict[int, int] = field(default_factory=dict)
    spoken: dict[int, int] = field(default_factory=dict)

    def time(self, rule: Rule) -> int:
        """Which time it is for a rule; one that matches everything has seen what was before it."""
        if rule.match is None and not rule.each:
            return self.events.get(rule.on, 0)
        self.matched[id(rule)] = self.matched.get(id(rule), 0) + 1
        return self.matched[id(rule)]


class Performance:
    """A script being played: counts events, so that "the n-th time" has a meaning."""

    def __init__(self, script: Script = ECHO) -> None:
        self.script = script
        self._counts = Counts()
        self._takes = takes(script.recorded)
        #: Those that were played.
        self._played: set[int] = set()

    def take(self, opening: Opening, what: str) -> tuple[Take | None, str]:
        """The recorded request or socket that is next, and in what this one is not as it; None: none is.

        Args:
            what: the request line.
        """
        fitting = [one for one in self._takes if one.opening.kind == opening and one.answer is not None]
        near = [one for one in fitting if one.path == path_of(what)]
        # A request is answered by what was recorded of the same; a socket, by the next one at least.
        known = near if opening == "request" or near else fitting
        if not known:
            return None, f"nothing was recorded of {path_of(what)}: the mock answers" if self._takes else ""
        fresh = [one for one in known if id(one) not in self._played]
        told = "" if near else f"{path_of(what)} was asked for, expected {known[0].path}"
        if not fresh:
            told = f"{path_of(what)} came more often than recorded ({len(known)}): it begins again"
            self._played -= {id(one) for one in known}
        take = (fresh or known)[0]
        self._played.add(id(take))
        return take, told

    @property
    def counts(self) -> dict[str, int]:
        """How often each event has happened."""
        return self._counts.events

    @property
    def spoken(self) -> list[int]:
        """How often each rule spoke, in their order."""
        return [self._counts.spoken.get(id(rule), 0) for rule in self.script.rules]

    def opened(self) -> Performance | Sitting:
        """The same for a new session, which may count some rules by itself."""
        return Sitting(self) if self.script.counts_by_session else self

    def listens(self, event: str) -> bool:
        """Whether a rule may speak on this event."""
        return event in self.script.events

    def cue(self, event: str, about: About = _NO_ABOUT, within: Counts | None = None) -> Cue | None:
        """The rule that speaks on this event now; None: the legal thing.

        Args:
            within: what the session has counted.
        """
        cue: Cue | None = None
        self.count(event, within)
        if event not in self.script.events:
            return None
        for number, rule in enumerate(self.script.rules, 1):
            if rule.on != event or (rule.match is not None and not rule.match.holds(about)):
                continue
            if rule.each and cue is not None:
                continue  # its next list is for the next time it may speak
            counted = within if within is not None and rule.per == "session" else self._counts
            steps = rule.steps(counted.time(rule))
            if cue is None and steps is not None:
                cue = Cue(self.script.name, number, event, steps)
                self._counts.spoken[id(rule)] = self._counts.spoken.get(id(rule), 0) + 1
        return cue

    def count(self, event: str, within: Counts | None = None) -> None:
        """An event happens; ``within`` is what the session has counted."""
        events = self._counts.events
        events[event] = events.get(event, 0) + 1
        if within is not None:
            within.events[event] = within.events.get(event, 0) + 1

    def steps(self, event: Event) -> Steps | None:
        """What to do on this event now; None: the legal thing."""
        cue = self.cue(event)
        return cue.steps if cue is not None else None


class Sitting:
    """A performance as a session sees it that counts some rules by itself."""

    def __init__(self, performance: Performance) -> None:
        self._performance = performance
        self._within = Counts()

    def cue(self, event: str, about: About) -> Cue | None:
        """The rule that speaks on this event now; None: the legal thing."""
        return self._performance.cue(event, about, self._within)

    def listens(self, event: str) -> bool:
        """Whether a rule may speak on this event."""
        return self._performance.listens(event)

    def count(self, event: str) -> None:
        """An event happens on which none may."""
        self._performance.count(event, self._within)
