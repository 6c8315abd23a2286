"""A cell opens into its story, and a boundary into what changes there."""

from __future__ import annotations

from typing import Any

import pytest

from ..page_run import README_CASE
from .conftest import CELL

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


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
