"""The page in Chromium: it answers its question, by mouse and keyboard, on a desk and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.environments import web
from suite.reports import html

from .page_run import README_CASE, page_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

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
PHONE: Final = {"width": 360, "height": 740}
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


# The chooser.


def strip(page: Opened) -> list[str]:
    return [" ".join(text.split()) for text in page.page.locator(".strip button").all_inner_texts()]


def test_the_case_of_the_readme_is_answered_at_once(opened: Any) -> None:
    page = opened()
    assert page.page.get_by_label("@google/genai in Node").is_checked()
    assert page.page.get_by_label("The backend sets it").input_value() == "call=v1alpha"
    assert page.page.get_by_label("The frontend sets it").input_value() == "none"
    assert page.page.get_by_label("launch (2025-05-20)").is_checked()
    assert strip(page) == [
        "– absent 0.2.0 … 1.2.0",
        "∞ hangs 1.3.0 … 2.32.0",
        "⊘ refused 404 3.1.0 … 3.3.0",
    ]
    assert page.text("#answer .headline").startswith(
        "Works in none of 26 versions with tokens. 7 older versions"
    )
    assert "Write this instead: works in 1.3.0 … 3.3.0" in page.text(".instead")
    assert "httpOptions: {apiVersion: 'v1alpha'}" in page.text(
        ".instead section:nth-child(2) .snippet >> nth=1"
    )
    cards = page.page.locator(".span")
    assert cards.nth(0).locator("h3").inner_text().split("\n")[0].startswith("⊘ refused 404 3.1.0 … 3.3.0")
    assert "the call raises Error" in cards.nth(0).inner_text()
    assert "new GoogleGenAI({apiKey: token.name" in cards.nth(1).inner_text()


def test_another_choice_gives_another_answer_and_an_address(opened: Any) -> None:
    page = opened()
    page.choose("The frontend sets it", "client=v1alpha")
    assert strip(page) == ["– absent 0.2.0 … 1.2.0", "✓ works 1.3.0 … 3.3.0"]
    assert page.focused()
    assert page.page.url.endswith("#choose=js/launch/create:call=v1alpha/connect:client=v1alpha")
    page.page.locator("#choices").get_by_text("google-genai", exact=True).click()
    assert strip(page)[0] == "✓ works 2.33.0 … 2.34.0"
    assert "? not measured 3.0.0" in strip(page)
    again = opened(page.page.url.partition("#")[2])
    assert strip(again) == strip(page)


def test_a_choice_that_was_not_run_leads_to_one_that_was(opened: Any) -> None:
    page = opened()
    page.page.get_by_label("The backend sets it").focus()
    page.choose("The backend sets it", "client=v1alpha,call=v1beta")
    assert page.page.get_by_label("The frontend sets it").input_value() == "client=v1alpha"
    assert page.page.evaluate("document.activeElement.id") == "choose-create"


# The matrix.


def heads(page: Opened) -> list[str]:
    return [" ".join(text.split()) for text in page.page.locator(".versions th").all_inner_texts()]


def shown(page: Opened) -> set[str]:
    return {" ".join(text.split()) for text in page.page.locator("#box td.cell").all_inner_texts()}


def test_neighbours_that_show_the_same_are_one_column_that_opens(opened: Any) -> None:
    page = opened()
    before = heads(page)
    assert "0.2.0 … 1.2.0" in before
    page.page.locator(".versions").get_by_role("button", name="… 1.2.0").click()
    assert heads(page)[1:8] == ["0.2.0", "0.7.0", "0.8.0", "0.9.0", "0.10.0", "0.15.0", "1.2.0"]
    page.page.locator(".versions").get_by_role("button", name="0.7.0").click()
    assert heads(page) == before
    page.choose("columns", "each")
    assert len(heads(page)) == 1 + 33
    page.choose("columns", "anything")
    assert len(before) < len(heads(page)) < 34


def test_filters_leave_what_is_looked_for(opened: Any) -> None:
    page = opened("sdk=python")
    page.choose("status", "findings")
    assert "FAIL" in " ".join(shown(page))
    assert page.page.locator(".behaviour", has_text="closes with 1011").count() == 1  # broken in 3.0.0
    page.choose("from", "3.1.0")
    assert page.text("#shown").startswith("1 case in 4 versions")
    page.page.get_by_role("button", name="clear").click()
    page.choose("service date", "latest")
    assert "latest (2026-11-22)" in page.text("#box .group")
    page.choose("topic", "placement")
    page.choose("verdict", "absent")
    assert page.text("#box") == "No cell is like that: clear a filter."
    page.choose("verdict", "")
    page.page.get_by_label("configuration or text").fill("create:none connect:session")
    assert page.text("#shown").startswith("3 cases")
    assert page.page.evaluate("document.activeElement.id") == "filter-text"
    again = opened(page.page.url.partition("#")[2])
    assert again.text("#shown") == page.text("#shown")


def test_all_sdks_stand_side_by_side(opened: Any) -> None:
    page = opened("sdk=all&topic=handshake")
    assert page.text(".sdks") == "google-genai @google/genai in Node"
    assert {"3.4.0", "3.1.0 … 3.3.0"} <= set(heads(page))


def test_what_is_not_green_has_a_word_and_a_sign(opened: Any) -> None:
    page = opened("sdk=python")
    assert {"≠ FAIL: refused 404", "? not measured"} <= shown(page)
    assert any(text.startswith(("⊘ KNOWN", "✓ KNOWN")) for text in shown(page))
    hatched = "e => getComputedStyle(e).backgroundImage"
    broken = page.page.locator("td.cell", has_text="not measured").first
    assert "repeating-linear-gradient" in broken.evaluate(hatched)
    known = page.page.locator("td.cell", has_text="KNOWN").first
    assert "repeating-linear-gradient" in known.evaluate(hatched)
    assert "none" in page.page.locator("td.cell", has_text="✓ works").first.evaluate(hatched)


# The story, and the keyboard.


def test_a_story_opens_and_closes_by_keyboard_and_the_focus_returns(opened: Any) -> None:
    page = opened("sdk=js&text=call=v1alpha/connect:none&date=launch")
    page.page.locator("#filter-rows").focus()
    for _ in range(3):  # clear, the box, the first cell
        page.page.keyboard.press("Tab")
        if page.page.evaluate("document.activeElement.matches('td.cell')"):
            break
    assert "absent" in page.focused()
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("ArrowDown")
    assert "hangs" in page.focused()
    page.page.keyboard.press("Enter")
    assert page.page.locator("#story").is_visible()
    assert page.focused() == "API version at create: call=v1alpha, at connect: none"
    assert f"cell={CELL}" in page.page.url
    page.page.keyboard.press("Escape")
    assert not page.page.locator("#story").is_visible()
    assert "hangs" in page.focused()
    assert "cell=" not in page.page.url


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["ArrowLeft"], "call=v1alpha"),
        (["Home"], "call=v1alpha"),
        (["End"], "refused 404"),
        (["ArrowRight", "ArrowUp"], "Δ"),
        (["Control+Home"], "case"),
        (["Control+End"], "refused"),
        (["PageDown", "PageUp", "ArrowUp", "ArrowUp", "ArrowUp"], "0.2.0"),
        (["ArrowUp", "ArrowUp", "Enter", "ArrowRight"], "0.7.0"),  # opens the range, and goes on there
    ],
)
def test_arrows_lead_from_cell_to_cell(opened: Any, keys: list[str], said: str) -> None:
    page = opened("sdk=js&text=call=v1alpha&date=launch")
    page.page.locator("#box td.cell").first.focus()
    for key in keys:
        page.page.keyboard.press(key)
    assert said in page.focused()
    assert page.page.locator("#box [tabindex='0']").count() == 1


def test_a_story_tells_code_wire_sight_and_reasons(opened: Any) -> None:
    page = opened(f"cell={CELL}")
    story = page.text("#story")
    for part in (
        "@google/genai in Node 2.32.0, service date launch (2025-05-20)",
        "The same in 1.3.0 … 2.32.0.",
        "this service date does not serve: HTTP 404: the call never settles",
        "new GoogleGenAI({apiKey: token.name, httpOptions: {apiVersion: 'v1alpha'}})",
        "const token = await ai.authTokens.create({",
        "credential in ?access_token=",
        "refused: not served WS-015",
        "never returns",
        "google-genai-sdk/2.32.0 gl-node/v20",
        "js 1.3.0 default version v1beta",
        "inferred",
    ):
        assert part in story, part
    assert page.page.locator(".sequence li.hangs").count() == 1
    page.page.get_by_role("button", name="WS-015").click()
    assert "js-genai/issues/691" in page.text("#fact-WS-015")


def test_from_a_story_to_the_neighbouring_version(opened: Any) -> None:
    page = opened(f"cell={CELL}")
    page.page.get_by_role("button", name="newer › (3.1.0)").click()
    assert "refused 404" in page.text("#story .where")
    assert "cell=js==3.1.0/launch/" in page.page.url
    page.page.get_by_role("button", name="close").click()
    assert page.page.evaluate("document.activeElement.id") == "matrix-title"


def test_a_story_of_a_finding_says_what_differs_and_one_of_nothing_says_so(opened: Any) -> None:
    page = opened("cell=python==3.4.0/launch/handshake:404")
    assert "FAIL: measured otherwise than predicted" in page.text("#story")
    assert "</script><img src=x" in page.text("#story")
    broken = opened(f"cell=python==3.0.0/launch/{README_CASE}")
    assert "Nothing was measured, so nobody knows" in broken.text("#story")
    assert "client.auth_tokens.create(" in broken.text("#story")


def test_cases_that_are_one_row_have_a_story_each(opened: Any) -> None:
    page = opened("sdk=js&topic=placement&date=launch")
    page.page.locator("#box tr:has(.slugs code + code) td.cell").last.press("Enter")
    choice = page.page.locator("#story-case")
    labels = choice.locator("option").all_inner_texts()
    assert len(labels) > 1
    choice.select_option(label=labels[-1])
    assert page.focused().lower() == labels[-1].lower()
    page.page.keyboard.press("Escape")
    assert page.page.evaluate("document.activeElement.matches('td.cell')")


# Changes.


def test_a_boundary_leads_to_what_changes_there(opened: Any) -> None:
    page = opened()
    page.page.locator(".deltas button").last.click()
    assert page.page.get_by_label("from", exact=True).last.input_value()
    text = page.text("#changed")
    assert "cells differ between 2.32.0 and 3.1.0" in text
    assert "∞ hangs → ⊘ refused 404" in text
    assert "− request BidiGenerateContentConstrained on v1beta with ?access_token= → 404" in text
    assert "+ request BidiGenerateContentConstrained on v1 with ?access_token= → 404" in text
    assert "+ error Error" in text
    assert page.page.url.endswith("#changes=js==2.32.0..js==3.1.0")
    page.page.get_by_role("button", name="‹ change before").click()
    assert "and 2.32.0" not in page.text("#changed .headline")
    page.page.locator("#changed .plain").first.click()
    assert page.page.locator("#story").is_visible()


def test_versions_that_differ_in_nothing_say_so(opened: Any) -> None:
    page = opened("changes=js==3.1.0..js==3.3.0")
    assert page.text("#changed") == "Nothing differs between 3.1.0 and 3.3.0."


# Looks.

WIDTHS: Final = "[document.documentElement.scrollWidth, window.innerWidth]"
#: The contrast of every text with what is behind it, where that is a plain colour: the worst of them.
CONTRAST: Final = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = rgb(colour).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (rgb(colour)[3] === 255) return colour;
    }
    return 'white';
  };
  let worst = [99, ''];
  for (const element of document.querySelectorAll('body *:not(script, style, option)')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const unseen = element.closest('.aside, .skip, [disabled], noscript') || !element.checkVisibility();
    if (!own || unseen) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const where = `${element.tagName}.${element.className} ${element.textContent.slice(0, 40)}`;
    if (ratio < worst[0]) worst = [ratio, where];
  }
  return worst;
}"""


