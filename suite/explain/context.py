"""What narrows the causes of a text beside its words: the SDK, its version, the address that was asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from mockserver import API_VERSIONS, FACTS, LATEST, LAUNCH, Profile

from .. import advice
from ..history import answer, rows_of
from ..model import Cell, Configuration, Subject
from ..sdks import SDKS
from .evidence import code_and_text, is_close, of_change, of_fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mockserver import Fact

    from ..model import Change, Step
    from ..tables import Method
    from .evidence import Evidence
    from .meanings import Meaning
    from .seen import Seen

#: What a history says of a close, and of a refused request.
_OF_CLOSES: Final = ("closed before setupComplete", "closed in a turn")
_OF_STEP: Final[dict[Step, tuple[str, ...]]] = {
    "create": ("create refused",),
    "connect": ("handshake refused",),
}
_METHODS: Final[dict[Step, tuple[Method, ...]]] = {
    "create": ("auth_tokens.create",),
    "connect": ("BidiGenerateContentConstrained", "BidiGenerateContent"),
}
#: Areas of facts about what answers over HTTP, by side.
_AREAS: Final[dict[Step, tuple[str, ...]]] = {"create": ("tokens.",), "connect": ("ws.", "music")}
_STRENGTHS: Final = ("observed", "documented", "inferred", "guess")
#: What stands where nobody knows what to fill in.
_UNKNOWN: Final = "…"
_ANY_VERSION: Final = "your API version"


@dataclass(frozen=True, slots=True)
class FactTold:
    """A fact that can be behind a text, and what to do about it."""

    evidence: Evidence
    condition: str
    fix: str


class _Places(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return _UNKNOWN


@dataclass(frozen=True)
class Context:
    """What is known beside the words."""

    seen: Seen
    subject: Subject | None = None

    @property
    def sdk(self) -> str | None:
        """The SDK line."""
        return self.subject.sdk if self.subject is not None else self.seen.sdk

    @cached_property
    def version(self) -> str | None:
        """The API version that was asked: of an address in the text, or the SDK's own."""
        if self.seen.api_version is not None:
            return self.seen.api_version
        row = self._row("default version")
        return row.answer if row is not None else None

    def led(self, step: Step, status: int | None) -> list[Fact]:
        """The refusals that a side can be behind: what the asked version does not serve, then all others."""
        asked = [self.version] if self.version else list(API_VERSIONS)
        served = [
            Profile(version, day).serves(method)
            for version in asked
            for day in (LAUNCH, LATEST)
            for method in _METHODS[step]
        ]
        likely = [FACTS[id] for there, id in served if not there]
        if likely and self.seen.method in _METHODS[step]:
            # The address is written out, and right but for its version.
            return _each(likely)
        others = [
            fact
            for fact in FACTS.values()
            if fact.area.startswith(_AREAS[step]) and not isinstance(fact.seen, str) and not is_close(fact)
        ]
        # Without a status nobody knows; what is not served is by far the most frequent.
        wanted = status or code_and_text(likely[0] if likely else others[0])[0]
        empty = [fact for fact in [*likely, *others] if code_and_text(fact) == (wanted, "")]
        return [fact for fact in _each(empty) if fact in likely or not self._elsewhere(fact)]

    def _elsewhere(self, fact: Fact) -> bool:
        """Whether it is about another API version than the one that was asked."""
        return self.version is not None and self.version not in fact.versions

    def ranked(self, facts: Iterable[Fact], values: Mapping[str, str]) -> list[Fact]:
        """Facts with the same words: those first that speak of what was captured, then the better known."""
        said = [value for name in ("name", "path", "model") if len(value := values.get(name, "")) > 3]

        def rank(fact: Fact) -> tuple[list[bool], bool, int]:
            about = f"{fact.condition} {fact.note} {fact.hint}"
            unsaid = [value not in about for value in said]
            return unsaid, self._elsewhere(fact), _STRENGTHS.index(fact.confidence)

        return sorted(_each(facts), key=rank)

    def told(self, fact: Fact, values: Mapping[str, str]) -> FactTold:
        """A fact with its hint filled in."""
        only = fact.versions[0] if len(fact.versions) == 1 else _ANY_VERSION
        version = self.version if self.version in fact.versions else only
        places = {"version": str(version), "offered": offered(step_of(fact))} | {
            name: value for name, value in values.items() if value
        }
        return FactTold(of_fact(fact), fact.condition, fact.hint.format_map(_Places(places)))

    def code(self, step: Step | None, facts: Sequence[Fact]) -> str:
        """The line that mends a method which is not served, in the language of the SDK."""
        if not facts or step is None or self.sdk is None or "{offered}" not in facts[0].hint:
            return ""
        cell = Cell(Subject(self.sdk, ""), "launch", Configuration())
        return advice.code(cell, step, "client", offered(step))

    def rows(self, questions: Iterable[str]) -> tuple[Evidence, ...]:
        """What the history of the SDK version answers."""
        found = [self._row(question) for question in questions]
        return tuple(of_change(row) for row in found if row is not None)

    def rows_about(self, fact: Fact) -> tuple[Evidence, ...]:
        """What the SDK version makes of such a refusal."""
        return self.rows(_OF_CLOSES if is_close(fact) else _OF_STEP[step_of(fact)])

    def _row(self, question: str) -> Change | None:
        if self.subject is None:
            return None
        return answer(self.subject.sdk, self.subject.version, question)

    @staticmethod
    def _since(sdk: str, question: str, wanted: str) -> str | None:
        """The version from which on a question has an answer to this day."""
        return next((row.since for row in reversed(rows_of(sdk, question)) if row.answer == wanted), None)

    def is_own(self, row: Change) -> bool:
        """Whether a row is of the SDK that spoke, where that is known."""
        return self.sdk is None or row.sdk in (self.sdk, SDKS[self.sdk].like)

    def fix(self, meaning: Meaning, values: Mapping[str, str]) -> str:
        """What a meaning says to do, with the version that does better."""
        sdk = self.sdk if self.sdk and (not meaning.sdks or self.sdk in meaning.sdks) else None
        sdk = sdk or next(iter(meaning.sdks), None)
        since = self._since(sdk, *meaning.better) if meaning.better and sdk else None
        places = {
            "since": since or _UNKNOWN,
            "package": SDKS[sdk].package if sdk else _UNKNOWN,
            "offered": offered(meaning.leads or "create"),
        }
        return filled(meaning.fix, {**values, **places})


def _each(facts: Iterable[Fact]) -> list[Fact]:
    """Each once."""
    return list({fact.id: fact for fact in facts}.values())


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with values in its places; other braces are code."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def offered(step: Step) -> str:
    """The API version that serves a side on every service date."""
    return Profile(API_VERSIONS[0], LAUNCH).offering(_METHODS[step][0])[0]


def step_of(fact: Fact) -> Step:
    """The side that a fact is about."""
    return "create" if fact.area.startswith(_AREAS["create"]) else "connect"
