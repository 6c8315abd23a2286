"""Stores that servers in several processes share; ``mockserver/core/store.py`` says what a store does."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..core.limits import Limits
    from ..core.store import Store

#: The environment variable that names a store, so that a password need not stand on a command line.
VARIABLE: Final = "MOCKSERVER_STORE"
#: The module for each scheme of a URL. Each has an ``open_store``, imported when it is asked for.
KINDS: Final = {
    "sqlite": "mockserver.stores.sqlite",
    "redis": "mockserver.stores.redis",
    "rediss": "mockserver.stores.redis",
    "unix": "mockserver.stores.redis",
}
EXAMPLES: Final = "sqlite:///FILE, redis://HOST:PORT/NUMBER, rediss://… or unix://PATH"


class Opened(Protocol):
    """A store that can be closed."""

    def close(self) -> None:
        """Let go of it; what it holds stays."""


@contextmanager
def opened(url: str, limits: Limits) -> Iterator[Store]:
    """Open the store of a URL, and close it in the end; of tokens and handles it knows the newest so many.

    Raises:
        ValueError: there is no such kind of store, or what it needs is not installed.
        StoreLost: it cannot be reached.
    """
    store = import_module(KINDS[check(url)]).open_store(url, limits)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def temporary() -> Iterator[tuple[str, Path]]:
    """A store on this machine that goes with its folder: its URL, and the folder."""
    with TemporaryDirectory(prefix="mockserver-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        yield f"sqlite:///{folder / 'tokens.db'}", folder


def check(url: str) -> str:
    """The scheme of a store's URL.

    Raises:
        ValueError: there is no such kind of store.
    """
    scheme, separator, _ = url.partition("://")
    if not separator or scheme not in KINDS:
        # Without what stands behind the scheme, in which there may be a password.
        got = f"{scheme}://…" if separator else "no URL"
        raise ValueError(f"the store is {got}, expected {EXAMPLES}")
    return scheme
