"""The real service, or another server, behind a relay: the wire view is the same as with the mock."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mockserver import Relay, hide_secrets
from suite.calls import calls_of
from suite.cases.connecting import MODEL, VERSION

from .target import NotMeasured, Target, Unwell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockserver import Entry
    from suite.model import Probe

#: Where the real service is.
REAL_URL: Final = "https://generativelanguage.googleapis.com"
#: In a relay's journal: who refuses where the relay itself does, and how a service that broke off is told.
RELAY: Final = "RELAY"
DROPPED: Final = "dropped by the service"
#: What a server says of its own health, and of nobody's configuration.
_UNWELL: Final = frozenset({429, 500, 502, 503, 504})
#: So does a close with such a reason.
_UNWELL_CLOSE: Final = re.compile(
    r"quota|exhausted|overloaded|unavailable|internal error|try again", re.IGNORECASE
)
#: Pauses before a probe that met an unwell server is asked again.
PAUSES_S: Final = (1.0, 4.0)
#: Probes one after the other that find nobody: then nobody is there.
ALONE: Final = 3
#: A mint takes a second; more than this means that nobody answers.
_MINT_S: Final = 20.0


@dataclass(slots=True)
class Budget:
    """What a run may cost.

    Attributes:
        sessions: how many it may open.
        seconds: how long after its first call it may ask for more.
    """

    sessions: int = 100
    seconds: float = 600.0
    clock: Callable[[], float] = time.monotonic
    spent: int = 0
    _began: float | None = field(default=None, repr=False)

    def spend(self, sessions: int) -> None:
        """Take sessions from it.

        Raises:
            NotMeasured: it is spent.
        """
        now = self.clock()
        self._began = now if self._began is None else self._began
        if now - self._began > self.seconds:
            raise NotMeasured(f"not asked: the budget of {self.seconds:g} s is spent; raise --max-seconds")
        if self.spent + sessions > self.sessions:
            spent = f"{self.spent} of the budget of {self.sessions} sessions are spent"
            raise NotMeasured(f"not asked: {spent}; raise --max-sessions")
        self.spent += sessions


class Real(Target):
    """A server somewhere, with a relay before it that the SDKs talk to.

    Args:
        service_date: what the service is expected to be like.
        url: where it is.
        key: an API key for it; SDKs are given others, which the relay replaces. None: they are passed on.
        budget: what the run may cost.
        pauses: seconds before a probe that met an unwell server is asked again.
        model: the model that it is asked for.
        options: further ones of ``Relay``.
    """

    def __init__(
        self,
        service_date: str,
        url: str,
        key: str | None,
        budget: Budget | None = None,
        pauses: Sequence[float] = PAUSES_S,
        model: str = MODEL,
        **options: Any,
    ) -> None:
        self._relay = Relay(url, key=key, **options)
        self._budget = budget or Budget()
        self._pauses = pauses
        self._tries: dict[Probe, int] = {}
        #: Probes that found nobody since one found somebody.
        self._alone = 0
        super().__init__(service_date, self._relay, model)

    def start(self) -> Target:
        """Listen."""
        super().start()
        self._relay.start()
        return self

    def stop(self) -> None:
        """Free the port."""
        self._relay.stop()

    def mint(self, owner: str) -> str:
        """Ask the service for a token, unheard by whoever listens to this key.

        Raises:
            Unwell: the service does not give one now.
            NotMeasured: it gives none.
        """
        ear = self._ears.pop(owner, None)
        try:
            return self._minted(owner)
        finally:
            self.settle()
            if ear is not None:
                self._ears[owner] = ear

    def _minted(self, owner: str) -> str:
        asked = urllib.request.Request(
            f"{self._relay.url}/{VERSION}/auth_tokens",
            b"{}",
            {"content-type": "application/json", "x-goog-api-key": owner},
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(asked, timeout=_MINT_S) as answer:
                return str(json.load(answer)["name"])
        except urllib.error.HTTPError as error:
            told = f"the target answered {error.code} when a token was asked for: {_text(error)}"
            raise (Unwell if error.code in _UNWELL else NotMeasured)(hide_secrets(told)) from None
        except (OSError, ValueError, KeyError) as error:
            raise Unwell(f"no token could be had from the target: {error}") from None

    def admit(self, probe: Probe) -> None:
        """Let a probe be asked while there is a budget, and somebody to ask."""
        if self._alone >= ALONE:
            raise NotMeasured(f"not asked: the target did not answer {ALONE} times; see whether it is there")
        self._budget.spend(sum(verb == "connect" for verb, _ in calls_of(probe)))

    def vouch(self, entries: Sequence[Entry]) -> None:
        """A server that is busy or away says nothing about a configuration."""
        if (told := next(filter(None, map(_away, entries)), "")) != "":
            self._alone += 1
            raise Unwell(told)
        self._alone = 0
        if (told := next(filter(None, map(_busy, entries)), "")) != "":
            raise Unwell(told)

    def patience(self, probe: Probe, trouble: Unwell) -> float:
        """Ask again a few times, later each time."""
        tried = self._tries[probe] = self._tries.get(probe, 0) + 1
        if tried > len(self._pauses):
            raise NotMeasured(f"{trouble} ({tried} times)") from None
        return self._pauses[tried - 1]


def _away(entry: Entry) -> str:
    """What the relay itself has to say of a target that is not there, or goes in the middle."""
    away = entry.kind == "refusal" and entry.fact == RELAY
    away |= entry.kind == "lost" and entry.what.startswith(DROPPED)
    return f"{entry.what}; {entry.hint}" if away else ""


def _busy(entry: Entry) -> str:
    """What a target says of its own health."""
    unwell = entry.kind in ("response", "rejected") and entry.status in _UNWELL
    unwell |= entry.kind == "close" and _UNWELL_CLOSE.search(entry.what) is not None
    return f"the target answered {hide_secrets(entry.what)}" if unwell else ""


def _text(error: urllib.error.HTTPError) -> str:
    """What a refusal says, in one line."""
    with error:  # it holds the connection
        body = error.read().decode(errors="replace")
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return " ".join(body.split())[:200] or error.reason
