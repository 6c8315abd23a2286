"""The environment in which a client finds the mock and trusts it, and nothing leads it past it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    direct = ",".join(dict.fromkeys([*filter(None, proxied.split(",")), *LOOPBACK]))
    return {
        **dict.fromkeys(REMOVED),
        **env,
        **dict.fromkeys(KEYS, api_key),
        **dict.fromkeys(NO_PROXY, direct),
    }
