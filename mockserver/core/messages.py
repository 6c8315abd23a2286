"""The messages of the protocol and their fields, as the service's public descriptions list them.

A field is ``name:type``; types are JSON scalars of proto3, other messages, ``@Enum``, ``T[]``, ``map<T>``.
The public v1alpha description is an old, small snapshot while the live v1alpha service accepts all that
v1beta does and more (PRO-052), so there is one table; what only some versions or dates have is in
``LIMITED``.
"""

from __future__ import annotations

import re
from typing import Final

_FIELDS: Final[dict[str, str]] = {
    "AuthToken": """name:string uses:int32 expireTime:Timestamp newSessionExpireTime:Timestamp
        bidiGenerateContentSetup:BidiGenerateContentSetup fieldMask:FieldMask""",
    # client messages
    "ClientMessage": """setup:BidiGenerateContentSetup clientContent:BidiGenerateContentClientContent
        realtimeInput:BidiGenerateContentRealtimeInput toolResponse:BidiGenerateContentToolResponse
        contextUpdate:BidiGenerateContentContextUpdate""",
    "BidiGenerateContentSetup": """model:string generationConfig:GenerationConfig systemInstruction:Content
        tools:Tool[] realtimeInputConfig:RealtimeInputConfig sessionResumption:SessionResumptionConfig
        contextWindowCompression:ContextWindowCompressionConfig
        inputAudioTranscription:AudioTranscriptionConfig outputAudioTranscription:AudioTranscriptionConfig
        proactivity:ProactivityConfig historyConfig:HistoryConfig safetySettings:SafetySetting[]
        avatarConfig:Struct""",
    "BidiGenerateContentClientContent": "turns:Content[] turnComplete:bool",
    "BidiGenerateContentRealtimeInput": """mediaChunks:Blob[] audio:Blob video:Blob text:string
        audioStreamEnd:bool activityStart:ActivityStart activityEnd:ActivityEnd""",
    "BidiGenerateContentToolResponse": "functionResponses:FunctionResponse[]",
    "BidiGenerateContentContextUpdate": "systemInstruction:Content tools:ToolUpdate",
    "ToolUpdate": "tools:Tool[]",
    "ActivityStart": "",
    "ActivityEnd": "",
    # setup
    "GenerationConfig": """candidateCount:int32 stopSequences:string[] maxOutputTokens:int32 temperature:float
        topP:float topK:float seed:int32 responseMimeType:string responseSchema:Schema
        responseJsonSchema:Value
        presencePenalty:float frequencyPenalty:float responseLogprobs:bool logprobs:int32
        responseModalities:@Modality[] speechConfig:SpeechConfig thinkingConfig:ThinkingConfig
        mediaResolution:@MediaResolution enableAffectiveDialog:bool enableEnhancedCivicAnswers:bool
        translationConfig:TranslationConfig streamTranslationConfig:TranslationConfig
        audioTranscriptionConfig:AudioTranscriptionConfig imageConfig:Struct""",
    "SpeechConfig": "voiceConfig:VoiceConfig multiSpeakerVoiceConfig:Struct languageCode:string",
    "VoiceConfig": "prebuiltVoiceConfig:PrebuiltVoiceConfig replicatedVoiceConfig:Struct",
    "PrebuiltVoiceConfig": "voiceName:string",
    "ThinkingConfig": "includeThoughts:bool thinkingBudget:int32 thinkingLevel:@ThinkingLevel",
    "TranslationConfig": "targetLanguageCode:string sourceLanguageCode:string echoTargetLanguage:bool",
    "RealtimeInputConfig": """automaticActivityDetection:AutomaticActivityDetection
        activityHandling:@ActivityHandling turnCoverage:@TurnCoverage""",
    "AutomaticActivityDetection": """disabled:bool startOfSpeechSensitivity:@StartSensitivity
        endOfSpeechSensitivity:@EndSensitivity prefixPaddingMs:int32 silenceDurationMs:int32""",
    "SessionResumptionConfig": "handle:string",
    "ContextWindowCompressionConfig": "triggerTokens:int64 slidingWindow:SlidingWindow",
    "SlidingWindow": "targetTokens:int64",
    "AudioTranscriptionConfig": """languageCodes:string[] languageAuto:Struct languageHints:Struct
        adaptationPhrases:string[] customVocabulary:string[] diarization:bool wordTimestamp:bool
        mode:@TranscriptionMode""",
    "ProactivityConfig": "proactiveAudio:bool",
    "HistoryConfig": "initialHistoryInClientContent:bool",
    "SafetySetting": "category:string threshold:string method:string",
    # content
    "Content": "parts:Part[] role:string",
    "Part": """text:string inlineData:Blob fileData:FileData functionCall:FunctionCall
        functionResponse:FunctionResponse executableCode:Struct codeExecutionResult:Struct thought:bool
        thoughtSignature:bytes videoMetadata:Struct mediaResolution:Struct partMetadata:Struct
        toolCall:Struct toolResponse:Struct""",
    "Blob": "mimeType:string data:bytes displayName:string",
    "FileData": "mimeType:string fileUri:string displayName:string",
    "FunctionCall": "id:string name:string args:Struct partialArgs:Struct[] willContinue:bool",
    "FunctionResponse": """id:string name:string response:Struct scheduling:@Scheduling willContinue:bool
        parts:FunctionResponsePart[]""",
    "FunctionResponsePart": "inlineData:Blob fileData:FileData",
    # tools
    "Tool": """functionDeclarations:FunctionDeclaration[] googleSearch:Struct googleSearchRetrieval:Struct
        codeExecution:Struct urlContext:Struct googleMaps:Struct fileSearch:Struct computerUse:Struct
        mcpServers:Struct[] retrieval:Struct enterpriseWebSearch:Struct""",
    "FunctionDeclaration": """name:string description:string parameters:Schema parametersJsonSchema:Value
        response:Schema responseJsonSchema:Value behavior:@Behavior""",
    "Schema": """type:@Type format:string title:string description:string nullable:bool enum:string[]
        items:Schema maxItems:int64 minItems:int64 properties:map<Schema> required:string[]
        minProperties:int64 maxProperties:int64 minimum:float maximum:float minLength:int64 maxLength:int64
        pattern:string example:Value anyOf:Schema[] propertyOrdering:string[] default:Value
        additionalProperties:Value ref:string defs:map<Schema>""",
}

