"""Many clients on one token at once: all connect, wait for each other, and then send their setup."""

from __future__ import annotations

import asyncio
import json
import resource
from collections import Counter
from typing import Final

from ..conftest import AUDIO_MODEL, SETUP_COMPLETE, live_path

READY: Final = "setupComplete"
#: So many connections are opened at a time: a listening socket has a queue of 1,024.
_DOOR: Final = 100


def _setup() -> bytes:
    """A setup as one masked frame; the mask is four zeros, which leaves it readable."""
    payload = json.dumps({"setup": {"model": AUDIO_MODEL}}).encode()
    assert len(payload) < 126
    return bytes([0x81, 0x80 | len(payload)]) + b"\0\0\0\0" + payload


class Client:
    """One client, in bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def opened(self, token: str) -> Client:
        """Shake hands."""
        path = live_path("BidiGenerateContentConstrained", query=f"access_token={token}")
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]
        self._writer.write("\r\n".join(lines).encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        return self

    async def outcome(self) -> str:
        """Ask for a session; what comes of it."""
        self._writer.write(_setup())
        first, length = await self._reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await self._reader.readexactly(2), "big")
        payload = await self._reader.readexactly(length)
        if (first, payload) == (0x82, SETUP_COMPLETE):
            return READY
        assert first == 0x88, (first, payload)
        return f"{int.from_bytes(payload[:2], 'big')} {payload[2:].decode()}"

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


def race(port: int, token: str, clients: int) -> Counter[str]:
    """What came of each client: ``setupComplete``, or code and reason of a close."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, clients + 500)), hard))
    return asyncio.run(_race(port, token, clients))


async def _race(port: int, token: str, clients: int) -> Counter[str]:
    door = asyncio.Semaphore(_DOOR)

    async def come() -> Client:
        async with door:
            return await Client(*await asyncio.open_connection("127.0.0.1", port)).opened(token)

    there = await asyncio.gather(*(come() for _ in range(clients)))
    try:
        return Counter(await asyncio.gather(*(client.outcome() for client in there)))
    finally:
        for client in there:
            client.close()
