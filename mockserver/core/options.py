"""What a server can be told: the service date, who may call, and every choice where evidence is missing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .facts import FACTS, Answers, Closes
from .limits import Limits
from .messages import MESSAGES
from .profiles import API_VERSIONS, LAUNCH, OFFERS, Profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_duration(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf


#: Values also come as text, from ``--set`` on the command line: what each option takes.
_KINDS: Final[tuple[tuple[str, Callable[[Any], bool], str], ...]] = (
    ("seed", _is_whole, "a whole number"),
    ("pace", _is_duration, "a number of 0 or more"),
    ("setup_delay_s", _is_duration, "a number of 0 or more"),
    ("rejected_setup_spends_use", _is_flag, "true or false"),
    ("resumption_needs_time", _is_flag, "true or false"),
    ("header_token", _is_flag, "true or false"),
    ("instead", lambda value: isinstance(value, Mapping), "an object of fact ids"),
    ("resumption_spends_use", lambda value: value is None or _is_flag(value), "true, false or none"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Limits):
    """The settings of one server, its limits among them.

    A field with a ``fact`` is a choice made where nobody has evidence.
    """

    service_date: date = LAUNCH
    #: Keys that are accepted; empty: any key that does not stand for a condition.
    api_keys: tuple[str, ...] = ()
    seed: int = field(default=0, metadata={"help": "same seed, same tokens, handles and call ids"})
    pace: float = field(
        default=1.0,
        metadata={"help": "how much of its length an audio answer takes: 1 as the service, 0 at once"},
    )
    rejected_setup_spends_use: bool = field(
        default=False,
        metadata={"fact": "CON-015", "help": "a setup that is refused after the token check costs a use"},
    )
    resumption_spends_use: bool | None = field(
        default=None,
        metadata={
            "fact": "CON-007",
            "help": "a resumption costs a use; default: as seen at the service date",
        },
    )
    resumption_needs_time: bool = field(
        default=True,
        metadata={"fact": "CON-009", "help": "newSessionExpireTime ends resumptions too"},
    )
    header_token: bool = field(
        default=True,
        metadata={"fact": "WS-022", "help": "Authorization: Token counts on the constrained method"},
    )
    instead: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"help": 'answer one fact as another, such as an unknown token: {"CLS-006": "CLS-010"}'},
    )
    setup_delay_s: float = field(
        default=0.0,
        metadata={"fact": "WS-010", "help": "seconds between setup and setupComplete (0.13 is usual)"},
    )
    #: Methods or fields to serve or not, whatever the evidence says: ``(("v1:auth_tokens.create", True),
    #: ("v1beta:BidiGenerateContentSetup.avatarConfig", False))``.
    serve: tuple[tuple[str, bool], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no server could be.

        Raises:
            ValueError: with what was got and what is allowed.
        """
        Limits.__post_init__(self)
        for name, fits, expected in _KINDS:
            if not fits(getattr(self, name)):
                raise ValueError(f"{name} is {getattr(self, name)!r}: expected {expected}")
        for name, _ in self.serve:
            _check_served(name)
        for this, other in self.instead.items():
            _check_swap(this, other)

    def before(self, fact_id: str) -> bool:
        """Tell whether the service date lies before the day from which a fact was seen."""
        return self.profile(API_VERSIONS[0]).before(fact_id)

    def profile(self, version: str) -> Profile:
        """What one API version offers under these options."""
        return _profile(version, self.service_date, self.serve)


#: The same ones are asked for with each request.
_profile: Final = lru_cache(maxsize=64)(Profile)


def _check_served(name: str) -> None:
    version, _, what = name.partition(":")
    message, _, field_name = what.partition(".")
    if version not in API_VERSIONS or not (what in OFFERS or field_name in MESSAGES.get(message, {})):
        methods = ", ".join(OFFERS)
        raise ValueError(
            f"serve names {name!r}: expected one of {', '.join(API_VERSIONS)}, a colon, and one of {methods} "
            "or a field such as BidiGenerateContentSetup.avatarConfig"
        )


def _check_swap(this: str, other: str) -> None:
    """Both must refuse in the same way: by an HTTP answer, or by a close."""
    rows = [FACTS.get(name) if isinstance(name, str) else None for name in (this, other)]
    kinds = [type(row.seen) if row is not None else None for row in rows]
    if kinds[0] is not kinds[1] or kinds[0] not in (Answers, Closes):
        raise ValueError(
            f"instead has {this!r}: {other!r}, expected two facts that both answer or both close"
        )


def settings() -> dict[str, dict[str, Any]]:
    """Every option a command line can set: its meaning, and its fact where it stands for missing evidence."""
    return {option.name: dict(option.metadata) for option in fields(Options) if option.metadata}
