"""Keys, tokens and handles never reach a recording: each has a stand-in, the same wherever it comes again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN: Final = re.compile(r"(auth_tokens(?:/|%2[Ff]))([\w.~-]+)")
_KEY: Final = re.compile(r"\bAIza[\w-]{20,}")
#: A secret that is shorter may be a word of its own, and is hidden in its place only.
_TELLING: Final = 12
_QUERY: Final = {"key": "key", "access_token": "token"}
_HANDLES: Final = {"handle", "newHandle", "new_handle"}
_CREDENTIALS: Final = {"authorization", "x-goog-api-key"}
#: What of the headers means something to a service or a client.
KEPT: Final = frozenset(
    {
        *_CREDENTIALS, "content-type", "location", "origin", "retry-after", "sec-websocket-protocol",
        "user-agent", "www-authenticate", "x-goog-api-client",
    }
)  # fmt: skip


class StandIns:
    """All secrets of one recording so far."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def of(self, kind: str, secret: str) -> str:
        """The stand-in of a secret: ``key-1``, ``token-2``, ``handle-1``."""
        if secret not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[secret] = f"{kind}-{self._counts[kind]}"
        return self._names[secret]

    def text(self, text: str) -> str:
        """A text without secrets."""
        text = _TOKEN.sub(lambda found: found[1] + self.of("token", found[2]), text)
        text = _KEY.sub(lambda found: self.of("key", found[0]), text)
        for secret in sorted(self._names, key=len, reverse=True):
            if len(secret) >= _TELLING and secret in text:
                text = text.replace(secret, self._names[secret])
        return text

    def credential(self, kind: str, value: str) -> str:
        """What stands in the place of a key or a token, whatever it is; nothing stays nothing."""
        bare = value.strip()
        if not bare:
            return value
        return self.text(bare) if _TOKEN.match(bare) else self.of(kind, bare)

    def request_line(self, line: str) -> str:
        """A request line without secrets."""
        path, mark, query = line.partition("?")
        parts = []
        for part in query.split("&"):
            name, _, value = part.partition("=")
            kind = _QUERY.get(unquote_plus(name))
            if kind and value:
                parts.append(f"{name}={quote(self.credential(kind, unquote_plus(value)), safe='/')}")
            else:
                parts.append(self.text(part))
        return self.text(path) + mark + "&".join(parts)

    def headers(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """The headers that mean something, without secrets."""
        return tuple((name, self._header(name, value)) for name, value in headers if name in KEPT)

    def _header(self, name: str, value: str) -> str:
        if name not in _CREDENTIALS:
            return self.text(value)
        scheme, space, secret = value.rpartition(" ")
        return f"{scheme}{space}{self.credential('key', secret)}"

    def payload(self, form: Any) -> Any:
        """A recorded payload without secrets."""
        if isinstance(form, dict) and "hex" in form:
            return {"hex": self.text(bytes.fromhex(form["hex"]).decode("latin-1")).encode("latin-1").hex()}
        return self.json(form)

    def json(self, value: Any) -> Any:
        """JSON without secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.json(one) for one in value]
        return self._mapping(value) if isinstance(value, dict) else value

    def _mapping(self, value: Mapping[str, Any]) -> dict[str, Any]:
        hidden = {}
        for name, one in value.items():
            is_handle = name in _HANDLES and isinstance(one, str) and one
            hidden[self.text(name)] = self.of("handle", one) if is_handle else self.json(one)
        return hidden
