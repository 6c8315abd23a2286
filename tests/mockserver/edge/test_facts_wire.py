"""What the service was seen to do in bytes: handshakes that always pass, frames, headers, compression."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from mockserver import MockServer, Respond, Rule, Script

from ..conftest import KEY, SETUP_COMPLETE, Wire, live_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..conftest import Live

TEXT, CLOSE = 1, 8
SETUP = b'{"setup": {"model": "models/gemini-3.5-transcribe-live"}}'
OPEN, CONSTRAINED = "BidiGenerateContent", "BidiGenerateContentConstrained"


@pytest.mark.fact("WS-001")
@pytest.mark.parametrize(
    ("method", "query", "setup", "code", "reason"),
    [
        (OPEN, "key=wrong", {"model": "models/x"}, 1007, "API key not valid. Please pass a valid API key."),
        (OPEN, "", {}, 1008, "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API c"),
        (OPEN, f"key={KEY}", {"model": "models/gemini-nope-live"}, 1008, "models/gemini-nope-live is not found for API version v1beta, or is not supported for bidiGenerateContent. Call ModelService"),
        (OPEN, f"key={KEY}", {"bogusField": 1}, 1007, "Invalid JSON payload received. Unknown name \"bogusField\" at 'setup': Cannot find field."),
        (CONSTRAINED, "", {}, 1007, "Missing or malformed auth token"),
        (CONSTRAINED, "access_token=auth_tokens/" + 64 * "0", {}, 1007, "Missing or malformed auth token"),
    ],
    ids=["bad-key", "no-key", "bad-model", "bad-field", "no-token", "unknown-token"],
)  # fmt: skip
def test_whatever_is_wrong_the_handshake_is_101_and_then_comes_a_close(
    serve: Callable[..., MockServer], live: Callable[..., Live], method: str, query: str, setup: dict[str, object], code: int, reason: str
) -> None:  # fmt: skip
    server = serve(service_date="latest", api_keys=(KEY,))
    one = live(server, method, "v1beta", query)
    assert one.response.status_code == 101
    one.send({"setup": setup}).expect_close(code, reason)


@pytest.mark.fact("WS-006")
def test_a_client_may_send_text_frames(wire: Callable[..., Wire]) -> None:
    one = wire()
    one.upgrade(live_path())
    assert one.frame(TEXT, SETUP).read_frame()[1] == SETUP_COMPLETE


@pytest.mark.fact("WS-009")
def test_a_close_is_the_only_frame_of_an_error(wire: Callable[..., Wire]) -> None:
    one = wire()
    one.upgrade(live_path())
    assert one.frame(TEXT, b'{"bogus": 1}').read_frame()[0] == 0x80 | CLOSE


@pytest.mark.fact("TOK-024")
@pytest.mark.parametrize(("body", "status"), [(b"{}", 200), (b'{"nope": 1}', 400)])
def test_json_is_indented_by_two_and_ends_with_a_newline(
    wire: Callable[..., Wire], body: bytes, status: int
) -> None:
    answer = wire().request("POST", f"/v1alpha/auth_tokens?key={KEY}", body)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert answer.body == (json.dumps(answer.json, indent=2, ensure_ascii=False) + "\n").encode()


@pytest.mark.fact("WS-030")
@pytest.mark.parametrize("wish", ["gzip", "gzip, deflate", "deflate;q=0.5, GZIP;q=0.1"])
@pytest.mark.parametrize(("body", "status"), [(b"{}", 200), (b'{"nope": 1}', 400)])
def test_answers_are_gzipped_when_asked(
    wire: Callable[..., Wire], wish: str, body: bytes, status: int
) -> None:
    answer = wire().request("POST", f"/v1alpha/auth_tokens?key={KEY}", body, Accept_Encoding=wish)
    assert answer.status == status
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body).startswith(b'{\n  "')
    assert answer.headers["server"] == "scaffolding on HTTPServer2"


@pytest.mark.parametrize("wish", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0"])
def test_answers_are_plain_when_nobody_asked(wire: Callable[..., Wire], wish: str) -> None:
    answer = wire().request("POST", f"/v1alpha/auth_tokens?key={KEY}", b"{}", Accept_Encoding=wish)
    assert "content-encoding" not in answer.headers
    assert answer.body.startswith(b'{\n  "name"')


def test_what_a_script_has_encoded_by_itself_stays(serve: Callable[..., MockServer]) -> None:
    odd = Respond(503, (("content-encoding", "br"),), b"busy")
    server = serve(script=Script("odd", (Rule("mint", (odd,)),)))
    one = Wire(server.port)
    answer = one.request("POST", f"/v1alpha/auth_tokens?key={KEY}", Accept_Encoding="gzip")
    one.close()
    assert (answer.status, answer.headers["content-encoding"], answer.body) == (503, "br", b"busy")


def test_an_empty_404_is_not_gzipped(wire: Callable[..., Wire]) -> None:
    answer = wire().request("GET", "/x", Accept_Encoding="gzip")
    assert (answer.status, answer.body) == (404, b"")
    assert "content-encoding" not in answer.headers
