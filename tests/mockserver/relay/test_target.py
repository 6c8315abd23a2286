"""A service that is not there, is not trusted, or goes: what the client sees, and what the journal says."""

from __future__ import annotations

import json
import socket
import ssl
import struct
from typing import TYPE_CHECKING

import pytest

from mockserver import MockServer, Relay
from mockserver.core import frames
from mockserver.relay import site
from mockserver.relay.site import Site

from ..conftest import KEY, Wire, live_path
from ..edge.test_websocket import eventually
from .conftest import REAL, STAND_IN, head_of, watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Raw

MINT = "/v1alpha/auth_tokens"


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def unreachable(relay: Relay) -> str:
    """What the client and the journal are told of a service that cannot be reached."""
    for wire, answer in (
        (one := Wire(relay.port), one.request("POST", MINT, b"{}", x_goog_api_key=STAND_IN)),
        (one := Wire(relay.port), one.upgrade(live_path())),
    ):
        assert answer.status == 502
        error = answer.json["error"]
        assert (error["code"], error["status"]) == (502, "UNAVAILABLE")
        wire.close()
    kinds = [(entry.kind, entry.fact) for entry in relay.journal]
    refused = ("refusal", "RELAY")
    assert kinds == [
        ("request", ""), refused, ("response", ""), ("handshake", ""), refused, ("rejected", ""),
    ]  # fmt: skip
    assert [entry.owner for entry in relay.journal] == [STAND_IN] * 3 + [KEY] * 3
    told = {f"{entry.what}; {entry.hint}" for entry in relay.journal if entry.kind == "refusal"}
    assert told == {error["message"]}
    assert "Traceback" not in error["message"]
    return str(error["message"])


def test_nobody_listens(between: Callable[..., Relay]) -> None:
    port = closed_port()
    told = unreachable(between(f"http://127.0.0.1:{port}"))
    assert told.startswith(f"the relay cannot reach http://127.0.0.1:{port}: connection refused; start the")


def test_the_name_is_unknown(between: Callable[..., Relay]) -> None:
    told = unreachable(between("http://nowhere.invalid"))
    assert told.startswith("the relay cannot reach http://nowhere.invalid: ")
    assert told.endswith("; check the address, and the network")


def test_the_certificate_is_not_trusted(
    between: Callable[..., Relay], serve: Callable[..., MockServer]
) -> None:
    target = serve()
    told = unreachable(between(target.tls_url))
    assert "its certificate is not trusted: " in told
    assert "name the authority that signed it" in told
    relay = between(target.tls_url, ca_file_of_target=target.ca_file)
    assert Wire(relay.port).request("POST", MINT, b"{}", x_goog_api_key=STAND_IN).status == 200


