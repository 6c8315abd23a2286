"""Each finding with a client that does it and one that does not."""

from __future__ import annotations

import contextlib
import json
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import FACTS, Abort, Call, Close, MockServer, Rule, Say, Script
from mockserver.verdict import judge
from mockserver.verdict.rules import RULES

from ..conftest import KEY, Live, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

#: Tells its handle at once, and after each turn.
MODEL: Final = "models/gemini-3.8-live"
TEXT: Final = {"generationConfig": {"responseModalities": ["TEXT"]}}
TO_GO_AWAY, TO_THE_END = 541, 60


class Client:
    """A product under test, as well or as badly made as a test says."""

    def __init__(self, server: MockServer, live: Callable[..., Live]) -> None:
        self.server = server
        self._live = live
        self.handles: list[str] = []

    def mint(self, *, url_key: bool = False, **fields: Any) -> str:
        """Mint over HTTP."""
        body = json.dumps(fields).encode()
        path, headers = "/v1alpha/auth_tokens", {"x_goog_api_key": KEY}
        if url_key:
            path, headers = f"{path}?key={KEY}", {}
        with contextlib.closing(Wire(self.server.port)) as wire:
            answer = wire.request("POST", path, body, **headers)
        return str(answer.json.get("name", ""))

    def open(self, token: str = "", handle: str = "", **fields: Any) -> Live:
        """Open a socket and send a setup."""
        if token:
            socket = self._live(self.server, "BidiGenerateContentConstrained", query=f"access_token={token}")
        else:
            socket = self._live(self.server, query="", headers={"x-goog-api-key": KEY})
        resumption = {"sessionResumption": {"handle": handle} if handle else {}}
        return socket.setup(MODEL, **resumption, **fields)

    def ready(self, **given: Any) -> Live:
        """Open a socket, and take setupComplete and the first handle."""
        socket = self.open(**given).expect_ready()
        self.handles.append(socket.receive()["sessionResumptionUpdate"]["newHandle"])
        return socket

    def turn(self, socket: Live) -> None:
        """A turn, and the handle after it."""
        socket.say("hello").expect_turn()
        self.handles.append(socket.receive()["sessionResumptionUpdate"]["newHandle"])


@pytest.fixture
def client(server: MockServer, live: Callable[..., Live]) -> Client:
    """A client of the server."""
    return Client(server, live)


def found(client: Client) -> set[str]:
    """The findings, by id."""
    return {finding.id for finding in client.server.verdict().findings}


#: What a test of each finding does; the second one is a client that does not.
PAIRS: Final[dict[str, tuple[Callable[[Client], Any], Callable[[Client], Any]]]] = {}


def pair(id: str) -> Callable[[Callable[[Client, bool], Any]], None]:
    """Note a client that does something where its second argument is true, and does not where it is false."""

    def note(play: Callable[[Client, bool], Any]) -> None:
        PAIRS[id] = (lambda client: play(client, True), lambda client: play(client, False))

    return note


@pair("ignored-go-away")
def _(client: Client, does: bool) -> None:
    socket = client.ready()
    client.server.advance(TO_GO_AWAY)
    if does:
        client.server.advance(TO_THE_END)
    socket.close()


@pair("left-after-go-away")
def _(client: Client, does: bool) -> None:
    PAIRS["ignored-go-away"][does](client)


@pair("not-resumed")
def _(client: Client, does: bool) -> None:
    client.server.play(Script("drop", (Rule("turn", (Abort(),), nth=1),)))
    client.ready().say("hello").expect_drop()
    if not does:
        client.ready(handle=client.handles[-1]).close()


@pair("resumed")
def _(client: Client, does: bool) -> None:
    PAIRS["not-resumed"][does](client)


@pair("did-not-return")
def _(client: Client, does: bool) -> None:
    socket = client.ready()
    client.server.advance(TO_GO_AWAY)
    socket.close()
    if not does:
        client.ready(handle=client.handles[-1]).close()


