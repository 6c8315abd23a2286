"""The page can be read: on a phone, in light and dark, without motion, without scripts."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from .conftest import CELL, strip

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE: Final = {"width": 360, "height": 740}
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
