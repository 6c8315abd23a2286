"""Heads that came before: a server that remembers them and one that does not say the same, to the byte."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.core.request import Head, Request
from mockserver.edge import familiar
from mockserver.edge.clock import Clock
from mockserver.edge.events import Asked, Upgrade
from mockserver.edge.familiar import Familiar
from tests.fuzz.still import Edge
from tests.fuzz.targets import frame

LIVE: Final = "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContent"
KEYS: Final = ("dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==", "x3JJHMbDL1EzLkh9GBhXDw==")
BODY: Final = b'{"uses": 1}'


def mint(*lines: str, body: bytes = BODY, length: int | None = None, first: str = "POST") -> bytes:
    """A request for a token."""
    told = f"Content-Length: {len(body) if length is None else length}"
    head = [f"{first} /v1alpha/auth_tokens?key=any HTTP/1.1", "Host: x", *lines, told, "", ""]
    return "\r\n".join(head).encode() + body


def knock(key: str = KEYS[0], *lines: str, name: str = "Sec-WebSocket-Key") -> bytes:
    """A handshake."""
    head = [f"GET {LIVE}?key=any HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket"]
    return "\r\n".join([*head, f"{name}: {key}", "Sec-WebSocket-Version: 13", *lines, "", ""]).encode()


class Still(Clock):
    """A clock that only a test moves."""

    def now(self) -> float:
        return 1_767_225_600.0 + self.moved_s


def server(most: int) -> Edge:
    """A server without sockets that remembers so many heads."""
    edge = Edge(Path("ca.pem"), head_fields=12, head_bytes=2_000, target_bytes=600, body_bytes=400)
    edge.host.clock = Still()
    edge.host.familiar = Familiar(most)
    return edge


def says(edge: Edge, conversations: list[list[bytes]]) -> tuple[list[Any], list[Any]]:
    """All that clients see who come one after the other, and the journal."""
    seen: list[Any] = []
    for pieces in conversations:
        connection, transport = edge.connect()
        edge.feed(connection, transport, pieces)
        seen.append((bytes(transport.written), transport.closing, transport.ended, transport.paused))
        connection.connection_lost(None)
    return seen, [entry.shown() for entry in edge.service.journal]


# -- what is a near miss goes to the parser ---------------------------------------------------------------

NEAR: Final = {
    "another body length": mint(body=b"{}"),
    "the body is not whole": mint()[:-1],
    "something behind it": mint() + b"G",
    "another request behind it": mint() + mint(),
    "the head is not whole": mint().partition(BODY)[0][:-1],
    "other case": mint().replace(b"Host", b"host"),
    "other white space": mint().replace(b"Host: ", b"Host:  "),
    "white space before the colon": mint().replace(b"Host:", b"Host :"),
    "bare line feeds": mint().replace(b"\r\n", b"\n"),
    "an empty line before it": b"\r\n" + mint(),
    "two lengths": mint("Content-Length: 0"),
    "the same length twice": mint(f"Content-Length: {len(BODY)}"),
    "chunks beside a length": mint("Transfer-Encoding: chunked"),
    "a body that is expected": mint("Expect: 100-continue"),
    "an older version": mint().replace(b"HTTP/1.1", b"HTTP/1.0"),
    "the last request": mint("Connection: close"),
    "an offer of HTTP/2": mint("Connection: Upgrade", "Upgrade: h2c"),
}
NEAR_HANDSHAKES: Final = {
    "a key too short": knock(KEYS[1][:-1]),
    "a key too long": knock(KEYS[1] + "="),
    "a key with a space": knock("AAAAAAAAAAA AAAAAAAAAA=="),
    "a key with a NUL": knock("AAAAAAAAAAA\0AAAAAAAAAA=="),
    "no key": knock(""),
    "another case": knock(KEYS[1], name="SEC-WEBSOCKET-KEY"),
    "two keys": knock(KEYS[1], f"Sec-WebSocket-Key: {KEYS[2]}"),
    "a body": knock(KEYS[1], "Content-Length: 1"),
    "another method": knock(KEYS[1]).replace(b"GET", b"PUT"),
}


@pytest.mark.parametrize("data", [*NEAR.values(), *NEAR_HANDSHAKES.values()], ids=[*NEAR, *NEAR_HANDSHAKES])
def test_a_near_miss_goes_to_the_parser(data: bytes) -> None:
    came = [[mint()], [mint()], [knock()], [knock(KEYS[2])]]
    edge = server(8)
    says(edge, came)
    assert isinstance(edge.host.familiar.find(mint(), secure=False), Asked)
    assert isinstance(edge.host.familiar.find(knock(KEYS[1]), secure=False), Upgrade)
    assert edge.host.familiar.find(data, secure=False) is None
    again = [*came, [data], [data], *came]
    assert says(server(8), again) == says(server(0), again)


@pytest.mark.parametrize(
    "data",
    [
        NEAR["an older version"],
        NEAR["the last request"],
        NEAR["chunks beside a length"],
        NEAR["a body that is expected"],
        NEAR["an offer of HTTP/2"],
        NEAR["another request behind it"],
        b"\r\n\r\n" + mint(),
        NEAR_HANDSHAKES["a key with a NUL"],
        NEAR_HANDSHAKES["two keys"],
        NEAR_HANDSHAKES["a body"],
        knock(KEYS[1], f"X: {KEYS[1]}"),
        knock(KEYS[1]).replace(b"/ws/", f"/ws/{KEYS[1]}/".encode()),
    ],
)
def test_what_is_not_simple_is_not_remembered(data: bytes) -> None:
    edge = server(8)
    says(edge, [[data]] * 3)
    assert edge.host.familiar.find(data, secure=False) is None


# -- what came before is what it was ----------------------------------------------------------------------


def test_requests_of_one_head_share_it() -> None:
    edge = server(8)
    says(edge, [[mint()], [mint(body=b'{"uses": 2}')]])
    found = [edge.host.familiar.find(mint(body=body), secure=True) for body in (BODY, b'{"uses": 3}')]
    one, other = (event.request for event in found if isinstance(event, Asked))
    assert one.head is other.head
    assert (one.body, other.body) == (BODY, b'{"uses": 3}')


def test_a_whole_request_that_came_before_is_the_same_one() -> None:
    edge = server(8)
    says(edge, [[mint()], [mint()]])
    one, other, secure = [edge.host.familiar.find(mint(), secure=tls) for tls in (False, False, True)]
    assert one is other
    assert isinstance(one, Asked)
    assert isinstance(secure, Asked)
    assert (one.request.secure, secure.request.secure) == (False, True)


def test_handshakes_share_all_but_the_key() -> None:
    edge = server(8)
    says(edge, [[knock()]])
    found = edge.host.familiar.find(knock(KEYS[1]) + b"early", secure=False)
    assert isinstance(found, Upgrade)
    assert found.rest == b"early"
    assert found.request.header("sec-websocket-key") == KEYS[1]
    told, first = dict(found.request.headers), found.request.head.kind
    assert told == {**dict(first.headers), "sec-websocket-key": KEYS[1]}
    assert found.request.target == first.target


def test_a_key_may_be_written_in_small_letters() -> None:
    edge = server(8)
    says(edge, [[knock(name="sec-websocket-key")]])
    assert edge.host.familiar.find(knock(KEYS[1], name="sec-websocket-key"), secure=False) is not None


def test_the_memory_is_bounded() -> None:
    edge = server(4)
    says(edge, [[mint(f"X: {n}")] for n in range(20)])
    says(edge, [[knock(KEYS[0], f"X: {n}")] for n in range(20)])
    assert edge.host.familiar.find(mint("X: 19"), secure=False) is not None
    assert edge.host.familiar.find(mint("X: 15"), secure=False) is None
    says(edge, [[mint(body=b'{"uses": %d}' % n)] for n in range(10)])
    memory = edge.host.familiar
    assert len(memory._requests) == len(memory._handshakes) == len(memory._wholes) == 4


def test_what_is_long_is_not_remembered() -> None:
    memory, long = Familiar(), mint("X: " + "x" * familiar.LONGEST)
    memory.learn(long, Asked(Request.of(Head("POST", "/"), BODY, False), True))
    assert memory.find(long, secure=False) is None
    body = b"x" * familiar.LONGEST
    memory.learn(mint(body=body), Asked(Request.of(Head("POST", "/"), body, False), True))
    assert memory.find(mint(body=body), secure=False) is not None
    assert not memory._wholes


# -- against the parser -----------------------------------------------------------------------------------

LINES: Final = st.lists(
    st.sampled_from(
        ["Origin: http://x", "Accept-Encoding: gzip", "x-goog-api-key: k", "Connection: keep-alive",
         "Connection: close", "Transfer-Encoding: chunked", "Content-Length: 3", "Content-Length: 11",
         "Expect: 100-continue", "Upgrade: h2c", "Upgrade: websocket", "X:" + "y" * 900, " folded",
         "no colon", "X: \x00", f"X: {KEYS[0]}", f"X: Sec-WebSocket-Key: {KEYS[1]}",
         f"sec-websocket-key: {KEYS[2]}"]
    ),
    max_size=2,
)  # fmt: skip
ASKED: Final = st.builds(
    lambda lines, body, first, length: mint(*lines, body=body, first=first, length=length),
    LINES,
    st.sampled_from([BODY, BODY, b"", b"{}", b'{"uses": 2}', b"GET / HTTP/1.1\r\n\r\n", b"x" * 401]),
    st.sampled_from(["POST", "POST", "GET", "HEAD", "OPTIONS"]),
    st.sampled_from([None, None, None, 0, 11]),
)
KNOCKED: Final = st.builds(
    lambda key, lines, name, behind: knock(key, *lines, name=name) + behind,
    st.sampled_from([*KEYS, *KEYS, "", KEYS[0][:-1], "A" * 24]),
    LINES,
    st.sampled_from(["Sec-WebSocket-Key", "Sec-WebSocket-Key", "sec-websocket-key", "SEC-WEBSOCKET-KEY"]),
    st.sampled_from([b"", b"", frame(1, b'{"setup": {}}'), frame(8, b"\x03\xe8")]),
)
OTHER: Final = st.one_of(
    st.sampled_from([*NEAR.values(), *NEAR_HANDSHAKES.values()]),
    st.sampled_from(
        [b"GET /_mock/health HTTP/1.1\r\n\r\n", b"\r\n", b"GET /" + b"x" * 700 + b" HTTP/1.1\r\n\r\n"]
    ),
    st.binary(max_size=8),
)


@st.composite
def one_after_the_other(draw: Any) -> list[list[bytes]]:
    """Conversations made of a few pieces that come again and again, each cut anywhere or sent as it is."""
    pool = draw(st.lists(st.one_of(ASKED, ASKED, KNOCKED, OTHER), min_size=1, max_size=4))
    conversations = []
    for _ in range(draw(st.integers(1, 6))):
        pieces = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=4))
        if draw(st.integers(0, 2)) == 0:
            whole = b"".join(pieces)
            cuts = sorted({0, len(whole), *draw(st.lists(st.integers(0, len(whole)), max_size=3))})
            pieces = [whole[start:end] for start, end in pairwise(cuts)]
        conversations.append([piece for piece in pieces if piece])
    return conversations


@example([[mint(), mint(), mint(body=b'{"uses": 2}')], [knock()], [knock(KEYS[1])]])
@given(one_after_the_other())
def test_a_server_that_remembers_says_the_same(conversations: list[list[bytes]]) -> None:
    assert says(server(2), conversations) == says(server(0), conversations)
