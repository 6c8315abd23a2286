"""What the page holds: every cell, nothing twice, nothing that differs by chance."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from suite.reports import html
from suite.reports.html.data import data
from suite.reports.run import Run
from suite.same import Same

from .page_run import HOSTILE, README_CASE, page_run

RUN = page_run()
PAGE = data(RUN)
TEXT = html.render(RUN)


def cells() -> dict[str, list[object]]:
    """Every cell of the page, by its id."""
    found = {}
    for sdk, date, case, runs in PAGE["grid"]:
        kinds = [kind for kind, many in zip(runs[::2], runs[1::2], strict=True) for kind in [kind] * many]
        versions = PAGE["sdks"][sdk]["versions"]
        assert len(kinds) == len(versions)
        for version, kind in zip(versions, kinds, strict=True):
            if kind >= 0:
                name, day = PAGE["sdks"][sdk]["name"], PAGE["dates"][date]
                found[f"{name}=={version}/{day}/{PAGE['cases'][case]['slug']}"] = PAGE["kinds"][kind]
    return found


def test_every_cell_is_on_the_page_with_its_label_status_and_reason() -> None:
    shown = cells()
    assert set(shown) == {outcome.cell.id for outcome in RUN.outcomes}
    same = Same()
    for outcome in RUN.outcomes:
        status, verdict, label, _, reason, fix, differences, observed, _, predicted = shown[outcome.cell.id]
        assert (status, label, predicted) == (
            outcome.status.value,
            outcome.label,
            outcome.prediction.label,
        )
        assert (verdict is None) == (observed is None) == (outcome.observation is None)
        assert PAGE["texts"][reason] == same(outcome.reason)
        assert [PAGE["texts"][place] for place in differences] == list(map(same, outcome.differences))  # type: ignore[attr-defined]
        words, code, rest = PAGE["fixes"][fix]
        assert all(part in outcome.fix for part in (words, code, rest))


def test_neighbours_share_their_stories() -> None:
    assert len(PAGE["seen"]) < len(RUN.outcomes) / 20
    assert len(PAGE["kinds"]) < len(RUN.outcomes) / 10
    text = json.dumps(PAGE["seen"])
    assert "127.0.0.1" not in text
    assert not re.search(r"cell\.(js|python)", text)
    assert "google-genai-sdk/VERSION gl-node/v20" in text


def test_only_facts_that_are_spoken_of_are_told() -> None:
    assert "WS-015" in PAGE["facts"]
    assert PAGE["facts"]["WS-015"]["confidence"] == "inferred"
    assert len(PAGE["facts"]) < 30


def test_signatures_differ_where_a_warning_does() -> None:
    shown = cells()
    one, other = (shown[f"js=={version}/launch/{README_CASE}"] for version in ("1.8.0", "1.9.0"))
    assert one[2] == other[2] == "hangs"
    assert one[3] != other[3]


def test_versions_are_in_order_whatever_the_order_of_the_cells() -> None:
    backwards = data(replace(RUN, outcomes=tuple(reversed(RUN.outcomes))))
    assert backwards["sdks"] == PAGE["sdks"]
    assert [case["slug"] for case in backwards["cases"]] == [case["slug"] for case in PAGE["cases"]]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("connect to http://127.0.0.1:40235/x", "connect to http://HOST/x"),
        ("[Errno 111] Connect call failed ('127.0.0.1', 40235)", "[Errno 111] Connect call failed HOST"),
        ("GET /ws/x?access_token=auth_tokens/5fca…da", "GET /ws/x?access_token=auth_tokens/…"),
        ("access_token=auth_tokens%2F5fca…da&x=1", "access_token=auth_tokens%2F…&x=1"),
        ("key cell.js.2.32.0.launch.create.call.v1alpha", "key KEY"),
        ("GET /ws/x?key=cell…11", "GET /ws/x?key=KEY"),
        ("google-genai-sdk/2.32.0 gl-node/v20.20.2", "google-genai-sdk/VERSION gl-node/v20.20.2"),
        ('{"expireTime":"2026-11-25T03:07:40Z"}', '{"expireTime":"TIME"}'),
        ("at /home/me/a/node_modules/ws/lib/x.js:9", "at …/node_modules/ws/lib/x.js:9"),
        ("see /home/me/notes", "see ~/notes"),
        ("HTTP 404 on v1beta, 1011 Token used", "HTTP 404 on v1beta, 1011 Token used"),
        ("/ws/google.ai.generativelanguage.v1.Service", "/ws/google.ai.generativelanguage.v1.Service"),
    ],
)
def test_what_differs_by_chance_is_left_out(text: str, same: str) -> None:
    assert Same()(text) == same


# The page as text.


class Tags(HTMLParser):
    """All tags with their attributes, as a browser would find them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_nothing_that_an_sdk_says_becomes_a_tag() -> None:
    tags = Tags()
    tags.feed(TEXT)
    assert not any("onerror" in attributes for _, attributes in tags.found)
    assert [tag for tag, _ in tags.found if tag == "img"] == []
    assert sum(tag == "script" for tag, _ in tags.found) == 2
    [inert] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', TEXT, re.DOTALL)
    assert any(HOSTILE in text for text in json.loads(inert)["texts"])


def test_the_page_asks_nobody_for_anything() -> None:
    tags = Tags()
    tags.feed(TEXT)
    assert not any({"src", "srcset"} & set(attributes) for _, attributes in tags.found)
    assert all((attributes.get("href") or "#").startswith("#") for _, attributes in tags.found)
    [policy] = [
        attributes["content"]
        for _, attributes in tags.found
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"@import|url\(", TEXT)


def test_the_scripts_build_no_markup_from_texts() -> None:
    scripts = "".join(files("suite.reports.html").joinpath(name).read_text("utf-8") for name in html.SCRIPTS)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", scripts
    )


def test_parts_are_small() -> None:
    for part in files("suite.reports.html").iterdir():
        if part.name.endswith((".py", ".js", ".css", ".html")):
            assert len(part.read_text("utf-8").splitlines()) < 400, part.name


def test_without_scripts_there_is_a_summary_of_ranges() -> None:
    [summary] = re.findall(r"<noscript>(.*?)</noscript>", TEXT, re.DOTALL)
    [row] = [row for row in summary.split("<tr>") if README_CASE in row and "hangs; 3.1.0" in row]
    assert "1.3.0 … 2.32.0 hangs; 3.1.0 … 3.3.0 refused 404" in row
    assert "BROKEN: not measured" in summary
    assert "<caption>@google/genai in Node, service date launch</caption>" in summary


def test_a_run_without_cells_is_a_page() -> None:
    assert "</html>" in html.render(Run((), {}, 0.0))
