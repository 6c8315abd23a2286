"""Facts the mock does not make true, each with the reason."""

from __future__ import annotations

from typing import Final

_ABOUT_SDKS: Final = "about SDKs, not about the service: the suite measures it on real versions"
_ABOUT_EVIDENCE: Final = "about the evidence itself: there is nothing a client could see"
_OTHER_PRODUCT: Final = "music is another product: the socket is refused like any unknown method"

NOT_EMULATED: Final[dict[str, str]] = {
    "MUS-001": _OTHER_PRODUCT,
    "MUS-003": _OTHER_PRODUCT,
    "MUS-004": _OTHER_PRODUCT,
    "SDK-001": _ABOUT_SDKS,
    "SDK-002": _ABOUT_SDKS,
    "SDK-003": _ABOUT_SDKS,
    "SDK-004": _ABOUT_SDKS,
    "SDK-005": _ABOUT_SDKS,
    "SDK-006": _ABOUT_SDKS,
    "SRV-012": _ABOUT_EVIDENCE,
    "MOD-015": "models.list is not played: the mock only judges the credential of such a request",
    "TOK-023": "no account stands behind a key here; a script can end any session with Refuse",
    "TOK-031": "a single report without its text: the mock makes no difference between kinds of keys",
    "WS-031": "no OAuth server stands behind the mock, so every bearer token is one that nobody issued (CLS-013)",
    "MOD-017": "of the weeks of that rollout no day is known; a script gives it with Refuse on setup",
    "PRO-018B": "nobody recorded what a client sees when a session reaches these limits",
    "CON-010": "one report against Google's own word, and CON-007B, which the mock follows; a script gives it with Refuse on setup",
    "PRO-043": "measured elsewhere as goAway and close (PRO-013, CLS-067), which is what the mock does",
    "CLS-033": "contradicts CLS-032, which is what the mock does",
    "CLS-017": "wording of early 2025, older than tokens",
}
