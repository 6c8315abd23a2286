"""Closes of a session that was set up (CLS-060 and later)."""

from __future__ import annotations

from .model import Closes, Fact
from .vocabulary import (
    BOTH,
    INTERNAL,
    INVALID_ARGUMENT,
    LIVE_38,
    MEASURED_TOKENS,
    NOT_FOUND,
    NOT_JSON,
    PRECONDITION,
    PROBES,
    RETRY,
    TRANSCODER,
    UNAVAILABLE,
    UNKNOWN_NAME,
    V1BETA,
)

CLOSE = "ws.close"

FACTS: tuple[Fact, ...] = (
    Fact(
        "CLS-060",
        CLOSE,
        V1BETA,
        "a turn of clientContent has no role",
        Closes(1007, INVALID_ARGUMENT),
        "observed",
        (LIVE_38,),
        since="2026-09-01",
        hint="give every turn role 'user' or 'model'",
        note="first seen 2026-09 with gemini-3.8-live; recordings of 2025 have such turns answered, see "
        "SRV-023",
    ),
    Fact(
        "CLS-061",
        CLOSE,
        V1BETA,
        "clientContent says contents instead of turns",
        Closes(1007, UNKNOWN_NAME),
        "observed",
        (LIVE_38,),
        hint="clientContent holds turns and turnComplete, not {name}",
        note="seen with {name} contents and {path} client_content",
    ),
    Fact(
        "CLS-062",
        CLOSE,
        BOTH,
        "gemini-3.1-flash-live-preview gets text by clientContent in mid-session",
        Closes(1007, INVALID_ARGUMENT),
        "observed",
        ("report:52458007509", "report:60367439049"),
        hint="send text with send_realtime_input(text=…) (Python) or sendRealtimeInput({{text: …}}) "
        "(JavaScript) after the first turn",
    ),
    Fact(
        "CLS-063",
        CLOSE,
        BOTH,
        "clientContent holds audio parts",
        Closes(1007, PRECONDITION),
        "observed",
        ("report:53240932904",),
        hint="send audio with send_realtime_input(audio=…) (Python) or sendRealtimeInput({{audio: …}}) "
        "(JavaScript)",
        note="1007, or 1011 at times",
    ),
    Fact(
        "CLS-064",
        CLOSE,
        BOTH,
        "activityStart or activityEnd comes while automatic activity detection is on",
        Closes(
            1007, "Explicit activity control is not supported when automatic activity detection is enabled."
        ),
        "observed",
        ("report:58147627294", "report:4670039778", "report:65779120218", "report:67174368893"),
        hint="set realtime_input_config={{'automatic_activity_detection': {{'disabled': True}}}} (Python) "
        "or realtimeInputConfig: {{automaticActivityDetection: {{disabled: true}}}} (JavaScript), in the "
        "token's constraints where a token locks the setup, or send no activity marks",
        note="reported from at least eight repositories",
    ),
    Fact(
        "CLS-065",
        CLOSE,
        V1BETA,
        "an activity ends without any audio in it, under manual activity detection",
        Closes(1007, PRECONDITION),
        "observed",
        (PROBES,),
        hint="send audio between activity_start and activity_end (Python) or activityStart and activityEnd "
        "(JavaScript), or leave both out",
        note='before the close comes {"serverContent": {"turnComplete": true}, "usageMetadata": {}}',
    ),
    Fact(
        "CLS-066",
        CLOSE,
        V1BETA,
        "generationConfig has enableAffectiveDialog on gemini-3.8-live, and the first content comes",
        Closes(1007, INVALID_ARGUMENT),
        "observed",
        (LIVE_38,),
        hint="leave enable_affective_dialog (Python) or enableAffectiveDialog (JavaScript) out, it is for "
        "2.5 native audio",
        note="setup itself is accepted",
    ),
    Fact(
        "CLS-066B",
        CLOSE,
        BOTH,
        "generationConfig has enableAffectiveDialog on gemini-3.1-flash-live-preview",
        Closes(1011, INTERNAL),
        "observed",
        ("report:56682873203",),
        hint="leave enable_affective_dialog (Python) or enableAffectiveDialog (JavaScript) out, it is for "
        "2.5 native audio",
    ),
    Fact(
        "CLS-067",
        CLOSE,
        V1BETA,
        "a connection reaches its ten minutes and the client has ignored goAway",
        Closes(
            1008,
            "Connection aborted because the client failed to close the connection after receiving a GoAway "
            "signal once the session duration limit was reached",
        ),
        "observed",
        (f"{PROBES} n=2",),
        hint="on go_away (Python) or goAway (JavaScript) close the socket and connect again with the last "
        "resumption handle",
        note="goAway with timeLeft 50s at 540 s, close at 590 s; the tail after 'durat' is inferred from "
        "client code that quotes it",
    ),
    Fact(
        "CLS-068",
        CLOSE,
        BOTH,
        "media and features are mixed in a way the model does not support",
        Closes(1008, "Operation is not implemented, or supported, or enabled."),
        "observed",
        (
            "github.com/googleapis/js-genai/issues/1236",
            "github.com/livekit/agents/issues/4545",
            "discuss.ai.google.dev/t/114644",
            "report:70429121341",
        ),
        hint="send 16 kHz PCM by realtime input and keep it apart from clientContent; where a tool round "
        "brings it, reconnect with the last resumption handle",
        note="seen with 24 kHz seed audio, audio mixed with clientContent, and tool responses; also "
        "report:56979031790",
    ),
    Fact(
        "CLS-069",
        CLOSE,
        BOTH,
        "the service aborts now and then",
        Closes(1008, "The operation was aborted."),
        "observed",
        (MEASURED_TOKENS,),
        hint=RETRY,
    ),
    Fact(
        "CLS-069B",
        CLOSE,
        BOTH,
        "the service fails inside now and then",
        Closes(1011, INTERNAL),
        "observed",
        (
            "discuss.ai.google.dev/t/116509",
            "github.com/google-gemini/deprecated-generative-ai-js/issues/487 (wording 'Internal error occurred')",
            "report:56682873203",
        ),
        hint=RETRY,
    ),
    Fact(
        "CLS-069C",
        CLOSE,
        BOTH,
        "the service is unavailable now and then",
        Closes(1011, UNAVAILABLE),
        "observed",
        ("discuss.ai.google.dev/t/98979",),
        hint=RETRY,
        note="in 2025 on a resumption with the same token, see CON-010",
    ),
    Fact(
        "CLS-069D",
        CLOSE,
        BOTH,
        "the service takes too long now and then",
        Closes(1011, "Deadline expired before operation could complete."),
        "observed",
        ("seen in issue/forum search; exact URL not retained",),
        hint=RETRY,
    ),
    Fact(
        "CLS-069E",
        CLOSE,
        BOTH,
        "the service loses the session now and then after a tool response",
        Closes(1008, NOT_FOUND),
        "observed",
        ("github.com/google-gemini/deprecated-generative-ai-js/issues/487",),
        hint=RETRY,
    ),
    Fact(
        "CLS-070",
        CLOSE,
        BOTH,
        "the context window is full",
        Closes(1007, INVALID_ARGUMENT),
        "observed",
        ("livekit/agents livekit-plugins-google realtime_api.py@da6af86",),
        hint="set context_window_compression={{'sliding_window': {{}}}} (Python) or "
        "contextWindowCompression: {{slidingWindow: {{}}}} (JavaScript)",
        note="observed by the author of a library, in a comment; when it is full is a choice: over 128 000 "
        "tokens of history, 32 000 on half-cascade models",
    ),
    Fact(
        "CLS-071",
        CLOSE,
        BOTH,
        "history sent by clientContent holds functionCall or functionResponse parts",
        Closes(1007, INVALID_ARGUMENT),
        "guess",
        ("pipecat-ai/pipecat CHANGELOG (PR #5028)",),
        hint="tell earlier tool calls as text parts when seeding history",
        note="the code 1007 is observed, the reason is not recorded: this text is a choice, 'Precondition "
        "check failed.' the other candidate",
    ),
    Fact(
        "CLS-072",
        CLOSE,
        BOTH,
        "a locked token meets a large or conflicting client setup, rarely",
        Closes(1011, INTERNAL),
        "observed",
        ("report:65913414375", "report:58769202436"),
        hint="with a locked token send the model only: the rest of the setup is taken from the token anyway",
    ),
    Fact(
        "CLS-073",
        CLOSE,
        BOTH,
        "a client message holds none, or more than one, of the known kinds",
        Closes(1007, INVALID_ARGUMENT),
        "guess",
        (),
        hint="put exactly one of setup, clientContent, realtimeInput and toolResponse into a message",
        note="a choice, nobody recorded it; the other candidates are that an empty message is ignored, and "
        "a transcoder text about a oneof that is set twice",
    ),
    Fact(
        "CLS-074",
        CLOSE,
        BOTH,
        "a client frame is not JSON",
        Closes(1007, NOT_JSON),
        "inferred",
        (TRANSCODER,),
        hint="every frame is one JSON object: serialize it, and send audio as base64 inside realtimeInput, "
        "never as raw bytes",
        note="{value} as in TOK-056",
    ),
)
