"""The grammar of a history row's answer: how something ends, and what else is seen.

``raises APIError in receive | reads: {code} None. {reason}``: an ending, then parts with names. Endings:

- ``returns``: it completes
- ``raises CLASS``: the application gets an error it can catch; ``unsent`` behind it: before anything is sent
- ``tells onclose``: a callback has the close code and the reason
- ``hangs``, ``crashes``, ``silent``: it never returns, the process ends, or nobody is told
- ``absent``: there is no such feature
- ``refused``: as the SDK tells of an HTTP status, which has a question of its own

``in VERB`` says in which call it ends, where that is not the usual one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from websockets.frames import CLOSE_CODE_EXPLANATIONS

from .model import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Separates the parts of an answer.
PART: Final = " | "
#: The class by which a worker tells of a close that came as a callback.
CLOSED: Final = "Closed"
#: The name of the part with the text of an error, and of the one with a text in each warning.
READS: Final = "reads"
WARNS: Final = "warns"

_ENDING: Final = re.compile(
    r"(?P<word>returns|raises|tells|hangs|crashes|silent|absent|refused)"
    r"(?: (?!in |unsent)(?P<what>\S+))?(?P<unsent> unsent)?(?: in (?P<verb>\w+))?"
)
#: How something can end, and the verdict that this is.
ENDINGS: Final = {
    "returns": Verdict.WORKS,
    "raises": Verdict.REFUSED,
    "refused": Verdict.REFUSED,
    "tells": Verdict.REFUSED,
    "hangs": Verdict.HANGS,
    "crashes": Verdict.CRASHES,
    "silent": Verdict.SILENT,
    "absent": Verdict.ABSENT,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read."""

    word: str
    #: Class of the error, or the callback.
    what: str | None = None
    unsent: bool = False
    verb: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """What becomes of the call."""
        return ENDINGS[self.word]

    @property
    def error(self) -> str | None:
        """Class of the error the worker reports."""
        return CLOSED if self.word == "tells" else self.what

    def __str__(self) -> str:
        words = [self.word, self.what or "", "unsent" * self.unsent, f"in {self.verb}" if self.verb else ""]
        return PART.join(
            [" ".join(filter(None, words)), *(f"{name}: {text}" for name, text in self.parts.items())]
        )


def filled(text: str, code: int = 0, reason: str = "", *, status: int | None = None) -> str:
    """A text of an answer with what the server said in it."""
    name = CLOSE_CODE_EXPLANATIONS.get(code, "")
    for place, value in (("code", code), ("reason", reason), ("name", name), ("status", status)):
        text = text.replace(f"{{{place}}}", str(value))
    return text


def read(text: str) -> Answer:
    """Read an answer.

    Raises:
        ValueError: it has no such form.
    """
    ending, *parts = text.split(PART)
    match = _ENDING.fullmatch(ending)
    if match is None:
        raise ValueError(
            f"answer {text!r} does not begin with an ending: expected returns, raises CLASS, hangs …"
        )
    named = dict(part.partition(": ")[::2] for part in parts)
    return Answer(match["word"], match["what"], bool(match["unsent"]), match["verb"], named)
