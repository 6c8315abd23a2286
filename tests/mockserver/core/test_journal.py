"""The journal: everything that crossed the boundary, in order, readable and without secrets."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import gc
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.agenda import Note
from mockserver.core.effects import Abort, Close, Send
from mockserver.core.facts import FACTS
from mockserver.core.journal import Entry, Journal, hide_secrets, shorten, summary, text
from mockserver.core.notes import TELLERS, Notes
from mockserver.core.options import Options
from mockserver.core.request import Request

from .conftest import KEY, TEXT_MODEL, UNREGISTERED, Backend

HEX = "0123456789abcdef" * 4
TOKEN = f"auth_tokens/{HEX}"


def kinds(backend: Backend, connection: str) -> list[str]:
    """What happened on one connection, in order."""
    return [entry.kind for entry in backend.service.journal if entry.connection == connection]


def test_a_session_is_told_from_handshake_to_close(backend: Backend) -> None:
    client = backend.with_key(model=TEXT_MODEL)
    client.say("hi")
    client.send({"bogus": {}})
    assert kinds(backend, client.name) == [
        "handshake", "open", "in", "out", "in", "out", "out", "out", "in", "refusal", "close",
    ]  # fmt: skip


def test_a_request_and_its_answer_share_a_connection(backend: Backend) -> None:
    backend.post_token()
    backend.post_token({"nope": 1})
    assert kinds(backend, "http-1") == ["request", "response"]
    assert kinds(backend, "http-2") == ["request", "refusal", "response"]


def test_a_refused_handshake_is_told(backend: Backend) -> None:
    client = backend.connect("BidiGenerateContentConstrained", "v1beta")
    assert kinds(backend, client.name) == ["handshake", "refusal", "rejected"]
    [rejected] = [entry for entry in backend.service.journal if entry.kind == "rejected"]
    assert (rejected.status, rejected.what) == (404, "404")


def test_a_request_entry_knows_its_client_and_where_the_key_was(backend: Backend) -> None:
    backend.request(
        "POST",
        "/v1alpha/auth_tokens",
        x_goog_api_key=KEY,
        user_agent="ua",
        x_goog_api_client="google-genai-sdk/1.75.0",
    )
    request = next(iter(backend.service.journal))
    assert request.client == "google-genai-sdk/1.75.0"
    assert request.placement == ("x-goog-api-key",)
    assert (request.owner, request.at, request.number) == (KEY, backend.now, 1)
    backend.request("GET", "/", user_agent="curl/8")
    assert list(backend.service.journal)[2].client == "curl/8"


def test_a_token_s_socket_belongs_to_the_key_that_minted_it(backend: Backend) -> None:
    client = backend.with_token(backend.mint())
    backend.service.lost(client.name, 1000, "bye", backend.now)
    assert {entry.owner for entry in backend.service.journal} == {KEY}
    assert backend.service.journal.of(KEY) == list(backend.service.journal)
    assert backend.service.journal.of("another") == []


@pytest.mark.parametrize(
    ("code", "reason", "what"),
    [(1000, "bye", "by the client: 1000 bye"), (1006, "", "by the client: 1006")],
)
def test_a_client_that_leaves_is_noted_with_its_words(
    backend: Backend, code: int, reason: str, what: str
) -> None:
    client = backend.with_key()
    backend.service.lost(client.name, code, reason, backend.now)
    last = list(backend.service.journal)[-1]
    assert (last.kind, last.what, last.status) == ("lost", what, code)


def test_every_refusal_names_a_fact_its_confidence_and_a_hint(backend: Backend) -> None:
    backend.post_token(version="v1beta")
    backend.post_token({"nope": 1})
    backend.connect().setup()
    backend.connect("Nonsense")
    assert len(backend.refusals) == 4
    for entry in backend.refusals:
        assert entry.fact in FACTS
        assert entry.hint
        assert "{" not in entry.hint.replace("{'api_version'", "").replace("{apiVersion", "")
        assert entry.confidence == FACTS[entry.fact].confidence


def test_the_hint_of_the_first_case_says_what_to_change(backend: Backend) -> None:
    backend.post_token(version="v1beta")
    assert backend.refusals[-1].hint == (
        "tokens are not served on v1beta at this service date: set http_options={'api_version': 'v1alpha'} (Python) "
        "or httpOptions: {apiVersion: 'v1alpha'} (JavaScript) on the client that mints"
    )


def test_a_refusal_is_two_lines_for_a_person(backend: Backend) -> None:
    backend.connect().setup()
    line = backend.refusals[-1].line()
    first, second = line.split("\n")
    assert first.startswith("    ws-1  refusal   Method doesn't allow unregistered callers")
    assert first.endswith("[CLS-002]")
    assert second.strip().startswith("→ no credential arrived: pass api_key")


def test_a_guess_is_marked(backend: Backend) -> None:
    backend.with_token(TOKEN)
    assert "[CLS-006, a guess]" in backend.refusals[-1].line()


def test_the_whole_reason_is_told_though_the_wire_carries_123_bytes(backend: Backend) -> None:
    client = backend.connect()
    client.setup()
    assert client.close == (1008, UNREGISTERED)
    assert backend.refusals[-1].what.endswith("consumer identity to call this API.")


def test_a_ring_forgets_the_oldest_and_counts_them() -> None:
    entries = Journal(max_entries=3)
    for n in range(5):
        entries.add(at=n, connection="c", kind="in")
    assert [entry.number for entry in entries] == [3, 4, 5]
    assert (len(entries), entries.dropped) == (3, 2)


def test_a_ring_is_bounded_in_bytes_too() -> None:
    entries = Journal(max_bytes=10_000)
    for n in range(20):
        entries.add(at=n, connection="c", kind="in", payload=b"x" * 1_000)
    assert entries.bytes == sum(entry.size for entry in entries) <= 10_000
    assert (len(entries), entries.dropped) == (7, 13)
    assert entries.dropped_bytes == 13 * next(iter(entries)).size
    entries.clear()
    assert (entries.bytes, entries.dropped, entries.dropped_bytes) == (0, 0, 0)


def test_the_newest_entry_is_kept_however_large() -> None:
    entries = Journal(max_bytes=100)
    for n in range(3):
        entries.add(at=n, connection="c", kind="in", payload=b"x" * 1_000)
    assert [entry.number for entry in entries] == [3]


@pytest.mark.parametrize("field", ["payload", "what", "hint", "headers"])
def test_all_that_a_client_may_fill_counts(field: str) -> None:
    long = {"payload": b"x" * 5_000, "headers": (("x", "x" * 5_000),)}.get(field, "x" * 5_000)
    assert Entry(1, 0.0, "c", "in", **{field: long}).size > 5_000  # type: ignore[arg-type]


def test_cleared_numbers_go_on_and_nothing_counts_as_dropped() -> None:
    entries = Journal()
    entries.add(at=0, connection="c", kind="in")
    entries.clear()
    assert entries.add(at=0, connection="c", kind="in").number == 2
    assert entries.dropped == 0


def test_watchers_hear_each_entry_once() -> None:
    entries, heard = Journal(), []
    entries.watchers.append(heard.append)
    entry = entries.add(at=0, connection="c", kind="in")
    assert heard == [entry]


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        (TOKEN, "auth_tokens/0123…ef"),
        ("AIzaSyABCDEFGH", "AIza…GH"),
        ("short", "sh…"),
        ("auth_tokens/abc", "auth_tokens/ab…"),
    ],
)
def test_a_secret_is_shortened(secret: str, shown: str) -> None:
    assert shorten(secret) == shown


@pytest.mark.parametrize(
    "text_with_secret",
    [
        f"GET /ws/x?access_token={TOKEN} HTTP",
        f"GET /ws/x?access_token={HEX}",
        f"GET /ws/x?access_token=auth_tokens%2F{HEX}",
        f"GET /ws/x?access_token=auth_tokens%2f{HEX}",
        f"GET /ws/x?a=b&key={HEX}",
        f'{{"name": "{TOKEN}"}}',
        f"auth_tokens%2f{HEX}",
        f"https://x/?key={HEX}#frag",
        f"key AIzaSy{HEX} is bad",
        f"GET /ws/x?KEY=AIzaSy{HEX}",
    ],
)
def test_no_secret_survives_in_a_text(text_with_secret: str) -> None:
    hidden = hide_secrets(text_with_secret)
    assert HEX not in hidden
    assert "…" in hidden


def test_what_is_no_secret_stays() -> None:
    plain = "POST /v1alpha/auth_tokens?alt=json and monkey=banana"
    assert hide_secrets(plain) == plain


def test_an_entry_as_json_has_no_empty_fields_and_no_secrets(backend: Backend) -> None:
    token = backend.mint()
    backend.with_token(token)
    for entry in backend.service.journal:
        shown = entry.shown()
        assert all(value not in (None, "", []) for value in shown.values())
        dumped = json.dumps(shown)
        assert KEY not in dumped
        assert token not in dumped
        assert token.removeprefix("auth_tokens/") not in dumped
        assert token not in entry.line()


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (b'{\n  "setupComplete": {}\n}\n', '{"setupComplete":{}}'),
        (b"\xff", "�"),
        (b'"' + b"x" * 200 + b'"', '"' + "x" * 119 + "… (202 bytes)"),
        (b"", ""),
    ],
)
def test_a_frame_is_one_short_line(payload: bytes, shown: str) -> None:
    assert summary(payload) == shown


@pytest.mark.parametrize("payload", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 700 + b"]" * 700])
def test_a_frame_nested_without_end_is_a_short_line_too(payload: bytes) -> None:
    assert len(summary(payload)) < 200


def test_a_journal_as_text_has_a_line_for_each_entry() -> None:
    entries = [Entry(n, 0.0, "ws-1", "in", what=str(n)) for n in (1, 2)]
    assert text(entries).splitlines() == ["    ws-1  in        1", "    ws-1  in        2"]


@pytest.mark.parametrize(("effect", "kind", "what"), [
    (Send(b"{}"), "out", "{}"), (Close(1000, ""), "close", "1000"), (Abort(), "lost", "dropped by script"),
])  # fmt: skip
def test_effects_are_noted(backend: Backend, effect: Send | Close | Abort, kind: str, what: str) -> None:
    from mockserver.core.script import Rule, Script

    backend.service.play(Script("one", (Rule("turn", (effect,)),)))
    backend.with_key().say("go")
    last = list(backend.service.journal)[-1]
    assert (last.kind, last.what) == (kind, what)


@pytest.mark.parametrize("secure", [True, False])
def test_an_opening_entry_has_the_headers_and_whether_it_came_over_tls(
    backend: Backend, secure: bool
) -> None:
    headers = (("x-compat", "mine"), ("x-goog-api-key", KEY))
    backend.service.request(
        Request("POST", "/v1alpha/auth_tokens", headers, b"{}", secure=secure), backend.now
    )
    backend.service.handshake(Request("GET", "/ws/nothing", headers, secure=secure), backend.now)
    openings = [entry for entry in backend.service.journal if entry.kind in ("request", "handshake")]
    assert len(openings) == 2
    for entry in openings:
        assert entry.secure is secure
        assert dict(entry.headers) == {"x-compat": "mine", "x-goog-api-key": KEY}
    others = [entry for entry in backend.service.journal if entry not in openings]
    assert all(entry.secure is False for entry in others)
    answered = [entry for entry in others if entry.kind in ("response", "rejected")]
    assert len(answered) == 2
    assert all("content-type" in dict(entry.headers) for entry in answered)
    assert all(not entry.headers for entry in others if entry not in answered)


def test_headers_with_credentials_are_shown_shortened_and_others_whole() -> None:
    headers = (
        ("authorization", f"Token {TOKEN}"),
        ("x-goog-api-key", "a-key-of-somebody"),
        ("proxy-authorization", "Basic c29tZWJvZHk6c2VjcmV0"),
        ("cookie", "session=0123456789"),
        ("user-agent", "mine/1.0"),
        ("referer", f"https://here/?key={KEY}"),
    )
    shown = Entry(1, 0.0, "http-1", "request", headers=headers, secure=True).shown()
    assert shown["secure"] is True
    assert shown["headers"] == {
        "authorization": "Token auth_tokens/0123…ef",
        "x-goog-api-key": "a-ke…dy",
        "proxy-authorization": "Basic c29t…V0",
        "cookie": "sess…89",
        "user-agent": "mine/1.0",
        "referer": f"https://here/?key={shorten(KEY)}",
    }
    text = str(shown)
    assert not any(secret in text for secret in ("somebody", "c29tZWJvZHk6c2VjcmV0", "0123456789", KEY, HEX))


def test_an_entry_without_headers_shows_none() -> None:
    assert set(Entry(1, 0.0, "ws-1", "in").shown()) == {"number", "at", "connection", "kind"}


# -- many at once -----------------------------------------------------------------------------------------

sends = st.builds(
    Send, st.sampled_from([b"", b"{}", b"x" * 200, b'{"a": 1}' * 90, b"y" * 5_000]), st.booleans()
)
stretches = (
    st.lists(sends, min_size=1, max_size=9) | st.just([Note("fault", "x")]) | st.just([Close(1000, "bye")])
)


@given(
    st.lists(stretches | st.sampled_from(["look", "watch", "clear"]), max_size=9),
    st.integers(1, 12),
    st.integers(400, 9_000),
)
def test_frames_that_are_noted_at_once_are_noted_one_by_one(
    told: list[list[Send] | str], max_entries: int, max_bytes: int
) -> None:
    seen: list[list[Entry]] = [[], []]
    journals = [Journal(max_entries, max_bytes, TELLERS) for _ in seen]
    at_once, one_by_one = (Notes(journal, Options()) for journal in journals)
    for number, what in enumerate(told):
        if what == "look":
            assert list(journals[0]) == list(journals[1])
        elif what == "watch":
            for journal, entries in zip(journals, seen, strict=True):
                journal.watchers.append(entries.append)
        elif what == "clear":
            for journal in journals:
                journal.clear()
                journal.watchers.clear()
        else:
            sent = at_once.effects(what, "ws-1", KEY, float(number))
            singly = [one_by_one.effects([one], "ws-1", KEY, float(number)) for one in what]
            assert sent == [effect for effects in singly for effect in effects]
        kept = [(len(one), one.bytes, one.dropped, one.dropped_bytes) for one in journals]
        assert kept[0] == kept[1]
    assert seen[0] == seen[1]
    assert list(journals[0]) == list(journals[1])


def test_messages_that_nobody_looked_at_are_nothing_to_the_garbage_collector() -> None:
    """It would look through all that a journal keeps, again and again: sessions would wait for that."""
    journal = Journal(tellers=TELLERS)
    notes = Notes(journal, Options())
    notes.received(b"{}", "ws-1", KEY, 1.0, text=False)
    notes.effects([Send(b"{}")], "ws-1", KEY, 1.0)
    notes.effects([Send(b"{}"), Send(b"{}"), Send(b"{}", text=True)], "ws-1", KEY, 1.0)
    for _ in range(2):  # it sees that there is nothing in a tuple once it knows of what is in it
        gc.collect()
    assert not [entry for entry in journal._entries if gc.is_tracked(entry)]
    assert [(entry.kind, entry.text) for entry in journal] == [
        ("in", False), ("out", False), ("out", False), ("out", False), ("out", True)
    ]  # fmt: skip
