"""Mutations of everything up to the session: minting, credentials, paths, handshakes, setups, the wire."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mockserver.core import (
    cors,
    credentials,
    errors,
    frames,
    grants,
    messages,
    request,
    rest,
    routes,
    session,
    setups,
    tokens,
)
from mockserver.core import effects as ef
from mockserver.core.constraints import Constraint
from mockserver.core.credentials import Placed, placed
from mockserver.core.facts import FACTS, Closes
from mockserver.core.grants import Door
from mockserver.core.ids import Ids
from mockserver.core.models import MODELS
from mockserver.core.options import Options
from mockserver.core.profiles import OFFERS, Offer
from mockserver.core.schema import Checked, parse
from mockserver.core.service import Service
from mockserver.core.tokens import Mint
from mockserver.edge.framing import Framing
from mockserver.edge.host import Host

from .patches import Mutation, Patches, put, put_items, refused, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def absent(method: Any, version: str) -> Mutation:
    """An API version does not have a method, on any date."""
    return put_items(OFFERS[method], lambda: {version: Offer(None, ("WS-018",))})


def no_snake_case(patches: Patches) -> None:
    """Only JSON names are known."""
    for fields in messages.MESSAGES.values():
        for name in [name for name, (json_name, _) in fields.items() if name != json_name]:
            patches.delete_item(fields, name)


def closes(**other: Any) -> Mutation:
    """All closes have something in common."""
    return put_items(
        FACTS,
        lambda: {
            id: replace(row, seen=replace(row.seen, **other))
            for id, row in FACTS.items()
            if isinstance(row.seen, Closes)
        },
    )


def chosen_name(real: Any, mint: Mint, wanted: dict[str, Any], *rest: Any) -> Any:
    """A token is called as the client wishes."""
    token = real(mint, wanted, *rest)
    token.name = wanted.get("name", token.name)
    mint._store.add(token)
    return token


def found(name: str, find: Callable[[Placed], tuple[str, ...]]) -> Mutation:
    """Of the credentials of a request others are found."""

    def around(real: Any, one: Placed) -> None:
        real(one)
        object.__setattr__(one, name, find(one))

    return wrap(Placed, "__post_init__", around)


def eager(real: Any, server: Service, asked: request.Request, *, judges: bool) -> Any:
    """The handshake looks at the credential."""
    credentials.api_key(placed(asked), ("the only key",), socket=False)
    return real(server, asked, judges=judges)


def error_message(real: Any, *args: Any) -> list[ef.Effect]:
    """A close is announced by a message."""
    done: list[ef.Effect] = real(*args)
    closes = any(isinstance(effect, ef.Close) for effect in done)
    return [ef.Send(b'{"error": {}}'), *done] if closes else done


def ping(real: Any, host: Host, seconds: float) -> None:
    """The server pings while time goes by."""
    real(host, seconds)
    for name in list(host.sockets):
        host.deliver(name, [ef.Raw(b"\x89\0")])


def in_text(real: Any, framing: Framing, messages: Iterable[ef.Send]) -> None:
    """The server sends text frames."""
    real(framing, [replace(message, text=True) for message in messages])


def last_words(real: Any, framing: Framing) -> tuple[bytes, bool]:
    """The close that answers the client's has a reason."""
    data, is_over = real(framing)
    return data.replace(b"\x88\x02\x03\xe8", b"\x88\x05\x03\xe8bye"), is_over


def deaf(*, text: bool) -> Mutation:
    """Frames of one kind are not heard."""
    return wrap(Service, "receive", lambda real, *args, **how: [] if how["text"] is text else real(*args, **how))  # fmt: skip  # noqa: E501


def undecoded(query: str, *_: object, **__: object) -> list[tuple[str, str]]:
    """Query parameters as they stand in the URL."""
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return [(name, value) for name, _, value in pairs]


#: No version knows the field.
no_proactivity = put_items(messages.LIMITED, lambda: {("BidiGenerateContentSetup", "proactivity"): ()})
OPEN, CONSTRAINED, MINT = "BidiGenerateContent", "BidiGenerateContentConstrained", "auth_tokens.create"
other_version = refused(
    lambda door, *_: door.store.find(credentials.token_name(door.placed)).version != door.profile.version,
    "CLS-006",
)
no_live_model = refused(
    lambda _, wanted, *__: wanted.get("bidiGenerateContentSetup", {}).get("model", "models/").partition("/")[2] not in MODELS,  # noqa: E501
    "TOK-053D",
)  # fmt: skip

