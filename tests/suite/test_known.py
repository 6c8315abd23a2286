"""Known deviations: what they excuse, what they do not, and that none outlives its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from packaging.version import Version

from suite import known
from suite.judge import broken, judge
from suite.known import KNOWN, Deviation, deviation
from suite.model import FINDINGS, Observation, Seen, Status, Subject, Verdict
from suite.predict import predict
from suite.releases import releases
from suite.sdks import SDKS

from .conftest import as_predicted, cell, cells

HERE: Final = cell("js==1.10.0", "launch", "client=v1alpha", "client=v1alpha")
ROW: Final = Deviation(
    ("js",), "1.9.0", "1.10.0", "create:client=*", "no (dist|moon)", "the moon was full", "an almanac"
)
each_row = pytest.mark.parametrize("row", KNOWN, ids=lambda row: f"{row.first}-{row.cases}")


@pytest.fixture
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A history of deviations with one row."""
    monkeypatch.setattr(known, "KNOWN", (ROW,))


@pytest.mark.parametrize(
    ("subject", "covered"),
    [
        (Subject("js", "1.9.0"), True),
        (Subject("js", "1.10.0"), True),
        (Subject("js", "1.8.0"), False),
        (Subject("js", "1.11.0"), False),
        (Subject("web", "1.10.0"), False),
        (Subject("python", "1.10.0"), False),
        (Subject("js", "1.10.0", "build/mine.tgz"), False),  # a local artefact is nobody's release
    ],
    ids=str,
)
def test_a_row_speaks_of_its_sdks_and_versions_both_ends_included(subject: Subject, covered: bool) -> None:
    assert ROW.covers(replace(HERE, subject=subject)) is covered


def test_a_row_speaks_of_the_cases_that_fit_its_pattern() -> None:
    assert not ROW.covers(cell("js==1.10.0", "launch", "call=v1alpha", "client=v1alpha"))
    everything = replace(ROW, cases="*")
    assert all(everything.covers(one) for one in cells("js==1.10.0"))


@pytest.mark.usefixtures("_known")
def test_a_deviation_that_is_recorded_is_known_and_says_why_and_what_was_seen() -> None:
    prediction = predict(HERE)
    crashed = Observation((("create", Seen(Verdict.CRASHES)), ("connect", Seen(Verdict.NOT_REACHED))))
    outcome = judge(HERE, prediction, crashed, 0.1)
    assert outcome.status is Status.KNOWN
    assert outcome.status not in FINDINGS
    assert outcome.reason.startswith("the moon was full (create: predicted works, measured crashes; ")
    assert outcome.differences


@pytest.mark.usefixtures("_known")
def test_a_recorded_deviation_that_is_gone_is_a_finding_until_its_row_goes() -> None:
    prediction = predict(HERE)
    outcome = judge(HERE, prediction, as_predicted(prediction), 0.1)
    assert outcome.status is Status.FIXED
    assert outcome.status in FINDINGS
    assert (outcome.reason, outcome.fix) == (
        "no longer deviates: the moon was full",
        "remove the row from suite/known.py",
    )


@pytest.mark.usefixtures("_known")
def test_what_cannot_be_measured_as_is_recorded_is_known_with_the_cause() -> None:
    outcome = broken(HERE, predict(HERE), "SDK does not load: no dist")
    assert (outcome.status, outcome.reason) == (
        Status.KNOWN,
        "the moon was full (SDK does not load: no dist)",
    )
    assert outcome.label == "not measured"


@pytest.mark.usefixtures("_known")
def test_a_recorded_version_that_cannot_be_measured_for_another_cause_is_broken() -> None:
    outcome = broken(HERE, predict(HERE), "install @google/genai@1.10.0: network is down")
    assert (outcome.status, outcome.reason) == (
        Status.BROKEN,
        "install @google/genai@1.10.0: network is down",
    )


@pytest.mark.usefixtures("_known")
def test_what_is_not_recorded_fails_and_is_broken_as_ever() -> None:
    other = replace(HERE, subject=Subject("js", "1.11.0"))
    crashed = Observation((("create", Seen(Verdict.CRASHES)), ("connect", Seen(Verdict.NOT_REACHED))))
    assert judge(other, predict(other), crashed, 0.1).status is Status.FAIL
    assert broken(other, predict(other), "no network").status is Status.BROKEN


@each_row
def test_a_row_is_about_published_versions_in_order(row: Deviation) -> None:
    for sdk in row.sdks:
        published = {release.version for release in releases(sdk)}
        assert {row.first, row.last} <= published
        assert SDKS[sdk]
    assert Version(row.first) <= Version(row.last)


@each_row
def test_a_row_says_why_and_where_that_can_be_seen(row: Deviation) -> None:
    assert row.reason
    assert row.source
    assert not row.reason.endswith(".")


@each_row
def test_a_row_is_met_by_a_cell_of_each_of_its_sdks(row: Deviation) -> None:
    for sdk in row.sdks:
        assert any(deviation(one) is row for one in cells(f"{sdk}=={row.first}"))


def test_no_cell_has_two_rows() -> None:
    for row in KNOWN:
        for sdk in row.sdks:
            for one in cells(f"{sdk}=={row.first}"):
                assert sum(other.covers(one) for other in KNOWN) <= 1
