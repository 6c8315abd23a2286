"""The forms of a base URL: what becomes of them on the wire, for the token call and for the socket."""

from __future__ import annotations

from typing import Any, Final

from ..model import Behaviour
from .connecting import VERSION, opening, turn

_NODE_AND_PYTHON: Final = ("python", "js", "reference")
_PATH: Final = "/proxy/path"


def _socket(slug: str, title: str, base_url: str, question: str, **more: Any) -> Behaviour:
    calls = (*opening(base_url=base_url), *turn())
    looks = ("scheme", "prefix")
    return Behaviour(
        f"base-url:{slug}", title, calls=calls, asks=question, ends_in="connect", looks=looks, **more
    )


def _mint(slug: str, title: str, base_url: str, prefix: str, **more: Any) -> Behaviour:
    client = {"api_version": VERSION, "base_url": base_url}
    return Behaviour(
        f"base-url:{slug}",
        title,
        step="create",
        calls=(("create_token", {"api_key": "{key}", "client": client}),),
        needs=("tokens",),
        ends_in="create_token",
        shows={"prefix": prefix},
        **more,
    )


BASE_URLS: Final = (
    _socket("plain", "the base URL is http and has no path", "{url}", "base URL"),
    _socket("slash", "the base URL ends in a slash", "{url}/", "base URL with a slash"),
    _socket(
        "path",
        "the base URL has a path, as behind a gateway",
        "{url}" + _PATH,
        "base URL with a path",
        status=404,
    ),
    _socket("ws", "the base URL is a ws:// one", "{ws}", "base URL of ws"),
    _socket("https", "the base URL is https", "{https}", "base URL of https", sdks=_NODE_AND_PYTHON),
    Behaviour(
        "base-url:environment",
        "the base URL comes from GOOGLE_GEMINI_BASE_URL alone",
        calls=(*opening(base_url=""), *turn()),
        needs=("base URL from the environment",),
        ends_in="connect",
        sdks=_NODE_AND_PYTHON,
    ),
    Behaviour(
        "base-url:default",
        "the base URL comes from set_default_base_urls",
        calls=(
            *opening(base_url="", env={"GOOGLE_GEMINI_BASE_URL": None}, default_base_url="{url}"),
            *turn(),
        ),
        needs=("base URL by default",),
        ends_in="connect",
    ),
    Behaviour(
        "base-url:untrusted",
        "the server's certificate is not trusted",
        calls=opening(base_url="{stranger}"),
        asks="untrusted certificate",
        silent=True,
        sdks=_NODE_AND_PYTHON,
        ends_in="connect",
    ),
    _mint("mint-slash", "a token is asked for at a base URL that ends in a slash", "{url}/", "none"),
    _mint(
        "mint-path",
        "a token is asked for at a base URL with a path",
        "{url}" + _PATH,
        _PATH,
        asks="create refused",
        status=404,
    ),
    Behaviour(
        "base-url:mint-untrusted",
        "a token is asked for and the server's certificate is not trusted",
        step="create",
        calls=(
            (
                "create_token",
                {"api_key": "{key}", "client": {"api_version": VERSION, "base_url": "{stranger}"}},
            ),
        ),
        needs=("tokens",),
        asks="untrusted certificate at create",
        sdks=_NODE_AND_PYTHON,
        ends_in="create_token",
    ),
)
