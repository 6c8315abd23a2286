"""Leads connections to some hosts elsewhere; Python imports it at its start, from a folder on PYTHONPATH.

A host's name is looked up as an address that nobody has, and a connection to that address goes to the
server, whatever the port. So libraries that look a name up and then connect to what they got, with the port
they had in mind, are led as well as those that leave both to the socket. TLS goes on asking for the host's
own name.

Standard library only, and any Python from 3.8 on: this runs in other people's environments.
"""

from __future__ import annotations

import functools
import importlib.machinery
import importlib.util
import os
import socket
import sys
from typing import Any

HOSTS = frozenset(name.lower() for name in os.environ.get("MOCKSERVER_REDIRECT", "").split(",") if name)
_HOST, _, _PORT = os.environ.get("MOCKSERVER_ADDRESS", "").rpartition(":")
SERVER = (_HOST.strip("[]"), int(_PORT or 0))
#: What a host's name is looked up as: an address of this machine's own, or one that goes nowhere.
MARK = "100::8686" if ":" in SERVER[0] else "127.86.86.86"
#: Event loops that open sockets past Python's, and where they are.
LOOPS = {"uvloop": "Loop", "asyncio.windows_events": "ProactorEventLoop"}


def is_led(host: Any) -> bool:
    """Whether a host is one of those, or what one was looked up as."""
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("ascii", "replace")
    return isinstance(host, str) and (host == MARK or host.lower().rstrip(".") in HOSTS)


def led(address: Any) -> Any:
    """Where a connection to an address goes."""
    if isinstance(address, tuple) and len(address) >= 2 and is_led(address[0]):
        return SERVER
    return address


def lead_sockets() -> None:
    """Look names up, and connect, otherwise."""
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, name, _looking_up(getattr(socket, name)))
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _connecting(getattr(socket.socket, name)))


def _looking_up(original: Any) -> Any:
    @functools.wraps(original)
    def look_up(host: Any, *given: Any, **named: Any) -> Any:
        return original(MARK if is_led(host) else host, *given, **named)

    return look_up


def _connecting(original: Any) -> Any:
    @functools.wraps(original)
    def connect(self: socket.socket, address: Any) -> Any:
        return original(self, led(address))

    return connect


def lead_loop(loop: Any) -> None:
    """Do the same in an event loop's own calls."""
    connection, looking_up, connecting = loop.create_connection, loop.getaddrinfo, loop.sock_connect

    async def create_connection(
        self: Any, factory: Any, host: Any = None, port: Any = None, **named: Any
    ) -> Any:
        if is_led(host):
            if named.get("ssl") and named.get("server_hostname") is None:
                named["server_hostname"] = host
            host, port = SERVER
        return await connection(self, factory, host, port, **named)

    async def getaddrinfo(self: Any, host: Any, port: Any, **named: Any) -> Any:
        return await looking_up(self, MARK if is_led(host) else host, port, **named)

    async def sock_connect(self: Any, sock: Any, address: Any) -> Any:
        return await connecting(self, sock, led(address))

    loop.create_connection, loop.getaddrinfo, loop.sock_connect = create_connection, getaddrinfo, sock_connect


class LeadLoops:
    """Finds these loops as ever, and leads them once they are imported."""

    def __init__(self) -> None:
        self._finding = False

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Hand on what the other finders find."""
        if name not in LOOPS or self._finding:
            return None
        self._finding = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._finding = False
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def exec_module(module: Any) -> None:
                load(module)
                lead_loop(getattr(module, LOOPS[name]))

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def go_on() -> None:
    """Run the ``sitecustomize`` that Python would have found without this one."""
    here = os.path.dirname(os.path.abspath(__file__))
    others = [entry for entry in sys.path if os.path.abspath(entry) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if HOSTS and SERVER[1]:
    lead_sockets()
    sys.meta_path.insert(0, LeadLoops())
go_on()
