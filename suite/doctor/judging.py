"""From what was seen in source to what will happen: the same prediction as the matrix, for each call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mockserver import API_VERSIONS, LAUNCH, Profile, hide_secrets

from ..advice import code as code_of
from ..history import answer
from ..model import NEAR, Cell, Configuration, Placement, Verdict, label
from ..plan import BOTH
from ..predict import predict
from ..snippets import code_in
from ..tables import Tables
from .findings import Finding, Severity
from .sources.values import Client, Unseen, Variable, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Advice, Expected, Step, Subject
    from ..tables import Method
    from .sources.values import Site, Value

#: What the variable for the API version is asked as, in a history; and that it is read.
_FROM_ENVIRONMENT: Final = ("API version from the environment", "returns")
_CALLS: Final[dict[Step, str]] = {"create": "mints", "connect": "connects"}


@dataclass(frozen=True, slots=True)
class Judged:
    """A call with the SDK version that makes it, and where it sets the API version."""

    site: Site
    subject: Subject
    placement: Placement | Unseen

    @property
    def slug(self) -> str:
        """The placement, as the matrix writes it."""
        if isinstance(self.placement, Unseen):
            return "not seen"
        return self.placement.slug(NEAR[self.site.step])


def judged(site: Site, subject: Subject, variable: str | None = None) -> Judged:
    """A call with its placement; ``variable`` is the API version that the environment sets."""
    client = site.client.api_version if isinstance(site.client, Client) else site.client
    found = [_version(client, "the client"), _version(site.near, f"the {NEAR[site.step]}")]
    unseen = next((one for one in found if isinstance(one, Unseen)), None)
    if unseen is not None:
        return Judged(site, subject, unseen)
    on_client, near = (one if isinstance(one, str) else None for one in found)
    row = answer(subject.sdk, subject.version, _FROM_ENVIRONMENT[0])
    if on_client is None and variable and row is not None and row.answer == _FROM_ENVIRONMENT[1]:
        on_client = variable
    return Judged(site, subject, Placement(on_client, near))


def _version(value: Value, place: str) -> str | Unseen | None:
    if value is None or isinstance(value, Unseen):
        return value
    if isinstance(value, Words):
        if value.text in API_VERSIONS:
            return value.text
        return Unseen(f"{hide_secrets(value.text)!r} at {place} is no API version that is known here")
    if isinstance(value, Variable):
        return Unseen(f"the API version at {place} comes from the environment variable {value.name}")
    return Unseen(f"the API version at {place} is no text")


def of_site(one: Judged) -> Finding:
    """What a call will do at either service date, and what to write instead."""
    site, where = one.site, _where(one.site)
    if isinstance(one.placement, Unseen):
        what = f"{_who(one)} with an API version that cannot be seen: {one.placement.why}"
        return Finding(Severity.UNSEEN, what, where, fix=_safe(one))
    if site.step == "connect" and isinstance(site.client, Client) and site.client.credential == "key":
        return _with_key(one)
    sides = {date: _side(one, one.placement, date) for date in BOTH}
    failing = {date: side for date, side in sides.items() if side[0].verdict is not Verdict.WORKS}
    told = ", ".join(f"{_label(expected)} at {date}" for date, (expected, _) in sides.items())
    about = f"{_who(one)} with {_placed(one)}, on {one.subject}{_if_token(site)}"
    cell = _cell(one, one.placement, next(iter(failing), BOTH[0])).id
    if not failing:
        return Finding(Severity.NOTE, f"{about}: works at every service date", where)
    advice = next(iter(failing.values()))[1]
    before, code, after = code_in(advice.fix)
    severity = Severity.BREAKS if BOTH[-1] in failing else Severity.DEPENDS
    at = _place_of_fix(one, advice) if code else ""
    fix = f"{before}; {after}" if code and after else before
    return Finding(severity, f"{about}: {told}", where, fix, code, at, site.language, cell, advice.reason)


def _who(one: Judged) -> str:
    return f"{one.site.place} {_CALLS[one.site.step]}"


def _placed(one: Judged) -> str:
    return "no API version set" if one.placement == Placement() else f"the API version set by {one.slug}"


def _if_token(site: Site) -> str:
    """What cannot be seen of the key is said, and not taken for granted."""
    unseen = isinstance(site.client, Client) and site.client.credential == "unseen"
    return ", if its key, which cannot be seen, is a token" if unseen and site.step == "connect" else ""


def _label(expected: Expected) -> str:
    return label(expected.verdict, expected.wire)


def _where(site: Site) -> tuple[str, ...]:
    """The call, and the client it is made with, if that is another line."""
    client = [f"{site.client.place} (its client)"] if isinstance(site.client, Client) else []
    return (str(site.place), *client)


def _cell(one: Judged, placement: Placement, date: str) -> Cell:
    """The cell in which this side is asked, beside another side that works."""
    if one.site.step == "create":
        return Cell(one.subject, date, Configuration(placement, good()))
    return Cell(one.subject, date, Configuration(good(), placement))


def _side(one: Judged, placement: Placement, date: str) -> tuple[Expected, Advice]:
    """What is expected of one side; where tokens do not exist yet, neither side can be."""
    prediction = predict(_cell(one, placement, date))
    expected = prediction.step(one.site.step)
    if expected.verdict is Verdict.NOT_REACHED:
        expected = prediction.step("create")
    return expected, prediction.advice


def good() -> Placement:
    """What works at every service date."""
    return Placement(client=_offered("auth_tokens.create"))


def _offered(method: Method) -> str:
    return Profile(API_VERSIONS[0], LAUNCH).offering(method)[0]


def _with_key(one: Judged) -> Finding:
    """A session with an API key opens another method, which other versions have."""
    assert isinstance(one.placement, Placement)
    tables = Tables(_cell(one, one.placement, BOTH[-1]))
    near = answer(one.subject.sdk, one.subject.version, "options at the session")
    if one.placement.near is not None and near is not None and near.answer.startswith("raises"):
        _, advice = _side(one, one.placement, BOTH[-1])
        _, code, _ = code_in(advice.fix)
        return Finding(
            Severity.BREAKS, f"{_who(one)} on {one.subject}", _where(one.site),
            "set the API version on the client that connects", code.replace("token.name", "KEY"),
            _client_place(one.site), one.site.language, tables.cell.id, advice.reason,
        )  # fmt: skip
    version, _ = tables.version(one.placement, near_counts=near is not None and near.answer == "honoured")
    method: Method = "BidiGenerateContent"
    served = [date for date in BOTH if Tables(_cell(one, one.placement, date)).serves(version, method)]
    about = f"{_who(one)} on {one.subject} opens {method} on {version} with an API key"
    if served == list(BOTH):
        return Finding(Severity.NOTE, f"{about}, which works at every service date", _where(one.site))
    severity = Severity.DEPENDS if BOTH[-1] in served else Severity.BREAKS
    missing = " and ".join(date for date in BOTH if date not in served)
    code = code_of(tables.cell, "create", "client", _offered(method))
    return Finding(
        severity, f"{about}, which is not served at {missing}: HTTP 404", _where(one.site),
        "set the API version on the client", code, _client_place(one.site), one.site.language,
    )  # fmt: skip


def _place_of_fix(one: Judged, advice: Advice) -> str:
    """The line to change: where the version is set nearer, the call; else the client."""
    placed = isinstance(one.placement, Placement) and one.placement.near is not None
    if placed and f"at the {NEAR[one.site.step]}" in advice.fix:
        return str(one.site.place)
    return _client_place(one.site)


def _client_place(site: Site) -> str:
    return str(site.client.place if isinstance(site.client, Client) else site.place)


def _safe(one: Judged) -> str:
    """What works whatever it is."""
    code = code_of(_cell(one, Placement(), BOTH[0]), one.site.step, "client", _offered("auth_tokens.create"))
    return f"what works at every service date is {code}"


def configurations(calls: Sequence[Judged]) -> list[Finding]:
    """Which configurations of the matrix the calls that mint and those that connect make together."""
    seen = [one for one in calls if isinstance(one.placement, Placement)]
    pairs = [
        (mints, connects)
        for mints in seen
        for connects in seen
        if mints.site.step == "create" and connects.site.step == "connect" and has_token(connects.site)
    ]
    found: dict[str, Finding] = {}
    for mints, connects in pairs:
        slug = f"create:{mints.slug}/connect:{connects.slug}"
        where = (f"{mints.site.place} (mints)", f"{connects.site.place} (connects)")
        if mints.subject == connects.subject:
            told = ", ".join(f"{_whole(mints, connects, date)} at {date}" for date in BOTH)
            what = f"together they are {slug} on {mints.subject}: {told}"
            found.setdefault(
                what, Finding(Severity.NOTE, what, where, explained=f"{mints.subject}/both/{slug}")
            )
        else:
            what = f"together they are {slug}, on {mints.subject} and {connects.subject}"
            found.setdefault(what, Finding(Severity.NOTE, what, where))
    return list(found.values())


def has_token(site: Site) -> bool:
    """Whether a session may be opened with a token."""
    return isinstance(site.client, Client) and site.client.credential != "key"


def _whole(mints: Judged, connects: Judged, date: str) -> str:
    assert isinstance(mints.placement, Placement)
    assert isinstance(connects.placement, Placement)
    return predict(Cell(mints.subject, date, Configuration(mints.placement, connects.placement))).label
