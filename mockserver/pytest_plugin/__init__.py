"""Fixtures for tests of programs that talk to the Gemini Live API; imports no SDK.

``mock_gemini_server`` runs for the whole session, ``mock_gemini`` is the same server with clean state for
each test. When a test that used it fails, the report shows what crossed the wire.
"""

from __future__ import annotations

import os
import time
import warnings
from typing import TYPE_CHECKING, Any, Final

import pytest

from ..environment import pointed
from . import settings
from .gemini import MockGemini
from .network import Guard, NetworkBlockedError
from .settings import MARKER, Marked

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

__all__ = ["MockGemini", "MockGeminiWarning", "NetworkBlockedError"]

#: The key that clients find in the environment; the mock takes any.
API_KEY: Final = "mock-gemini-key"
#: A client that closes on its way out of the test needs a moment.
CLOSING_S: Final = 1.0

_SERVER = pytest.StashKey[MockGemini]()
_PASSED = pytest.StashKey[bool]()
_GUARD = pytest.StashKey[Guard]()


class MockGeminiWarning(UserWarning):
    """What would fail a test, where the settings say ``warn``."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings a project usually changes."""
    settings.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse settings that are none before any test runs; begin to guard the network."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(script=…, service_date=…, api_keys=…, unexpected=…, open_sockets=…, **options): "
        "what mock_gemini plays and is in this test",
    )
    settings.check(config)
    if settings.blocks_network(config):
        guard = config.stash[_GUARD] = Guard(config.rootpath)
        guard.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the guard."""
    guard = config.stash.get(_GUARD, None)
    if guard is not None:
        guard.stop()
        del config.stash[_GUARD]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say that connections are guarded: it changes what tests can do."""
    return ["mock gemini: connections to other machines fail"] if _GUARD in config.stash else []


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test with the marker has the mock, whether it names the fixture or not."""
    names = getattr(item, "fixturenames", None)
    if names is not None and "mock_gemini" not in names and item.get_closest_marker(MARKER):
        names.insert(0, "mock_gemini")


# -- what a project may override --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def mock_gemini_address() -> tuple[str, int]:
    """Host and port to listen on; port 0 takes any free one. Override it for a fixed one."""
    return ("127.0.0.1", 0)


@pytest.fixture(scope="session")
def mock_gemini_tls_dir() -> Path | None:
    """The folder for the throwaway certificate; None: the user's cache. Override it for another."""
    return None


@pytest.fixture(scope="session")
def mock_gemini_service_date(pytestconfig: pytest.Config) -> str:
    """The service date: the ini option, unless it is overridden."""
    return settings.date_of(pytestconfig)


@pytest.fixture(scope="session")
def mock_gemini_api_key() -> str:
    """The API key that clients find in the environment. Override it for another."""
    return API_KEY


# -- the mock ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def mock_gemini_server(
    pytestconfig: pytest.Config,
    mock_gemini_address: tuple[str, int],
    mock_gemini_tls_dir: Path | None,
    mock_gemini_service_date: str,
) -> Iterator[MockGemini]:
    """A mock server for the whole session, on a free port of its own (each xdist worker has one)."""
    host, port = mock_gemini_address
    with MockGemini(
        service_date=mock_gemini_service_date,
        pace=settings.pace(pytestconfig),
        host=host,
        port=port,
        tls_dir=mock_gemini_tls_dir,
    ) as server:
        yield server


@pytest.fixture
def mock_gemini(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockGemini]:
    """The mock server with clean state; clients find it, trust it and have a key through the environment."""
    marked = Marked(request.node, request.config)
    server = _own_server(request, marked) if marked.options else None
    with server or _Shared(request.getfixturevalue("mock_gemini_server")) as gemini:
        gemini.begin()
        if marked.script is not None:
            gemini.play(marked.script)
        keys = gemini.options.api_keys
        api_key = keys[0] if keys else request.getfixturevalue("mock_gemini_api_key")
        for name, value in pointed(os.environ, gemini.env, api_key).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        request.node.stash[_SERVER] = gemini
        yield gemini
        if request.node.stash.get(_PASSED, False):
            _complain(_open_sockets(gemini, marked), marked.open_sockets)
            _complain(_refusals(gemini), marked.unexpected)


class _Shared:
    """The session's server in a with statement that leaves it running."""

    def __init__(self, server: MockGemini) -> None:
        self._server = server

    def __enter__(self) -> MockGemini:
        return self._server

    def __exit__(self, *_: object) -> None:
        pass


def _own_server(request: pytest.FixtureRequest, marked: Marked) -> Any:
    """A server for one test, as its marker says."""
    host, _ = request.getfixturevalue("mock_gemini_address")
    given = {
        "service_date": request.getfixturevalue("mock_gemini_service_date"),
        "pace": settings.pace(request.config),
        **marked.options,
    }
    return MockGemini(host=host, tls_dir=request.getfixturevalue("mock_gemini_tls_dir"), **given)


# -- what a test did not say ------------------------------------------------------------------------------


def _refusals(gemini: MockGemini) -> str:
    found = gemini.unexpected()
    if not found:
        return ""
    lines = "\n".join(entry.line() for entry in found)
    names = sorted({entry.fact for entry in found})
    return (
        f"the mock refused {len(found)} times, and the test says nothing of it:\n{lines}\n"
        f"if this test is about it, say so: mock_gemini.assert_refused({names[0]!r}); to let all such tests "
        "pass, set mock_gemini_unexpected = warn (or ignore) in the configuration of pytest"
    )


def _open_sockets(gemini: MockGemini, marked: Marked) -> str:
    if marked.open_sockets == "ignore":
        return ""
    until = time.monotonic() + CLOSING_S
    while (left := gemini.left_open()) and time.monotonic() < until:
        time.sleep(0.01)
    if not left:
        return ""
    lines = "\n".join(socket.handshake.line() for socket in left)
    return (
        f"the test left {len(left)} sockets open, expected none:\n{lines}\n"
        "close the session in the client, or set mock_gemini_open_sockets = ignore"
    )


def _complain(text: str, reaction: str) -> None:
    if not text or reaction == "ignore":
        return
    if reaction == "fail":
        pytest.fail(text, pytrace=False)
    warnings.warn(MockGeminiWarning(text), stacklevel=2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count blocked connections test by test."""
    guard = item.config.stash.get(_GUARD, None)
    if guard is not None:
        guard.blocked.clear()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test whose client was kept from another machine and did not say so."""
    yield
    guard = item.config.stash.get(_GUARD, None)
    if guard is not None and guard.blocked and item.stash.get(_PASSED, False):
        pytest.fail("\n".join(dict.fromkeys(guard.blocked)), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the journal to the report of a test that failed."""
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed and not hasattr(report, "wasxfail")
    server = item.stash.get(_SERVER, None)
    if server is not None and report.failed:
        from ..core.journal import text

        told = "\n".join(filter(None, [server.loss, text(server.recorded)]))
        report.sections.append(("mock gemini journal", told or "nothing reached the mock"))
    return report