@pair("started-over")
def _(client: Client, does: bool) -> None:
    client.server.play(Script("fails", (Rule("turn", (Close(1011, "Internal error encountered."),), nth=1),)))
    client.ready().say("hello").expect_close(1011, "Internal error encountered.")
    client.ready(handle="" if does else client.handles[-1]).close()


@pair("stale-handle")
def _(client: Client, does: bool) -> None:
    client.ready().close()
    if does:
        client.server.advance(2 * 3600 + 1)
    client.open(handle=client.handles[-1]).close()


@pair("older-handle")
def _(client: Client, does: bool) -> None:
    socket = client.ready()
    client.turn(socket)
    socket.close()
    client.ready(handle=client.handles[0 if does else 1]).close()


@pair("same-mistake-again")
def _(client: Client, does: bool) -> None:
    client.open(nonsense=1).close()
    client.open(**{"nonsense": 1} if does else {"other": 1}).close()


@pair("refused")
def _(client: Client, does: bool) -> None:
    client.open(**{"nonsense": 1} if does else {}).close()


@pair("spent-token")
def _(client: Client, does: bool) -> None:
    token = client.mint()
    client.ready(token=token).close()
    client.open(token=token if does else client.mint()).close()


@pair("unanswered-tool-call")
def _(client: Client, does: bool) -> None:
    client.server.play(Script("calls", (Rule("turn", (Call("look", {"far": True}), Say("{response}"))),)))
    declared = {"tools": [{"functionDeclarations": [{"name": "look"}]}]}
    socket = client.ready(**declared).say("look")
    call = socket.receive()
    while "toolCall" not in call:
        call = socket.receive()
    if not does:
        id = call["toolCall"]["functionCalls"][0]["id"]
        responses = [{"id": id, "name": "look", "response": {"seen": "much"}}]
        socket.send({"tool_response": {"function_responses": responses}}).expect_turn()
    socket.close()


@pair("before-setup-complete")
def _(client: Client, does: bool) -> None:
    socket = client.open()
    if does:
        socket.say("hello")
    while len([entry for entry in client.server.journal if entry.kind == "in"]) < 1 + does:
        pass  # what is sent now must have come before the clock moves
    client.server.advance(60)
    socket.expect_ready()
    if not does:
        socket.say("hello")
    socket.close()


@pair("waited-for-setup")
def _(client: Client, does: bool) -> None:
    PAIRS["before-setup-complete"][does](client)


@pair("key-in-url")
def _(client: Client, does: bool) -> None:
    client.mint(url_key=does)


@pair("unlocked-token")
def _(client: Client, does: bool) -> None:
    client.mint(**{} if does else {"bidiGenerateContentSetup": {"model": MODEL}})


@pair("locked-token")
def _(client: Client, does: bool) -> None:
    PAIRS["unlocked-token"][does](client)


@pair("unlimited-uses")
def _(client: Client, does: bool) -> None:
    client.mint(uses=0 if does else 2)


@pair("left-open")
def _(client: Client, does: bool) -> None:
    socket = client.ready()
    if not does:
        socket.close()


@pair("broke-off")
def _(client: Client, does: bool) -> None:
    socket = client.ready()
    if not does:
        socket.close()
        return
    socket._wire.socket.shutdown(SHUT_RDWR)
    while client.server.open_connections:
        pass


@pair("closed")
def _(client: Client, does: bool) -> None:
    PAIRS["left-open"][does](client)


def test_every_finding_has_its_pair() -> None:
    assert set(PAIRS) == set(RULES)


@pytest.mark.parametrize("id", RULES)
def test_it_is_found_where_it_is_done(id: str, serve: Any, live: Any) -> None:
    client = _client(id, serve, live)
    PAIRS[id][0](client)
    finding = client.server.verdict().find(id)
    assert finding is not None, client.server.verdict()
    numbers = {entry.number for entry in client.server.journal}
    assert finding.evidence
    assert set(finding.evidence) <= numbers
    assert finding.what
    assert finding.why
    assert bool(finding.advice) == (finding.grade != "good")
    assert not finding.fact or finding.fact in FACTS


