"""The page about limits and reliability is made from what is there now."""

from __future__ import annotations

from . import reliability_page


def test_the_page_is_current() -> None:
    page = reliability_page.PAGE.read_text("utf-8")
    assert page == reliability_page.made(page), "run python -m tests.reliability_page --write"
    for part in reliability_page.PARTS.values():
        assert part() in page