@pytest.mark.parametrize(
    "hash", ["", f"cell={CELL}", "changes=js==2.32.0..js==3.1.0", "sdk=all&columns=each"]
)
def test_a_phone_scrolls_in_one_direction_only(opened: Any, hash: str) -> None:
    page = opened(hash, viewport=PHONE)
    wide, width = page.page.evaluate(WIDTHS)
    assert wide <= width == PHONE["width"]
    story = page.page.evaluate("[document.getElementById('story').scrollWidth, window.innerWidth]")
    assert story[0] <= story[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("hash", ["sdk=python", f"cell={CELL}"])
def test_everything_can_be_read_in_light_and_dark(opened: Any, scheme: str, hash: str) -> None:
    page = opened(hash, color_scheme=scheme)
    ratio, where = page.page.evaluate(CONTRAST)
    assert ratio >= 4.5, where


def test_colours_follow_the_system_until_somebody_chooses(opened: Any) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = opened(color_scheme="light"), opened(color_scheme="dark")
    colours = [page.page.evaluate(ground) for page in (light, dark)]
    assert colours[0] != colours[1]
    toggle = light.page.locator("#theme")
    for _ in range(2):  # light, then dark
        toggle.click()
    assert light.page.evaluate(ground) == colours[1]
    assert light.page.url.endswith("#theme=dark")
    assert opened("theme=dark").page.evaluate(ground) == colours[1]


def test_nothing_moves_for_whoever_wants_that(opened: Any) -> None:
    animation = "getComputedStyle(document.getElementById('story')).animationName"
    still = opened(f"cell={CELL}", reduced_motion="reduce")
    assert still.page.evaluate(animation) == "none"


def test_the_first_stop_skips_to_the_matrix(opened: Any) -> None:
    page = opened(reduced_motion="reduce")
    page.page.keyboard.press("Tab")
    assert page.focused() == "Skip to the matrix"
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("document.activeElement.id") == "matrix-title"
    assert "#" not in page.page.url


def test_every_control_has_a_name(opened: Any) -> None:
    page = opened()
    names = page.page.evaluate(
        """() => [...document.querySelectorAll('button, select, input')]
        .filter((e) => !(e.labels?.length || e.ariaLabel || e.textContent.trim())).map((e) => e.outerHTML)"""
    )
    assert names == []


def test_without_scripts_the_ranges_are_there(opened: Any) -> None:
    page = opened(java_script_enabled=False)
    assert re.search(r"1\.3\.0 … 2\.32\.0 hangs; 3\.1\.0 … 3\.3\.0 refused 404", page.page.content())


def test_a_snippet_can_be_taken_along(opened: Any) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    page.page.locator(".instead .copy").first.click()
    page.page.get_by_text("copied", exact=True).first.wait_for()


def test_an_address_that_leads_nowhere_leads_to_the_page(opened: Any) -> None:
    page = opened("cell=js==9.9.9/launch/x&choose=a/b/c&changes=x..y&sdk=z&from=q&%E0%A4%A")
    assert strip(page)[0].startswith("– absent")
    assert not page.page.locator("#story").is_visible()
