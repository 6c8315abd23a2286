"""Where a call goes and with what credential, and the calls over HTTP."""

from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

Record = dict[str, Any]

DEFAULT_API_VERSION = "v1alpha"
#: A base URL may be a socket's already.
SOCKET_SCHEMES = {"https": "wss", "http": "ws"}
SERVICE = "google.ai.generativelanguage.{}.GenerativeService.{}"
TOKEN_PREFIX = "auth_tokens/"

# Method and path of what REST is asked for, and its body.
REST: dict[str, tuple[str, Record | None]] = {
    "models.list": ("models", None),
    "interactions.create": ("interactions", {"model": "gemini-2.5-flash", "input": "hello"}),
}


@dataclass
class ApiError(Exception):
    """The service refused or closed, or this client did; shown like the errors of SDKs."""

    message: str
    code: int | None = None
    status: str | None = None
    reason: str | None = None

    def __str__(self) -> str:
        return self.message


class Absent(Exception):
    """This client has no such API; the message names it."""


class Client:
    """What one call says about where to go and with what credential; the nearer placement wins."""

    def __init__(self, params: Record, near: str, wrong: str | None) -> None:
        self._near, self._client = dict(params.get(near) or {}), dict(params.get("client") or {})
        self._be_wrong(near, wrong)
        default = "v1beta" if wrong == "default-v1beta" else DEFAULT_API_VERSION
        self.api_version: str = self._placed("api_version") or default
        base_url = self._base_url(params, wrong)
        self.base_url = urlsplit(base_url if wrong == "keeps-url-slash" else base_url.rstrip("/"))
        if wrong == "ignores-url-path":
            self.base_url = self.base_url._replace(path="")
        self.headers: dict[str, str] = {
            **self._client.get("headers", {}),
            **self._near.get("headers", {}),
        }
        timeout_ms, second = self._placed("timeout"), 1e9 if wrong == "nanosecond-timeout" else 1e3
        self.timeout_s = timeout_ms / second if timeout_ms and wrong != "ignores-timeout" else None
        self.socket_scheme = _socket_scheme(self.base_url.scheme, wrong)
        self.trusts_anybody = wrong == "trusts-anybody"
        self.api_key: str = params["api_key"]
        self.has_token = self.api_key.startswith(TOKEN_PREFIX)
        self.takes_key_for_token = wrong != "token-as-key" and self.has_token
        self.sends_key_in_header = wrong == "key-in-header" and not self.has_token
        self.sends_token_on_rest = wrong == "sends-token-on-rest"

    def _be_wrong(self, near: str, wrong: str | None) -> None:
        if (wrong, near) in (("ignores-call-version", "call"), ("ignores-session-version", "session")):
            self._near.pop("api_version", None)
        if wrong == "ignores-near-base-url":
            self._near.pop("base_url", None)
        if wrong == "ignores-near-headers":
            self._near.pop("headers", None)
        if wrong == "ignores-client-headers":
            self._client.pop("headers", None)

    def _placed(self, name: str) -> Any:
        return self._near.get(name) or self._client.get(name)

    def _base_url(self, params: Record, wrong: str | None) -> str:
        default = None if wrong == "ignores-default-base-url" else params.get("default_base_url")
        around = None if wrong == "ignores-environment" else os.environ.get("GOOGLE_GEMINI_BASE_URL")
        found = self._placed("base_url") or default or around
        if not found:  # this client never goes to the service itself
            raise ApiError("no base URL was given")
        return str(found)

    def live_url(self) -> str:
        """Return where a session is opened: a token has a method of its own."""
        method, query = "BidiGenerateContent", "key"
        if self.takes_key_for_token:
            method, query = "BidiGenerateContentConstrained", "access_token"
        path = SERVICE.format(self.api_version, method)
        address = f"{self.base_url._replace(scheme=self.socket_scheme).geturl()}/ws/{path}"
        return address if self.sends_key_in_header else f"{address}?{query}={quote(self.api_key)}"

    def live_headers(self) -> dict[str, str]:
        """Return what the handshake says beside its address."""
        return {**self.headers, "x-goog-api-key": self.api_key} if self.sends_key_in_header else self.headers

    def tls(self, scheme: str) -> ssl.SSLContext | None:
        """Return the trust for a scheme, from SSL_CERT_FILE where that is set."""
        if scheme not in ("https", "wss"):
            return None
        context = ssl.create_default_context()
        if self.trusts_anybody:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def mint(self, body: Record) -> Record:
        """Ask for a token; blocks."""
        return self._ask("auth_tokens", body)

    def rest(self, method: str) -> Record:
        """Make a call beside Live; blocks."""
        if self.has_token and not self.sends_token_on_rest:
            raise ApiError("a token is for Live sessions only: use an API key for this call")
        return self._ask(*REST[method])

    def _ask(self, path: str, body: Record | None) -> Record:
        own = {"content-type": "application/json", "x-goog-api-key": self.api_key}
        request = urllib.request.Request(
            f"{self.base_url.geturl()}/{self.api_version}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={**self.headers, **own},
        )
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=self.tls(self.base_url.scheme)),
        )
        try:
            with opener.open(request, timeout=self.timeout_s) as response:
                told: Record = json.load(response)
                return told
        except urllib.error.HTTPError as refused:
            with refused:  # it holds the connection
                raise api_error(refused.code, refused.read()) from refused


def _socket_scheme(scheme: str, wrong: str | None) -> str:
    if wrong == "insists-on-tls":
        return "wss"
    return "ws" if wrong == "speaks-plain" else SOCKET_SCHEMES.get(scheme, scheme)


def api_error(code: int, body: bytes) -> ApiError:
    """Read the service's account of an error; what is not JSON is the account."""
    try:
        told = json.loads(body)["error"]
        return ApiError(f"{code} {told['status']}: {told['message']}", code, told["status"])
    except (ValueError, KeyError, TypeError):
        return ApiError(f"{code}: {body.decode('utf-8', 'replace')}", code)