MUTATIONS: Final[dict[str, Mutation]] = {
    "TOK-001": absent(MINT, "v1alpha"),
    "TOK-003": absent(MINT, "v1beta"),
    "TOK-010": put(tokens, "DEFAULT_USES", 2),
    "TOK-011": put(tokens, "DEFAULT_LIFETIME_S", 3600),
    "TOK-012": put(tokens, "DEFAULT_NEW_SESSION_S", 120),
    "TOK-013": put(Constraint, "apply", lambda self, offered: offered),
    "TOK-014": no_snake_case,
    "TOK-015": wrap(Mint, "mint", chosen_name),
    "TOK-016": put(tokens, "DEFAULT_NEW_SESSION_S", 30),
    "TOK-017": wrap(Mint, "_moment", lambda real, mint, wanted, field, now, *rest: real(mint, wanted, field, now + 10, *rest)),  # noqa: E501
    "TOK-020": wrap(rest, "answer", lambda real, status, value, now: real(status, {**value, "uses": 1}, now)),
    "TOK-021": put(Ids, "token", lambda self: f"auth_tokens/{self._next('token')[:32]}"),
    "TOK-022": wrap(Mint, "mint", no_live_model),
    "TOK-024": put(errors, "pretty", lambda value: str(value).encode()),
    "TOK-030": found("keys", lambda one: one.key_header),
    "TOK-049": no_proactivity,
    "TOK-050": put(rest, "read_request", lambda body, profile: parse(body).value),
    "TOK-059": wrap(tokens, "violated", lambda real, *args, **values: replace(real(*args, **values), violations=())),  # noqa: E501
    "TOK-059B": put(Checked, "message", property(lambda self: self.violations[0].description)),
    "MUS-002": wrap(Mint, "mint", no_live_model),
    "MAP-001": closes(code=1007),
    "WS-001": wrap(Service, "_find_method", eager),
    "WS-002": wrap(Service, "_find_method", eager),
    "WS-003": put(grants, "check", lambda value, *_, **__: Checked(value)),
    "WS-004": wrap(Framing, "send", in_text),
    "WS-005": put(session, "SETUP_COMPLETE", ef.Send(b'{"setupComplete": {}}')),
    "WS-006": deaf(text=True),
    "WS-006B": deaf(text=False),
    "WS-007": put(errors, "MAX_REASON_BYTES", 1000),
    "WS-008": no_snake_case,
    "WS-009": wrap(Service, "_carry_out", error_message),
    "WS-010": put(Options, "setup_delay_s", property(lambda self: 0.0, lambda self, value: None)),
    "WS-011": put(session, "ABORTED_S", 60.0),
    "WS-012": absent(OPEN, "v1alpha"),
    "WS-013": absent(CONSTRAINED, "v1alpha"),
    "WS-014": absent(CONSTRAINED, "v1beta"),
    "WS-017": put(routes, "_SOCKET", re.compile(routes._SOCKET.pattern.replace("{1,2}", ""))),
    "WS-020": found("keys", lambda one: one.key_header),
    "WS-021": found("tokens", lambda one: (one.authorization,) if one.scheme == "token" else ()),
    "WS-022": found("tokens", lambda one: one.token_query),
    "WS-023": put(request, "parse_qsl", undecoded),
    "WS-024": wrap(Door, "_by_token", other_version),
    "WS-025": wrap(Door, "_by_token", other_version),
    "WS-026": put(cors, "preflight", lambda asked, now: errors.empty(403, now)),
    "WS-027": wrap(credentials, "token_name", refused(lambda found: found.keys, "CLS-005")),
    "WS-028": put(credentials, "_BARE_TOKEN", re.compile("$^")),
    "WS-029": absent(OPEN, "v1"),
    "WS-030": put(errors, "headers", lambda content_type, now: (("Content-Type", content_type),)),
    "WS-032": wrap(Framing, "written", last_words),
    "WS-033": wrap(Host, "advance", ping),
    "WS-034": wrap(frames, "switching", lambda real, *args: real(*args)[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),  # noqa: E501
    "WS-035": wrap(Service, "_find_method", refused(lambda _, asked: asked.header("origin"), "WS-018")),
    "CLS-037A": no_proactivity,
    "CLS-050": wrap(setups, "check", refused(lambda setup, *_: "voiceName" in str(setup), "CLS-049C")),
}  # fmt: skip
