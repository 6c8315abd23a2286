"""``MockServer``: its life, its clock, and what a test does with it, from sync and async code."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import LATEST, Close, Entry, MockServer, Refusal, Rule, Say, Script

from .conftest import KEY, TEXT_MODEL, Live, Wire, refusals, refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONSTRAINED = "BidiGenerateContentConstrained"
MALFORMED = "Missing or malformed auth token"


def threads() -> set[str]:
    """The names of all threads that servers run in."""
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("mockserver")}


def listens(port: int) -> bool:
    """Whether anybody accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def mint(server: MockServer, version: str = "v1alpha", **body: Any) -> Any:
    """Mint over HTTP; the answer."""
    wire = Wire(server.port)
    answer = wire.request("POST", f"/{version}/auth_tokens", json.dumps(body).encode(), x_goog_api_key=KEY)
    wire.close()
    return answer


class TestTheCaseTheProjectStartsFrom:
    """A token from v1alpha, a client that says v1beta; over the wire, without an SDK."""

    @pytest.mark.fact("TOK-001")
    def test_v1alpha_at_both_works_at_launch(self, server: MockServer, live: Callable[..., Live]) -> None:
        answer = mint(server, "v1alpha")
        assert answer.status == 200
        query = f"access_token={answer.json['name']}"
        live(server, CONSTRAINED, "v1alpha", query).setup().expect_ready().say("hello").expect_turn()

    @pytest.mark.fact("TOK-002")
    def test_v1beta_mints_nothing_at_launch(self, server: MockServer) -> None:
        answer = mint(server, "v1beta")
        assert (answer.status, answer.body) == (404, b"")
        assert "json" not in answer.headers["content-type"]
        assert "'api_version': 'v1alpha'" in refusals(server)[-1].hint

    @pytest.mark.fact("WS-015")
    def test_the_socket_of_v1beta_fails_at_launch(
        self, server: MockServer, live: Callable[..., Live]
    ) -> None:
        query = f"access_token={mint(server).json['name']}"
        response = refused(lambda: live(server, CONSTRAINED, "v1beta", query))
        assert (response.status_code, response.body or b"") == (404, b"")
        assert refusals(server)[-1].fact == "WS-015"

    @pytest.mark.fact("TOK-003")
    @pytest.mark.fact("WS-014")
    def test_v1beta_at_both_works_by_now(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        server = serve(service_date="latest")
        query = f"access_token={mint(server, 'v1beta').json['name']}"
        live(server, CONSTRAINED, "v1beta", query).setup().expect_ready().say("hello").expect_turn()

    @pytest.mark.parametrize("day", ["launch", "latest"])
    def test_v1_has_neither(
        self, serve: Callable[..., MockServer], live: Callable[..., Live], day: str
    ) -> None:
        server = serve(service_date=day)
        answer = mint(server, "v1")
        assert (answer.status, answer.body) == (404, b"")
        query = f"access_token={mint(server).json['name']}"
        assert refused(lambda: live(server, CONSTRAINED, "v1", query)).status_code == 404


class TestLife:
    """Start and stop."""

    def test_nothing_is_left_behind(self, tls_dir: Path) -> None:
        before = threads()
        with MockServer(tls_dir=tls_dir) as server:
            assert len(threads() - before) == 1
            assert listens(server.port)
            wire, live = Wire(server.port), Live(server.port, "/" + _path())
            live.setup().expect_ready()
        assert threads() == before
        assert not listens(server.port)
        assert wire.rest() == b""
        live.expect_drop()
        live.close()
        wire.close()

    def test_several_run_side_by_side(self, serve: Callable[..., MockServer]) -> None:
        servers = [serve(service_date=day) for day in ("launch", "latest", "2026-07-03")]
        assert len({server.port for server in servers}) == 3
        assert [mint(server, "v1beta").status for server in servers] == [404, 200, 200]
        assert [len(server.tokens) for server in servers] == [0, 1, 1]

    def test_it_starts_and_stops_again(self, server: MockServer) -> None:
        first = server.port
        server.stop()
        server.stop()
        server.start()
        assert listens(server.port)
        assert server.port != first or listens(first)

    def test_it_starts_well_under_100_ms(self, tls_dir: Path) -> None:
        MockServer(tls_dir=tls_dir).start().stop()
        times = []
        for _ in range(5):
            started = time.perf_counter()
            with MockServer(tls_dir=tls_dir):
                times.append(time.perf_counter() - started)
        assert min(times) < 0.1

    def test_twice_at_once_is_a_mistake(self, server: MockServer) -> None:
        with pytest.raises(RuntimeError, match="running already: stop it before starting it again"):
            server.start()

    def test_what_is_not_running_says_so(self, tls_dir: Path) -> None:
        with pytest.raises(RuntimeError, match="not running: use it in a with statement, or call start"):
            MockServer(tls_dir=tls_dir).reset()

    def test_a_port_in_use_is_an_os_error_and_leaves_no_thread(
        self, server: MockServer, tls_dir: Path
    ) -> None:
        before = threads()
        with pytest.raises(OSError, match="in use"):
            MockServer(port=server.port, tls_dir=tls_dir).start()
        assert threads() == before

    @pytest.mark.parametrize(
        "options",
        [{"service_date": "yesterday"}, {"pace": -1}, {"instead": "x"}, {"serve": (("v1:x", True),)}],
    )
    def test_an_option_no_server_can_have_is_a_value_error(self, options: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="expected"):
            MockServer(**options)

    def test_a_day_may_be_a_date(self) -> None:
        assert MockServer(service_date=date(2026, 7, 3)).options.service_date == date(2026, 7, 3)
        assert MockServer(service_date="latest").options.service_date == LATEST

    def test_where_it_is(self, server: MockServer) -> None:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server.tls_url == f"https://localhost:{server.port}"
        assert set(server.env) == {
            "GOOGLE_GEMINI_BASE_URL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
        }  # fmt: skip
        assert server.env["GOOGLE_GEMINI_BASE_URL"] == server.url
        assert server.env["NODE_EXTRA_CA_CERTS"] == str(server.ca_file)

    @pytest.mark.parametrize(
        ("host", "url"), [("0.0.0.0", "http://127.0.0.1:"), ("::1", "http://[::1]:"), ("::", "http://[::1]:")]
    )
    def test_a_wildcard_is_reached_by_loopback(
        self, serve: Callable[..., MockServer], host: str, url: str
    ) -> None:
        try:
            server = serve(host=host)
        except OSError:
            pytest.skip("no such address family on this machine")
        assert server.url == f"{url}{server.port}"


class TestAsync:
    """The same from async code, in one loop with its clients."""

    def test_inside_asyncio_run(self, tls_dir: Path) -> None:
        async def main() -> int:
            async with MockServer(tls_dir=tls_dir) as server:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(f"POST /v1alpha/auth_tokens?key={KEY} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                status = await reader.readline()
                assert len(server.tokens) == 1
                server.advance(1)
                writer.close()
            return int(status.split()[1])

        assert asyncio.run(main()) == 200
        assert threads() == set()

    def test_a_sync_with_statement_works_in_a_loop_too(self, tls_dir: Path) -> None:
        async def main() -> None:
            with MockServer(tls_dir=tls_dir) as server:
                assert await asyncio.to_thread(lambda: mint(server).status) == 200

        asyncio.run(main())

    def test_an_error_in_the_block_still_stops_it(self, tls_dir: Path) -> None:
        async def main() -> None:
            async with MockServer(tls_dir=tls_dir):
                raise LookupError

        with pytest.raises(LookupError):
            asyncio.run(main())
        assert threads() == set()


class TestClock:
    """``advance`` moves the mock's clock; what becomes due happens before it returns."""

    @pytest.mark.fact("PRO-007")
    def test_it_releases_paced_audio(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        server = serve(pace=1)
        one = (
            live(server)
            .setup()
            .expect_ready()
            .say("a sentence that takes five or six seconds to say, or even more")
        )
        assert "modelTurn" in one.receive()["serverContent"]
        server.advance(60)
        assert "usageMetadata" in one.expect_turn()[-1]

    @pytest.mark.fact("CLS-009")
    def test_it_closes_sessions_whose_token_expires(
        self, server: MockServer, live: Callable[..., Live]
    ) -> None:
        one = live(server, CONSTRAINED, query=f"access_token={server.mint()}").setup().expect_ready()
        server.advance(30 * 60 - 60 * 21)
        # A connection would not live for half an hour: a new one on a token without limits of use.
        one.close()
        token = server.mint(uses=0, expireTime=_in(120))
        one = live(server, CONSTRAINED, query=f"access_token={token}").setup().expect_ready()
        server.advance(120)
        one.expect_close(1011, "auth token has expired")
        assert server.open_connections == 0

    @pytest.mark.fact("CLS-008")
    def test_it_ends_the_time_for_new_sessions(self, server: MockServer, live: Callable[..., Live]) -> None:
        query = f"access_token={server.mint()}"
        server.advance(61)
        live(server, CONSTRAINED, query=query).setup().expect_close(
            1011, "new_session_expire_time deadline exceeded"
        )

    @pytest.mark.fact("CLS-010")
    def test_it_expires_tokens(self, server: MockServer, live: Callable[..., Live]) -> None:
        query = f"access_token={server.mint()}"
        server.advance(30 * 60 + 1)
        live(server, CONSTRAINED, query=query).setup().expect_close(1011, "Token has expired")

    @pytest.mark.fact("SRV-020")
    def test_it_completes_a_delayed_setup(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        server = serve(setup_delay_s=100.0)
        one = live(server).setup(TEXT_MODEL).say("early bird")
        until = time.monotonic() + 5
        while [entry.kind for entry in server.journal].count("in") < 2:
            assert time.monotonic() < until
            time.sleep(0.005)
        server.advance(100)
        one.expect_ready()
        assert one.receive()["serverContent"]["modelTurn"]["parts"] == [{"text": "early bird"}]

    def test_a_real_delay_needs_no_advance(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        live(serve(setup_delay_s=0.05)).setup().expect_ready()

    @pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e300])
    def test_it_moves_forward_by_a_number(self, server: MockServer, seconds: float) -> None:
        with pytest.raises(
            ValueError, match=r"cannot move the clock by .* expected a number of seconds from 0"
        ):
            server.advance(seconds)
        assert mint(server).status == 200


class TestWhatATestDoes:
    """mint, play, reset, journal, watch."""

    def test_a_token_minted_in_python_opens_a_session(
        self, server: MockServer, live: Callable[..., Live]
    ) -> None:
        token = server.mint("my-key", uses=2, bidiGenerateContentSetup={"model": TEXT_MODEL})
        one = live(server, CONSTRAINED, query=f"access_token={token}").send({"setup": {}}).expect_ready()
        assert one.say("hi").receive()["serverContent"]["modelTurn"]["parts"] == [{"text": "hi"}]
        assert server.tokens[0].uses_left == 1
        assert {entry.owner for entry in server.of("my-key")} == {"my-key"}
        assert server.of("another") == []

    def test_minting_in_python_refuses_like_the_service(self, server: MockServer) -> None:
        with pytest.raises(Refusal) as caught:
            server.mint(uses=-1)
        assert (caught.value.fact, caught.value.message) == ("TOK-053C", "uses must be non-negative")

    def test_a_script_is_played_from_now_on(self, server: MockServer, live: Callable[..., Live]) -> None:
        one = live(server).setup(TEXT_MODEL).expect_ready()
        one.say("hi").expect_turn()
        server.play(Script("down", (Rule("turn", (Close(1011, "Internal error encountered."),)),)))
        other = live(server).setup(TEXT_MODEL).expect_ready()
        other.say("hi").expect_close(1011, "Internal error encountered.")

    def test_a_script_may_be_given_at_the_start(
        self, serve: Callable[..., MockServer], live: Callable[..., Live]
    ) -> None:
        server = serve(script=Script("polite", (Rule("turn", (Say("you said {text}"),)),)))
        turn = live(server).setup(TEXT_MODEL).expect_ready().say("hi").expect_turn()
        assert turn[1]["serverContent"]["modelTurn"]["parts"] == [{"text": " hi"}] or "hi" in str(turn)
        assert "you said" in str(turn)

    def test_a_reset_forgets(self, server: MockServer, live: Callable[..., Live]) -> None:
        query = f"access_token={server.mint()}"
        server.reset()
        assert (server.tokens, server.journal) == ((), ())
        live(server, CONSTRAINED, query=query).setup().expect_close(1007, MALFORMED)
        assert refusals(server)[-1].fact == "CLS-006"

    def test_the_journal_is_a_copy(self, server: MockServer) -> None:
        before = server.journal
        mint(server)
        assert before == ()
        assert [entry.kind for entry in server.journal] == ["request", "response"]

    def test_a_watcher_hears_each_entry_as_it_happens(self, server: MockServer) -> None:
        heard: list[Entry] = []
        server.watch(heard.append)
        mint(server)
        assert tuple(heard) == server.journal

    def test_open_connections_are_counted(self, server: MockServer, live: Callable[..., Live]) -> None:
        for _ in range(3):
            live(server)
        assert server.open_connections == 3


def test_many_sessions_side_by_side_keep_apart(server: MockServer, live: Callable[..., Live]) -> None:
    ones = [live(server).setup(TEXT_MODEL) for _ in range(30)]
    for n, one in enumerate(ones):
        one.expect_ready().say(f"client-{n}")
    for n, one in enumerate(ones):
        assert one.expect_turn()[0]["serverContent"]["modelTurn"]["parts"] == [{"text": f"client-{n}"}]


def test_times_in_a_request_are_by_the_clients_clock(server: MockServer) -> None:
    """A client knows nothing of the steps of the mock's clock, and may mint again after one."""
    from datetime import datetime, timedelta, timezone

    server.advance(3600)
    token = server.mint(expireTime=(datetime.now(timezone.utc) + timedelta(minutes=5)).isoformat())
    [minted] = [one for one in server.tokens if one.name == token]
    assert minted.expires_at - minted.minted_at == pytest.approx(300, abs=5)


def test_a_reset_takes_the_clock_back(server: MockServer) -> None:
    server.advance(3600)
    server.reset()
    server.mint()
    [token] = server.tokens
    assert token.minted_at == pytest.approx(time.time(), abs=5)


def _path() -> str:
    from .conftest import live_path

    return live_path()[1:]


def _in(seconds: float) -> str:
    """RFC 3339 on a client's clock."""
    from datetime import datetime, timedelta, timezone

    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()
