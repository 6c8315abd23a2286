"""The environment in which a client finds the mock and trusts it, and nothing leads it past it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .hooks import redirected

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Where the service is: what clients ask for that are told nothing else.
SERVICE_HOST: Final = "generativelanguage.googleapis.com"
#: What a command finds as its API key, if it brings none: the mock takes any.
API_KEY: Final = "mock-gemini-key"
#: SDKs read the one or the other; both are set, to the same, as applications read them too.
KEYS: Final = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
#: What would lead to Vertex AI, or to another API version than the client's code says.
REMOVED: Final = (
    "GOOGLE_GENAI_USE_VERTEXAI",
    "GOOGLE_GENAI_USE_ENTERPRISE",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_LOCATION",
    "GOOGLE_GENAI_API_VERSION",
)
#: Proxies stay, for whoever needs them to reach another host; the mock is reached without.
NO_PROXY: Final = ("NO_PROXY", "no_proxy")
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def pointed(before: Mapping[str, str], env: Mapping[str, str], api_key: str) -> dict[str, str | None]:
    """What to change in an environment: new values, None for what goes.

    Args:
        before: the environment as it is.
        env: what a server says of itself.
    """
    proxied = next((before[name] for name in NO_PROXY if before.get(name)), "")
    here = [*LOOPBACK, *sorted(redirected(env))]
    direct = ",".join(dict.fromkeys([*filter(None, proxied.split(",")), *here]))
    return {
        **dict.fromkeys(REMOVED),
        **env,
        **dict.fromkeys(KEYS, api_key),
        **dict.fromkeys(NO_PROXY, direct),
    }


def of_child(before: Mapping[str, str], env: Mapping[str, str], api_key: str = "") -> dict[str, str]:
    """The whole environment of a process: its key is its own, if it has one and is given none."""
    key = api_key or next((before[name] for name in KEYS if before.get(name)), API_KEY)
    changes = pointed(before, env, key)
    kept = {name: value for name, value in before.items() if name not in changes}
    return kept | {name: value for name, value in changes.items() if value is not None}
