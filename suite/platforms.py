"""What differs between Linux, macOS and Windows, and nowhere else in the suite.

Tests say which system it is by ``WINDOWS``; whoever asks looks it up when it is needed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path, PurePath
from typing import Any, Final

#: Whether this is Windows; Linux and macOS are alike in all that is asked here.
WINDOWS = sys.platform == "win32"

#: Signals that a process is ended with from outside: by a person, by the system where memory is short, by CI.
#: A fault of its own has others, such as SIGSEGV and SIGABRT.
_FROM_OUTSIDE: Final = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
#: Requests to end that reach this process; SIGBREAK is Ctrl-Break of a Windows console.
_REQUESTS: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
#: Where npm's own program lies behind the folder of its launcher, and in Node's Python package.
_NPM: Final = ("node_modules", "npm", "bin", "npm-cli.js")
#: Windows' flag for a process that Ctrl-C at our console does not reach.
_NEW_GROUP: Final = 0x00000200


def interpreter() -> Path:
    """Where a virtual environment has its Python."""
    return Path("Scripts", "python.exe") if WINDOWS else Path("bin", "python")


def packaged_node(home: Path) -> tuple[Path, Path]:
    """Where the Node that comes as a Python package has its program and its npm."""
    if WINDOWS:
        return home / "node.exe", home.joinpath(*_NPM)
    return home / "bin" / "node", home.joinpath("lib", *_NPM)


def npm_command(node: str, npm: str) -> tuple[str, ...]:
    """How npm is started. Windows starts npm.cmd by a shell, which reads the ``<`` of ``genai@<2`` itself."""
    script = PurePath(npm).parent.joinpath(*_NPM)
    return (node, str(script)) if WINDOWS else (npm,)


def link_folder(link: Path, target: Path) -> None:
    """Make a folder appear in another place. Windows gives links to administrators alone, junctions to all.

    Raises:
        FileExistsError: there is something already.
    """
    if sys.platform == "win32":
        import _winapi

        _winapi.CreateJunction(str(target), str(link))
    else:
        link.symlink_to(target, target_is_directory=True)


def apart() -> dict[str, Any]:
    """How to start a process that Ctrl-C at our terminal does not reach: who ends it is its starter."""
    return {"creationflags": _NEW_GROUP} if WINDOWS else {"start_new_session": True}


def end_with_children(pid: int) -> None:
    """End a process that was started apart, and what it has started; at once."""
    if WINDOWS:
        subprocess.run(("taskkill", "/F", "/T", "/PID", str(pid)), capture_output=True, check=False)
    else:
        end_children(pid)


def end_children(pid: int) -> None:
    """End what a process that was started apart has left behind. Windows does not tell what that is."""
    if not WINDOWS:
        with contextlib.suppress(
            ProcessLookupError, PermissionError
        ):  # macOS says so of a group that is gone
            os.killpg(pid, signal.SIGKILL)


def killed_by(exit_code: int) -> str | None:
    """The signal with which somebody else ended a process, if it was; Windows does not tell."""
    if WINDOWS or exit_code >= 0:
        return None
    numbers = {int(getattr(signal, name)): name for name in _FROM_OUTSIDE if hasattr(signal, name)}
    return numbers.get(-exit_code)


def requests_to_end() -> tuple[signal.Signals, ...]:
    """The signals by which this process may be asked to end, but for those that its starter ignores."""
    known = [getattr(signal, name) for name in _REQUESTS if hasattr(signal, name)]
    return tuple(number for number in known if signal.getsignal(number) is not signal.SIG_IGN)


def allow_files(wanted: int) -> int:
    """Let this process open so many files, as far as the system permits; how many it may open.

    Windows has no such limit. macOS begins with 256, and gives more to those who ask.
    """
    if WINDOWS:
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= enough:
        return wanted if soft == resource.RLIM_INFINITY else soft
    with contextlib.suppress(ValueError, OSError):  # macOS: not above what its kernel is set to
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
        return enough
    return soft
