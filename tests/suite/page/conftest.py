"""The page of a run, opened in Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.environments import web
from suite.reports import html

from ..page_run import README_CASE, page_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CELL: Final = f"js==2.32.0/launch/{README_CASE}"
DESK: Final = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; the tests fail with the reason where there is none."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=web.find_chromium(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "matrix.html"
    path.write_text(html.render(page_run()), "utf-8")
    return path.as_uri()


class Opened:
    """A page with all that it complains of, and all that it asks for."""

    def __init__(self, browser: Any, address: str, **context: Any) -> None:
        self.context = browser.new_context(**{"viewport": DESK, **context})
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)

    def text(self, selector: str) -> str:
        return " ".join(self.page.locator(selector).inner_text().split())

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.textContent"))

    def choose(self, label: str, value: str) -> None:
        """In the chooser or in the filters of the matrix."""
        forms = self.page.locator("#choices, #filters")
        forms.get_by_label(label, exact=True).select_option(value)


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Any]:
    """Opens the page, with this part behind #; whatever happens, it may not complain or ask for anything."""
    pages: list[Opened] = []

    def open_page(hash: str = "", **context: Any) -> Opened:
        pages.append(Opened(browser, address + (f"#{hash}" if hash else ""), **context))
        return pages[-1]

    yield open_page
    for page in pages:
        asked = [url for url in page.requests if not url.startswith("file:")]
        page.context.close()
        assert page.complaints == []
        assert asked == []


def strip(page: Opened) -> list[str]:
    return [" ".join(text.split()) for text in page.page.locator(".strip button").all_inner_texts()]
