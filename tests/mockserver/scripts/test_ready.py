"""Ready-made scripts do what they say, and come back from the YAML they are printed as."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import InvalidStatus

from mockserver import FACTS, READY, MockServer, load
from mockserver.core.facts import Closes
from mockserver.core.script import Performance
from mockserver.scripts.writing import as_yaml

from ..conftest import PATIENCE_S, TEXT_MODEL, Live, Wire, live_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HALF_CASCADE = "models/gemini-live-2.5-flash-preview"


@pytest.fixture(scope="module")
def shared(tls_dir: Path) -> Iterator[MockServer]:
    """One server for all scripts: each is chosen by a key."""
    with MockServer(pace=0, tls_dir=tls_dir) as server:
        yield server


def test_the_names_of_the_issue_are_there_and_every_close() -> None:
    named = {
        "echo", "greeting", "tool-round", "interrupted", "long-audio", "go-away-and-resume",
        "token-expires-in-session", "rate-limited-mint", "drop-in-turn", "slow-drip", "close-1008",
    }  # fmt: skip
    closes = {
        f"close-{row.seen.code}-{row.id.lower()}" for row in FACTS.values() if isinstance(row.seen, Closes)
    }
    assert named | closes <= set(READY)


@pytest.mark.parametrize("name", READY)
def test_each_says_what_it_is_good_for_and_can_be_named(name: str) -> None:
    script = READY[name]
    assert script.name == name
    assert script.about.endswith((".", "?"))
    assert script.rules
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)


@pytest.mark.parametrize("name", READY)
def test_what_is_printed_is_read_back(name: str) -> None:
    pytest.importorskip("yaml")
    assert load(as_yaml(READY[name])) == READY[name]


def test_the_default_is_the_ready_made_echo() -> None:
    from mockserver import ECHO

    assert READY["echo"].rules == ECHO.rules


def handshake(server: MockServer, key: str) -> Live | None:
    """A socket on which a turn is said, if it opens at all."""
    try:
        live = Live(server.port, live_path(query=f"key={key}"))
    except (InvalidStatus, ConnectionError):
        return None
    live.setup(HALF_CASCADE, generationConfig={"responseModalities": ["TEXT"]})
    return live.say("hi")


@pytest.mark.parametrize("name", [name for name in READY if not name.startswith("silent-")])
def test_each_plays_and_the_server_lives(name: str, shared: MockServer) -> None:
    key = f"mock-script-{name}"
    one = Wire(shared.port)
    one.request("POST", f"/v1alpha/auth_tokens?key={key}")
    one.close()
    if (live := handshake(shared, key)) is not None:
        until = time.monotonic() + PATIENCE_S
        while not [entry for entry in shared.of(key) if entry.kind in ("out", "close", "fault", "lost")]:
            assert time.monotonic() < until
            time.sleep(0.002)
        live._wire.close()
    entries = shared.of(key)
    assert not [entry for entry in shared.journal if entry.fact == "MOCK"]
    if name in ("echo", "greeting", "tool-round", "long-audio", "conversation", "interrupted"):
        assert not [entry for entry in entries if entry.kind == "fault"]
    else:
        assert {entry.script for entry in entries if entry.kind == "fault"} <= {name}


@pytest.mark.parametrize("name", [name for name in READY if name.startswith("close-1")])
def test_a_close_of_the_catalogue_is_seen_with_its_code(name: str, shared: MockServer) -> None:
    live = handshake(shared, f"mock-script-{name}--again")
    assert live is not None
    live._drain()
    received = live._protocol.close_rcvd
    assert received is not None
    assert str(received.code) == name.split("-")[1]
    live.close()


def test_a_close_that_a_fact_gives_once_is_followed_by_a_session() -> None:
    performance = Performance(READY["close-1011-cls-007"])
    assert [performance.steps("setup") is None for _ in range(3)] == [False, True, True]


def test_a_session_is_resumed_after_go_away(
    serve: Callable[..., MockServer], live: Callable[..., Live]
) -> None:
    server = serve(script=READY["go-away-and-resume"])
    one = live(server).setup().expect_ready().say("hi")
    one.expect_turn()
    handle = one.receive()["sessionResumptionUpdate"]["newHandle"]
    assert one.receive() == {"goAway": {"timeLeft": "5s"}}
    server.advance(5)
    one._drain()
    live(server).setup(sessionResumption={"handle": handle}).expect_ready().say("on").expect_turn()


def test_a_drip_takes_its_time(serve: Callable[..., MockServer], live: Callable[..., Live]) -> None:
    server = serve(script=READY["slow-drip"])
    one = live(server).setup(TEXT_MODEL).expect_ready().say("hello")
    until = time.monotonic() + PATIENCE_S
    while not [entry for entry in server.journal if entry.kind == "fault"]:  # the turn is here
        assert time.monotonic() < until
        time.sleep(0.002)
    server.advance(60)
    assert one.expect_turn()


def test_play_takes_a_ready_made_script_for_one_key(server: MockServer, live: Callable[..., Live]) -> None:
    server.play(READY["close-1013"], api_key="mine")
    other = live(server).setup().expect_ready().say("hi")
    assert other.expect_turn()
    live(server, query="key=mine").setup().expect_ready().say("hi").expect_close(1013, "closed by a script")
