"""The live page as it is served: one document, closed to the outside."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.admin.live import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver import MockServer

    from ..conftest import Wire


@pytest.fixture
def document(server: MockServer, wire: Callable[..., Wire]) -> Any:
    """The answer with the page."""
    return wire().request("GET", "/_mock/")


def test_the_page_is_one_document_that_loads_nothing(document: Any) -> None:
    text = document.body.decode()
    assert document.headers["content-type"] == "text/html; charset=UTF-8"
    assert not re.search(r"""(?:src|href)=["']?(?!#|data:,)[a-z/]""", text), "links lead nowhere"
    assert not re.search(r"@import|url\(|https?://(?!127)", text.partition("<script>")[0])


def test_its_policy_allows_what_it_brings_and_nothing_else(document: Any) -> None:
    policy = dict(part.split(" ", 1) for part in document.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    for tag, name in (("script", "script-src"), ("style", "style-src")):
        [inside] = re.findall(f"<{tag}>(.*?)</{tag}>", document.body.decode(), re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert policy[name] == f"'sha256-{digest}'"
    assert document.headers["referrer-policy"] == "no-referrer", "its address may hold the token"


def test_its_program_makes_text_of_what_clients_send() -> None:
    folder = files("mockserver.admin") / "page"
    program = "".join((folder / name).read_text("utf-8") for name in PROGRAM)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", program
    )


def test_an_address_without_a_slash_leads_to_it(wire: Callable[..., Wire], server: MockServer) -> None:
    answer = wire().request("GET", "/_mock?token=x")
    assert (answer.status, answer.headers["location"]) == (308, "/_mock/?token=x")
