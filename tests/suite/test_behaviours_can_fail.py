"""The proof that every behaviour can fail, end to end: each wrong client and server fails exactly some."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import ECHO, Respond, Rule, Script
from suite import column
from suite.drivers.reference.worker import BEHAVIOUR_MUTATIONS
from suite.model import Behaviour, Status
from suite.predict import predict
from suite.targets import Mock

from .conftest import behaving, cells, failing, measure
from .test_reference import SHOWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from suite.model import Cell

EVERY: Final = {cell.case.slug: cell for cell in behaving(cells("reference"))}


def waits(cell: Cell) -> bool:
    """Whether the mock stays silent, so that a call can only be given up."""
    return isinstance(cell.case, Behaviour) and cell.case.silent


#: These take seconds, or processes of their own: they are run where something is wrong with them.
SLOW: Final = {slug for slug, cell in EVERY.items() if slug.startswith("exit:") or waits(cell)}


def slugs(*beginnings: str, but: tuple[str, ...] = ()) -> set[str]:
    """The behaviours whose slugs begin so."""
    found = {slug for slug in EVERY if slug.startswith(beginnings)} - set(but)
    assert found
    return found


def keyed() -> set[str]:
    """Those that open a socket with a key."""
    return {
        slug
        for slug, cell in EVERY.items()
        if any("?key=" in wire.placement for _, part in predict(cell).steps for wire in part.wire)
    } - SLOW


#: What a client that is wrong in one way gets wrong, all of it.
WRONG_CLIENTS: Final[dict[str, set[str]]] = {
    # where to, and with what
    "key-in-header": keyed(),
    "token-as-key": {"credential:spent-token"},
    "ignores-client-headers": {"credential:header"},
    "ignores-near-headers": {"session:headers"},
    "ignores-environment": {"base-url:environment"},
    "ignores-default-base-url": {"base-url:default"},
    "ignores-url-path": {"base-url:path", "base-url:mint-path", "session:base-url"},
    "ignores-near-base-url": {"session:base-url"},
    "keeps-url-slash": {"base-url:slash", "base-url:mint-slash"},
    "insists-on-tls": {"base-url:plain", "base-url:slash", "base-url:path", "base-url:ws"},
    "speaks-plain": {"base-url:https", "base-url:untrusted"},
    "trusts-anybody": {"base-url:untrusted", "base-url:mint-untrusted"},
    "nanosecond-timeout": {"session:timeout"},
    "rejects-no-options": {"session:empty"},
    "sends-token-on-rest": {"rest:models.list", "rest:interactions.create"},
    # tokens
    "defaults-uses": {"token:plain"},
    "drops-uses": {"token:uses", "token:async"},
    "takes-beside": {"token:beside"},
    "drops-times": slugs("token:time-"),
    "sends-naive-times": {"token:time-naive"},
    "drops-lock": slugs("token:lock-", "token:constraints", "token:nested", "token:thinking",
                        but=("token:lock-only",)),
    "snake-case-lock": {"token:nested"},
    "null-as-empty": {"token:lock-null"},
    "coarse-mask": {"token:lock-empty", "token:lock-nested", "token:lock-names"},
    "ignores-extra-locks": {"token:lock-names", "token:lock-only"},
    # refusals
    "swallows-errors": slugs("handshake:", "setup:", "credential:spent-token", "credential:invalid-key",
                             "base-url:path", "session:base-url", "frame:not-json-first",
                             "exit:a refused handshake", but=("setup:silent",)),
    "swallows-close": slugs("turn:", "frame:not-json", but=("turn:silent", "frame:not-json-first")),
    "other-close-code": slugs("setup:1", "turn:1", "credential:spent-token", "credential:invalid-key"),
    "loses-close-reason": slugs("setup:1", "turn:1", "credential:spent-token", "credential:invalid-key",
                                but=("turn:1000",)),
    # frames
    "refuses-text-frames": {"frame:text"},
    "refuses-unknown-fields": {"frame:unknown-field", "frame:unknown-message", "frame:error",
                               "frame:snake-case"},
    # An update of a handle that is none yet has no field either.
    "refuses-empty-messages": {"frame:empty", "api:handles", "api:resume"},
    "raises-error-messages": {"frame:error"},
    "reads-snake-case": {"frame:snake-case"},
    "skips-bad-frames": {"frame:not-json", "frame:not-json-first"},
    "takes-small-frames": {"frame:large"},
    "ends-turns-early": {"frame:in-progress"},
    "ignores-go-away": {"frame:go-away"},
    # a session
    "has-old-send": {"api:send"},
    "lacks-client-content": {"api:send_client_content"},
    "loses-realtime": {"api:audio", "api:media", "api:video", "api:text", "api:audio-stream-end",
                       "api:activity-start"},
    "loses-tool-response": {"api:tool-round"},
    "ignores-handles": {"api:handles", "api:resume"},
    "hides-setup-complete": {"api:setup-complete"},
    # programs
    "exits-0": {"exit:a refused mint", "exit:a refused handshake", "exit:a close in a turn"},
    "exits-1": {"exit:a turn"},
}  # fmt: skip


class Unscripted(Mock):
    """A server that does the contract's thing whatever it is told to play."""

    def play(self, script: Script, owner: str) -> None:
        """Do not."""


