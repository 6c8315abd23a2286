"""What an expression of a program is, as far as one can see: the same for every language.

A reader turns its syntax tree into these; nothing is guessed, and what cannot be seen says why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from ...model import Step


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file of the project."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Words:
    """A text that is written out."""

    text: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """A value that cannot be seen, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Fields:
    """An object, a dict or a call with names; ``rest`` where more than is written comes into it."""

    fields: Mapping[str, Value]
    rest: Unseen | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable."""

    name: str


@dataclass(frozen=True, slots=True)
class TokenName:
    """The name of a token that was minted: ``token.name``."""


#: What a client has for a key.
Credential = Literal["key", "token", "unseen"]


@dataclass(frozen=True, slots=True)
class Client:
    """A client of an SDK, as it is made."""

    place: Place
    language: str
    #: The API version that is set on it; None: none.
    api_version: Value
    credential: Credential = "key"
    #: The package it was imported from, where that says more than the language.
    package: str = ""


#: None: not set.
Value: TypeAlias = "Words | Unseen | Fields | Variable | TokenName | Client | None"


@dataclass(frozen=True, slots=True)
class Site:
    """A call that mints or connects."""

    step: Step
    place: Place
    language: str
    #: The client it is made with, or why that cannot be seen.
    client: Client | Unseen
    #: The API version that is set at the call; None: none.
    near: Value


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the service that is written out."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """What was seen in a file; ``problem`` where it could not be read."""

    path: str
    sites: tuple[Site, ...] = ()
    addresses: tuple[Address, ...] = ()
    clients: tuple[Client, ...] = ()
    problem: str = ""


@dataclass
class Seen:
    """What a reader has seen so far."""

    sites: list[Site] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)

    def source(self, path: str) -> Source:
        """All of it."""
        return Source(path, tuple(self.sites), tuple(self.addresses), tuple(self.clients))


_UPPER: Final = re.compile("([a-z])([A-Z])")
#: What a call ends in, and the side it is.
CALLS: Final[dict[tuple[str, str], Step]] = {
    ("auth_tokens", "create"): "create",
    ("live", "connect"): "connect",
}
#: Where a name comes from that cannot be followed, by how often it is assigned.
COMES: Final = ("comes from elsewhere", "is given from outside", "is assigned more than once")
#: Strings that are addresses of the service, or parts of one.
ADDRESS: Final = re.compile(r"BidiGenerateContent|/auth_tokens\b|/authTokens\b")
_TOKEN: Final = "auth_tokens/"


def snake(name: str) -> str:
    """A field's name in snake_case, as both languages may write it."""
    return _UPPER.sub(lambda found: f"{found[1]}_{found[2].lower()}", name)


def within(value: Value, name: str) -> Value:
    """A field of a value; of what cannot be seen, nothing can."""
    if value is None:
        return None
    if isinstance(value, Fields):
        return value.fields.get(name, value.rest)
    if isinstance(value, Unseen):
        return value
    return Unseen(f"{name} of something that is no object")


def version_in(settings: Value) -> Value:
    """The API version in the settings of a client, or in the configuration of a call."""
    return within(within(settings, "http_options"), "api_version")


def credential_of(settings: Value) -> Credential:
    """What a client has for a key: nothing written is a key from the environment."""
    value = within(settings, "api_key")
    if isinstance(value, Words):
        return "token" if value.text.startswith(_TOKEN) else "key"
    if value is None or isinstance(value, Variable):
        return "key"
    return "token" if isinstance(value, TokenName) else "unseen"
