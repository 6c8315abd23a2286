"""What texts mean: those of the history by the question whose answer has them, and what sayings share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..model import Step


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means.

    Attributes:
        cause: what happened, as a sentence.
        fix: what to do; ``{since}`` is the version of ``better``, ``{offered}`` the API version to set.
        sdks: the SDK lines it may come from; none: any.
        questions: what the history knows of it.
        better: a question and the answer that ends it, for ``{since}``.
        leads: the side whose refusals could be behind it; the facts with its status or code are shown.
        warning: it is a warning, which is told after what is an error.
    """

    cause: str
    fix: str = ""
    sdks: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    better: tuple[str, str] | None = None
    leads: Step | None = None
    warning: bool = False


_REFUSED_MINT: Final = Meaning(
    "the token call was refused over HTTP", questions=("create refused", "create 404 reads"), leads="create"
)
REFUSED_HANDSHAKE: Final = Meaning(
    "the WebSocket was refused before it opened", questions=("handshake refused",), leads="connect"
)
_CLOSED: Final = Meaning("the server closed the session", questions=("closed in a turn",))
DROPPED: Final = Meaning(
    "the connection ended without a close frame: it was dropped by the network, a proxy, a load balancer or "
    "a process that ended",
    "connect again after a growing delay, with the last resumption handle; if it is always after the same "
    "time, look for an idle timeout of a proxy",
    questions=("dropped before setupComplete", "dropped in a turn"),
)
_EXPERIMENTAL: Final = Meaning(
    "the SDK says that its support for ephemeral tokens is experimental; it says so whenever tokens are "
    "used, also where all is well",
    "nothing: it is no error",
    questions=("create warns", "connect warns"),
    warning=True,
)

#: By the question of the history whose answers have the text.
MEANINGS: Final = {
    "create 404 reads": _REFUSED_MINT,
    "create refused": _REFUSED_MINT,
    "handshake refused": REFUSED_HANDSHAKE,
    "closed before setupComplete": Meaning(
        "the server closed the session before it was set up", questions=("closed before setupComplete",)
    ),
    "closed in a turn": _CLOSED,
    "closed with 1000 in a turn": Meaning(
        "the server ended the session with 1000, which is a normal end", "connect again if the talk goes on"
    ),
    "dropped before setupComplete": DROPPED,
    "dropped in a turn": DROPPED,
    "create warns": _EXPERIMENTAL,
    "connect warns": _EXPERIMENTAL,
    "live warns": Meaning(
        "the SDK says that its Live API is experimental; newer versions say it no more",
        "nothing: it is no error",
        questions=("live warns",),
        warning=True,
    ),
    "send": Meaning(
        "session.send is deprecated",
        "write session.send_client_content, session.send_realtime_input or session.send_tool_response",
        questions=("send", "send_client_content"),
        warning=True,
    ),
    "both keys": Meaning(
        "both variables hold an API key, and GOOGLE_API_KEY wins: where it is of another project, or a "
        "token, the client uses a credential that nobody expects",
        "unset one of the two",
        questions=("both keys",),
        warning=True,
    ),
    "async create": Meaning(
        "aiohttp warns of a class that this SDK version derives from its own",
        "nothing for Live; versions beside it do not depend on aiohttp",
        questions=("async create",),
        warning=True,
    ),
    "token on interactions.create": Meaning(
        "interactions is experimental in this version, and takes no ephemeral token",
        "call interactions with an API key",
        questions=("token on interactions.create",),
        warning=True,
    ),
}
