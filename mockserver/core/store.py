"""What servers can share: tokens, resumption handles, and the counts that names are made of."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from .limits import Limits

if TYPE_CHECKING:
    from .tokens import Token


class Store(Protocol):
    """Where tokens and handles are kept. Each call is whole: no other server sees a part of it.

    Times are Unix seconds on the mock's clock. A store of which others have a part may raise ``StoreLost``.
    """

    def count(self, kind: str) -> int:
        """The next number of a kind, from 1 on; a reset does not begin again."""

    def add(self, token: Token) -> None:
        """Keep a new token."""

    def find(self, name: str) -> Token | None:
        """The token of that name, with the uses that are left of it now."""

    def spend(self, name: str) -> bool:
        """Take one use, if there is one: however many ask at once, no more get one than there are."""

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, in the order in which they were minted."""

    def keep(self, handle: str, now: float, until: float) -> None:
        """Keep a handle until then; those whose time is over by now may go."""

    def is_valid(self, handle: str, now: float) -> bool:
        """Whether the handle was given out and its time is not over."""

    def reset(self) -> None:
        """Forget tokens and handles; counts go on, so that no name is given twice."""


class StoreLost(Exception):
    """A shared store did not do what it was asked: says so, and in ``hint`` what to look at."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        self.hint = hint


class Memory:
    """The store of a server that shares with nobody; of tokens and handles it knows the newest so many."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        # Ordered ones: to find the oldest of a plain dict takes the longer, the more have gone before it.
        self._tokens: OrderedDict[str, Token] = OrderedDict()
        #: Until when each is valid; in the order in which they were given, which is that of their ends.
        self._handles: OrderedDict[str, float] = OrderedDict()
        self._counts: dict[str, int] = {}

    def count(self, kind: str) -> int:
        """The next number of a kind."""
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        return number

    def add(self, token: Token) -> None:
        """Keep a new token."""
        self._tokens[token.name] = token
        if len(self._tokens) > self._limits.tokens:
            self._tokens.popitem(last=False)

    def find(self, name: str) -> Token | None:
        """The token of that name."""
        return self._tokens.get(name)

    def spend(self, name: str) -> bool:
        """Take one use, if there is one."""
        token = self._tokens.get(name)
        if token is None or token.uses_left == 0:
            return False
        if token.uses_left is not None:
            token.uses_left -= 1
        return True

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, in order."""
        return tuple(self._tokens.values())

    def keep(self, handle: str, now: float, until: float) -> None:
        """Keep a handle, and let go of those whose time is over."""
        while self._handles and next(iter(self._handles.values())) <= now:
            self._handles.popitem(last=False)
        self._handles[handle] = until
        if len(self._handles) > self._limits.handles:
            self._handles.popitem(last=False)

    def is_valid(self, handle: str, now: float) -> bool:
        """Whether a handle is valid."""
        return now < self._handles.get(handle, 0.0)

    def reset(self) -> None:
        """Forget tokens and handles."""
        self._tokens.clear()
        self._handles.clear()
