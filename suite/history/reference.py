"""What the reference client does: everything right."""

from __future__ import annotations

from typing import Final

from ..model import Change

#: How it words a close, and a connection that just ended.
_CLOSED: Final = "reads: closed with {code}: {reason}"
_LOST: Final = "reads: connection lost"
#: What a client does that does everything right; its default is the version tokens were born on.
REFERENCE: Final = tuple(
    Change("reference", "1.0.0", question, answer, "suite/drivers/reference/worker.py")
    for question, answer in (
        ("tokens", "create_token"),
        ("default version", "v1alpha"),
        ("create credential", "x-goog-api-key"),
        ("create refused", "raises ApiError"),
        ("token as api key", "recognized"),
        ("connect credential", "?access_token="),
        ("key credential", "?key="),
        ("options at the session", "honoured"),
        ("handshake refused", "raises ApiError"),
        ("handshake dropped", f"raises ApiError | {_LOST}"),
        ("closed before setupComplete", f"raises ApiError | {_CLOSED}"),
        ("dropped before setupComplete", f"raises ApiError | {_LOST}"),
        ("silent before setupComplete", "hangs"),
        ("closed in a turn", f"raises ApiError | {_CLOSED}"),
        ("closed with 1000 in a turn", f"raises ApiError | {_CLOSED}"),
        ("dropped in a turn", f"raises ApiError | {_LOST}"),
        ("silent in a turn", "hangs"),
        ("text frames", "returns"),
        ("an unknown field", "returns"),
        ("an unknown message", "returns"),
        ("an empty message", "returns"),
        ("an error message", "returns"),
        ("a frame that is not JSON", "raises ApiError"),
        ("a first frame that is not JSON", "raises ApiError"),
        ("a message in snake_case", "returns | said: sound"),
        ("a frame over 1 MiB", "returns | said: 1048577 characters"),
        ("goAway", "returns | goAway: 50s"),
        ("exit after a turn", "returns | exit code: 0"),
        ("exit after a refused mint", "crashes | exit code: 1"),
        ("exit after a refused handshake", "crashes | exit code: 1"),
        ("exit after a close in a turn", "crashes | exit code: 1"),
        ("base URL", "returns | scheme: ws | prefix: none"),
        ("base URL with a slash", "returns | scheme: ws | prefix: none"),
        ("base URL with a path", "refused | scheme: ws | prefix: /proxy/path"),
        ("base URL of ws", "returns | scheme: ws | prefix: none"),
        ("base URL of https", "returns | scheme: wss | prefix: none"),
        ("base URL from the environment", "read"),
        ("base URL by default", "default_base_url"),
        ("untrusted certificate", "raises SSLCertVerificationError unsent"),
        ("untrusted certificate at create", "raises URLError unsent"),
        ("a header of the client", "returns | header x-compat: mine"),
        ("token on models.list", "raises ApiError unsent"),
        ("token on interactions.create", "raises ApiError unsent"),
        ("send", "absent"),
        ("send_client_content", "returns"),
        ("audio input", "returns | realtime input: audio"),
        ("media input", "returns | realtime input: mediaChunks"),
        ("video input", "returns | realtime input: video"),
        ("text input", "returns | realtime input: text"),
        ("audio-stream-end input", "returns | realtime input: audioStreamEnd"),
        ("activity-start input", "returns | realtime input: activityStart"),
        ("tool round", 'returns | tool response: {"sky":"blue"}'),
        ("a resumed session", "returns | resumed with: a handle"),
        ("setupComplete", "returns | setupComplete: shown"),
        ("a turn in progress", "returns | said: sound"),
        ("resumption", "returns | handle: shown"),
        ("session empty", "returns"),
        ("session headers", "returns | header x-compat: session"),
        ("session base-url", "refused | prefix: /session"),
        ("session timeout", "returns"),
        ("settings beside config", "raises ApiError unsent"),
        ("aware time", "returns | expireTime: Z"),
        # A time without a zone is taken for UTC, and sent with one.
        ("naive time", "returns | expireTime: Z"),
        ("string time", "returns | expireTime: Z"),
        ("async create", "returns"),
        ("nested settings", "returns | spelled: camelCase"),
        ("thinking_config in constraints", "returns | settings: generationConfig.thinkingConfig, model"),
        ("lock of null", "returns | locks: the whole setup"),
        (
            "lock of nothing more",
            "returns | locks: generationConfig.responseModalities,generationConfig.temperature,model",
        ),
        (
            "lock of nested settings",
            "returns | locks: contextWindowCompression.slidingWindow,model,"
            "realtimeInputConfig.automaticActivityDetection",
        ),
        (
            "lock of more names",
            "returns | locks: generationConfig.responseModalities,generationConfig.temperature,"
            "generationConfig.topK,model,outputAudioTranscription",
        ),
        ("lock without constraints", "returns | locks: generationConfig.topK,outputAudioTranscription"),
    )
)
