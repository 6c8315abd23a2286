"""Reports for places where people look first: annotations of a workflow, a badge."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from suite.model import Status
from suite.reports import badge, github
from suite.reports.run import Run

from .page_run import page_run

RUN = page_run()
PASSING = tuple(o for o in RUN.outcomes if o.status is Status.PASS)
BROKEN = tuple(o for o in RUN.outcomes if o.status is Status.BROKEN)
NASTY = replace(PASSING[0], status=Status.FAIL, reason="100% wrong\r\nin two, lines: yes", fix="do: it")
KNOWN = replace(PASSING[1], status=Status.KNOWN, reason="recorded")


def test_findings_are_errors_and_known_deviations_are_warnings() -> None:
    lines = github.render(Run((KNOWN, NASTY, PASSING[2]), {}, 0.0)).splitlines()
    assert [line.split()[0] for line in lines] == ["::error", "::warning"]
    assert "100%25 wrong%0D%0Ain two, lines: yes%0Afix: do: it" in lines[0]
    title = re.fullmatch(r"::error title=([^:,]+)::.*", lines[0])
    assert title
    assert title[1].replace("%3A", ":").replace("%2C", ",") == NASTY.cell.id


def test_there_are_at_most_fifty_and_the_last_line_says_how_many_more() -> None:
    lines = github.render(Run((NASTY,) * 1234, {}, 0.0)).splitlines()
    assert len(lines) == github.MOST + 1
    assert lines[-1] == "::notice title=genai-live-compat::and 1,184 more: see the other reports"
    assert len(github.render(Run((NASTY,) * 50, {}, 0.0)).splitlines()) == github.MOST


def test_a_run_without_findings_says_so() -> None:
    said = github.render(Run(PASSING[:3], {}, 0.0))
    assert said == "::notice title=genai-live-compat::3 cells, all as predicted\n"
    assert "no cell was measured" in github.render(Run((), {}, 0.0))


@pytest.mark.parametrize(
    ("outcomes", "text", "colour"),
    [
        (PASSING[:1] * 26320, "26,320 pass", "#1a7f37"),
        ((*PASSING[:2], KNOWN), "3 pass", "#1a7f37"),
        ((*PASSING[:2], NASTY), "1 finding", "#c2272d"),
        ((*PASSING[:2], NASTY, *BROKEN[:1]), "2 findings", "#c2272d"),
        (BROKEN, "not measured", "#656d76"),
        ((), "not measured", "#656d76"),
    ],
)
def test_a_badge_says_what_became_of_the_run(outcomes: tuple, text: str, colour: str) -> None:  # type: ignore[type-arg]
    picture = badge.render(Run(outcomes, {}, 0.0))
    root = ET.fromstring(picture)
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == root.get("aria-label") == f"live-compat: {text}"
    assert colour in picture
    assert int(root.get("width", "0")) < 260
