"""The run as JUnit XML, as CI systems read it: a suite for each SDK version, a case for each cell."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from ..model import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Outcome
    from .run import Run


def render(run: Run) -> str:
    """FAIL, FIXED and DRIFT are failures, BROKEN is an error, KNOWN is skipped with its reason."""
    root = ET.Element("testsuites", name="genai-live-compat", time=f"{run.seconds:.3f}")
    ordered = sorted(run.outcomes, key=lambda o: (o.cell.subject.sdk, o.cell.subject.version))
    for subject, outcomes in groupby(ordered, key=lambda o: o.cell.subject):
        _suite(root, str(subject), list(outcomes))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, name: str, outcomes: list[Outcome]) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=name,
        tests=str(len(outcomes)),
        failures=str(_count(outcomes, {Status.FAIL, Status.FIXED, Status.DRIFT})),
        errors=str(_count(outcomes, {Status.BROKEN})),
        skipped=str(_count(outcomes, {Status.KNOWN})),
        time=f"{sum(outcome.seconds for outcome in outcomes):.3f}",
    )
    for outcome in outcomes:
        _case(suite, outcome)


def _count(outcomes: Iterable[Outcome], statuses: set[Status]) -> int:
    return sum(outcome.status in statuses for outcome in outcomes)


def _case(suite: ET.Element, outcome: Outcome) -> None:
    cell = outcome.cell
    case = ET.SubElement(
        suite,
        "testcase",
        classname=f"{cell.subject}.{cell.service_date}",
        name=cell.case.slug,
        time=f"{outcome.seconds:.3f}",
    )
    text = f"{outcome.label}: {outcome.reason}" + (f"\nfix: {outcome.fix}" if outcome.fix else "")
    if outcome.status is Status.BROKEN:
        ET.SubElement(case, "error", message=_xml(outcome.reason)).text = _xml(text)
    elif outcome.status in (Status.FAIL, Status.FIXED, Status.DRIFT):
        ET.SubElement(case, "failure", message=_xml(outcome.reason)).text = _xml(text)
    elif outcome.status is Status.KNOWN:
        ET.SubElement(case, "skipped", message=_xml(outcome.reason))
    else:
        ET.SubElement(case, "system-out").text = _xml(text)


def _xml(text: str) -> str:
    """XML 1.0 has no control characters."""
    return "".join(c if c in "\t\n\r" or ord(c) >= 0x20 else "\ufffd" for c in text)
