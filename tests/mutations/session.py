"""Mutations of the session and what is locked in it: frames, order, audio, tools, models, constraints."""

# ruff: noqa: E501  (one mutation a line)

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mockserver.core import constraints, hearing, messages, service, session, setups, speaking, tokens
from mockserver.core.constraints import Constraint
from mockserver.core.contents import Reader
from mockserver.core.credentials import token_name
from mockserver.core.effects import Effect, Send
from mockserver.core.errors import pretty
from mockserver.core.facts import FACTS, Closes, Fact
from mockserver.core.grants import Door
from mockserver.core.hearing import Hearing
from mockserver.core.models import MODELS
from mockserver.core.options import Options
from mockserver.core.playing import Player
from mockserver.core.service import Service
from mockserver.core.session import Session
from mockserver.core.speaking import Speaker
from mockserver.core.states import ON
from mockserver.core.store import Memory
from mockserver.core.tokens import Mint, Token

from .door import no_proactivity, no_snake_case
from .patches import Mutation, Patches, put, put_items, refused, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Message = dict[str, Any]

HALF_CASCADE, NATIVE = "gemini-live-2.5-flash-preview", "gemini-2.5-flash-native-audio-latest"
LIVE_31, LIVE_38 = "gemini-3.1-flash-live-preview", "gemini-3.8-live"


def rewritten(change: Callable[[Message], Message | None]) -> Mutation:
    """Every message of the server goes through ``change``; None swallows it."""

    def around(real: Callable[..., Iterator[list[Effect]]], *args: Any) -> Iterator[list[Effect]]:
        for stretch in real(*args):
            for effect in stretch:
                changed = change(json.loads(effect.payload)) if isinstance(effect, Send) else {}
                if changed is not None:
                    yield [Send(pretty(changed)) if isinstance(effect, Send) else effect]

    return wrap(Session, "wake", around)


def swallowed(field: str) -> Mutation:
    """The frame that says this never comes."""
    return rewritten(lambda message: None if field in message.get("serverContent", {}) else message)


def finished(message: Message) -> Message:
    """Transcriptions tell that they are finished."""
    for name in ("inputTranscription", "outputTranscription"):
        message.get("serverContent", {}).get(name, {}).update({"finished": True})
    return message


def renamed(module: Any, name: str, other: str) -> Mutation:
    """A key is spelled another way on the wire."""
    return put(module, "pretty", lambda value: pretty(value).replace(name.encode(), other.encode()))


def unknown(message: str, field: str) -> Mutation:
    """A field does not exist, in either spelling."""
    fields = messages.MESSAGES[message]

    def mutation(patches: Patches) -> None:
        for name in {field, messages.snake(field)}:
            patches.delete_item(fields, name)

    return mutation


def model(name: str, **other: Any) -> Mutation:
    """A model's row says otherwise."""
    return put_items(MODELS, lambda: {name: replace(MODELS[name], **other)})


def row(id: str, **other: Any) -> Mutation:
    """A fact's row says otherwise."""
    return put_items(FACTS, lambda: {id: replace(FACTS[id], **other)})


def one_version() -> dict[str, Fact]:
    """Closes name a version of their own."""
    return {
        id: replace(known, seen=replace(known.seen, reason=known.seen.reason.replace("{version}", "v1main")))
        for id, known in FACTS.items()
        if isinstance(known.seen, Closes)
    }


def no_unspecified() -> dict[str, tuple[str, ...]]:
    """Enums have no value that says nothing."""
    return {
        enum: tuple(value for value in values if "UNSPECIFIED" not in value)
        for enum, values in messages.ENUM_VALUES.items()
    }


def not_queued() -> dict[tuple[str, str], str]:
    """What comes before setupComplete is lost."""
    return {pair: "ignore" for pair in ON if pair[0] == "starting"}


def self_starting(real: Callable[..., Iterator[Effect]], server: Service, socket: Any, payload: bytes, now: float) -> Iterator[Effect]:  # fmt: skip
    """A locked setup starts the session by itself."""
    if socket.session is None and b'"setup"' not in payload:
        yield from real(server, socket, b'{"setup": {}}', now)
    yield from real(server, socket, payload, now)


def first_kind(real: Callable[..., Any], payload: bytes, profile: Any) -> Any:
    """Of several kinds in a message one is taken."""
    kinds = json.loads(payload)
    return real(json.dumps(dict([*kinds.items()][:1])).encode(), profile)


def never_again(real: Callable[..., None], token: Token, now: float, *, resumes: bool, **how: bool) -> None:
    """A resumption is not asked for the token's time."""
    if not resumes:
        real(token, now, resumes=resumes, **how)


