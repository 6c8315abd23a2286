"""The Live models: what they answer in, how long they are served, how their frames and rules differ.

Life dates come from the facts. A model that is newer than the service date is served all the same: the date
is about API versions, and today's clients name today's models. A retired one is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal

from .choosing import real_model
from .facts import fact

Modalities = tuple[str, ...]
TEXT: Final = "TEXT"
AUDIO: Final = "AUDIO"

#: When a model tells its resumption handle (PRO-012).
Resumption = Literal["after turns, when asked", "at once and after turns", "every 1.2 s", "never"]


@dataclass(frozen=True, slots=True)
class Model:
    """One Live model, by its name without ``models/``; defaults are those of 2.5 native audio."""

    name: str
    fact: str
    modalities: Modalities = (AUDIO,)
    #: Model turns carry ``role`` after the parts (PRO-016); 2.x text leaves it out (SRV-002).
    writes_role: bool = True
    #: Shape of a function call's id, with the number of its digits (SRV-006).
    call_id: tuple[str, int] = ("function-call-", 19)
    #: Size of the first piece of audio (SRV-003); 3.8 begins with a very short one (PRO-041).
    first_chunk_bytes: int = 9_600
    #: How much history it takes without compression; the number is a choice (CLS-070).
    context_tokens: int = 128_000
    #: A tool call is announced as code first (SRV-008).
    shows_code: bool = False
    resumption: Resumption = "after turns, when asked"
    #: What an unknown resumption handle gives.
    lost_handle: str = "CLS-049"
    #: A setup without response modalities is refused (CLS-048).
    needs_modality: bool = False
    #: Whether a thinking level must be given, may be given, or must not (CLS-047, CLS-047B).
    thinking_level: Literal["required", "allowed", "refused"] = "refused"
    #: An unsupported language code is refused (CLS-046).
    checks_language: bool = False
    #: What ``enableAffectiveDialog`` gives, and when (CLS-066, CLS-066B); empty: it is accepted.
    affective_dialog: str = ""
    #: Text by ``clientContent`` is for the history only (CLS-062).
    history_only_content: bool = False
    #: An empty serverContent acknowledges user input and tool responses (SRV-010).
    acknowledges: bool = False
    #: Transcription shares a frame with the audio it belongs to (PRO-037).
    bundles: bool = False
    #: Bare ``{}`` frames stand between content frames (PRO-015).
    bare_frames: bool = False
    #: Only listens: transcribes what it hears, answers nothing (PRO-019).
    transcribes: bool = False
    #: Content frames tell ``interactionStatus``.
    tells_status: bool = False

    def served(self, day: date) -> bool:
        """Tell whether the model is not retired yet."""
        until = fact(self.fact).until
        return until is None or day < date.fromisoformat(until)


def _half_cascade(name: str, fact_id: str, *, shows_code: bool = False) -> Model:
    """2.x models that answer in text as well as in audio."""
    return Model(
        name, fact_id, (TEXT, AUDIO), writes_role=False, shows_code=shows_code, context_tokens=32_000
    )


def _native_audio(name: str, fact_id: str) -> Model:
    return Model(name, fact_id, checks_language=True)


def _three_eight(name: str, fact_id: str, *, extended: bool = False) -> Model:
    return Model(
        name,
        fact_id,
        call_id=("call_", 6),
        first_chunk_bytes=960,
        resumption="at once and after turns",
        lost_handle="CLS-049B",
        thinking_level="required" if extended else "refused",
        affective_dialog="CLS-066",
        bare_frames=True,
        tells_status=extended,
    )


MODELS: Final = {
    model.name: model
    for model in (
        _half_cascade("gemini-2.0-flash-exp", "MOD-001"),
        _half_cascade("gemini-2.0-flash-live-001", "MOD-002"),
        _half_cascade("gemini-live-2.5-flash-preview", "MOD-003", shows_code=True),
        _native_audio("gemini-2.5-flash-preview-native-audio-dialog", "MOD-004"),
        _native_audio("gemini-2.5-flash-exp-native-audio-thinking-dialog", "MOD-005"),
        _native_audio("gemini-2.5-flash-native-audio-preview-09-2025", "MOD-006"),
        _native_audio("gemini-2.5-flash-native-audio-preview-12-2025", "MOD-007"),
        _native_audio("gemini-2.5-flash-native-audio-latest", "MOD-008"),
        Model(
            "gemini-3.1-flash-live-preview",
            "MOD-009",
            call_id=("fc_", 20),
            resumption="every 1.2 s",
            needs_modality=True,
            thinking_level="allowed",
            affective_dialog="CLS-066B",
            history_only_content=True,
            acknowledges=True,
            bundles=True,
        ),
        Model("gemini-3.5-live-translate-preview", "MOD-010", thinking_level="allowed"),
        Model("gemini-3.5-transcribe-live", "MOD-011", (TEXT,), resumption="never", transcribes=True),
        Model("gemini-robotics-er-2-streaming-preview", "MOD-012", (TEXT, AUDIO), thinking_level="allowed"),
        _three_eight("gemini-3.8-live", "MOD-013"),
        _three_eight("gemini-3.8-live-extended-thinking", "MOD-014", extended=True),
    )
}


@lru_cache(maxsize=256)
def find(name: str, day: date) -> Model | None:
    """The model a setup names, ``models/`` included; None where the service finds none."""
    prefix, _, bare = name.rpartition("/")
    model = MODELS.get(real_model(bare)) if prefix == "models" else None
    return model if model is not None and model.served(day) else None
