"""Addresses of the service that a program writes out by itself: are they served, and do they fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mockserver import API_VERSIONS, LAUNCH, Profile, service_date

from ..plan import BOTH
from .findings import Finding, Severity

if TYPE_CHECKING:
    from ..tables import Method
    from .sources.values import Address

_SOCKET: Final = re.compile(
    r"generativelanguage\.(?P<version>v\w+)\.GenerativeService(?P<mark>[./])(?P<method>\w+)(?P<query>\?[^\s\"'`]*)?"
)
_MINT: Final = re.compile(r"/(?P<version>v\d\w*)/(?P<name>auth_tokens|authTokens)\b")
_NOT_WRITTEN: Final = re.compile(r"generativelanguage\.(?:\$?\{|%s|$)|\{[^}]*\}/auth_tokens")


def of_address(address: Address) -> list[Finding]:
    """What is wrong with an address that is written out; one whose version is computed is not seen."""
    where = (str(address.place),)
    found = [
        *(_socket(one, where) for one in _SOCKET.finditer(address.text)),
        *(_mint(one, where) for one in _MINT.finditer(address.text)),
    ]
    if not found and _NOT_WRITTEN.search(address.text):
        return [Finding(Severity.UNSEEN, "cannot see the API version of an address: it is computed", where)]
    return [one for group in found for one in group]


def _socket(found: re.Match[str], where: tuple[str, ...]) -> list[Finding]:
    method, version, query = found["method"], found["version"], found["query"] or ""
    if found["mark"] == "/":
        what = "the address has a slash before the method, as Vertex AI does: HTTP 404 (WS-019)"
        return [Finding(Severity.BREAKS, what, where, f"write a dot: GenerativeService.{method}")]
    if method not in ("BidiGenerateContent", "BidiGenerateContentConstrained") or version not in API_VERSIONS:
        return []
    wrong: list[Finding] = []
    if method == "BidiGenerateContent" and "access_token=" in query:
        what = "the address gives a token to BidiGenerateContent, which takes API keys: close 1008 (CLS-003)"
        wrong.append(Finding(Severity.BREAKS, what, where, "write BidiGenerateContentConstrained"))
    if method == "BidiGenerateContentConstrained" and re.search(r"[?&]key=", query):
        what = "the address gives an API key to BidiGenerateContentConstrained: close 1007 (CLS-005)"
        wrong.append(Finding(Severity.BREAKS, what, where, "write ?access_token= and the whole token name"))
    return wrong or _served(method, version, where)  # type: ignore[arg-type]  # one of the two, see above


def _mint(found: re.Match[str], where: tuple[str, ...]) -> list[Finding]:
    if found["name"] != "auth_tokens":
        what = "the path is spelled authTokens, in camelCase: HTTP 404 (TOK-005)"
        return [Finding(Severity.BREAKS, what, where, f"write /{found['version']}/auth_tokens")]
    return _served("auth_tokens.create", found["version"], where) if found["version"] in API_VERSIONS else []


def _served(method: Method, version: str, where: tuple[str, ...]) -> list[Finding]:
    days = {date: Profile(version, service_date(date)).serves(method) for date in BOTH}
    missing = [date for date, (there, _) in days.items() if not there]
    if not missing:
        return [Finding(Severity.NOTE, f"{method} on {version} is served at every service date", where)]
    fact = days[missing[0]][1]
    severity = Severity.BREAKS if BOTH[-1] in missing else Severity.DEPENDS
    what = f"{method} on {version} is not served at {' and '.join(missing)}: HTTP 404 ({fact})"
    return [
        Finding(severity, what, where, f"write {Profile(version, LAUNCH).offering(method)[0]} for {version}")
    ]
