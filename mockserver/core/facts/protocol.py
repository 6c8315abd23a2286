"""The Live protocol: messages of both sides, their order, audio, limits, versions apart (PRO)."""

from __future__ import annotations

from .model import Closes, Fact
from .vocabulary import (
    BOTH,
    DISCOVERY,
    JS,
    LIVE_38,
    MEASURED_TOKENS,
    PROBES,
    PROTO,
    PROTO_ALPHA,
    RAW_RECORD,
    RECORDINGS,
    TOKEN_TESTS,
    UNKNOWN_NAME,
    V1ALPHA,
    V1BETA,
)

CLIENT = "protocol.client"
SERVER = "protocol.server"
ORDER = "protocol.order"
AUDIO = "protocol.audio"
LIMITS = "protocol.limits"
VERSIONS = "protocol.versions"

FACTS: tuple[Fact, ...] = (
    # --- what clients send ------------------------------------------------------------------------
    Fact(
        "PRO-001",
        CLIENT,
        BOTH,
        "setup is read field by field",
        "v1beta knows model, generationConfig, systemInstruction, tools, realtimeInputConfig, "
        "sessionResumption, contextWindowCompression, inputAudioTranscription, outputAudioTranscription and "
        "historyConfig; v1alpha knows proactivity as well; explicitVadSignal and "
        "sessionResumption.transparent are refused, they are for Vertex AI; avatarConfig and safetySettings "
        "are sent by SDKs, whether they are accepted is not known",
        "documented",
        (DISCOVERY, PROTO, PROBES, f"{JS} _live_converters.ts"),
        note="documented and in part observed (proactivity, transparent); historyConfig is in discovery, "
        "not in the public proto",
    ),
    Fact(
        "PRO-001B",
        CLIENT,
        BOTH,
        "setup holds avatarConfig or safetySettings",
        "accepted and without effect",
        "guess",
        (),
        note="a choice: SDKs send both; the other candidate is CLS-034",
    ),
    Fact(
        "PRO-002",
        CLIENT,
        BOTH,
        "realtimeInput is read field by field",
        "mediaChunks (deprecated), audio, video, text, audioStreamEnd, activityStart, activityEnd; nothing "
        "is acknowledged",
        "documented",
        (PROTO,),
    ),
    Fact(
        "PRO-003",
        CLIENT,
        BOTH,
        "clientContent holds turnComplete true and nothing else",
        "accepted; makes gemini-3.8-live speak",
        "observed",
        (LIVE_38,),
    ),
    # --- what the server sends --------------------------------------------------------------------
    Fact(
        "PRO-004",
        SERVER,
        BOTH,
        "serverContent is written",
        "modelTurn, generationComplete, turnComplete, interrupted, groundingMetadata, inputTranscription, "
        "outputTranscription, interimInputTranscription, urlContextMetadata, waitingForInput, "
        "turnCompleteReason, interactionStatus",
        "documented",
        (PROTO, f"{JS} src/types.ts"),
        note="the mock, which searches nothing, writes no groundingMetadata, urlContextMetadata, "
        "waitingForInput and turnCompleteReason; from proto and SDK; interactionStatus is IN_PROGRESS, "
        "REQUIRES_ACTION or IDLE; no evidence of interruptionReason",
    ),
    Fact(
        "PRO-005",
        SERVER,
        BOTH,
        "setup is complete",
        '{"setupComplete": {}}, always empty',
        "observed",
        (PROBES, RECORDINGS),
        note="no sessionId on this API; Vertex AI has it",
    ),
    Fact(
        "PRO-006",
        ORDER,
        BOTH,
        "a turn ends in the normal way",
        '{"serverContent": {"generationComplete": true}}, then {"serverContent": {"turnComplete": true}, '
        '"usageMetadata": {…}}',
        "observed",
        (RECORDINGS, LIVE_38, RAW_RECORD),
        note="turnComplete may lack usageMetadata (pipecat PR 4125)",
    ),
    Fact(
        "PRO-007",
        ORDER,
        BOTH,
        "an audio answer is complete",
        "audio comes faster than real time, turnComplete is held back until the first chunk's time and the "
        "length of all audio, within 30 ms",
        "observed",
        (RAW_RECORD,),
        note="10.56 s of audio: generationComplete after 4.3 s, turnComplete after 12.0 s",
    ),
    Fact(
        "PRO-008",
        ORDER,
        BOTH,
        "the user interrupts the model",
        '{"serverContent": {"interrupted": true}}, then {"serverContent": {"turnComplete": true}}, no '
        "generationComplete",
        "observed",
        (LIVE_38, PROTO),
    ),
    Fact(
        "PRO-009",
        ORDER,
        BOTH,
        "the model calls a tool",
        "toolCall, the client's toolResponse, more modelTurn, one generationComplete and turnComplete for "
        "the whole turn",
        "observed",
        (RAW_RECORD, RECORDINGS),
        note="2.5 half-cascade sends an executableCode part, print(default_api.f(...)), before toolCall",
    ),
    Fact(
        "PRO-010",
        SERVER,
        BOTH,
        "a function call gets its id",
        "function-call-<digits> on gemini-live-2.5-flash-preview, call_<digits> on gemini-3.8-live, a uuid "
        "on Vertex AI",
        "observed",
        (RECORDINGS, LIVE_38),
        note="fc_<n> on 3.1, see SRV-006",
    ),
    Fact(
        "PRO-011",
        SERVER,
        BOTH,
        "usage is told",
        "usageMetadata beside serverContent, with promptTokenCount, responseTokenCount, totalTokenCount, "
        "promptTokensDetails, responseTokensDetails, thoughtsTokenCount",
        "observed",
        (LIVE_38, RECORDINGS),
        note="the proto says candidatesTokenCount, the wire says responseTokenCount; "
        "cachedContentTokenCount, cacheTokensDetails, toolUsePromptTokenCount, toolUsePromptTokensDetails "
        "and serviceTier exist as well",
    ),
    Fact(
        "PRO-012",
        SERVER,
        BOTH,
        "sessionResumptionUpdate is due",
        "gemini-3.8-live: one right after setupComplete, unasked, then during the session, uuid handles; "
        "gemini-3.1-flash-live-preview: every 1.2 s or so, even unasked; gemini-3.5-transcribe-live: never; "
        "2.5: after turns, when asked for",
        "observed",
        (LIVE_38, RAW_RECORD, PROBES),
        note="about 50 in 100 s on 3.1; bifrost (2026-07) logs it after turnComplete",
    ),
    Fact(
        "PRO-013",
        SERVER,
        V1BETA,
        "a connection nears its end",
        '{"goAway": {"timeLeft": "50s"}} at 540 s',
        "observed",
        (PROBES,),
        note="timeLeft is a Duration as a string; the close follows at 590 s, see CLS-067",
    ),
    Fact(
        "PRO-014",
        SERVER,
        V1BETA,
        "voice activity is told",
        '{"serverContent": {}, "voiceActivity": {"type": "ACTIVITY_END", "audioOffset": "6.680s"}}',
        "observed",
        (PROBES,),
        note="type is ACTIVITY_START or ACTIVITY_END; the JavaScript SDK turns it into voiceActivityType; "
        "voiceActivityDetectionSignal is in SDKs only",
    ),
    Fact(
        "PRO-015",
        SERVER,
        V1BETA,
        "gemini-3.8-live sends content frames",
        "bare {} frames stand between them",
        "observed",
        (LIVE_38,),
    ),
    Fact(
        "PRO-016",
        SERVER,
        BOTH,
        "audio is part of a model turn",
        '{"modelTurn": {"parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "…"}}], '
        '"role": "model"}}',
        "observed",
        (LIVE_38, RAW_RECORD),
    ),
    Fact(
        "PRO-017",
        SERVER,
        BOTH,
        "a 2.5 half-cascade model sends text",
        '{"modelTurn": {"parts": [{"text": "…"}]}}, chunk by chunk',
        "observed",
        (RECORDINGS,),
        note="no role field",
    ),
    Fact(
        "PRO-018",
        LIMITS,
        BOTH,
        "a session goes on for long",
        "a connection lasts 10 minutes, a resumption handle 2 hours",
        "documented",
        ("ai.google.dev/gemini-api/docs/live-session",),
        note="handles of Vertex AI live for 24 hours; what the end of a connection looks like is in CLS-067",
    ),
    Fact(
        "PRO-018B",
        LIMITS,
        BOTH,
        "a session goes on over several connections, without compression",
        "it ends after 15 minutes with audio only, after 2 with video",
        "documented",
        ("ai.google.dev/gemini-api/docs/live-session",),
    ),
    Fact(
        "PRO-019",
        SERVER,
        V1BETA,
        "gemini-3.5-transcribe-live ends a turn",
        "cumulative interims, then inputTranscription, generationComplete, voiceActivity ACTIVITY_END; no "
        "turnComplete",
        "observed",
        (PROBES,),
        note="under manual activity detection",
    ),
    # --- more of what clients send ----------------------------------------------------------------
    Fact(
        "PRO-020",
        CLIENT,
        BOTH,
        "a client message is read",
        "exactly one of setup, clientContent, realtimeInput and toolResponse",
        "documented",
        (PROTO,),
        note="what other messages get is in CLS-034B and CLS-073",
    ),
    Fact(
        "PRO-021",
        CLIENT,
        BOTH,
        "clientContent is read field by field",
        "turns, each with role and parts, and turnComplete",
        "documented",
        (PROTO,),
        note="that role is required is observed, see CLS-060",
    ),
    Fact(
        "PRO-022",
        CLIENT,
        BOTH,
        "toolResponse is read field by field",
        "functionResponses with id, name, response, scheduling (SILENT, WHEN_IDLE, INTERRUPT), "
        "willContinue, parts",
        "documented",
        (PROTO,),
    ),
    Fact(
        "PRO-023",
        CLIENT,
        BOTH,
        "generationConfig is read field by field",
        "responseModalities, speechConfig, temperature, topP, topK, maxOutputTokens, candidateCount, "
        "presencePenalty, frequencyPenalty, seed, mediaResolution, thinkingConfig, enableAffectiveDialog, "
        "translationConfig, audioTranscriptionConfig and more",
        "documented",
        (DISCOVERY,),
    ),
    Fact(
        "PRO-024",
        CLIENT,
        BOTH,
        "generationConfig of a setup holds what Live does not support",
        "not supported: responseLogprobs, responseMimeType, logprobs, responseSchema, responseJsonSchema, "
        "stopSequence, routingConfig, audioTimestamp",
        "documented",
        (DISCOVERY,),
        note="how that shows is not said: the mock takes the fields that discovery lists and lets them do "
        "nothing, the last three names are unknown to it",
    ),
    Fact(
        "PRO-025",
        CLIENT,
        BOTH,
        "an AudioTranscriptionConfig is read field by field",
        "languageCodes, languageAuto, languageHints, adaptationPhrases, customVocabulary, diarization, "
        "wordTimestamp, mode (VERBATIM, SMART)",
        "documented",
        (DISCOVERY,),
    ),
    Fact(
        "PRO-026",
        CLIENT,
        BOTH,
        "realtimeInputConfig is read field by field",
        "automaticActivityDetection (disabled, startOfSpeechSensitivity, endOfSpeechSensitivity, "
        "prefixPaddingMs, silenceDurationMs), activityHandling (START_OF_ACTIVITY_INTERRUPTS, "
        "NO_INTERRUPTION), turnCoverage (TURN_INCLUDES_ONLY_ACTIVITY, TURN_INCLUDES_ALL_INPUT, "
        "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO)",
        "documented",
        (DISCOVERY,),
    ),
    Fact(
        "PRO-027",
        CLIENT,
        BOTH,
        "the configs for long sessions are read field by field",
        "contextWindowCompression: triggerTokens (an int64, as a string), slidingWindow with targetTokens; "
        "sessionResumption: handle; historyConfig: initialHistoryInClientContent",
        "documented",
        (DISCOVERY,),
        note="with initialHistoryInClientContent the first clientContent is history, no model runs until "
        "its turnComplete; recordings (SRV-026) show no generation after it either",
    ),
    # --- more of what the server sends ------------------------------------------------------------
    Fact(
        "PRO-030",
        SERVER,
        BOTH,
        "a server message is written",
        "one of setupComplete, serverContent, toolCall, toolCallCancellation, goAway and "
        "sessionResumptionUpdate, with usageMetadata beside it where there is one",
        "documented",
        (PROTO,),
    ),
    Fact(
        "PRO-031",
        SERVER,
        BOTH,
        "tools are called or called off",
        "toolCall holds functionCalls with name, args and id; toolCallCancellation holds ids",
        "documented",
        (PROTO,),
    ),
    Fact(
        "PRO-032",
        SERVER,
        BOTH,
        "sessionResumptionUpdate is written",
        "newHandle and resumable; lastConsumedClientMessageIndex on Vertex AI with transparent only",
        "documented",
        (PROTO,),
        note="bifrost PR 4988 logs one as {resumable: true} after turnComplete; whether its author left the "
        "handle out is not known",
    ),
    Fact(
        "PRO-033",
        SERVER,
        BOTH,
        "a transcription is written",
        "only text on the wire; finished, languageCode, speakerLabel and words are in SDKs",
        "observed",
        (RECORDINGS, f"{JS} src/types.ts"),
        note="the proto has text only",
    ),
    Fact(
        "PRO-034",
        ORDER,
        BOTH,
        "an audio answer is transcribed",
        "modelTurn with audio, n times, with pieces of outputTranscription between, then "
        "generationComplete, a delay, turnComplete with usage",
        "observed",
        (LIVE_38, RAW_RECORD),
        note="also google-gemini/cookbook notebooks and bifrost PR 4988",
    ),
    Fact(
        "PRO-035",
        ORDER,
        BOTH,
        "activityStart opens a turn between generationComplete and turnComplete",
        "a spurious interrupted, then turnComplete",
        "observed",
        ("langwatch/scenario#360",),
    ),
    Fact(
        "PRO-036",
        ORDER,
        BOTH,
        "the user's speech is transcribed",
        "gemini-3.1-flash-live-preview sends one event with the whole utterance, before or around the "
        "model's first audio; no order is guaranteed; outputTranscription is incremental",
        "documented",
        (PROTO,),
        note="that no order is guaranteed is documented, the single event is observed",
    ),
    Fact(
        "PRO-037",
        SERVER,
        BOTH,
        "a 3.x model has several things to say at once",
        "several fields of serverContent stand in one frame",
        "observed",
        ("pipecat-ai/pipecat PR 4147",),
    ),
    Fact(
        "PRO-038",
        CLIENT,
        BOTH,
        "audio arrives before activityStart under manual activity detection",
        "thrown away",
        "observed",
        (PROBES, "pipecat-ai/pipecat PR 4597"),
    ),
    # --- audio and limits -------------------------------------------------------------------------
    Fact(
        "PRO-040",
        AUDIO,
        BOTH,
        "audio flows",
        "in: PCM16 little endian mono, audio/pcm;rate=16000, other rates are resampled; out: 24 kHz, "
        "audio/pcm;rate=24000",
        "documented",
        ("Google's documentation of the Live API", LIVE_38),
        note="recordings of Vertex AI say audio/pcm",
    ),
    Fact(
        "PRO-041",
        AUDIO,
        BOTH,
        "audio is cut into chunks",
        "9600 to 11520 bytes, 200 to 240 ms; the first chunk of gemini-3.8-live is very short",
        "observed",
        (RAW_RECORD,),
        note="how short is a choice: 960 bytes; Vertex AI: 13 021 and 15 581 characters of base64 a frame; "
        "recordings of this API are in SRV-003",
    ),
    Fact(
        "PRO-042",
        AUDIO,
        BOTH,
        "audio is counted",
        "about 25 tokens a second, both ways; the history of audio is billed again every turn",
        "observed",
        (MEASURED_TOKENS, TOKEN_TESTS),
    ),
    Fact(
        "PRO-043",
        LIMITS,
        V1BETA,
        "a connection reaches its end without goAway",
        "a drop at 10.3 to 10.4 minutes, or at 523 s",
        "observed",
        ("report:69295803989",),
        note="others measured goAway at 540 s and the close at 590 s, see PRO-013; also forum threads",
    ),
    # --- versions apart ---------------------------------------------------------------------------
    Fact(
        "PRO-050",
        VERSIONS,
        V1BETA,
        "generationConfig has enableAffectiveDialog on v1beta, since discovery has it",
        "the field is known",
        "documented",
        (DISCOVERY,),
        since="2026-07-13",
        note="known is not supported: see CLS-066 and CLS-066B",
    ),
    Fact(
        "PRO-050B",
        VERSIONS,
        V1BETA,
        "generationConfig has enableAffectiveDialog on v1beta, before discovery had it",
        Closes(1007, UNKNOWN_NAME),
        "inferred",
        ("absent from v1beta discovery before 2026-07-13",),
        until="2026-07-13",
        hint="enable_affective_dialog (Python) or enableAffectiveDialog (JavaScript) is known on v1alpha "
        "only at this service date: connect there, or leave it out",
        note="{path} setup.generation_config; a mint answers with TOK-045 and "
        "auth_token.bidi_generate_content_setup.generation_config",
    ),
    Fact(
        "PRO-051",
        VERSIONS,
        V1ALPHA,
        "generationConfig has enableAffectiveDialog on v1alpha, with a 2.5 model",
        "accepted",
        "inferred",
        ("v1alpha knows all that v1beta knows, PRO-052",),
    ),
    Fact(
        "PRO-052",
        VERSIONS,
        V1ALPHA,
        "one compares the surface of v1alpha with that of v1beta",
        "v1alpha knows everything v1beta knows, and proactivity",
        "observed",
        (JS, TOKEN_TESTS),
        note=f"the public proto of v1alpha ({PROTO_ALPHA}) is an older and smaller snapshot, without goAway, "
        "sessionResumptionUpdate and usageMetadata: do not derive the surface from it",
    ),
    Fact(
        "PRO-053",
        VERSIONS,
        BOTH,
        "an error text names the version",
        "'for API version v1alpha' or 'v1beta', as in the path",
        "observed",
        (PROBES, "RahulMirji/Cloth_Recommendation GEMINI_LIVE_API_FIX.md"),
        note="some token and OpenAI-compatible paths show v1main",
    ),
)
