"""Fixtures for tests of programs that talk to the Gemini Live API; imports no SDK.

``mock_gemini_server`` runs for the whole session, ``mock_gemini`` is the same server with clean state for
each test. When a test that used it fails, the report shows what crossed the wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from .server import MockServer

#: The key that clients find in the environment; the mock takes any.
API_KEY: Final = "mock-gemini-key"
VERTEX_SWITCHES: Final = ("GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_ENTERPRISE")

_SERVER = pytest.StashKey["MockServer"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings a project usually changes."""
    parser.addini(
        "mock_gemini_service_date", "service date of mock_gemini: launch, latest or a date", default="launch"
    )
    parser.addini(
        "mock_gemini_pace",
        "how much of its length an audio answer takes: 1 as the service, 0 at once",
        default="0",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse settings that are none before any test runs."""
    _settings(config)


def _settings(config: pytest.Config) -> dict[str, Any]:
    from .core.profiles import service_date

    date, pace = str(config.getini("mock_gemini_service_date")), str(config.getini("mock_gemini_pace"))
    try:
        service_date(date)
    except ValueError as error:
        raise pytest.UsageError(f"ini option mock_gemini_service_date: {error}") from None
    try:
        return {"service_date": date, "pace": float(pace)}
    except ValueError:
        raise pytest.UsageError(
            f"ini option mock_gemini_pace: {pace!r} is no number, expected 0 to 1"
        ) from None


@pytest.fixture(scope="session")
def mock_gemini_server(pytestconfig: pytest.Config) -> Iterator[MockServer]:
    """A mock server for the whole session, on a free port of its own (each xdist worker has one)."""
    from .server import MockServer

    with MockServer(**_settings(pytestconfig)) as server:
        yield server


@pytest.fixture
def mock_gemini(
    mock_gemini_server: MockServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MockServer]:
    """The mock server with clean state; clients find it, trust it and have a key through the environment."""
    from .core.script import ECHO

    for name, value in mock_gemini_server.env.items():
        monkeypatch.setenv(name, value)
    # One key only: SDKs warn where both are set. Switches that lead to Vertex AI would lead past the mock.
    monkeypatch.setenv("GOOGLE_API_KEY", API_KEY)
    for name in ("GEMINI_API_KEY", *VERTEX_SWITCHES):
        monkeypatch.delenv(name, raising=False)
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
