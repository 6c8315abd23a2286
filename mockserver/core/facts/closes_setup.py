"""Closes about the setup and the model (CLS-030 to CLS-050)."""

from __future__ import annotations

from .model import Closes, Fact
from .vocabulary import (
    BAD_MODALITIES,
    BOTH,
    INTERNAL,
    INVALID_ARGUMENT,
    INVALID_VALUE,
    LIVE_38,
    MEASURED_TOKENS,
    MODEL_NOT_FOUND,
    MODEL_NOT_FOUND_2025,
    NOT_FOUND,
    PROBES,
    RAW_RECORD,
    SETUP_FIRST,
    TOKEN_TESTS,
    TRANSCODER,
    UNKNOWN_NAME,
    UNKNOWN_ROOT_NAME,
    V1ALPHA,
    V1BETA,
)

CLOSE = "ws.close"
ANOTHER_MODEL = (
    "{model} is no Live model of {version} here: take one that models.list shows with bidiGenerateContent, "
    "written with the models/ prefix; names of Vertex AI do not exist on this host"
)
ONE_MODALITY = (
    "{model} does not answer in {modalities}: set response_modalities (Python) or responseModalities "
    "(JavaScript) to the one modality of the model, in the token's constraints where a token locks the setup"
)
OLD_HANDLE = (
    "the handle is not of a session this server remembers: keep the newest new_handle (Python) or newHandle "
    "(JavaScript) whose resumable is true, for two hours at most, and connect without a handle when it is "
    "refused"
)

