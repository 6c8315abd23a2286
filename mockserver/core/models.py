"""The Live models: which answer in text or audio, how long they are served, how their frames differ.

Life dates come from the facts. A model that is newer than the service date is served all the same: the date
is about API versions, and today's clients name today's models. A retired one is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from .facts import fact

Modalities = tuple[str, ...]
TEXT: Final = "TEXT"
AUDIO: Final = "AUDIO"


@dataclass(frozen=True, slots=True)
class Model:
    """One Live model, by its name without ``models/``."""

    name: str
    fact: str
    modalities: Modalities = (AUDIO,)
    #: 3.x writes ``role`` after the parts of a model turn, 2.x leaves it out (PRO-016, PRO-017).
    writes_role: bool = False
    #: A setup without response modalities is refused (CLS-048).
    needs_modality: bool = False
    #: What an unknown resumption handle gives.
    lost_handle: str = "CLS-049"

    def served(self, day: date) -> bool:
        """Tell whether the model is not retired yet."""
        until = fact(self.fact).until
        return until is None or day < date.fromisoformat(until)


MODELS: Final = {
    model.name: model
    for model in (
        Model("gemini-2.0-flash-exp", "MOD-001", (TEXT, AUDIO)),
        Model("gemini-2.0-flash-live-001", "MOD-002", (TEXT, AUDIO)),
        Model("gemini-live-2.5-flash-preview", "MOD-003", (TEXT, AUDIO)),
        Model("gemini-2.5-flash-preview-native-audio-dialog", "MOD-004"),
        Model("gemini-2.5-flash-exp-native-audio-thinking-dialog", "MOD-005"),
        Model("gemini-2.5-flash-native-audio-preview-09-2025", "MOD-006"),
        Model("gemini-2.5-flash-native-audio-preview-12-2025", "MOD-007"),
        Model("gemini-2.5-flash-native-audio-latest", "MOD-008"),
        Model("gemini-3.1-flash-live-preview", "MOD-009", writes_role=True, needs_modality=True),
        Model("gemini-3.5-live-translate-preview", "MOD-010", writes_role=True),
        Model("gemini-3.5-transcribe-live", "MOD-011", (TEXT,), writes_role=True),
        Model("gemini-robotics-er-2-streaming-preview", "MOD-012", writes_role=True),
        Model("gemini-3.8-live", "MOD-013", writes_role=True, lost_handle="CLS-049B"),
        Model("gemini-3.8-live-extended-thinking", "MOD-014", writes_role=True, lost_handle="CLS-049B"),
    )
}


def find(name: str, day: date) -> Model | None:
    """The model a setup names, ``models/`` included; None where the service finds none."""
    prefix, _, bare = name.rpartition("/")
    model = MODELS.get(bare) if prefix == "models" else None
    return model if model is not None and model.served(day) else None
