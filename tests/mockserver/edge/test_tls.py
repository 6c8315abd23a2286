"""TLS on the port that also speaks plain HTTP: the first byte tells."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import time
import warnings
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from ..conftest import KEY, SETUP_COMPLETE, Live, Wire, live_path, refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver import MockServer

pytestmark = pytest.mark.usefixtures("transports")

MINT = f"/v1alpha/auth_tokens?key={KEY}"


def wait_for_refusal(server: MockServer) -> None:
    """The server hears of a failed handshake a moment after the client knows."""
    until = time.monotonic() + 5
    while not refusals(server):
        assert time.monotonic() < until
        time.sleep(0.005)


def test_one_port_speaks_http_and_https(wire: Callable[..., Wire], trusting: ssl.SSLContext) -> None:
    assert wire().request("POST", MINT).status == 200
    assert wire(trusting).request("POST", MINT).status == 200


def test_a_tls_connection_is_kept_for_the_next_request(
    wire: Callable[..., Wire], trusting: ssl.SSLContext
) -> None:
    one = wire(trusting)
    assert [one.request("POST", MINT).status for _ in range(3)] == [200, 200, 200]


def test_one_port_speaks_ws_and_wss(
    server: MockServer, live: Callable[..., Live], trusting: ssl.SSLContext
) -> None:
    for tls in (None, trusting):
        one = live(server, tls=tls).setup().expect_ready().say("hello")
        assert one.expect_turn()
        one.close()


@pytest.mark.parametrize("secure", [False, True])
def test_the_websockets_library_by_itself_connects(
    server: MockServer, trusting: ssl.SSLContext, secure: bool
) -> None:
    async def talk() -> None:
        url = f"{'wss' if secure else 'ws'}://localhost:{server.port}{live_path()}"
        raw = socket.create_connection(("127.0.0.1", server.port))  # made here: no proxy comes between
        async with connect(url, sock=raw, ssl=trusting if secure else None) as one:
            await one.send('{"setup": {"model": "models/gemini-3.5-transcribe-live"}}')
            assert await one.recv() == SETUP_COMPLETE
            await one.send("nonsense")
            with pytest.raises(ConnectionClosed) as caught:
                await one.recv()
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1007

    asyncio.run(talk())


@pytest.mark.fact("WS-017")
def test_wss_with_two_slashes_as_sdks_ask(
    server: MockServer, live: Callable[..., Live], trusting: ssl.SSLContext
) -> None:
    live(server, path="/" + live_path(), tls=trusting).setup().expect_ready()


def test_http_1_1_is_agreed_on_by_alpn(server: MockServer, trusting: ssl.SSLContext) -> None:
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", server.port), 5) as raw,
        trusting.wrap_socket(raw, server_hostname="localhost") as one,
    ):
        assert one.selected_alpn_protocol() == "http/1.1"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_the_certificate_is_good_for_every_name_of_loopback(
    server: MockServer, trusting: ssl.SSLContext, name: str
) -> None:
    with (
        socket.create_connection(("127.0.0.1", server.port), 5) as raw,
        trusting.wrap_socket(raw, server_hostname=name) as one,
    ):
        assert one.getpeercert()


def test_the_certificate_is_good_for_the_address_it_listens_on(serve: Callable[..., MockServer]) -> None:
    server = serve(host="127.0.0.2")
    trusting = ssl.create_default_context(cafile=server.ca_file)
    with (
        socket.create_connection(("127.0.0.2", server.port), 5) as raw,
        trusting.wrap_socket(raw, server_hostname="127.0.0.2") as one,
    ):
        assert one.getpeercert()


def test_the_certificate_passes_the_strict_checks_of_new_pythons(server: MockServer) -> None:
    strict = ssl.create_default_context(cafile=server.ca_file)
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_connection(("127.0.0.1", server.port), 5) as raw,
        strict.wrap_socket(raw, server_hostname="localhost") as one,
    ):
        assert one.getpeercert()


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_that_does_not_trust_leaves_a_readable_entry(
    server: MockServer, newest: ssl.TLSVersion
) -> None:
    suspicious = ssl.create_default_context(cafile=None)
    suspicious.maximum_version = newest
    with pytest.raises(ssl.SSLCertVerificationError):
        Wire(server.port, suspicious)
    wait_for_refusal(server)
    entry = refusals(server)[-1]
    assert entry.what.startswith("TLS handshake failed: ")
    assert "SSL_CERT_FILE" in entry.hint
    assert "NODE_EXTRA_CA_CERTS" in entry.hint
    assert "does not trust this server" in entry.line()


def test_a_client_that_does_not_trust_harms_nobody(
    server: MockServer, live: Callable[..., Live], trusting: ssl.SSLContext
) -> None:
    one = live(server, tls=trusting).setup().expect_ready()
    with pytest.raises(ssl.SSLError):
        Live(server.port, live_path(), tls=ssl.create_default_context())
    assert one.say("still here").expect_turn()


@pytest.mark.parametrize("first_bytes", [b"", b"\x16", b"\x16\x03\x01\x00", b"\x16nonsense\r\n\r\n", b"G"])
def test_a_client_that_stops_in_the_middle_harms_nobody(
    server: MockServer, wire: Callable[..., Wire], first_bytes: bytes
) -> None:
    one = wire()
    one.send(first_bytes)
    other = wire()
    assert other.request("POST", MINT).status == 200
    one.close()
    assert other.request("POST", MINT).status == 200


def test_what_is_no_tls_after_a_tls_byte_is_told(server: MockServer, wire: Callable[..., Wire]) -> None:
    wire().send(b"\x16\x03\x01\x00\x05nonsense").rest()
    wait_for_refusal(server)
    assert refusals(server)[-1].what.startswith("TLS handshake failed: ")


def test_a_silent_connection_does_not_keep_the_server_from_stopping(server: MockServer) -> None:
    silent = [Wire(server.port) for _ in range(3)]
    half = Wire(server.port).send(b"\x16\x03")
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 1
    for one in (*silent, half):
        assert one.rest() == b""
        one.close()


def test_a_client_that_goes_without_a_word_leaves_no_open_transport(
    wire: Callable[..., Wire], trusting: ssl.SSLContext, server: MockServer
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        one = wire(trusting)
        assert one.request("POST", MINT).status == 200
        one.close()
        server.stop()
        gc.collect()
    assert [str(warning.message) for warning in caught if "transport" in str(warning.message)] == []


def test_the_authority_s_key_is_nowhere_on_disk(server: MockServer) -> None:
    folder = server.ca_file.parent
    keys = [path for path in folder.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    assert [path.name for path in keys] == ["server.pem"]
    assert keys[0].read_bytes().count(b"PRIVATE KEY") == 2, "begin and end of one key, the server's own"
