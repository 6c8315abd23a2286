"""A Live session: opening it, and what goes in and comes out."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from .bodies import camel
from .client import ApiError, api_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .client import Client

Record = dict[str, Any]

#: What a message and its content may hold, for a client that wants to know it all.
KNOWN_FIELDS = {
    *("setupComplete", "serverContent", "toolCall", "toolCallCancellation", "goAway", "usageMetadata"),
    *("sessionResumptionUpdate", "modelTurn", "generationComplete", "turnComplete", "interrupted"),
    *("inputTranscription", "outputTranscription", "interactionStatus", "groundingMetadata"),
}

UNTOLD = (None, "INTERACTION_STATUS_UNSPECIFIED")


class Session:
    """An open session, or, without a socket, the dead one of a client that swallows errors."""

    def __init__(self, socket: ClientConnection | None, wrong: str | None) -> None:
        self._socket = socket
        self._wrong = wrong

    async def say(self, message: Record) -> None:
        """Send a message; a dead session loses it."""
        if self._socket is not None:
            with closes_told(self._wrong):
                await self._socket.send(json.dumps(message))

    async def hear(self) -> Record:
        """Take the next message; a dead session waits for ever."""
        if self._socket is None:
            return await _for_ever()
        with closes_told(self._wrong):
            frame = await self._socket.recv()
        try:
            return _message(frame, self._wrong)
        except ValueError as error:
            if self._wrong == "skips-bad-frames":
                return await self.hear()
            raise ApiError(f"expected a message in JSON, got {frame[:20]!r}") from error

    async def receive(self, until: str) -> list[Record]:
        """Take messages to the end of a turn, to a tool call, or the next one."""
        messages = [await self._next()]
        if until == "message" and self._wrong == "reads-ahead":
            await self._next()
        while until != "message" and not ends(messages[-1], until, self._wrong):
            messages.append(await self._next())
        return messages

    async def _next(self) -> Record:
        try:
            return await self.hear()
        except ApiError:
            if self._wrong != "swallows-close":
                raise
            return await _for_ever()

    async def close(self) -> None:
        """Say goodbye and wait for the answer."""
        if self._socket is not None:
            await self._socket.close()


def _message(frame: str | bytes, wrong: str | None) -> Record:
    """Read a message; a client that does everything right takes anything that is JSON."""
    if wrong == "refuses-text-frames" and isinstance(frame, str):
        raise ApiError("expected a binary frame, got text")
    message: Record = json.loads(frame)
    if wrong == "reads-snake-case":
        message = _camel_case(message)
    if wrong == "refuses-empty-messages" and not message:
        raise ApiError("expected a message with fields, got none")
    if wrong == "raises-error-messages" and "error" in message:
        raise ApiError(message["error"]["message"])
    unknown = {*message, *message.get("serverContent", {})} - KNOWN_FIELDS
    if wrong == "refuses-unknown-fields" and unknown:
        raise ApiError(f"unknown fields: {', '.join(unknown)}")
    return message


def _camel_case(value: Any) -> Any:
    if isinstance(value, list):
        return [_camel_case(inner) for inner in value]
    if isinstance(value, dict):
        return {camel(name): _camel_case(inner) for name, inner in value.items()}
    return value


async def _for_ever() -> Record:
    never: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
    return await never


async def open_session(client: Client, setup: Record, wrong: str | None) -> tuple[Session, Record]:
    """Open a session and wait until the service has accepted its setup."""
    try:
        return await asyncio.wait_for(_open(client, setup, wrong), client.timeout_s)
    except asyncio.TimeoutError:
        raise ApiError(f"no session within {client.timeout_s:g} s") from None


async def _open(client: Client, setup: Record, wrong: str | None) -> tuple[Session, Record]:
    try:
        socket = await connect(
            client.live_url(),
            ssl=client.tls(client.socket_scheme),
            additional_headers=client.live_headers(),
            max_size=2**20 if wrong == "takes-small-frames" else None,
        )
    except InvalidStatus as refused:
        raise api_error(refused.response.status_code, bytes(refused.response.body or b"")) from refused
    except (InvalidMessage, ConnectionError) as lost:
        if isinstance(lost, OSError) and lost.errno is not None:
            raise  # nobody was there; before websockets 14.2 a lost handshake is an error without a number
        raise ApiError("connection lost") from lost
    try:
        session = Session(socket, wrong)
        await session.say({"setup": setup})
        first = await session.hear()
        if "setupComplete" not in first:
            raise ApiError(f"expected setupComplete first, got {', '.join(first)}")
    except BaseException:
        socket.transport.abort()  # no closing handshake: an abandoned call must not wait for one
        raise
    return session, first["setupComplete"]


@contextmanager
def closes_told(wrong: str | None) -> Iterator[None]:
    """Turn a close into the error of this client."""
    try:
        yield
    except ConnectionClosed as closed:
        if closed.rcvd is None:
            raise ApiError("connection lost") from closed
        code = 1006 if wrong == "other-close-code" else closed.rcvd.code
        reason = "" if wrong == "loses-close-reason" else closed.rcvd.reason
        raise ApiError(f"closed with {code}: {reason}", code, None, reason) from closed


def ends(message: Record, until: str, wrong: str | None) -> bool:
    """Whether this is what was waited for. A model that tells how its interaction stands ends it so."""
    if until == "tool_call":
        return "toolCall" in message
    content = message.get("serverContent", {})
    status = None if wrong == "ends-turns-early" else content.get("interactionStatus")
    return bool(content.get("turnComplete")) if status in UNTOLD else status == "IDLE"


def realtime_input(asked: Record) -> Record:
    """Return one realtime input as the wire has it."""
    [(name, value)] = asked.items()
    if isinstance(value, dict) and "data" in value:
        value = {"data": value["data"], "mimeType": value["mime_type"]}
    return {"realtimeInput": {"mediaChunks": [value]} if name == "media" else {camel(name): value}}


def summary(messages: list[Record], wrong: str | None) -> Record:
    """Sum up what the model said."""
    contents = [message.get("serverContent", {}) for message in messages]
    parts = [part for content in contents for part in content.get("modelTurn", {}).get("parts", ())]
    audio = [base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part]
    told = {
        "text": "".join(part.get("text", "") for part in parts if not part.get("thought")),
        "audio_bytes": sum(map(len, audio)),
        "messages": [sorted(message) for message in messages],
        "tool_calls": [call for message in messages for call in _calls(message)],
        "go_away": [message["goAway"]["timeLeft"] for message in messages if "goAway" in message],
        "handles": [handle for message in messages if (handle := _handle(message))],
    }
    ignored = {"ignores-tool-calls": "tool_calls", "ignores-go-away": "go_away", "ignores-handles": "handles"}
    return {**told, ignored[wrong]: []} if wrong in ignored else told


def _calls(message: Record) -> Iterator[Record]:
    for call in message.get("toolCall", {}).get("functionCalls", ()):
        yield {"id": call.get("id"), "name": call["name"], "args": call.get("args", {})}


def _handle(message: Record) -> str | None:
    handle: str | None = message.get("sessionResumptionUpdate", {}).get("newHandle")
    return handle
