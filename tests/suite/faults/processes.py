"""The command as a process that something befalls, and the processes it leaves behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[3]
REFERENCE: Final = ("matrix", "--sdk", "reference")
#: Every process that a run starts inherits it, however it is started.
_MAIN: Final = "import sys; from suite.__main__ import main; sys.exit(main(sys.argv[1:]))"
_MARK: Final = "GENAI_LIVE_COMPAT_TEST_RUN"
#: Nothing here takes longer than seconds; a minute is a busy machine, two a fault.
_PATIENCE_S: Final = 60.0


@dataclass
class Command:
    """``genai-live-compat`` as a process, with its own cache."""

    cache: Path
    env: dict[str, str] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str, changed: str = "", **more: str) -> subprocess.Popen[str]:
        """Start it, in a process group of its own, with standard error to read from.

        ``changed`` is Python that is run in it before.
        """
        program = ("-c", f"{changed}\n{_MAIN}") if changed else ("-m", "suite")
        process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            start_new_session=True,
            env=self._env(more),
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        process = self.start(*arguments, **more)
        out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def _env(self, more: dict[str, str]) -> dict[str, str]:
        own = {"GENAI_LIVE_COMPAT_CACHE": str(self.cache), "PYTHONIOENCODING": "utf-8", _MARK: self.mark}
        # Where nothing is buffered, nothing is left to fail when a process ends.
        usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        return {**usual, **own, **self.env, **more}

    def left(self) -> dict[int, str]:
        """The command lines of all processes that are there because of it, by their ids."""
        found = {}
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError):  # it has ended, or is another user's
                if folder.name.isdigit() and self.mark.encode() in (folder / "environ").read_bytes():
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(folder.name)] = command
        return found

    def end(self) -> None:
        """End what a test that failed has left running."""
        for process in self.started:
            process.kill()
            process.communicate()

    @property
    def states(self) -> list[Path]:
        """The state files in its cache."""
        return sorted((self.cache / "runs").glob("*.jsonl"))


def read_until(process: subprocess.Popen[str], word: str) -> None:
    """Read standard error up to a line with a word."""
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    raise AssertionError(f"it ended without {word!r}")


def wait_until(there: Callable[[], object], what: str) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + _PATIENCE_S
    while not there():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.01)


def interrupt(process: subprocess.Popen[str], number: int = signal.SIGINT) -> tuple[str, str]:
    """Send a signal to it alone, and read what it says to its end."""
    process.send_signal(number)
    return process.communicate()


def go_on(err: str) -> list[str]:
    """The command with which to go on, as it was told, without the program's name."""
    line = next(line for line in err.splitlines() if "go on with: " in line)
    return line.partition("go on with: genai-live-compat ")[2].split()
