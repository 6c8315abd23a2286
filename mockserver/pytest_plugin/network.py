"""The guard that fails every connection to another machine, with the line of the test that wanted it."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..hooks import redirected

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

#: Audit hooks cannot be taken away: one is set once, and asks these.
_ACTIVE: list[Guard] = []
_HOOKED: list[bool] = []
#: Raised by CPython for every socket, whatever library opened it: name, and where the address stands.
_EVENTS: Final = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}
_ANYWHERE: Final = frozenset({"", "0.0.0.0", "::", "<broadcast>"})


class NetworkBlockedError(RuntimeError):
    """A connection to another machine; no OSError, which clients take for trouble that passes."""


class Guard:
    """Fails connections while it is active, and remembers them: a client may swallow the error."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._own = str(Path(__file__).parent.parent)
        self._undo: list[Callable[[], None]] = []
        self.blocked: list[str] = []

    def start(self) -> None:
        """Begin."""
        if not _HOOKED:
            sys.addaudithook(_see)
            _HOOKED.append(True)
        _ACTIVE.append(self)
        self._guard_sockets()
        self._guard_the_loop()

    def stop(self) -> None:
        """End."""
        _ACTIVE.remove(self)
        while self._undo:
            self._undo.pop()()

    def _guard_sockets(self) -> None:
        """A socket that is given a name looks it up before the hook hears of it: look before."""
        for method in ("connect", "connect_ex", "sendto"):
            self._replace(socket.socket, method, self._checked(getattr(socket.socket, method)))

    def _checked(self, original: Any) -> Any:
        def call(one: socket.socket, *given: Any) -> Any:
            if given and isinstance(given[-1], tuple) and len(given[-1]) >= 2:
                self.check(*given[-1][:2])
            return original(one, *given)

        return call

    def _replace(self, owner: Any, name: str, by: Any) -> None:
        before = vars(owner).get(name)
        setattr(owner, name, by)
        self._undo.append(lambda: delattr(owner, name) if before is None else setattr(owner, name, before))

    def _guard_the_loop(self) -> None:
        """The loop looks names up in a thread, where the line that asked cannot be seen: look before."""
        original, guard = asyncio.BaseEventLoop.getaddrinfo, self

        async def getaddrinfo(loop: Any, host: Any, port: Any, **given: Any) -> Any:
            guard.check(host, port)
            return await original(loop, host, port, **given)

        self._replace(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)

    def check(self, host: Any, port: Any) -> None:
        """Let a host of this machine pass.

        Raises:
            NetworkBlockedError: it is another.
        """
        if isinstance(host, bytes):
            host = host.decode(errors="replace")
        if not isinstance(host, str) or is_here(host):
            return
        place = "" if port is None else f":{port}"
        text = (
            f"connection to {host}{place} blocked, asked for by {self._caller()}: expected this machine only "
            "(--mock-gemini-block-network); point the client at the mock, or take the option away"
        )
        self.blocked.append(text)
        raise NetworkBlockedError(text)

    def _caller(self) -> str:
        """The innermost line of the project's own code, or of any, that led here."""
        frames = list(_frames(sys._getframe(1)))
        ours = [frame for frame in frames if self._is_project(frame.f_code.co_filename)]
        others = [frame for frame in frames if not frame.f_code.co_filename.startswith(self._own)]
        frame = next(iter(ours or others or frames))
        name = frame.f_code.co_filename.removeprefix(self._root).lstrip("/\\")
        return f"{name}:{frame.f_lineno} in {frame.f_code.co_name}"

    def _is_project(self, name: str) -> bool:
        return (
            name.startswith(self._root)
            and not name.startswith(self._own)
            and "site-packages" not in name
            and "dist-packages" not in name
        )


def is_here(host: str) -> bool:
    """Whether a host is this machine, an address on which a server may listen, or led to one."""
    here = {"localhost", socket.gethostname().lower(), *redirected(os.environ)}
    if host in _ANYWHERE or host.lower().rstrip(".") in here:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _see(event: str, arguments: tuple[Any, ...]) -> None:
    if not _ACTIVE or event not in _EVENTS:
        return
    given = arguments[_EVENTS[event]]
    if isinstance(given, tuple):
        if len(given) >= 2:
            _ACTIVE[-1].check(given[0], given[1])
    elif event == "socket.getaddrinfo":
        _ACTIVE[-1].check(given, arguments[1])
    elif event == "socket.gethostbyname":
        _ACTIVE[-1].check(given, None)


def _frames(frame: FrameType | None) -> Any:
    while frame is not None:
        yield frame
        frame = frame.f_back
