"""The chooser and the matrix: they answer the question of the page, by mouse and keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import strip

if TYPE_CHECKING:
    from .conftest import Opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


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
