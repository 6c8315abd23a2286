"""The guard: no connection leaves this machine, whoever opens it, and the message says who."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.pytest_plugin import NetworkBlockedError
from mockserver.pytest_plugin.network import Guard, is_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Reserved for documentation: nobody is there, and nothing is sent if the guard works.
ELSEWHERE = "192.0.2.1"


@pytest.fixture
def guard() -> Iterator[Guard]:
    """A guard that is active."""
    one = Guard(Path(__file__).parent)
    one.start()
    yield one
    one.stop()


def by_socket(host: str) -> None:
    with socket.socket() as one:
        one.connect((host, 443))


def by_connect_ex(host: str) -> None:
    with socket.socket() as one:
        one.connect_ex((host, 443))


def by_create_connection(host: str) -> None:
    socket.create_connection((host, 443), timeout=1)


def by_datagram(host: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.sendto(b"x", (host, 443))


def by_getaddrinfo(host: str) -> None:
    socket.getaddrinfo(host, 443)


def by_gethostbyname(host: str) -> None:
    socket.gethostbyname(host)


def by_asyncio(host: str) -> None:
    async def main() -> None:
        await asyncio.open_connection(host, 443)

    asyncio.run(main())


WAYS = (
    by_socket,
    by_connect_ex,
    by_create_connection,
    by_datagram,
    by_getaddrinfo,
    by_gethostbyname,
    by_asyncio,
)


@pytest.mark.parametrize("host", ["api.example", ELSEWHERE])
@pytest.mark.parametrize("way", WAYS)
def test_a_connection_elsewhere_fails_and_names_the_line(
    guard: Guard, way: Callable[[str], None], host: str
) -> None:
    port = "" if way is by_gethostbyname else ":443"
    with pytest.raises(NetworkBlockedError) as caught:
        way(host)
    name = "main" if way is by_asyncio else way.__name__
    assert str(caught.value).startswith(f"connection to {host}{port} blocked, asked for by test_network.py:")
    assert f" in {name}: expected this machine only (--mock-gemini-block-network)" in str(caught.value)
    assert guard.blocked == [str(caught.value)] * len(guard.blocked)


def test_this_machine_is_reached(guard: Guard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, address[1])).close()

        async def main() -> None:
            _, writer = await asyncio.open_connection("localhost", address[1])
            writer.close()
            await writer.wait_closed()

        asyncio.run(main())
    socket.create_server(("0.0.0.0", 0)).close()
    left, right = socket.socketpair()
    left.close()
    right.close()
    assert guard.blocked == []


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("LOCALHOST.", True),
        ("0.0.0.0", True),
        ("", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("192.168.0.1", False),
        ("localhost.example", False),
        ("fe80::1%eth0", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, here: bool) -> None:
    assert is_here(host) == here


def test_without_the_guard_nothing_is_asked(guard: Guard) -> None:
    guard.stop()
    try:
        with socket.socket() as one:
            one.settimeout(0)
            assert one.connect_ex((ELSEWHERE, 9)) != 0
    finally:
        guard.start()
    assert guard.blocked == []


TESTS = """
    import socket
    import pytest
    from minting import mint

    def test_the_mock_is_reached(mock_gemini):
        assert mint(mock_gemini) == 200

    def test_elsewhere():
        socket.create_connection(("api.example", 443))

    def test_swallowed():
        try:
            socket.create_connection(("api.example", 443))
        except Exception:
            pass

    def test_speaks_of_it():
        with pytest.raises(RuntimeError, match="connection to api.example:443 blocked"):
            socket.create_connection(("api.example", 443))
"""


@pytest.mark.parametrize("by", ["option", "ini"])
def test_a_run_is_guarded(pytester: pytest.Pytester, by: str) -> None:
    pytester.makeini("[pytest]\nmock_gemini_block_network = true\n" if by == "ini" else "[pytest]\n")
    pytester.makepyfile(test_inner=TESTS)
    options: list[Any] = ["--mock-gemini-block-network"] if by == "option" else []
    result = pytester.runpytest(*options)
    result.assert_outcomes(passed=3, failed=1, errors=2)
    result.stdout.fnmatch_lines(
        [
            "mock gemini: connections to other machines fail",
            "*connection to api.example:443 blocked, asked for by test_inner.py:* in test_swallowed: *",
        ]
    )


def test_a_run_that_is_not_guarded_is_left_alone(pytester: pytest.Pytester) -> None:
    before = asyncio.BaseEventLoop.getaddrinfo
    pytester.makepyfile(test_inner="def test(): pass")
    pytester.runpytest("--mock-gemini-block-network").assert_outcomes(passed=1)
    assert asyncio.BaseEventLoop.getaddrinfo is before
