"""What else a pasted text shows: which SDK and version spoke, which address was asked, which codes came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mockserver import API_VERSIONS, FACTS

from ..model import Subject

if TYPE_CHECKING:
    from ..model import Step

_VERSION: Final = r"(?P<version>\d+\.\d+(?:\.\d+)?(?:(?:a|b|rc)\d+|-[\w.]+)?)"
#: Where a text names an SDK with its version, surest first.
_WITH_VERSION: Final = tuple(
    (sdk, re.compile(pattern))
    for sdk, pattern in (
        ("python", rf"google_genai-{_VERSION}\.dist-info"),
        ("js", rf"google-genai-sdk/{_VERSION}\+?\S* gl-node"),
        ("web", rf"google-genai-sdk/{_VERSION}\+?\S* gl-web"),
        ("python", rf"google-genai-sdk/{_VERSION}\+?\S* gl-python"),
        ("js", rf"@google[/+]genai(?:@|/v/|[\"'\s:=^~]{{1,6}}){_VERSION}"),
        ("python", rf"google-genai(?:==|\s+|-){_VERSION}"),
    )
)
#: Where it shows only which SDK it was.
_WITHOUT: Final = tuple(
    (sdk, re.compile(pattern))
    for sdk, pattern in (
        ("web", r"@google[/+]genai\S*?/dist/web/"),
        ("js", r"@google[/+]genai\b|at Live\.connect \("),
        ("python", r"google[/\\]genai[/\\]\w+\.py|google\.genai\b|File \"[^\"]+\.py\""),
    )
)
_ADDRESS: Final = re.compile(
    r"google\.ai\.generativelanguage\.(?P<socket>v\w+)\.GenerativeService[./](?P<method>\w+)"
    r"|/(?P<mint>v\d\w*)/auth_tokens\b"
)
#: A number of three or four digits is a code where one of these words stands before it …
_CODE: Final = re.compile(
    r"(?:\b(?:code|received|sent|closed?|with|status|statuscode|error|apierror|clienterror|servererror|response"
    r"|http(?:/\d(?:\.\d)?)?|kCode|_closeCode)\b[\"')\]]*\W{0,4}?)(?P<before>[1-5]\d{2,3})\b"
    # … or the words of an SDK, or of HTTP, behind it …
    r"|\b(?P<behind>[1-5]\d{2,3})(?= None\.| Not Found| \(| [A-Z_]{6,}\b)"
    # … or where the text begins with it.
    r"|^\W*(?P<first>[1-5]\d{2,3})\b",
    re.IGNORECASE,
)
_FACT: Final = re.compile(r"\b(?:[A-Z]{2,3})-\d{3}[A-Z]?\b")
_EXIT: Final = re.compile(r"\bexit(?:ed)?\b[^\n\d]{0,24}?(?P<code>\d{1,3})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a text shows beside its words."""

    sdk: str | None = None
    version: str | None = None
    #: The API version in an address, and the side that asked there.
    api_version: str | None = None
    step: Step | None = None
    method: str | None = None
    #: Close codes and HTTP statuses.
    codes: frozenset[int] = frozenset()
    #: Ids of facts, as the mock's log writes them.
    facts: tuple[str, ...] = ()
    exit_code: int | None = None

    @property
    def subject(self) -> Subject | None:
        """The version that spoke, where both are known."""
        return Subject(self.sdk, self.version) if self.sdk and self.version else None


def see(text: str) -> Seen:
    """Look at a cleaned text."""
    sdk, version = _speaker(text)
    api_version, step, method = _address(text)
    ended = [int(found["code"]) for found in _EXIT.finditer(text)]
    return Seen(
        sdk,
        version,
        api_version,
        step,
        method,
        frozenset(
            int(found["before"] or found["behind"] or found["first"]) for found in _CODE.finditer(text)
        ),
        tuple(dict.fromkeys(id for id in _FACT.findall(text) if id in FACTS)),
        ended[-1] if ended else None,
    )


def _speaker(text: str) -> tuple[str | None, str | None]:
    for sdk, pattern in _WITH_VERSION:
        if found := pattern.search(text):
            return sdk, found["version"]
    return next((sdk for sdk, pattern in _WITHOUT if pattern.search(text)), None), None


def _address(text: str) -> tuple[str | None, Step | None, str | None]:
    """The last address in the text that is one of the service."""
    for found in reversed(list(_ADDRESS.finditer(text))):
        version = found["socket"] or found["mint"]
        if version in API_VERSIONS:
            return version, "connect" if found["socket"] else "create", found["method"]
    return None, None, None
