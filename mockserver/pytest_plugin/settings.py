"""The settings of a project: options of pytest and of its configuration file, and what a marker says."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import pytest

from ..core.options import Options
from ..core.profiles import service_date

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKER: Final = "mock_gemini"
REACTIONS: Final = ("fail", "warn", "ignore")
#: What a marker may say beside the options of a server.
_OF_A_TEST: Final = ("script", "unexpected", "open_sockets")
_OF_A_SERVER: Final = tuple(field.name for field in fields(Options))


def add(parser: pytest.Parser) -> None:
    """Declare them."""
    parser.addoption(
        "--mock-gemini-block-network",
        action="store_true",
        default=None,
        help="fail any connection to a host that is not this machine",
    )
    parser.addini(
        "mock_gemini_service_date", "service date of mock_gemini: launch, latest or a date", default="launch"
    )
    parser.addini(
        "mock_gemini_pace",
        "how much of its length an audio answer takes: 1 as the service, 0 at once",
        default="0",
    )
    parser.addini(
        "mock_gemini_unexpected",
        "what refusals and unknown paths do to a test that does not speak of them: fail, warn or ignore",
        default="fail",
    )
    parser.addini(
        "mock_gemini_open_sockets",
        "what sockets do to a test that leaves them open: fail, warn or ignore",
        default="ignore",
    )
    parser.addini(
        "mock_gemini_block_network",
        "fail any connection to a host that is not this machine",
        type="bool",
        default=False,
    )


def check(config: pytest.Config) -> None:
    """Refuse settings that are none, before any test runs.

    Raises:
        pytest.UsageError: with what was got and what is expected.
    """
    date_of(config)
    pace(config)
    for name in ("unexpected", "open_sockets"):
        reaction(config, name)


def date_of(config: pytest.Config) -> str:
    """The service date."""
    date = str(config.getini("mock_gemini_service_date"))
    try:
        service_date(date)
    except ValueError as error:
        raise pytest.UsageError(f"ini option mock_gemini_service_date: {error}") from None
    return date


def pace(config: pytest.Config) -> float:
    """How much of its length an audio answer takes."""
    text = str(config.getini("mock_gemini_pace"))
    try:
        return float(text)
    except ValueError:
        raise pytest.UsageError(
            f"ini option mock_gemini_pace: {text!r} is no number, expected 0 to 1"
        ) from None


def reaction(config: pytest.Config, name: str) -> str:
    """What ``unexpected`` or ``open_sockets`` do to a test."""
    return _reaction(str(config.getini(f"mock_gemini_{name}")), f"ini option mock_gemini_{name}")


def _reaction(given: str, where: str) -> str:
    if given not in REACTIONS:
        raise pytest.UsageError(f"{where}: got {given!r}, expected one of {', '.join(REACTIONS)}")
    return given


def blocks_network(config: pytest.Config) -> bool:
    """Whether connections to other hosts fail."""
    return bool(config.getoption("--mock-gemini-block-network") or config.getini("mock_gemini_block_network"))


class Marked:
    """What ``@pytest.mark.mock_gemini(…)`` says of a test; the nearest mark wins, name by name."""

    def __init__(self, node: pytest.Item, config: pytest.Config) -> None:
        said: dict[str, Any] = {}
        for mark in reversed(list(node.iter_markers(MARKER))):
            _check(mark.args, mark.kwargs)
            said |= mark.kwargs
        self.script = said.pop("script", None)
        self.unexpected = self._reaction(said, "unexpected", config)
        self.open_sockets = self._reaction(said, "open_sockets", config)
        #: What asks for a server of its own.
        self.options: dict[str, Any] = said

    @staticmethod
    def _reaction(said: dict[str, Any], name: str, config: pytest.Config) -> str:
        given = said.pop(name, None)
        return reaction(config, name) if given is None else _reaction(given, f"mark {MARKER}, {name}")


def _check(positional: tuple[Any, ...], named: Mapping[str, Any]) -> None:
    known = (*_OF_A_TEST, *_OF_A_SERVER)
    unknown = [repr(one) for one in positional] + [name for name in named if name not in known]
    if unknown:
        raise pytest.UsageError(
            f"mark {MARKER}: got {unknown[0]}, expected names of {', '.join(known)}: write {MARKER}(script=…)"
        )
