"""A command with a cache of its own."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .processes import Command

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Tests that run in the background (``nohup``, ``&``) ignore some, and so does all that they start."""
    ignored = [one for one in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_IGN]
    for one in ignored:
        signal.signal(one, signal.SIG_DFL)
    yield
    for one in ignored:
        signal.signal(one, signal.SIG_IGN)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    """Nothing of it is left when a test is over, whatever befell it."""
    if not Path("/proc").is_dir():
        pytest.skip("only where /proc is does one see which processes are left")
    command = Command(tmp_path / "cache")
    try:
        yield command
        assert command.left() == {}
    finally:
        command.end()
