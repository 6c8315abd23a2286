"""What ``clientContent`` says: text of the user, history, or something the model refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import Refusal

if TYPE_CHECKING:
    from .grants import Grant
    from .options import Options
    from .speaking import Meter


class Reader:
    """Reads the content of one session; a turn may come in several messages."""

    def __init__(self, grant: Grant, options: Options) -> None:
        self._setup = grant.setup
        self._model = grant.model
        self._asks_for_role = not options.before("CLS-060")
        #: Content up to its first turnComplete is history where setup says so (SRV-026).
        self._in_history = bool(grant.setup.get("historyConfig", {}).get("initialHistoryInClientContent"))
        #: Nothing but the opening content has come so far.
        self._opening = True
        #: What the user said since the model's last turn.
        self._said: list[str] = []

    def begin(self) -> None:
        """Realtime input comes: the opening content is over.

        Raises:
            Refusal: 3.8 took a wish in the setup and refuses the first content (CLS-066).
        """
        wish = self._setup.get("generationConfig", {}).get("enableAffectiveDialog")
        if wish and self._model.affective_dialog == "CLS-066":
            raise Refusal("CLS-066")
        self._opening = False

    def read(self, content: dict[str, Any]) -> tuple[str | None, str]:
        """Read one message; the turn to answer, if it completes one, and all text in it.

        Raises:
            Refusal: content the model does not take.
        """
        turns = content.get("turns", [])
        self._check(turns)
        over, opening = bool(content.get("turnComplete")), self._opening
        self.begin()
        self._opening = opening and not over
        for turn in turns:
            if turn.get("role") == "model":
                self._said.clear()
            else:
                self._said += [part["text"] for part in turn.get("parts", []) if part.get("text")]
        text = " ".join(part["text"] for turn in turns for part in turn.get("parts", []) if part.get("text"))
        return self._completed() if over else None, text

    def is_full(self, meter: Meter) -> bool:
        """Tell whether the history is more than the model takes, and nothing compresses it."""
        return meter.history > self._model.context_tokens and "contextWindowCompression" not in self._setup

    def _completed(self) -> str | None:
        said, self._said = " ".join(self._said), []
        history, self._in_history = self._in_history, False
        return None if history else said

    def _check(self, turns: list[dict[str, Any]]) -> None:
        parts = [part for turn in turns for part in turn.get("parts", [])]
        if self._asks_for_role and any(not turn.get("role") for turn in turns):
            raise Refusal("CLS-060")
        if any(part.get("inlineData", {}).get("mimeType", "").startswith("audio/") for part in parts):
            raise Refusal("CLS-063")
        if self._in_history and any("functionCall" in part or "functionResponse" in part for part in parts):
            raise Refusal("CLS-071")
        if self._model.history_only_content and not self._opening and turns:
            raise Refusal("CLS-062")