@pytest.mark.parametrize("id", RULES)
def test_it_is_not_found_where_it_is_not_done(id: str, serve: Any, live: Any) -> None:
    client = _client(id, serve, live)
    PAIRS[id][1](client)
    assert client.server.journal
    assert client.server.verdict().find(id) is None, client.server.verdict()


def _client(id: str, serve: Any, live: Any) -> Client:
    """A client of a server of its own; what comes before setupComplete shows where that takes a while."""
    slow = id in ("before-setup-complete", "waited-for-setup")
    return Client(serve(setup_delay_s=60 if slow else 0), live)


# -- the verdict as a whole -------------------------------------------------------------------------------


def test_nothing_is_well() -> None:
    verdict = judge([])
    assert verdict.ok
    assert verdict.findings == ()
    assert str(verdict) == "no client has done anything yet"


def test_what_is_alike_is_one_finding(client: Client) -> None:
    for _ in range(3):
        client.mint(bidiGenerateContentSetup={"model": MODEL})
    [finding] = client.server.verdict().findings
    assert finding.what == "http-1, http-2, http-3 minted a locked token"
    assert finding.evidence == (1, 2, 3, 4, 5, 6)


def test_bad_comes_first_and_costs_the_verdict(client: Client) -> None:
    client.mint()
    client.open(nonsense=1).close()
    verdict = client.server.verdict()
    assert not verdict.ok
    assert [finding.grade for finding in verdict.findings] == ["bad", "risky"]
    [bad] = verdict.of("bad")
    assert bad.fact == "CLS-034"
    assert "nonsense" in bad.advice
    assert str(verdict).startswith(f"bad    refused: {bad.what} (entries ")


def test_a_mistake_that_is_mended_is_not_the_same_again(client: Client) -> None:
    client.open(nonsense=1).close()
    client.ready().close()
    assert "same-mistake-again" not in found(client)


def test_trouble_of_the_service_is_no_mistake_of_the_client(client: Client) -> None:
    rule = Rule("turn", (Close(1011, "Internal error encountered."),), nth=1)
    client.server.play(Script("fails", (rule,)))
    client.ready().say("hello").expect_close(1011, "Internal error encountered.")
    client.ready(handle=client.handles[-1]).close()
    assert client.server.verdict().ok
    assert "resumed" in found(client)


def test_a_token_that_ends_in_mid_session_asks_for_a_return(client: Client) -> None:
    socket = client.ready(token=client.mint())
    client.server.advance(30 * 60)
    socket.close()
    assert "not-resumed" in found(client)
    client.ready(token=client.mint(), handle="").close()
    assert "started-over" in found(client)


def test_tokens_that_a_test_mints_are_not_the_clients(client: Client) -> None:
    client.server.mint(uses=0)
    assert found(client) == set()


def test_a_token_in_the_place_of_a_key_is_no_key_in_a_url(client: Client, live: Callable[..., Live]) -> None:
    token = client.mint(bidiGenerateContentSetup={"model": MODEL})
    live(client.server, query=f"key={token}").setup()
    assert "key-in-url" not in found(client)


def test_secrets_are_shortened(client: Client) -> None:
    client.mint(url_key=True)
    client.open(token="auth_tokens/" + "f" * 64).close()
    shown = json.dumps(client.server.verdict().shown())
    assert KEY not in shown
    assert "f" * 64 not in shown
    assert "f" * 64 not in str(client.server.verdict())


def test_a_journal_whose_beginning_is_gone_is_judged_by_the_rest(client: Client) -> None:
    client.ready().close()
    client.mint()
    rest = [entry for entry in client.server.journal if entry.kind != "handshake"]
    assert {one.id for one in judge(rest, client.server.tokens).findings} == {"unlocked-token"}


def test_a_finding_that_cannot_be_is_told(client: Client) -> None:
    with pytest.raises(ValueError, match="no finding is called 'nonsense', expected one of ignored-go-away"):
        client.server.verdict().find("nonsense")
