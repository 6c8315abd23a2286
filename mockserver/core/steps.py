"""What a script can do: answers, which are legal, and faults, which are not the contract's.

The words of a script in YAML are these classes' names in lower case, their fields are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .effects import NO_CODE, Abort, Close, Delay, Pause, Raw, Reject, Respond, Send
from .facts import FACTS, Answers, Closes
from .wav import Audio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .effects import Headers

#: The events a rule can be on.
EVENTS: Final = (
    "mint",
    "handshake",
    "setup",
    "turn",
    "tool_response",
    "client_content",
    "realtime_input",
    "activity_start",
    "activity_end",
)
#: Longest pause, in seconds: beyond all that expires here.
MAX_PAUSE_S: Final = 365 * 86_400
#: Most that one step sends.
MAX_PAYLOAD_BYTES: Final = 16 * 1024 * 1024
#: Ways to spoil what follows in a rule; the first fits HTTP too.
GARBLES: Final = ("half", "fragments", "bad_utf8", "masked", "reserved_bits", "oversized", "text")


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
    """Call a tool and wait for its response; what follows may say ``{response}``.

    Attributes:
        expect: what the response must hold at least; if it does not, the journal has a ``problem``.
    """

    name: str
    args: dict[str, Any] = field(default_factory=dict)
    expect: Any = None


@dataclass(frozen=True, slots=True)
class Echo:
    """Say back what the user said; a turn that names a declared function calls it and says its response."""


@dataclass(frozen=True, slots=True)
class Proceed:
    """Do the legal thing now: mint, open, complete the setup, answer, take the message."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Break off the answer as if the user had interrupted it; right behind a call, cancel the call."""


@dataclass(frozen=True, slots=True)
class GoAway:
    """Announce the end of the connection; when the time is up, it comes as by the contract (CLS-067)."""

    time_left: float = 50.0


@dataclass(frozen=True, slots=True)
class Resumption:
    """Tell a new resumption handle, or that the session cannot be resumed now."""

    resumable: bool = True


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse as a fact says it is seen, by its id: an HTTP answer on a mint, a close on a socket."""

    fact: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Do nothing where the contract would answer."""


@dataclass(frozen=True, slots=True)
class Garble:
    """Spoil all that follows in this rule.

    Attributes:
        how: ``half``: stop in the middle, and send nothing more; ``fragments``: continuation frames;
            ``bad_utf8``: a text frame that is none; ``masked``: as only a client may; ``reserved_bits``;
            ``oversized``: frames that announce more than ever comes; ``text``: text frames, not binary.
    """

    how: str


@dataclass(frozen=True, slots=True)
class Drip:
    """Send all that follows in this rule a few bytes at a time, on the mock's clock."""

    bytes: int
    every: float


Step = (
    Say | Think | Audio | Call | Echo | Proceed | Interrupt | GoAway | Resumption
    | Pause | Delay | Refuse | Silence | Respond | Reject | Send | Close | Abort | Raw | Garble | Drip
)  # fmt: skip

#: Steps that a model could have taken by itself; all others are faults.
ANSWERS: Final = (Say, Think, Audio, Call, Echo, Proceed, Interrupt, GoAway, Resumption)
#: Steps that only make sense in a session.
SPEECH: Final = (Say, Think, Audio, Call)
#: What comes only after Proceed, by the event.
_LATER: Final[dict[str, tuple[type, ...]]] = {
    "setup": (*SPEECH, GoAway, Resumption, Interrupt),
    "handshake": (Send, Close),
}
#: After one of these nothing can come.
LAST: Final = (Refuse, Respond, Reject, Close, Abort)

_HTTP: Final = (Pause, Delay, Silence, Abort, Raw, Garble, Drip, Proceed)
_SOCKET: Final = (*_HTTP, Refuse, Close, Send, GoAway, Resumption, Interrupt)
#: Which steps make sense where; the service does the contract's thing where no rule speaks.
ALLOWED: Final[dict[str, tuple[type, ...]]] = {
    "mint": (Respond, Refuse, *_HTTP),
    "handshake": (Reject, Close, Send, *_HTTP),
    "setup": (*_SOCKET, *SPEECH),
    "turn": (*_SOCKET, *SPEECH, Echo),
    "tool_response": (*_SOCKET, *SPEECH),
    "client_content": _SOCKET,
    "realtime_input": _SOCKET,
    "activity_start": _SOCKET,
    "activity_end": _SOCKET,
}