FACTS: tuple[Fact, ...] = (
    Fact(
        "CLS-030",
        CLOSE,
        BOTH,
        "the model of the setup on BidiGenerateContent is unknown or no Live model",
        Closes(1008, MODEL_NOT_FOUND),
        "observed",
        (PROBES, "github.com/livekit/agents/issues/4414"),
        hint=ANOTHER_MODEL,
        note="the version word is that of the path; some token and OpenAI-compatible paths say v1main",
    ),
    Fact(
        "CLS-030B",
        CLOSE,
        BOTH,
        "the model of the setup is unknown or no Live model, in a wording of 2025",
        Closes(1008, MODEL_NOT_FOUND_2025),
        "observed",
        ("several reports of 2025 (addresses not retained)",),
        until="2026-01-01",
        hint=ANOTHER_MODEL,
        note="only the year is known, and CLS-031 has the newer wording with a model of 2025, so both lived "
        "side by side",
    ),
    Fact(
        "CLS-031",
        CLOSE,
        BOTH,
        "the model of the setup lacks the models/ prefix",
        Closes(1008, MODEL_NOT_FOUND),
        "observed",
        ("RahulMirji/Cloth_Recommendation GEMINI_LIVE_API_FIX.md", "report:62387277585"),
        hint="write models/{model} in a raw setup; the SDKs add the prefix by themselves",
        note="seen with gemini-2.0-flash-exp on v1alpha; {model} is the bare name",
    ),
    Fact(
        "CLS-032",
        CLOSE,
        BOTH,
        "the effective model on BidiGenerateContentConstrained is empty, has no prefix, is retired or "
        "cannot be resolved",
        Closes(1007, "token-based requests cannot use project-scoped features such as tuned models"),
        "observed",
        (
            "report:61949467306",
            "report:58769202436",
            "report:68320072516",
            "report:51778999345",
            "report:51772903027",
        ),
        hint="no Live model could be resolved: put model, as models/…, into the setup or into the token's "
        "live_connect_constraints (Python) or liveConnectConstraints (JavaScript), and check that it is not "
        "retired",
        note="conflicts with CLS-033 and is what the mock does; one report has it for {'setup': {}} with an "
        "unlocked token, two for rich client setups",
    ),
    Fact(
        "CLS-033",
        CLOSE,
        BOTH,
        "the token is unconstrained and the client's models/… does not exist, as one report saw it",
        Closes(1008, MODEL_NOT_FOUND),
        "inferred",
        (MEASURED_TOKENS,),
        hint=ANOTHER_MODEL,
        note="conflicts with CLS-032; observed up to 'models/X is not found', the rest is inferred from "
        "CLS-030",
    ),
    Fact(
        "CLS-034",
        CLOSE,
        BOTH,
        "setup has a field the service does not know",
        Closes(1007, UNKNOWN_NAME),
        "observed",
        (PROBES,),
        hint="{name} is no field of '{path}' on {version}: check the spelling and on which level it belongs",
        note="seen with {name} bogusField and {path} setup",
    ),
    Fact(
        "CLS-034B",
        CLOSE,
        BOTH,
        "the message itself is of a kind the service does not know",
        Closes(1007, UNKNOWN_ROOT_NAME),
        "inferred",
        (TRANSCODER,),
        hint="a client message holds one of setup, clientContent, realtimeInput and toolResponse, not {name}",
    ),
    Fact(
        "CLS-035",
        CLOSE,
        BOTH,
        "a field further down is unknown, and the path is told in snake_case",
        Closes(1007, UNKNOWN_NAME),
        "observed",
        (PROBES,),
        hint="{name} is no field of '{path}' on {version}: some options, transparent and explicitVadSignal "
        "among them, are for Vertex AI only",
        note="seen with transparent at 'setup.session_resumption'; also 'setup.generation_config' and "
        "'client_content'",
    ),
    Fact(
        "CLS-036",
        CLOSE,
        BOTH,
        "an enum value does not exist",
        Closes(1007, INVALID_VALUE),
        "inferred",
        (LIVE_38,),
        hint="'{path}' does not take {value}: use one of the values of the enum, in capitals",
        note="observed up to \"Invalid value at 'tool_response.function_responses[0].scheduling'\" and, for "
        "start_of_speech_sensitivity, up to '(type.googleapis.com/'; the rest is inferred",
    ),
    Fact(
        "CLS-037",
        CLOSE,
        V1BETA,
        "setup holds proactivity on v1beta",
        Closes(1007, UNKNOWN_NAME),
        "observed",
        ("report:70894820661 (2026-09-09)", "report:11271841470", "report:62645997925 (2026-08-18)"),
        hint="proactivity is known on v1alpha only: connect there, or leave proactivity out of the config",
        note="with a key and with a token alike; seen with {path} setup",
    ),
    Fact(
        "CLS-037A",
        "ws.setup",
        V1ALPHA,
        "setup holds proactivity on v1alpha, with a 2.5 native audio model",
        "setupComplete",
        "observed",
        ("report:71167936315",),
        note="not with gemini-3 models",
    ),
    Fact(
        "CLS-038",
        CLOSE,
        BOTH,
        "a member of generationConfig stands directly under setup",
        Closes(1007, UNKNOWN_NAME),
        "observed",
        (LIVE_38,),
        hint="move {name} into generationConfig of the setup; the SDKs do so for response_modalities "
        "(Python) or responseModalities (JavaScript) and the like",
        note="seen with responseModalities, speechConfig, thinkingConfig, mediaResolution and "
        "enableAffectiveDialog",
    ),
    Fact(
        "CLS-039",
        CLOSE,
        V1BETA,
        "the first message is not setup",
        Closes(1007, INVALID_ARGUMENT),
        "observed",
        (PROBES,),
        hint="send setup as the first message of every socket, also with a token that locks the whole setup",
        note="seen 2026-09 with audio first, on BidiGenerateContent with a key; the other wording is CLS-040, "
        "which the mock has for this on other versions",
    ),
    Fact(
        "CLS-040",
        CLOSE,
        BOTH,
        "the first message is not setup, or a second setup comes",
        Closes(1007, SETUP_FIRST),
        "observed",
        ("report:32183802517", "report:56225894766", "report:51993978724", "report:54493818590"),
        hint="send setup once, as the first message; to change it, reconnect with a resumption handle",
        note="observed for a first message; that a second setup gets it as well is told by the text",
    ),
    Fact(
        "CLS-041",
        CLOSE,
        BOTH,
        "contextWindowCompression is an empty object",
        Closes(1007, INVALID_ARGUMENT),
        "observed",
        ("report:59702213919",),
        hint="give a mechanism: context_window_compression={{'sliding_window': {{}}}} (Python) or "
        "contextWindowCompression: {{slidingWindow: {{}}}} (JavaScript)",
    ),
    Fact(
        "CLS-042",
        CLOSE,
        BOTH,
        "a native audio model is asked for TEXT, in the wording up to 2026-04",
        Closes(1007, "Cannot extract voices from a non-audio request."),
        "observed",
        ("report:67260728937",),
        until="2026-07-01",
        hint=ONE_MODALITY,
        note="last seen 2026-04, the new wording CLS-043 first seen 2026-07",
    ),
    Fact(
        "CLS-043",
        CLOSE,
        BOTH,
        "a model that answers in AUDIO only is asked for TEXT",
        Closes(1007, BAD_MODALITIES),
        "observed",
        ("report:62120480064", "report:59098684491", RAW_RECORD),
        since="2026-07-01",
        hint=ONE_MODALITY,
        note="seen with gemini-3.1-flash-live-preview, up to the model's name, which ends at byte 123; the "
        "tail is the wording of generateContent",
    ),
    Fact(
        "CLS-044",
        CLOSE,
        BOTH,
        "gemini-3.5-transcribe-live is asked for AUDIO",
        Closes(1007, BAD_MODALITIES),
        "observed",
        ("report:69210796629", "report:68562343840"),
        hint=ONE_MODALITY,
        note="exactly 123 bytes as seen, the tail is the wording of generateContent",
    ),
    Fact(
        "CLS-045",
        CLOSE,
        BOTH,
        "both AUDIO and TEXT are asked for",
        Closes(1007, INVALID_ARGUMENT),
        "observed",
        ("github.com/googleapis/js-genai/issues/1212",),
        hint="give one modality in response_modalities (Python) or responseModalities (JavaScript); for "
        "text beside audio use output_audio_transcription (Python) or outputAudioTranscription (JavaScript)",
    ),
    Fact(
        "CLS-046",
        CLOSE,
        BOTH,
        "a 2.5 native audio model gets a languageCode it does not support",
        Closes(1007, "Unsupported language code '{language}' for model {model}"),
        "inferred",
        ("report:70894820661",),
        hint="leave language_code (Python) or languageCode (JavaScript) out of the speech config: native "
        "audio chooses the language by itself",
        note="observed up to \"Unsupported language code 'sv'\"; the tail is quoted in a public comment "
        "about gemini-2.5-flash-native-audio-latest; 3.1, 3.8 and transcribe-live accept any; which other "
        "languages are refused is a choice",
    ),
    Fact(
        "CLS-047",
        CLOSE,
        V1BETA,
        "the extended-thinking model gets no thinkingLevel",
        Closes(1007, "Thinking level must be specified"),
        "observed",
        ("report:69169456924",),
        hint="set thinking_config={{'thinking_level': …}} (Python) or thinkingConfig: {{thinkingLevel: …}} "
        "(JavaScript)",
    ),
    Fact(
        "CLS-047B",
        CLOSE,
        V1BETA,
        "a model without thinking levels gets a thinkingLevel",
        Closes(1007, "Thinking level is not supported for this model"),
        "observed",
        ("report:69169456924",),
        hint="leave thinking_level (Python) or thinkingLevel (JavaScript) out, {model} has no levels",
    ),
    Fact(
        "CLS-048",
        CLOSE,
        BOTH,
        "gemini-3.1-flash-live-preview gets no responseModalities",
        Closes(1011, INTERNAL),
        "observed",
        ("report:58512702978",),
        hint="set response_modalities=['AUDIO'] (Python) or responseModalities: ['AUDIO'] (JavaScript), in "
        "the token's constraints where a token locks the setup",
    ),
    Fact(
        "CLS-049",
        CLOSE,
        V1BETA,
        "the resumption handle is unknown or too old",
        Closes(1008, "BidiGenerateContent session not found"),
        "observed",
        (PROBES, "github.com/yeyu2/Youtube_demos/issues/5", "report:57412015005"),
        hint=OLD_HANDLE,
    ),
    Fact(
        "CLS-049B",
        CLOSE,
        V1BETA,
        "the resumption handle is unknown, with gemini-3.8-live",
        Closes(1008, NOT_FOUND),
        "observed",
        (LIVE_38,),
        hint=OLD_HANDLE,
    ),
    Fact(
        "CLS-049C",
        CLOSE,
        BOTH,
        "the resumption handle is malformed",
        Closes(1007, "Invalid session handle"),
        "observed",
        ("report:71568456016", "report:55159499633"),
        hint="pass the handle exactly as new_handle (Python) or newHandle (JavaScript) gave it, and none "
        "for a first session",
    ),
    Fact(
        "CLS-050",
        "ws.setup",
        BOTH,
        "the voice name does not exist",
        "setupComplete: accepted without a word",
        "observed",
        (TOKEN_TESTS,),
    ),
)
