"""What each API version offers on which day."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from mockserver.core.facts import FACTS
from mockserver.core.profiles import API_VERSIONS, LATEST, LAUNCH, OFFERS, Method, Profile, service_date

MINT, OPEN, CONSTRAINED = "auth_tokens.create", "BidiGenerateContent", "BidiGenerateContentConstrained"


@pytest.mark.parametrize(
    ("day", "method", "version", "served", "because"),
    [
        (LAUNCH, MINT, "v1alpha", True, "TOK-001"),
        (LAUNCH, MINT, "v1beta", False, "TOK-002"),
        (LAUNCH, MINT, "v1", False, "TOK-004"),
        (LATEST, MINT, "v1alpha", True, "TOK-001"),
        (LATEST, MINT, "v1beta", True, "TOK-003"),
        (LATEST, MINT, "v1", False, "TOK-004B"),
        (LAUNCH, OPEN, "v1alpha", True, "WS-012"),
        (LAUNCH, OPEN, "v1beta", True, "WS-012"),
        (LAUNCH, OPEN, "v1", False, "WS-016"),
        (LATEST, OPEN, "v1", True, "WS-029"),
        (LAUNCH, CONSTRAINED, "v1alpha", True, "WS-013"),
        (LAUNCH, CONSTRAINED, "v1beta", False, "WS-015"),
        (LAUNCH, CONSTRAINED, "v1", False, "WS-016"),
        (LATEST, CONSTRAINED, "v1beta", True, "WS-014"),
        (LATEST, CONSTRAINED, "v1", False, "WS-029B"),
    ],
)
def test_a_version_offers_on_a_day_what_the_facts_say(
    day: date, method: Method, version: str, served: bool, because: str
) -> None:
    assert Profile(version, day).serves(method) == (served, because)


@pytest.mark.parametrize(
    ("method", "version", "last_without", "first_with"),
    [
        (MINT, "v1alpha", "2025-04-30", "2025-05-01"),
        (MINT, "v1beta", "2026-07-02", "2026-07-03"),
        (CONSTRAINED, "v1beta", "2026-07-31", "2026-08-01"),
        (OPEN, "v1", "2026-10-31", "2026-11-01"),
    ],
)
def test_a_method_appears_on_the_day_of_its_evidence(
    method: Method, version: str, last_without: str, first_with: str
) -> None:
    assert not Profile(version, date.fromisoformat(last_without)).serves(method)[0]
    assert Profile(version, date.fromisoformat(first_with)).serves(method)[0]


def test_every_method_has_an_offer_for_every_version() -> None:
    assert set(OFFERS) == set(get_args(Method))
    for offers in OFFERS.values():
        assert set(offers) == set(API_VERSIONS)
        for offer in offers.values():
            assert {offer.served, *offer.absent} - {None} <= set(FACTS)


def test_the_versions_that_offer_a_method_are_named_in_hints() -> None:
    assert Profile("v1beta", LAUNCH).offering(MINT) == ("v1alpha",)
    assert Profile("v1", LATEST).offering(MINT) == ("v1alpha", "v1beta")
    assert Profile("v1", date(2025, 1, 1)).offering(MINT) == ()


def test_an_override_beats_the_evidence_for_its_version_only() -> None:
    overrides = (("v1:auth_tokens.create", True), ("v1alpha:auth_tokens.create", False))
    assert Profile("v1", LAUNCH, overrides).serves(MINT)[0]
    assert Profile("v1", LAUNCH, overrides).offering(MINT) == ("v1",)
    assert not Profile("v1", LAUNCH, overrides).serves(CONSTRAINED)[0]


def test_before_compares_with_the_first_day_seen() -> None:
    assert Profile("v1alpha", date(2026, 1, 31)).before("CON-007")
    assert not Profile("v1alpha", date(2026, 2, 1)).before("CON-007")
    assert not Profile("v1alpha", date(1990, 1, 1)).before("TOK-016"), (
        "a row without a day is as old as the service"
    )


@pytest.mark.parametrize(
    ("text", "day"), [("launch", LAUNCH), ("latest", LATEST), ("2026-07-03", date(2026, 7, 3))]
)
def test_a_service_date_is_a_name_or_a_day(text: str, day: date) -> None:
    assert service_date(text) == day


@pytest.mark.parametrize("text", ["", "Launch", "yesterday", "2026-13-01", "2026-02-30", "v1beta"])
def test_any_other_service_date_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not known: expected launch, latest or a date like 2026-07-03"):
        service_date(text)
