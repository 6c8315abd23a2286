"""The findings there can be: how each is graded, why it matters and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Grade = Literal["bad", "risky", "good"]
GRADES: Final[tuple[Grade, ...]] = ("bad", "risky", "good")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One time that something was done; the rule says the rest unless it is said here."""

    id: str
    connection: str
    entries: tuple[int, ...]
    what: str = ""
    advice: str = ""
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is always said of one kind of finding. ``what`` follows the names of connections."""

    grade: Grade
    what: str
    why: str
    advice: str = ""
    fact: str = ""


RULES: Final[dict[str, Rule]] = {
    # -- bad: it breaks in production
    "ignored-go-away": Rule(
        "bad",
        "stayed after goAway until the service closed",
        "every connection ends after ten minutes: the user is cut off in the middle of a sentence",
        "on goAway finish the turn, close, and connect again with the newest resumption handle",
        "CLS-067",
    ),
    "not-resumed": Rule(
        "bad",
        "ended by the service, and the client did not come back",
        "connections end by themselves: by age, with their token, by trouble in the service",
        "reconnect when the socket closes and the user has not: with the newest resumption handle, and "
        "with a new token if it was the token that ended",
        "PRO-018",
    ),
    "started-over": Rule(
        "bad",
        "ended by the service, and the next one began a new conversation",
        "without a handle the model has forgotten everything that was said",
        "ask for handles with sessionResumption in the setup, keep the newest newHandle, and send it in the "
        "next setup",
        "PRO-018",
    ),
    "stale-handle": Rule(
        "bad",
        "resumed with a handle that the service no longer takes",
        "a handle is good for two hours and for what was said before it: the session is lost",
        "keep the newest newHandle of sessionResumptionUpdate, and begin anew when it is refused",
        "CLS-049",
    ),
    "same-mistake-again": Rule(
        "bad",
        "sent again what had been refused, unchanged",
        "this refusal does not pass with time: trying again only makes load, and hides the error",
        "tell the user and stop; reconnect only after closes that are no fault of yours",
    ),
    "spent-token": Rule(
        "bad",
        "used a token that was spent",
        "a token opens as many sessions as it has uses, one by default: the user sees an error",
        "mint a token for each session, right before it",
        "CLS-007",
    ),
    "refused": Rule("bad", "was refused", "it will be refused every time, until the client is changed", ""),
    "unanswered-tool-call": Rule(
        "bad",
        "left a tool call without a response",
        "the model waits for the response and says nothing",
        "send a toolResponse with the id of each call, an error too; drop those that are cancelled",
        "PRO-009",
    ),
    # -- risky: it may
    "before-setup-complete": Rule(
        "risky",
        "sent content before setupComplete",
        "it is kept until the setup is done, and lost if the setup is refused",
        "wait for setupComplete before you send anything else",
        "SRV-020",
    ),
    "older-handle": Rule(
        "risky",
        "resumed with a handle that was not the newest",
        "what was said since that handle is forgotten",
        "keep only the newest newHandle of sessionResumptionUpdate",
        "PRO-012",
    ),
    "key-in-url": Rule(
        "risky",
        "put an API key in a URL",
        "URLs stand in logs of proxies and browsers, and a key in a frontend is everybody's",
        "in a frontend use an ephemeral token; in a backend send x-goog-api-key",
    ),
    "unlocked-token": Rule(
        "risky",
        "minted a token that locks nothing",
        "whoever reads the token in the page chooses the model and the instructions, at your cost",
        "mint with live_connect_constraints (Python) or liveConnectConstraints (JavaScript), on the wire "
        "bidiGenerateContentSetup",
        "TOK-013",
    ),
    "unlimited-uses": Rule(
        "risky",
        "minted a token without a limit of uses",
        "whoever reads the token in the page opens as many sessions as they like until it expires",
        "leave uses at 1: resuming a session costs none",
        "TOK-010",
    ),
    "left-open": Rule(
        "risky",
        "was never closed",
        "an open session counts against the quota of the key until it runs out",
        "close the session when the user is done, also on the way out of a page or a test",
    ),
    "broke-off": Rule(
        "risky",
        "broke off without a close frame",
        "the service notices late: the session goes on counting for a while",
        "close the session with its close method, and let the process live until it has",
    ),
    "did-not-return": Rule(
        "risky",
        "closed after goAway, and nobody came back",
        "if the user was not done, the conversation ended in the middle",
        "after goAway connect again with the newest resumption handle, unless the user has left",
        "PRO-018",
    ),
    # -- good
    "waited-for-setup": Rule("good", "waited for setupComplete", "nothing can be lost", fact="SRV-020"),
    "left-after-go-away": Rule("good", "left in time after goAway", "nobody is cut off", fact="PRO-013"),
    "resumed": Rule("good", "resumed with the newest handle", "the conversation goes on", fact="PRO-018"),
    "locked-token": Rule("good", "minted a locked token", "it is good for nothing else", fact="TOK-013"),
    "closed": Rule("good", "closed by the client", "the service knows at once"),
}
