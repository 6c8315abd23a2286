"""What a setup may ask of its model; each model's row says which rule applies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .errors import Refusal
from .models import AUDIO, TEXT

if TYPE_CHECKING:
    from .models import Model
    from .profiles import Profile

#: A choice: nobody has measured the list, only that 'sv' is not on it (CLS-046). The language part counts.
LANGUAGES: Final = frozenset(
    ["ar", "bn", "cmn", "de", "en", "es", "fr", "gu", "hi", "id", "it", "ja", "kn", "ko", "ml",
     "mr", "nl", "pl", "pt", "ru", "ta", "te", "th", "tr", "uk", "vi", "zh"]
)  # fmt: skip


def check(setup: dict[str, Any], model: Model, profile: Profile, *, locked: bool) -> str:
    """Check an effective setup; the modality the session answers in.

    Args:
        locked: the setup comes from a token that locks the whole of it.

    Raises:
        Refusal: the model does not do what is asked.
    """
    config = setup.get("generationConfig", {})
    if setup.get("contextWindowCompression") == {}:
        raise Refusal("CLS-041")
    if model.thinking_level == "required" or "thinkingConfig" in config:
        _check_thinking(config, model)
    if config.get("enableAffectiveDialog") and model.affective_dialog == "CLS-066B":
        raise Refusal("CLS-066B")
    if model.checks_language and "speechConfig" in config:
        _check_language(config["speechConfig"].get("languageCode", ""), model)
    return _modality(config.get("responseModalities") or [], model, profile, locked=locked)


def _check_language(language: str, model: Model) -> None:
    if language and language.partition("-")[0].lower() not in LANGUAGES:
        raise Refusal("CLS-046", {"language": language, "model": f"models/{model.name}"})


def _check_thinking(config: dict[str, Any], model: Model) -> None:
    level = config.get("thinkingConfig", {}).get("thinkingLevel")
    level = None if level == "THINKING_LEVEL_UNSPECIFIED" else level
    if model.thinking_level == "required" and not level:
        raise Refusal("CLS-047")
    if model.thinking_level == "refused" and level:
        raise Refusal("CLS-047B", {"model": f"models/{model.name}"})


def _modality(wanted: list[Any], model: Model, profile: Profile, *, locked: bool) -> str:
    if len(wanted) == 1 and wanted[0] in model.modalities:
        return str(wanted[0])  # as nearly always
    asked = [str(modality) for modality in wanted if modality != "MODALITY_UNSPECIFIED"]
    if len(set(asked)) > 1:
        raise Refusal("CLS-045")
    if not asked:
        if not model.needs_modality:
            return AUDIO if AUDIO in model.modalities else TEXT
        if not locked:
            raise Refusal("CLS-048")
    modality = asked[0] if asked else TEXT
    if modality in model.modalities:
        return modality
    values = {"model": f"models/{model.name}", "modalities": modality, "version": profile.version}
    if modality != TEXT:
        raise Refusal("CLS-044", values)
    raise Refusal("CLS-042" if profile.before("CLS-043") else "CLS-043", values)
