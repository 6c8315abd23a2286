"""The live page in Chromium: what it shows and does."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import shutil
import struct
from typing import TYPE_CHECKING, Any, Final

import pytest

from mockserver import READY, Call, Echo, MockServer, Rule, Say, Script, Think

from ..conftest import Live, Wire, live_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODEL: Final = "models/gemini-3.8-live"
#: A browser on a busy machine; each step takes tens of milliseconds.
PATIENCE_MS: Final = 10_000
FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip


# -- in Chromium ------------------------------------------------------------------------------------------


def _chromium() -> str | None:
    named = os.environ.get("GENAI_LIVE_COMPAT_CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for all tests here."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = _chromium()
    assert program, (
        "no Chromium, expected one on PATH: apt-get install chromium, or deselect with -m 'not browser'"
    )
    with playwright.sync_playwright() as driver:
        one = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield one
        one.close()


class Watched:
    """A server and the page that shows it."""

    def __init__(self, server: MockServer, page: Any) -> None:
        self.server, self.page = server, page

    def mint(self, version: str = "v1alpha", **fields: Any) -> str:
        """Mint over HTTP."""
        with contextlib.closing(Wire(self.server.port)) as wire:
            body = json.dumps(fields).encode()
            answer = wire.request(
                "POST", f"/{version}/auth_tokens", body, x_goog_api_key="backend-key-of-ours"
            )
            return str(answer.json["name"]) if answer.status == 200 else ""

    def connection(self, name: str) -> Any:
        """The card of a request or a socket."""
        return self.page.locator(f".connection[data-name='{name}']")

    def sees(self, locator: Any, text: str) -> None:
        """Wait until something shows a text."""
        locator.filter(has_text=text).first.wait_for(timeout=PATIENCE_MS)


@pytest.fixture
def watched(serve: Callable[..., MockServer], browser: Any) -> Iterator[Watched]:
    """A server, watched; the page may not complain."""
    server = serve()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(server.live_page)
    page.locator(".link.on").wait_for(timeout=PATIENCE_MS)
    yield Watched(server, page)
    page.close()
    # What is refused, or cannot be reached, is told on the page; the browser says it as well.
    assert [said for said in complaints if not said.startswith("Failed to load resource")] == []


@pytest.fixture
def live_on() -> Iterator[Callable[..., Live]]:
    """Open sockets by port and query."""
    opened: list[Live] = []

    def open_one(server: MockServer, query: str = "key=frontend-key-of-ours", method: str = "") -> Live:
        opened.append(Live(server.port, live_path(f"BidiGenerateContent{method}", query=query)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.mark.browser
class TestInChromium:
    def test_a_session_appears_as_it_happens(self, watched: Watched, live_on: Any) -> None:
        page = watched.page
        assert page.locator("#empty").is_visible()
        socket = live_on(watched.server).setup(MODEL).expect_ready()
        card = watched.connection("ws-1")
        watched.sees(card, "open")
        assert not page.locator("#empty").is_visible()
        socket.receive()
        socket.say("hello, can you hear me?").expect_turn()
        watched.sees(card.locator(".is-user .bubble"), "hello, can you hear me?")
        watched.sees(card.locator(".is-model .bubble"), "s of sound in")
        assert card.locator(".is-model").count() == 1, "a turn is one thing, not its forty frames"
        socket.close(1000)
        watched.sees(card.locator(".badge"), "left 1000")

    def test_what_was_there_before_is_shown_too(self, watched: Watched) -> None:
        watched.mint()
        watched.page.reload()
        watched.sees(watched.connection("http-1"), "POST /v1alpha/auth_tokens")

    def test_the_sound_of_a_whole_turn_plays(self, watched: Watched, live_on: Any) -> None:
        socket = live_on(watched.server).setup(MODEL).expect_ready()
        socket.receive()
        turn = socket.say("hello, can you hear me?").expect_turn()
        sent = b"".join(
            base64.b64decode(part["inlineData"]["data"])
            for message in turn
            for part in message.get("serverContent", {}).get("modelTurn", {}).get("parts", [])
            if "inlineData" in part
        )
        card = watched.connection("ws-1")
        card.locator(".is-model .sound button").click(timeout=PATIENCE_MS)
        audio = card.locator("audio")
        length = audio.evaluate(
            """async (a) => {
              if (isNaN(a.duration)) await new Promise((ok) => { a.onloadedmetadata = ok; });
              return a.duration;
            }"""
        )
        assert length == pytest.approx(len(sent) / 2 / 24_000, abs=0.01)

    def test_the_sound_of_the_user_is_one_thing_however_it_was_cut(
        self, watched: Watched, live_on: Any
    ) -> None:
        socket = live_on(watched.server).setup(MODEL).expect_ready()
        wave = b"".join(struct.pack("<h", int(9000 * math.sin(n / 8))) for n in range(16_000))
        for start in range(0, len(wave), 3200):
            data = base64.b64encode(wave[start : start + 3200]).decode()
            socket.send({"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": data}}})
        watched.sees(watched.connection("ws-1").locator(".is-user"), "1.0 s of sound in 10 pieces")

    def test_a_tool_call_is_told_with_thought_and_response(self, watched: Watched, live_on: Any) -> None:
        steps = (Think("I had better look."), Call("look", {"far": True}), Say("{response}"))
        watched.server.play(Script("looks", (Rule("turn", steps),)))
        socket = live_on(watched.server).setup(MODEL).expect_ready()
        message = socket.say("look").receive()
        while "toolCall" not in message:
            message = socket.receive()
        id = message["toolCall"]["functionCalls"][0]["id"]
        response = {"id": id, "name": "look", "response": {"seen": "much"}}
        socket.send({"tool_response": {"function_responses": [response]}}).expect_turn()
        card = watched.connection("ws-1")
        watched.sees(card.locator(".is-model .thought"), "I had better look.")
        watched.sees(card.locator(".is-model code"), 'look({"far":true})')
        watched.sees(card.locator(".is-user code"), 'look → {"seen":"much"}')

    def test_a_refusal_is_shown_with_fact_and_fix(self, watched: Watched) -> None:
        watched.mint("v1beta")
        refusal = watched.connection("http-1").locator(".refusal")
        watched.sees(refusal, "[TOK-002]")
        watched.sees(refusal.locator(".fix"), "tokens are not served on v1beta at this service date")
        watched.sees(watched.page.locator("#announce"), "http-1 refused")
        watched.sees(watched.page.locator("#verdict li"), "was refused")

    def test_markup_from_a_client_stays_text(self, watched: Watched, live_on: Any) -> None:
        nasty = "<img src=x onerror=alert(1)><b>bold</b>"
        socket = live_on(watched.server).setup(MODEL).expect_ready()
        socket.say(nasty).expect_turn()
        watched.sees(watched.connection("ws-1").locator(".is-user .bubble p"), nasty)
        assert watched.page.locator("#connections img, #connections b").count() == 0

    def test_secrets_are_not_on_the_page(self, watched: Watched, live_on: Any) -> None:
        token = watched.mint()
        live_on(watched.server, f"access_token={token}", "Constrained").setup(MODEL).expect_ready()
        watched.sees(watched.connection("ws-1"), "open")
        for raw in watched.page.locator(".raw > summary").all():
            raw.click()
        shown = watched.page.content()
        assert token.removeprefix("auth_tokens/") not in shown
        assert "backend-key-of-ours" not in shown

    def test_buttons_move_the_clock(self, watched: Watched, live_on: Any) -> None:
        page = watched.page
        socket = live_on(watched.server).setup(MODEL).expect_ready()
        socket.receive()
        page.get_by_role("button", name="+1 min").click()
        watched.sees(page.locator("#moved"), "+1:00 min")
        page.get_by_role("button", name="+1 s").click()
        watched.sees(page.locator("#moved"), "+1:01 min")
        page.get_by_role("button", name="to next due").click(timeout=PATIENCE_MS)
        assert socket.receive() == {"goAway": {"timeLeft": "50s"}}
        watched.sees(watched.connection("ws-1").locator(".is-warning"), "goAway: 50s left")

    def test_a_token_is_minted_and_counted_down(self, watched: Watched, live_on: Any) -> None:
        page = watched.page
        page.get_by_text("Mint one").click()
        page.get_by_label("Uses").fill("2")
        page.get_by_label("Lock to a model").fill(MODEL)
        page.get_by_role("button", name="Mint", exact=True).click()
        output = page.locator("#minted output")
        output.wait_for(timeout=PATIENCE_MS)
        live_on(watched.server, f"access_token={output.text_content()}", "Constrained").setup().expect_ready()
        watched.sees(page.locator("#tokens li"), "1 use left")
        watched.sees(page.locator("#tokens li"), "locked")
        watched.server.advance(61)
        watched.sees(page.locator("#tokens li"), "no new sessions")

    def test_what_cannot_be_is_told_with_what_to_do(self, watched: Watched) -> None:
        page = watched.page
        page.get_by_text("Mint one").click()
        page.get_by_label("Expires in minutes").fill("1200")
        page.get_by_label("Lock to a model").fill("x" * 8)
        page.evaluate("document.querySelector('[name=minutes]').removeAttribute('max')")
        page.get_by_label("Expires in minutes").fill("99999")
        page.get_by_role("button", name="Mint", exact=True).click()
        watched.sees(page.locator("#problem"), "→")

    def test_scripts_are_played_and_their_rules_counted(self, watched: Watched, live_on: Any) -> None:
        page = watched.page
        watched.server.play(Script("mine", (Rule("turn", (Echo(),)),)))
        watched.sees(page.locator("#script-name"), "mine")
        live_on(watched.server).setup(MODEL).expect_ready().say("hi").expect_turn()
        watched.sees(page.locator("#rules li"), "spoke 1 of 1 times")
        page.get_by_label("Ready-made").select_option("go-away-and-resume")
        watched.sees(page.locator("#about"), READY["go-away-and-resume"].about)
        page.get_by_role("button", name="Play", exact=True).click()
        watched.sees(page.locator("#script-name"), "go-away-and-resume")

    @pytest.mark.parametrize("fault", ["close 1011", "drop", "silence", "goAway"])
    def test_a_fault_is_put_in_front_of_the_next_turn(
        self, watched: Watched, live_on: Any, fault: str
    ) -> None:
        page = watched.page
        socket = live_on(watched.server).setup(MODEL).expect_ready()
        page.get_by_role("button", name=fault, exact=True).click()
        watched.sees(page.locator("#rules li"), "spoke 0 of 0 times")
        socket.say("hello")
        watched.sees(page.locator("#rules li"), "spoke 1 of 1 times")
        assert page.locator("#problem").is_hidden()

    def test_a_reset_clears_the_page(self, watched: Watched) -> None:
        watched.mint()
        watched.sees(watched.connection("http-1"), "200")
        watched.page.get_by_role("button", name="Reset").click()
        watched.page.locator("#empty").wait_for(timeout=PATIENCE_MS)
        assert watched.server.tokens == ()

    def test_filters_hide_the_rest(self, watched: Watched, live_on: Any) -> None:
        page = watched.page
        watched.mint()
        watched.mint("v1beta")
        live_on(watched.server).setup(MODEL).expect_ready().say("zebra").expect_turn()
        watched.sees(watched.connection("ws-1"), "zebra")

        def shown() -> list[str]:
            return [one.get_attribute("data-name") for one in page.locator(".connection:visible").all()]

        assert shown() == ["ws-1", "http-2", "http-1"]
        for choice, names in (
            ("ws", ["ws-1"]),
            ("http", ["http-2", "http-1"]),
            ("refused", ["http-2"]),
            ("open", ["ws-1"]),
        ):
            page.locator("#show").select_option(choice)
            assert shown() == names
        page.locator("#show").select_option("all")
        page.keyboard.press("Escape")
        page.locator("body").press("/")
        page.keyboard.type("ZEBRA")
        assert shown() == ["ws-1"]
        assert page.locator("#count").text_content() == "1 of 3 shown"

    def test_it_comes_back_when_the_server_does(self, watched: Watched, tls_dir: Path) -> None:
        watched.mint()
        watched.sees(watched.connection("http-1"), "200")
        port = watched.server.port
        watched.server.stop()
        watched.page.locator(".link.off").wait_for(timeout=PATIENCE_MS)
        with MockServer(port=port, tls_dir=tls_dir):
            watched.page.locator(".link.on").wait_for(timeout=PATIENCE_MS)
            watched.page.locator("#empty").wait_for(timeout=PATIENCE_MS)
        watched.page.goto("about:blank")
        watched.server.start()

    def test_everything_is_reached_by_keyboard(self, watched: Watched) -> None:
        page = watched.page
        watched.mint("v1beta")
        watched.sees(watched.connection("http-1"), "[TOK-002]")
        reached = set()
        page.locator("body").press("Tab")
        for _ in range(40):
            reached.add(
                page.evaluate(
                    "document.activeElement.id || document.activeElement.textContent.trim().slice(0, 12)"
                )
            )
            page.keyboard.press("Tab")
        assert {
            "Skip to the traffic"[:12],
            "+1 s",
            "+1 min",
            "reset",
            "search",
            "show",
            "Mint one",
            "Play",
        } <= reached

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [360, 768, 1280])
    def test_it_fits_a_phone_and_can_be_read(self, watched: Watched, width: int, scheme: str) -> None:
        page = watched.page
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        watched.mint("v1beta")
        watched.sees(watched.connection("http-1"), "[TOK-002]")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRASTS) == []


#: What is harder to read than WCAG AA allows: text against the nearest background that is no glass.
CONTRASTS: Final = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4))
    .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const says = (one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.checkVisibility() && !one.disabled && says(one))
    .map((one) => {
      const [a, b] = [light(rgb(getComputedStyle(one).color)), light(behind(one))].sort((x, y) => y - x);
      return [one.textContent.trim().slice(0, 30), (a + .05) / (b + .05)];
    })
    .filter(([, ratio]) => ratio < 4.5);
}"""
