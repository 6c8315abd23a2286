"""Ctrl-C and its like: the first ends what is being done in order, the second ends this process at once."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

from . import platforms

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

#: As shells report a command that a signal ended.
_SHELL = 128


def run(
    doing: Coroutine[Any, Any, None],
    note: Callable[[], None] = lambda: None,
    last_words: Callable[[], None] = lambda: None,
) -> int:
    """Run to the end, or until a request to end comes; 0, or the exit status that tells of the request.

    Args:
        doing: is cancelled by the first request, and may take the time it needs to end.
        note: called when that happens.
        last_words: called before a second request ends this process. Its workers and tools see that their
            standard input has ended, and follow.
    """
    if threading.current_thread() is not threading.main_thread():
        asyncio.run(doing)  # signals reach the main thread alone
        return 0
    requested: list[int] = []

    async def main() -> None:
        task, loop = asyncio.ensure_future(doing), asyncio.get_running_loop()

        def end(number: int, _: Any) -> None:
            if requested:
                try:
                    last_words()
                finally:
                    os._exit(_SHELL + number)
            requested.append(number)
            loop.call_soon_threadsafe(stop)

        def stop() -> None:
            note()
            task.cancel()

        before = {number: signal.signal(number, end) for number in platforms.requests_to_end()}
        try:
            await task
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    try:
        asyncio.run(main())
    except asyncio.CancelledError:
        if not requested:
            raise
    return _SHELL + requested[0] if requested else 0