def describe(step: Step) -> str:
    """A fault in a few words, for the journal."""
    match step:
        case Close(code, reason):
            return f"close {'without a code' if code == NO_CODE else code} {reason}".rstrip()
        case Abort(reset):
            return "drop the connection by a reset" if reset else "drop the connection"
        case Respond(status) | Reject(Respond(status)):
            return f"answer {status}"
        case Refuse(fact):
            return f"refuse as {fact}"
        case Send(payload) | Raw(payload):
            return f"send {len(payload)} bytes{' as they are' if isinstance(step, Raw) else ''}"
        case Pause(seconds) | Delay(seconds):
            return f"wait {seconds:g} s{' of real time' if isinstance(step, Delay) else ''}"
        case Garble(how):
            return f"garble what follows: {how}"
        case Drip(size, every):
            return f"drip what follows, {size} bytes every {every:g} s"
        case _:
            return "no answer"


# -- what can be carried out ------------------------------------------------------------------------------


def can_be_sent(code: int) -> bool:
    """Tell whether a frame can say it: RFC 6455 keeps some codes for what none said, as that for no code."""
    return (1000 <= code <= 1014 and code not in (1004, 1006)) or 3000 <= code <= 4999


def mistakes(event: str, steps: tuple[Step, ...]) -> Iterator[tuple[int, str]]:
    """What is wrong with the steps of a rule: the number of the step, from 0, and why."""
    for number, step in enumerate(steps):
        if not isinstance(step, ALLOWED[event]):
            names = ", ".join(kind.__name__ for kind in ALLOWED[event])
            yield number, f"{type(step).__name__} does not fit, expected {names}"
        else:
            for why in _wrong(event, step):
                yield number, why
        before = steps[:number]
        if before and isinstance(before[-1], LAST):
            yield number, f"nothing can come after {type(before[-1]).__name__}: take one of the two away"
        proceeded = any(isinstance(one, Proceed) for one in before)
        if isinstance(step, Proceed) and proceeded:
            yield number, "the legal thing is done once: take one Proceed away"
        if isinstance(step, _LATER.get(event, ())) and not proceeded:
            yield number, f"{type(step).__name__} needs an open session: put Proceed before it"
        if event in ("mint", "handshake") and isinstance(step, (Respond, Reject, Refuse)) and proceeded:
            yield number, f"the answer is out after Proceed: take Proceed or {type(step).__name__} away"


def _wrong(event: str, step: Step) -> Iterator[str]:
    match step:
        case Refuse(fact):
            wanted = Answers if event == "mint" else Closes
            if not isinstance(FACTS[fact].seen if fact in FACTS else None, wanted):
                yield f"{fact!r} is no fact that {wanted.__name__.lower()}"
        case Close(code, reason) if code == NO_CODE and reason:
            yield "a close without a code has no reason: give it a code, or take the reason away"
        case Close(code) if not can_be_sent(code):
            yield (
                f"close code {code} cannot be sent, expected 1000 to 1014 without 1004 and 1006, or 3000 to "
                "4999; Raw writes any frame"
            )
        case Respond(status, headers, body) | Reject(Respond(status, headers, body)):
            yield from wrong_answer(status, headers)
            yield from _too_long(body)
        case Pause(seconds) | Delay(seconds) | GoAway(seconds) if not 0 <= seconds <= MAX_PAUSE_S:
            yield f"{seconds} s is no time to wait, expected 0 to {MAX_PAUSE_S}"
        case Drip(size, every) if size < 1 or not 0 <= every <= MAX_PAUSE_S:
            yield f"{size} bytes every {every} s is no drip, expected 1 byte or more, every 0 s or more"
        case Garble(how) if how not in GARBLES:
            yield f"garble {how!r} is unknown, expected one of {', '.join(GARBLES)}"
        case Garble(how) if event in ("mint", "handshake") and how != "half":
            yield f"garble {how!r} is for frames, expected 'half' on {event}"
        case Send(payload) | Raw(payload):
            yield from _too_long(payload)
        case _:
            pass


def _too_long(payload: bytes) -> Iterator[str]:
    if len(payload) > MAX_PAYLOAD_BYTES:
        yield f"{len(payload)} bytes are too many for one step, expected at most {MAX_PAYLOAD_BYTES}"


def wrong_answer(status: int, headers: Headers) -> Iterator[str]:
    """What is wrong with an HTTP answer."""
    if not 200 <= status <= 599:
        yield f"status {status} ends no request, expected 200 to 599; Raw writes any answer"
    for name, value in headers:
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            yield f"header name {name!r} cannot be sent, expected letters, digits and hyphens"
        elif name.lower() in ("content-length", "transfer-encoding"):
            yield f"header {name} is the server's to write: leave it out, or write the whole answer with Raw"
        if re.search(r"[^\t\x20-\x7e\x80-\xff]", value):
            yield f"header {name} has a value that cannot be sent: {value!r}, expected Latin-1 on one line"
