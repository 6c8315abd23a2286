"""A command with a cache of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .processes import Command

if TYPE_CHECKING:
    from collections.abc import Iterator


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
