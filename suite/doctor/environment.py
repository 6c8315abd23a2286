"""What is set in the environment and in a project's ``.env`` files: keys, Vertex AI, addresses, proxies.

Values are looked at and never shown, but for what is no secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mockserver import API_VERSIONS, hide_secrets

from ..cases.connecting import VERSION_VARIABLE
from ..history import answer, rows_of
from ..sdks import SDKS
from .findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..model import Subject

KEYS: Final = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
_TOKEN: Final = "auth_tokens/"
_VERTEX: Final = ("GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_ENTERPRISE")
_CLOUD: Final = ("GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION")
BASE_URL: Final = "GOOGLE_GEMINI_BASE_URL"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_TRUE: Final = ("1", "true", "yes", "on")
_LINE: Final = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")
#: Files that programs and frameworks read variables from.
FILES: Final = (".env", ".env.local", ".env.development", ".env.production", ".env.development.local")


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable, its value, and where it is set."""

    name: str
    value: str
    where: str


@dataclass(frozen=True)
class Environment:
    """All that is set: what is set here wins over files, as it does for programs."""

    settings: tuple[Setting, ...]

    def get(self, *names: str) -> Setting | None:
        """The first of these that is set, in capitals or not; one that is empty is not set."""
        for name in names:
            for one in self.settings:
                if one.name == name and one.value.strip():
                    return one
        return None


def gathered(environ: Mapping[str, str], files: Iterable[tuple[str, str]]) -> Environment:
    """The environment of this process, then what the files say."""
    here = [Setting(name, value, f"${name}") for name, value in sorted(environ.items())]
    return Environment((*here, *(one for path, text in files for one in _read(path, text))))


def _read(path: str, text: str) -> Iterator[Setting]:
    for number, line in enumerate(text.splitlines(), 1):
        if found := _LINE.match(line):
            yield Setting(found[1], found[2].strip("\"'"), f"{path}:{number}")


def keys(env: Environment, subjects: Iterable[Subject]) -> list[Finding]:
    """API keys: which wins, and a token where a key belongs."""
    there = [one for name in KEYS if (one := env.get(name)) is not None]
    found = [
        Finding(
            Severity.BREAKS, f"{one.name} holds an ephemeral token: only live.connect takes one for a key",
            (one.where,), "let the variable hold an API key, and give the token to the client that connects",
        )
        for one in there
        if one.value.startswith(_TOKEN)
    ]  # fmt: skip
    if len(there) == len(KEYS) and there[0].value != there[1].value:
        told = "; ".join(_which_wins(subject) for subject in subjects)
        found.append(
            Finding(
                Severity.MAY, f"GOOGLE_API_KEY and GEMINI_API_KEY are both set, to different values: {told}",
                tuple(one.where for one in there), "unset the one that is not meant",
            )
        )  # fmt: skip
    if not there:
        what = f"neither {' nor '.join(KEYS)} is set here: a client gets its key in another way, or has none"
        found.append(Finding(Severity.NOTE, what))
    return found


def _which_wins(subject: Subject) -> str:
    """As the history of the version says."""
    reads = answer(subject.sdk, subject.version, "GEMINI_API_KEY")
    if reads is None:
        return f"{subject} reads GOOGLE_API_KEY only"
    both = answer(subject.sdk, subject.version, "both keys")
    warned = " and warns" if both is not None and "warns" in both.answer else ""
    return f"{subject} takes GOOGLE_API_KEY{warned}"


def vertex(env: Environment) -> list[Finding]:
    """Variables that make the client one for Vertex AI, where there are no ephemeral tokens."""
    found = []
    for name in _VERTEX:
        one = env.get(name)
        if one is not None and one.value.lower() in _TRUE:
            what = f"{name} makes every client one for Vertex AI, which has no ephemeral tokens"
            fix = "unset it, or write vertexai=False (Python) or vertexai: false (JavaScript) on the client"
            found.append(Finding(Severity.BREAKS, what, (one.where,), fix))
    cloud = [one for name in _CLOUD if (one := env.get(name)) is not None]
    if cloud and not found:
        names = " and ".join(one.name for one in cloud)
        what = f"{names} is set: it counts for clients of Vertex AI only, and makes none one"
        found.append(Finding(Severity.NOTE, what, tuple(one.where for one in cloud)))
    return found


def addresses(env: Environment) -> list[Finding]:
    """Variables that send clients elsewhere, or to another API version."""
    found = []
    if (base := env.get(BASE_URL)) is not None:
        host = urlsplit(base.value).hostname or ""
        kind = "a mock on this machine" if host in _LOOPBACK else "another host"
        what = f"{BASE_URL} sends every client to {hide_secrets(_without_password(base.value))}: {kind}"
        found.append(Finding(Severity.NOTE, what, (base.where,), "unset it to reach Google's service"))
        if not urlsplit(base.value).scheme:
            what = f"{BASE_URL} has no scheme"
            found.append(Finding(Severity.BREAKS, what, (base.where,), f"write http://{base.value}"))
    if (version := env.get(VERSION_VARIABLE)) is not None:
        found.append(_version_variable(version))
    return found


def _version_variable(version: Setting) -> Finding:
    readers = " and ".join(
        f"{SDKS[sdk].package} {row.since} and newer"
        for sdk in ("python", "js")
        for row in rows_of(sdk, "API version from the environment")
        if row.answer == "returns"
    )
    if version.value not in API_VERSIONS:
        what = f"{VERSION_VARIABLE} is no API version that is known here"
        return Finding(Severity.MAY, what, (version.where,), f"write one of {', '.join(API_VERSIONS)}")
    what = f"{VERSION_VARIABLE} is {version.value}: {readers} read it where the code sets nothing"
    return Finding(Severity.NOTE, what, (version.where,))


def proxies(env: Environment) -> list[Finding]:
    """Proxies that requests go through, those to a mock included."""
    found = []
    everyone = env.get("NO_PROXY", "no_proxy")
    without = everyone.value if everyone is not None else ""
    base = env.get(BASE_URL)
    host = urlsplit(base.value).hostname if base is not None else None
    for names in (("HTTPS_PROXY", "https_proxy"), ("HTTP_PROXY", "http_proxy"), ("ALL_PROXY", "all_proxy")):
        one = env.get(*names)
        if one is None:
            continue
        shown = hide_secrets(_without_password(one.value))
        found.append(Finding(Severity.NOTE, f"{one.name} sends requests through {shown}", (one.where,)))
        if one.value.lower().startswith("socks"):
            what = f"{one.name} is a SOCKS proxy, for which httpx and websockets need more libraries"
            fix = "python -m pip install 'httpx[socks]' 'python-socks[asyncio]'"
            found.append(Finding(Severity.MAY, what, (one.where,), fix))
        if host in _LOOPBACK and not _excludes(without, str(host)):
            what = f"{one.name} takes requests to the mock at {host} too: NO_PROXY does not name it"
            found.append(Finding(Severity.BREAKS, what, (one.where,), f"NO_PROXY={','.join(_LOOPBACK)}"))
    return found


def _excludes(no_proxy: str, host: str) -> bool:
    names = [name.strip().lstrip(".") for name in no_proxy.split(",")]
    return "*" in names or host in [
        name.partition(":")[0] if name.count(":") == 1 else name for name in names
    ]


def _without_password(url: str) -> str:
    """An address as it may be shown."""
    return re.sub(r"//[^/@]*@", "//…@", url)
