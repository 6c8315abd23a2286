"""The loop that serves, where a system's own cannot."""

from __future__ import annotations

import asyncio
import sys

import pytest

from mockserver import running


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.Runner came with Python 3.11")
def test_a_loop_that_can_look_at_sockets_is_taken_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    class Selecting(asyncio.SelectorEventLoop):
        """The one that is asked for by name."""

    async def kind() -> type:
        return type(asyncio.get_running_loop())

    monkeypatch.setattr(asyncio, "SelectorEventLoop", Selecting)
    assert running.run(kind()) is not Selecting
    monkeypatch.setattr(sys, "platform", "win32")
    assert running.run(kind()) is Selecting
