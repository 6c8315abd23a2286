"""Fixtures for tests of programs that talk to the Gemini Live API; imports no SDK.

``mock_gemini_server`` runs for the whole session, ``mock_gemini`` is the same server with clean state for each
test. When a test that used it fails, the report shows what crossed the wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from .server import MockServer

_SERVER = pytest.StashKey["MockServer"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one setting a project usually changes."""
    parser.addini(
        "mock_gemini_service_date", "service date of mock_gemini: launch, latest or a date", default="launch"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a service date that is none before any test runs."""
    from .core.profiles import service_date

    try:
        service_date(str(config.getini("mock_gemini_service_date")))
    except ValueError as error:
        raise pytest.UsageError(f"ini option mock_gemini_service_date: {error}") from None


@pytest.fixture(scope="session")
def mock_gemini_server(pytestconfig: pytest.Config) -> Iterator[MockServer]:
    """A mock server for the whole session, on a free port of its own (each xdist worker has one)."""
    from .server import MockServer

    with MockServer(service_date=str(pytestconfig.getini("mock_gemini_service_date"))) as server:
        yield server


@pytest.fixture
def mock_gemini(
    mock_gemini_server: MockServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MockServer]:
    """The mock server with clean state, found and trusted through the environment."""
    from .core.script import ECHO

    for name, value in mock_gemini_server.env.items():
        monkeypatch.setenv(name, value)
    mock_gemini_server.play(ECHO)
    mock_gemini_server.reset()
    request.node.stash[_SERVER] = mock_gemini_server
    yield mock_gemini_server
    del request.node.stash[_SERVER]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the journal to the report of a test that failed."""
    report = yield
    server = item.stash.get(_SERVER, None)
    if server is not None and report.failed:
        from .core.journal import text

        report.sections.append(("mock gemini journal", text(server.journal) or "nothing reached the mock"))
    return report
