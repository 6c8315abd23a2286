"""A command, such as somebody's tests, run with the mock in its environment."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class NoSuchProgram(Exception):
    """The command cannot be run."""


class Child:
    """The command, in an environment."""

    def __init__(self, command: list[str], env: Mapping[str, str]) -> None:
        self._env = dict(env)
        self._command = command
        #: Its exit status, once it has ended: of a signal as shells tell it.
        self.status = 0

    async def run(self) -> None:
        """Run it to its end; a request to end is passed on.

        Raises:
            NoSuchProgram: there is none.
        """
        try:
            process = subprocess.Popen(self._command, env=self._env)  # noqa: ASYNC220 - nothing is served yet
        except OSError as error:
            raise NoSuchProgram(
                f"cannot run {self._command[0]}: {error.strerror}; expected a program and arguments behind --"
            ) from None
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError):  # Windows: its console tells the command as well
            loop.add_signal_handler(signal.SIGTERM, process.terminate)
            # A terminal sends it to the command too, which decides what to make of it.
            loop.add_signal_handler(signal.SIGINT, lambda: None)
        try:
            status = await asyncio.to_thread(process.wait)
        except asyncio.CancelledError:  # there is no mock for it any more
            process.terminate()
            raise
        self.status = status if status >= 0 else 128 - status