ENUMS: Final[dict[str, str]] = {
    "Modality": "MODALITY_UNSPECIFIED TEXT IMAGE AUDIO VIDEO",
    "MediaResolution": """MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM
        MEDIA_RESOLUTION_HIGH MEDIA_RESOLUTION_ULTRA_HIGH""",
    "ThinkingLevel": "THINKING_LEVEL_UNSPECIFIED MINIMAL LOW MEDIUM HIGH",
    "ActivityHandling": "ACTIVITY_HANDLING_UNSPECIFIED START_OF_ACTIVITY_INTERRUPTS NO_INTERRUPTION",
    "TurnCoverage": """TURN_COVERAGE_UNSPECIFIED TURN_INCLUDES_ONLY_ACTIVITY TURN_INCLUDES_ALL_INPUT
        TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO""",
    "StartSensitivity": """START_SENSITIVITY_UNSPECIFIED START_SENSITIVITY_HIGH START_SENSITIVITY_LOW""",
    "EndSensitivity": "END_SENSITIVITY_UNSPECIFIED END_SENSITIVITY_HIGH END_SENSITIVITY_LOW",
    "TranscriptionMode": "MODE_UNSPECIFIED VERBATIM SMART",
    "Scheduling": "SCHEDULING_UNSPECIFIED SILENT WHEN_IDLE INTERRUPT",
    "Behavior": "UNSPECIFIED BLOCKING NON_BLOCKING",
    "Type": "TYPE_UNSPECIFIED STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL",
}

#: Fields that only some versions or dates have: any one of the facts grants them.
LIMITED: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("BidiGenerateContentSetup", "proactivity"): ("TOK-049",),
    ("GenerationConfig", "enableAffectiveDialog"): ("PRO-051", "PRO-050"),
}

_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


def snake(name: str) -> str:
    """``generationConfig`` as the proto spells it: ``generation_config``."""
    return _CAPITAL.sub("_", name).lower()


def camel(name: str) -> str:
    """``generation_config`` as JSON spells it: ``generationConfig``."""
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def _table(text: str) -> dict[str, tuple[str, str]]:
    """Both spellings of each field of one message, to its JSON name and type."""
    fields: dict[str, tuple[str, str]] = {}
    for item in text.split():
        name, _, kind = item.partition(":")
        fields[name] = fields[snake(name)] = (name, kind)
    return fields


MESSAGES: Final = {message: _table(text) for message, text in _FIELDS.items()}
#: The names of each enum, in the order of their numbers.
ENUM_VALUES: Final = {enum: tuple(text.split()) for enum, text in ENUMS.items()}
