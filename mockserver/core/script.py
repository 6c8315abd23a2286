"""What the mock does beyond the contract: "on this event, the n-th time, do these effects".

Answers (``Say``, ``Call`` …) and faults (``Reject``, ``Close``, ``Abort``, ``Silence`` …) stand in one
grammar; faults are counted, never rolled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from .effects import Abort, Close, Pause, Reject, Respond, Send
from .facts import FACTS, Answers, Closes

Event = Literal["mint", "handshake", "setup", "turn"]
EVENTS: Final = ("mint", "handshake", "setup", "turn")


@dataclass(frozen=True, slots=True)
class Say:
    """Answer a turn in the session's modality; ``{text}`` stands for what the user said."""

    text: str


@dataclass(frozen=True, slots=True)
class Think:
    """Show a thought before the answer; ``{text}`` as in ``Say``."""

    text: str


@dataclass(frozen=True)
class Call:
    """Call a tool and wait for its response; what follows may say ``{response}``."""

    name: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Echo:
    """Say back what the user said; a turn that names a declared function calls it and says its response."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse as a fact says it is seen, by its id: an HTTP answer on a mint, a close on a socket."""

    fact: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Do nothing where the contract would answer."""


Step = Say | Think | Call | Echo | Refuse | Silence | Respond | Reject | Send | Close | Abort | Pause

#: Which steps make sense where; the service does the contract's thing where no rule speaks.
ALLOWED: Final[dict[str, tuple[type, ...]]] = {
    "mint": (Respond, Refuse),
    "handshake": (Reject, Abort),
    "setup": (Refuse, Close, Abort, Send, Silence, Pause),
    "turn": (Say, Think, Call, Echo, Refuse, Close, Abort, Send, Silence, Pause),
}


def _can_be_sent(code: int) -> bool:
    """RFC 6455 keeps some codes for what no close frame said."""
    return (1000 <= code <= 1014 and code not in (1004, 1005, 1006)) or 3000 <= code <= 4999


@dataclass(frozen=True, slots=True)
class Rule:
    """On an event, do these steps instead of the legal thing.

    Attributes:
        nth: only the n-th time the event happens on this server (1 is the first); None: every time.
    """

    on: Event
    then: tuple[Step, ...]
    nth: int | None = None

    def __post_init__(self) -> None:
        """Refuse a rule that could never be carried out.

        Raises:
            ValueError: an unknown event, or a step that does not fit it.
        """
        if self.on not in ALLOWED:
            raise ValueError(f"rule on {self.on!r}: expected one of {', '.join(EVENTS)}")
        for step in self.then:
            if not isinstance(step, ALLOWED[self.on]):
                names = ", ".join(kind.__name__ for kind in ALLOWED[self.on])
                raise ValueError(f"rule on {self.on}: {type(step).__name__} does not fit, expected {names}")
            if isinstance(step, Refuse):
                self._check(step)
            if isinstance(step, Close) and not _can_be_sent(step.code):
                raise ValueError(
                    f"rule on {self.on}: close code {step.code} cannot be sent, "
                    "expected 1000 to 1014 without 1004 to 1006, or 3000 to 4999"
                )

    def _check(self, step: Refuse) -> None:
        wanted = Answers if self.on == "mint" else Closes
        seen = FACTS[step.fact].seen if step.fact in FACTS else None
        if not isinstance(seen, wanted):
            raise ValueError(f"rule on {self.on}: {step.fact!r} is no fact that {wanted.__name__.lower()}")


@dataclass(frozen=True, slots=True)
class Script:
    """Rules in order: the first that speaks for an event wins."""

    name: str
    rules: tuple[Rule, ...] = ()


#: The model says back what it was told, and calls the tool it was told of.
ECHO: Final = Script("echo", (Rule("turn", (Echo(),)),))


@dataclass(slots=True)
class Performance:
    """A script being played: counts events, so that "the n-th time" has a meaning."""

    script: Script = ECHO
    counts: dict[str, int] = field(default_factory=dict)

    def steps(self, event: Event) -> tuple[Step, ...] | None:
        """What to do on this event now; None: the legal thing."""
        count = self.counts[event] = self.counts.get(event, 0) + 1
        for rule in self.script.rules:
            if rule.on == event and rule.nth in (None, count):
                return rule.then
        return None