def from_the_start(real: Callable[..., None], hearing: Hearing) -> None:
    """An activity has all that was heard before it."""
    real(hearing)
    hearing._since_s = 0.0


def asked_for(door: Door) -> Token:
    """The token at the door."""
    token = door.store.find(token_name(door.placed))
    assert token is not None, "a mutation asks for a token that exists"
    return token


def as_offered(self: Constraint, offered: Message) -> Message:
    """A lock locks nothing."""
    return offered


def merged(self: Constraint, offered: Message) -> Message:
    """A lock is merged into what the client offers."""
    return {**offered, **(self.setup or {})}


unanswered = put(Player, "_called", lambda self, turn, ids: self.go_on(turn))
interruptible = put(Session, "_interrupt", lambda self: [])
whole_transcription = put(speaking, "_pieces", lambda text, count: [text])
with_session_id = put(session, "SETUP_COMPLETE", Send(pretty({"setupComplete": {"sessionId": "1"}})))
unconstrained_refused = refused(lambda door, *_: asked_for(door).constraint.setup is None, "CLS-032")
other_tokens_handle = refused(
    lambda door, offered, _: "handle" in offered.get("sessionResumption", {}) and asked_for(door).uses_left,
    "CLS-049",
)
of_its_own = refused(
    lambda self, content: any(
        one.get("id") not in self.answered.owed for one in content["functionResponses"]
    ),
    "CLS-069E",
)
odd_activity = put(
    session, "activity", lambda kind, _: Send(pretty({"voiceActivity": {"voiceActivityType": kind}}))
)
costly = property(lambda self: True, lambda self, value: None)