def test_it_speaks_no_tls(between: Callable[..., Relay], raw: Callable[..., Raw]) -> None:
    target = raw(lambda accepted: accepted.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    told = unreachable(between(target.url.replace("http:", "https:")))
    assert "TLS fails: " in told


def test_it_never_answers_a_connection(
    between: Callable[..., Relay], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "CONNECT_S", 0.05)
    with socket.socket() as full:
        # Nobody accepts, and the line is full: what knocks now hears nothing.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        told = unreachable(between(f"http://127.0.0.1:{port}"))
        for one in waiting:
            one.close()
    assert "no answer within 0.05 s" in told


def test_a_relay_that_lets_nobody_know_is_found_out(
    between: Callable[..., Relay], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mockserver.relay.tunnel import Client

    monkeypatch.setattr(Client, "_refuse_all", lambda self: self.transport.abort())
    with pytest.raises((AssertionError, ConnectionResetError)):
        unreachable(between(f"http://127.0.0.1:{closed_port()}"))


@pytest.mark.parametrize("reset", [False, True])
def test_it_dies_in_mid_session(reset: bool, between: Callable[..., Relay], raw: Callable[..., Raw]) -> None:
    def serve(accepted: socket.socket) -> None:
        head = head_of(accepted).decode()
        key = head.lower().partition("sec-websocket-key: ")[0]
        key = head[len(key) :].partition(": ")[2].partition("\r\n")[0]
        accepted.sendall(frames.switching(key) + frames.frame(2, b'{"setupComplete": {}}'))
        accepted.recv(1000)
        if reset:
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    relay = between(raw(serve).url)
    wire = Wire(relay.port)
    assert wire.upgrade(live_path()).status == 101
    assert wire.read_frame()[1] == b'{"setupComplete": {}}'
    assert relay.open_connections == 1
    assert watch(wire.frame(1, b"{}")) == (b"", "reset" if reset else "fin")
    eventually(lambda: relay.open_connections == 0)
    lost = relay.journal[-1]
    assert (lost.kind, lost.status) == ("lost", None)
    assert lost.what == "dropped by the service" + (" by a reset" if reset else "")
    assert "broke the connection without a close" in lost.hint
    assert lost.hint in lost.line()


def test_it_dies_in_its_answer(between: Callable[..., Relay], raw: Callable[..., Raw]) -> None:
    def serve(accepted: socket.socket) -> None:
        head_of(accepted)
        accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")

    relay = between(raw(serve).url)
    wire = Wire(relay.port)
    saw = watch(wire.send(f"GET /x?key={STAND_IN} HTTP/1.1\r\nHost: x\r\n\r\n"))
    assert saw == (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", "fin")
    eventually(lambda: [entry.kind for entry in relay.journal] == ["request", "lost"])


def test_an_answer_may_end_with_the_connection(
    between: Callable[..., Relay], raw: Callable[..., Raw]
) -> None:
    def serve(accepted: socket.socket) -> None:
        head_of(accepted)
        accepted.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it")

    relay = between(raw(serve).url)
    assert watch(Wire(relay.port).send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")).data.endswith(b"all of it")
    eventually(lambda: len(relay.journal) == 2)
    assert (relay.journal[1].kind, relay.journal[1].payload) == ("response", b"all of it")


def test_what_is_no_http_passes_and_is_told(between: Callable[..., Relay], raw: Callable[..., Raw]) -> None:
    def serve(accepted: socket.socket) -> None:
        head_of(accepted)
        accepted.sendall(b"SSH-2.0-OpenSSH\r\n")

    relay = between(raw(serve).url)
    assert watch(Wire(relay.port).send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")) == (
        b"SSH-2.0-OpenSSH\r\n",
        "fin",
    )
    eventually(lambda: [entry.kind for entry in relay.journal] == ["request", "problem", "lost"])


def test_who_is_not_asked_and_speaks_is_heard(between: Callable[..., Relay], raw: Callable[..., Raw]) -> None:
    def serve(accepted: socket.socket) -> None:
        head_of(accepted)
        accepted.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        accepted.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")

    relay = between(raw(serve).url)
    saw = watch(Wire(relay.port).send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n"))
    assert saw.data.endswith(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
    assert [entry.status for entry in relay.journal] == [None, 204]


def test_an_answer_may_come_before_the_request_is_whole(
    between: Callable[..., Relay], raw: Callable[..., Raw]
) -> None:
    def serve(accepted: socket.socket) -> None:
        head_of(accepted)
        accepted.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
        accepted.recv(1000)

    relay = between(raw(serve).url)
    wire = Wire(relay.port).send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    assert wire.answer().status == 413
    assert [(entry.kind, entry.payload) for entry in relay.journal] == [
        ("request", b"half"),
        ("response", b""),
    ]


def test_a_stream_passes_as_it_comes(between: Callable[..., Relay], raw: Callable[..., Raw]) -> None:
    went_on: list[bytes] = []

    def serve(accepted: socket.socket) -> None:
        head_of(accepted)
        accepted.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        went_on.append(accepted.recv(10))

    wire = Wire(between(raw(serve).url).port).send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
    wire.until(b"first\r\n")
    assert not went_on, "nothing was waited for"
    wire.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("generativelanguage.googleapis.com", "expected http://HOST[:PORT] or https://HOST[:PORT]"),
        ("ftp://x", "expected http"),
        ("http://", "expected http"),
        ("http://x:notaport", "is no base URL"),
        ("http://x/?key=1", "expected http"),
        ("http://user:secret@x", "the key goes in by its own option"),
    ],
)
def test_what_is_no_base_url_is_refused(url: str, says: str) -> None:
    with pytest.raises(ValueError, match="base URL") as caught:
        Relay(url)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ValueError, match="expected that of an authority"):
        Site.of("https://x", tmp_path / "ca.pem")
    with pytest.raises(OSError, match="No such file"):
        Site.of("https://x", tmp_path / "ca2.pem")


def test_the_path_of_a_base_url_stands_before_every_other(
    between: Callable[..., Relay], raw: Callable[..., Raw]
) -> None:
    heads: list[bytes] = []

    def serve(accepted: socket.socket) -> None:
        heads.append(head_of(accepted))
        accepted.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    target = raw(serve)
    Wire(between(f"{target.url}/gateway/").port).request("GET", "/v1/x?a=%20b", X_Own="Kept As It Is")
    [head] = heads
    assert head.startswith(b"GET /gateway/v1/x?a=%20b HTTP/1.1\r\n")
    assert b"X-Own: Kept As It Is\r\n" in head
    assert f"Host: {target.url.removeprefix('http://')}\r\n".encode() in head


def test_errors_are_json(between: Callable[..., Relay]) -> None:
    relay = between(f"http://127.0.0.1:{closed_port()}", key=REAL)
    answer = Wire(relay.port).request("POST", MINT, b"{}")
    assert answer.headers["content-type"].startswith("application/json")
    assert json.loads(answer.body)["error"]["code"] == 502


def test_a_client_that_trusts_nobody_is_told_of(between: Callable[..., Relay]) -> None:
    relay = between(f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(ssl.SSLError):
        Wire(relay.port, ssl.create_default_context())
    eventually(lambda: [entry.fact for entry in relay.journal] == ["TLS"])