EMPTY_503: Final = Respond(503, (), b"")
#: What follows a frame that means nothing is the same as without it.
MEANS_NOTHING: Final = (
    "frame:unknown-field",
    "frame:unknown-message",
    "frame:empty",
    "frame:error",
    "frame:snake-case",
    "frame:in-progress",
)
WRONG_SERVERS: Final[dict[str, tuple[Callable[[str], Mock], set[str]]]] = {
    "plays no script": (
        Unscripted,
        slugs("handshake:", "setup:", "turn:", "frame:", "credential:spent-token", "api:tool-round",
              "exit:a refused", "exit:a close", but=MEANS_NOTHING),
    ),
    "mints no tokens": (
        partial(Mock, script=Script("no tokens", (Rule("mint", (EMPTY_503,)), *ECHO.rules))),
        slugs("token:", "base-url:mint-slash", but=("token:beside",)),
    ),
    "says something else of a wrong key": (
        partial(Mock, instead={"CLS-001": "CLS-001B"}),
        {"credential:invalid-key", "setup:1007", "turn:1007"},
    ),
}  # fmt: skip


def found(should: set[str], root: Path, **how: Any) -> set[str]:
    """The behaviours that fail, of the quick ones and of those that should."""
    wanted = [cell for slug, cell in EVERY.items() if slug in should or slug not in SLOW]
    return {text.split("/", 2)[2] for text in failing(measure(wanted, root=root, **how))}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference client that has done nothing for so long never will, on a busy machine either."""
    monkeypatch.setattr(column, "NOTHING_S", 3.0)


def test_all_pass_with_the_right_client_and_the_right_server(tmp_path: Path) -> None:
    outcomes = measure(list(EVERY.values()), root=tmp_path)
    assert [outcome.reason for outcome in outcomes.values() if outcome.status is not Status.PASS] == []


@pytest.mark.parametrize("wrong", WRONG_CLIENTS)
def test_a_client_that_is_wrong_fails_exactly_what_it_gets_wrong(wrong: str, tmp_path: Path) -> None:
    assert found(WRONG_CLIENTS[wrong], tmp_path, wrong=wrong) == WRONG_CLIENTS[wrong]


@pytest.mark.parametrize("wrong", WRONG_SERVERS)
def test_a_server_that_is_wrong_fails_exactly_what_depends_on_it(wrong: str, tmp_path: Path) -> None:
    serve, should = WRONG_SERVERS[wrong]
    assert found(should, tmp_path, serve=serve) == should


def test_every_behaviour_of_the_reference_client_is_broken_by_something() -> None:
    broken = set().union(*WRONG_CLIENTS.values(), *(should for _, should in WRONG_SERVERS.values()))
    assert set(EVERY) - broken == set()


def test_every_way_to_be_wrong_is_found_here_or_shows_in_the_client_itself() -> None:
    assert set(BEHAVIOUR_MUTATIONS) <= set(WRONG_CLIENTS) | set(SHOWS)