MUTATIONS: Final[dict[str, Mutation]] = {
    "CON-000": put(Constraint, "apply", as_offered),
    "CON-001": put(Constraint, "apply", as_offered),
    "CON-002": put(Constraint, "apply", merged),
    "CON-003": put(Constraint, "apply", as_offered),
    "CON-004": put(Constraint, "apply", merged),
    "CON-004B": put(Constraint, "apply", merged),
    "CON-005": wrap(Service, "_take", self_starting),
    "CON-005B": put(Constraint, "apply", as_offered),
    "CON-006": wrap(Door, "_by_token", unconstrained_refused),
    "CON-007": put(Door, "_resumption_spends", lambda self: True),
    "CON-008": wrap(Door, "_by_token", other_tokens_handle),
    "CON-011": put(Constraint, "apply", lambda self, offered: offered if self.setup is None else self.setup),
    "CON-012": wrap(constraints, "_copy", lambda real, path, source, target: real(path, source, target) if source else None),
    "CON-013": wrap(tokens, "admit", never_again),
    "CON-014": put(Memory, "spend", lambda store, name: True),
    "CON-015": put(Options, "rejected_setup_spends_use", costly),
    "MOD-001": model("gemini-2.0-flash-exp", modalities=("AUDIO",)),
    "MOD-002": model("gemini-2.0-flash-live-001", modalities=("AUDIO",)),
    "MOD-003": row("MOD-003", until=None),
    "MOD-004": row("MOD-004", until=None),
    "MOD-005": row("MOD-005", until=None),
    "MOD-006": model("gemini-2.5-flash-native-audio-preview-09-2025", modalities=("TEXT", "AUDIO")),
    "MOD-007": model("gemini-2.5-flash-native-audio-preview-12-2025", modalities=("TEXT", "AUDIO")),
    "MOD-008": model(NATIVE, modalities=("TEXT", "AUDIO")),
    "MOD-009": model(LIVE_31, modalities=("TEXT", "AUDIO")),
    "MOD-010": unknown("GenerationConfig", "translationConfig"),
    "MOD-011": model("gemini-3.5-transcribe-live", modalities=("TEXT", "AUDIO")),
    "MOD-012": model("gemini-robotics-er-2-streaming-preview", modalities=("TEXT",)),
    "MOD-013": model(LIVE_38, modalities=("TEXT", "AUDIO")),
    "MOD-014": model("gemini-3.8-live-extended-thinking", modalities=("TEXT", "AUDIO")),
    "MOD-016": put_items(MODELS, lambda: {"gemini-live-2.5-flash-native-audio": MODELS[NATIVE]}),
    "PRO-001": unknown("BidiGenerateContentSetup", "inputAudioTranscription"),
    "PRO-001B": unknown("BidiGenerateContentSetup", "avatarConfig"),
    "PRO-002": unknown("BidiGenerateContentRealtimeInput", "video"),
    "PRO-003": wrap(Reader, "read", lambda real, self, content: real(self, content) if "turns" in content else (None, "")),
    "PRO-004": rewritten(lambda said: {**said, "serverContent": {**said.get("serverContent", {}), "interruptionReason": ""}}),
    "PRO-005": with_session_id,
    "PRO-006": swallowed("generationComplete"),
    "PRO-007": put(speaking, "SENT_FASTER", 1.0),
    "PRO-008": swallowed("interrupted"),
    "PRO-009": unanswered,
    "PRO-010": model(LIVE_38, call_id=("function-call-", 19)),
    "PRO-011": renamed(speaking, "responseTokenCount", "candidatesTokenCount"),
    "PRO-012": put(session, "RESUMPTION_S", 12.0),
    "PRO-013": put(session, "GO_AWAY_S", 570.0),
    "PRO-014": odd_activity,
    "PRO-015": model(LIVE_38, bare_frames=False),
    "PRO-016": model(NATIVE, writes_role=False),
    "PRO-017": model(HALF_CASCADE, writes_role=True),
    "PRO-018": put(service, "HANDLE_LIFETIME_S", 24 * 60 * 60),
    "PRO-019": wrap(Speaker, "transcribe", lambda real, self, heard: [*real(self, heard), *self.finish()]),
    "PRO-020": wrap(service, "read_message", first_kind),
    "PRO-021": unknown("BidiGenerateContentClientContent", "turnComplete"),
    "PRO-022": unknown("FunctionResponse", "scheduling"),
    "PRO-023": unknown("GenerationConfig", "translationConfig"),
    "PRO-024": unknown("GenerationConfig", "responseMimeType"),
    "PRO-025": unknown("AudioTranscriptionConfig", "mode"),
    "PRO-026": unknown("AutomaticActivityDetection", "prefixPaddingMs"),
    "PRO-027": unknown("HistoryConfig", "initialHistoryInClientContent"),
    "PRO-030": rewritten(lambda said: {**said, "usageMetadata": {}}),
    "PRO-031": renamed(speaking, "functionCalls", "functionCall"),
    "PRO-032": renamed(session, "newHandle", "handle"),
    "PRO-033": rewritten(finished),
    "PRO-034": whole_transcription,
    "PRO-035": interruptible,
    "PRO-036": wrap(Session, "_stop", lambda real, self, change: real(self, change)[::-1]),
    "PRO-037": model(LIVE_31, bundles=False),
    "PRO-038": wrap(Hearing, "open", from_the_start),
    "PRO-040": put(hearing, "rate_of", lambda mime: 16_000),
    "PRO-041": model(LIVE_38, first_chunk_bytes=9_600),
    "PRO-042": put(speaking, "TOKENS_PER_SECOND", 32),
    "PRO-050": row("PRO-050", since="2026-08-01"),
    "PRO-051": put_items(messages.LIMITED, lambda: {("GenerationConfig", "enableAffectiveDialog"): ("PRO-050",)}),
    "PRO-052": no_proactivity,
    "PRO-053": put_items(FACTS, one_version),
    "SRV-001": put(speaking, "pretty", lambda value: json.dumps(value).encode()),
    "SRV-002": with_session_id,
    "SRV-003": model(NATIVE, first_chunk_bytes=4_800),
    "SRV-004": put(speaking, "_text_chunks", lambda text: [text]),
    "SRV-005": put(Speaker, "think", lambda self, text: []),
    "SRV-006": put(speaking, "pretty", lambda value: pretty(json.loads(json.dumps(value, sort_keys=True)))),
    "SRV-007": swallowed("generationComplete"),
    "SRV-008": unanswered,
    "SRV-009": whole_transcription,
    "SRV-010": put(Session, "_acknowledgement", lambda self: []),
    "SRV-011": model(LIVE_31, resumption="never"),
    "SRV-020": put_items(ON, not_queued),
    "SRV-021": no_snake_case,
    "SRV-022": wrap(Session, "_tool_response", of_its_own),
    "SRV-023": row("CLS-060", since=None),
    "SRV-024": wrap(setups, "_modality", lambda real, wanted, *rest, **how: real(wanted or ["TEXT"], *rest, **how)),
    "SRV-025": put(Session, "_note", lambda self, changes: None),
    "SRV-026": unknown("HistoryConfig", "initialHistoryInClientContent"),
    "SRV-027": put_items(messages.ENUM_VALUES, no_unspecified),
    "SRV-028": unknown("BidiGenerateContentRealtimeInput", "mediaChunks"),
    "SRV-029": wrap(Mint, "mint", refused(lambda _, wanted, *rest: not wanted, "TOK-056")),
}  # fmt: skip
