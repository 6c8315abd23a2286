"""Each client asks the host named first for a token, or opens a session there; what became of it, as JSON.

python clients.py HOST CLIENT…
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from http.client import HTTPSConnection

HOST = sys.argv[1]
MINT = f"https://{HOST}/v1alpha/auth_tokens"
LIVE = f"wss://{HOST}/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContent?key=any"
SETUP = json.dumps({"setup": {"model": "models/gemini-3.8-live"}})
KEY = {"x-goog-api-key": "any"}


def by_urllib():
    return urllib.request.urlopen(urllib.request.Request(MINT, b"{}", KEY), timeout=5).status


def by_http_client():
    connection = HTTPSConnection(HOST, timeout=5)
    connection.request("POST", "/v1alpha/auth_tokens", "{}", KEY)
    return connection.getresponse().status


def by_requests():
    import requests

    return requests.post(MINT, json={}, headers=KEY, timeout=5).status_code


def by_httpx():
    import httpx

    return httpx.post(MINT, json={}, headers=KEY).status_code


def by_httpx2():
    import httpx2

    return httpx2.post(MINT, json={}, headers=KEY).status_code


def by_websockets_sync():
    from websockets.sync.client import connect

    with connect(LIVE, open_timeout=5) as socket:
        socket.send(SETUP)
        return next(iter(json.loads(socket.recv())))


async def websockets():
    from websockets.asyncio.client import connect

    async with connect(LIVE, open_timeout=5) as socket:
        await socket.send(SETUP)
        return next(iter(json.loads(await socket.recv())))


async def streams():
    reader, writer = await asyncio.open_connection(HOST, 443, ssl=True)
    writer.write(f"POST /v1alpha/auth_tokens HTTP/1.1\r\nhost: {HOST}\r\nx-goog-api-key: any\r\n".encode())
    writer.write(b"content-length: 2\r\n\r\n{}")
    status = int((await reader.readline()).split()[1])
    writer.transport.abort()
    return status


async def async_httpx():
    import httpx

    async with httpx.AsyncClient() as client:
        return (await client.post(MINT, json={}, headers=KEY)).status_code


async def async_httpx2():
    import httpx2

    async with httpx2.AsyncClient() as client:
        return (await client.post(MINT, json={}, headers=KEY)).status_code


async def aiohttp():
    import aiohttp

    async with aiohttp.ClientSession() as session, session.post(MINT, json={}, headers=KEY) as answer:
        return answer.status


def run(name):
    """Run one: ``uvloop:`` and ``trio:`` say in which loop."""
    loop, _, client = name.rpartition(":")
    if f"by_{client}" in globals():
        return globals()[f"by_{client}"]()
    if loop == "uvloop":
        import uvloop

        return uvloop.run(globals()[client]())
    if loop == "trio":
        import trio

        return trio.run(globals()[client])
    return asyncio.run(globals()[client]())


def told(name):
    """What became of one."""
    try:
        return run(name)
    except Exception as error:
        return type(error).__name__


print(json.dumps({name: told(name) for name in sys.argv[2:]}))  # noqa: T201 - a program prints
