"""Lyria's music method (MUS) and what the SDKs put on the wire (SDK)."""

from __future__ import annotations

from .model import Answers, Fact
from .vocabulary import BOTH, GO, JS, PYTHON, V1ALPHA, V1BETA

FACTS: tuple[Fact, ...] = (
    Fact(
        "MUS-001",
        "music",
        V1ALPHA,
        "a client opens BidiGenerateMusic",
        "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateMusic, with an API key "
        "only: SDKs have no case for tokens",
        "documented",
        (f"{JS} src/music.ts", f"{PYTHON} google/genai/live_music.py"),
        note="JavaScript always sends ?key=, Python x-goog-api-key; BidiGenerateMusicConstrained is found "
        "nowhere",
    ),
    Fact(
        "MUS-002",
        "music",
        V1ALPHA,
        "a token is minted for a Lyria model",
        "minting gives HTTP 200, connecting fails",
        "observed",
        ("discuss.ai.google.dev/t/95531",),
        note="consistent with CLS-003 and CLS-004; tokens are documented for the Live API only",
    ),
    Fact(
        "MUS-003",
        "music",
        V1BETA,
        "a client opens BidiGenerateMusic on v1beta",
        Answers(404),
        "guess",
        (),
        hint="music is on v1alpha only: set http_options={{'api_version': 'v1alpha'}} (Python) or "
        "httpOptions: {{apiVersion: 'v1alpha'}} (JavaScript)",
        note="a choice, no evidence either way; the other candidate is that it is served as on v1alpha",
    ),
    Fact(
        "MUS-004",
        "music",
        V1ALPHA,
        "messages of a music session are exchanged",
        "from the client setup with models/lyria-realtime-exp, clientContent with weightedPrompts, "
        "musicGenerationConfig and playbackControl (PLAY, PAUSE, STOP, RESET_CONTEXT); from the server "
        "setupComplete, serverContent with audioChunks (data, mimeType, sourceMetadata) and filteredPrompt "
        "(text, filteredReason); audio is 48 kHz stereo PCM16",
        "documented",
        (f"{JS} src/music.ts", f"{PYTHON} google/genai/live_music.py"),
        note="the JavaScript SDK resolves on open and waits for nothing",
    ),
    Fact(
        "SDK-001",
        "sdk",
        BOTH,
        "the JavaScript SDK connects with an auth_tokens/ key",
        "//ws/…Constrained?access_token=<raw>, after warnings that tokens are experimental and, off "
        "v1alpha, v1alpha only; it connects all the same",
        "documented",
        (f"{JS} src/live.ts",),
        note="ordinary keys go into ?key=",
    ),
    Fact(
        "SDK-002",
        "sdk",
        BOTH,
        "the Python SDK connects with an auth_tokens/ key",
        "//ws/…Constrained with Authorization: Token auth_tokens/… and x-goog-api-key: auth_tokens/…, "
        "nothing in the query; it warns off v1alpha and connects all the same",
        "documented",
        (f"{PYTHON} google/genai/live.py",),
    ),
    Fact(
        "SDK-003",
        "sdk",
        V1BETA,
        "the Go SDK connects with a token and a version other than v1alpha",
        "an error before it dials",
        "documented",
        (f"{GO} live.go",),
    ),
    Fact(
        "SDK-004",
        "sdk",
        BOTH,
        "an SDK derives fieldMask from the constraints and lockAdditionalFields",
        "constraints without lockAdditionalFields: no mask, the whole setup is locked; an empty list: the "
        "fields present in the setup, two levels deep at most; a list: those and the listed ones; a list "
        "without constraints: the list alone",
        "documented",
        (f"{JS} src/tokens.ts",),
        note="listed temperature, topK, topP, maxOutputTokens, responseModalities, seed and speechConfig "
        "get the prefix generationConfig.",
    ),
    Fact(
        "SDK-005",
        "sdk",
        BOTH,
        "an application writes liveConnectConstraints, lockAdditionalFields, config or httpOptions",
        "names of the SDKs only, which turn them into bidiGenerateContentSetup and fieldMask; on the wire "
        "they are unknown (TOK-045)",
        "observed",
        (
            "report:63260309837 (2026-08-29)",
            "report:71167936315",
            "report:68857408590 (2026-09-18)",
            "report:67174368893",
        ),
        note="a published documentation page and its REST example show liveConnectConstraints on the wire "
        "and are wrong",
    ),
    Fact(
        "SDK-006",
        "sdk",
        BOTH,
        "an SDK decides whether its API key is a token",
        "by the literal prefix auth_tokens/, in JavaScript, Python and Go",
        "documented",
        (f"{JS} src/live.ts", f"{PYTHON} google/genai/live.py", f"{GO} live.go"),
    ),
)
