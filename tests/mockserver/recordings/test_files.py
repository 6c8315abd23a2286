"""Recordings in files: readable, without secrets, whole to the last line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver import READY, MockServer, Relay, load
from mockserver.recordings import command, files, googles, read, writer
from mockserver.recordings.entries import Reader
from mockserver.recordings.stand_ins import StandIns

from ..conftest import Wire
from ..core.test_replaying import lines as any_line
from .conftest import REAL, a_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver.core.takes import Line

HEADER = files.header("https://example.test", "tool", "2026-11-25T00:00:00Z")


def test_a_recording_is_readable(record: Callable[..., Any]) -> None:
    path, _ = record(READY["tool-round"])
    text = path.read_text(encoding="utf-8")
    head, *lines = map(json.loads, text.splitlines())
    assert list(head) == ["format", "version", "tool", "target", "date"]
    assert head["format"] == "mockserver recording"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", head["date"])
    assert [list(line)[:4] for line in lines] == [["ms", "on", "by", "kind"]] * len(lines)
    assert [line["ms"] for line in lines] == sorted(line["ms"] for line in lines)
    assert '{"functionCalls": [{"name": "get_weather", "args": {"city": "Paris"}, "id": "' in text
    assert '"data": {"bytes": ' in text
    validator = Draft202012Validator(command.schema())
    for line in (head, *lines):
        validator.validate(line)
    about = read(path)
    assert about.about == f"A recording of {head['target']}: 1 request, 1 session, 2 turns, 1 close."
    assert load(path).recorded == about.lines


@given(st.lists(any_line, max_size=5))
def test_what_is_written_is_read_and_of_the_schema(found: list[Line]) -> None:
    texts = [files.written(line) for line in found]
    assert all("\n" not in text for text in texts)
    path_like = type("P", (), {"stem": "x", "__str__": lambda self: "x.jsonl"})()
    data = "\n".join([HEADER, *texts, ""]).encode()
    assert repr(files._read(data, path_like).lines) == repr(tuple(found))
    validator = Draft202012Validator(command.schema())
    for text in texts:
        validator.validate(json.loads(text))


def test_a_cut_last_line_is_left_out_and_told_of(record: Callable[..., Any], tmp_path: Path) -> None:
    path, _ = record(READY["echo"])
    data = path.read_bytes()
    whole = len(read(path).lines)
    for cut in (1, 5, 40):
        (tmp_path / "cut.jsonl").write_bytes(data[:-cut])
        recording = read(tmp_path / "cut.jsonl")
        assert len(recording.lines) == whole - 1
        assert recording.told == (
            f"{tmp_path / 'cut.jsonl'}:{whole + 1}: the last line is cut off, and left out",
        )
        assert load(tmp_path / "cut.jsonl").recorded == recording.lines


def test_each_line_is_in_the_file_before_the_client_has_the_answer(
    serve: Callable[..., MockServer], tls_dir: Path, tmp_path: Path
) -> None:
    with Relay(serve().url, record=tmp_path / "a.jsonl", tls_dir=tls_dir) as relay:
        for count in (1, 2, 3):
            wire = Wire(relay.port)
            wire.request("POST", "/v1alpha/auth_tokens", b"{}", x_goog_api_key="k")
            assert len(read(tmp_path / "a.jsonl").lines) == 2 * count


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ':1: this is no recording: expected {"format": "mockserver recording", …}'),
        ("{}\n", ":1: this is no recording"),
        ('{"format": "mockserver recording", "version": 9}\n', ":1: version 9 is unknown, expected 1"),
        (f"{HEADER}\nno JSON\n", ":2: this is no JSON"),
        (f'{HEADER}\n{{"ms": 0}}\n', ":2: on is missing"),
        (
            f'{HEADER}\n\n{{"ms": 0, "on": "x", "by": "me", "kind": "text"}}\n',
            ":3: by: 'me' is none of client",
        ),
    ],
)
def test_a_mistake_has_its_line(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(says)):
        load(path)


def test_nothing_recorded_is_written_over(tmp_path: Path, tls_dir: Path) -> None:
    (tmp_path / "a.jsonl").write_text("what was recorded yesterday")
    with pytest.raises(FileExistsError):
        Relay("http://127.0.0.1:9", record=tmp_path / "a.jsonl", tls_dir=tls_dir)
    assert (tmp_path / "a.jsonl").read_text() == "what was recorded yesterday"


def test_a_relay_that_is_started_again_writes_on(
    serve: Callable[..., MockServer], tls_dir: Path, tmp_path: Path
) -> None:
    relay = Relay(serve().url, record=tmp_path / "a.jsonl", tls_dir=tls_dir)
    for count in (1, 2):
        with relay:
            Wire(relay.port).request("POST", "/v1alpha/auth_tokens", b"{}", x_goog_api_key="k")
        assert len(read(tmp_path / "a.jsonl").lines) == 2 * count


def test_a_disk_that_is_full_stops_the_recording_and_not_the_relay(
    serve: Callable[..., MockServer], tls_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(line: Line) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "written", full)
    with Relay(serve().url, record=tmp_path / "a.jsonl", tls_dir=tls_dir) as relay:
        for _ in range(2):
            wire = Wire(relay.port)
            assert wire.request("POST", "/v1alpha/auth_tokens", b"{}", x_goog_api_key="k").status == 200
        told = [entry for entry in relay.journal if entry.kind == "problem"]
    [one] = told
    assert "cannot be written: No space left on device; what passes now is not recorded" in one.what


# -- stand-ins --------------------------------------------------------------------------------------------

TOKEN = "auth_tokens/0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        (f"GET /x?key={REAL}", "GET /x?key=key-1"),
        ("GET /x?key=any&a=any", "GET /x?key=key-1&a=any"),
        (f"GET /x?access_token={TOKEN}&b=2", "GET /x?access_token=auth_tokens/token-1&b=2"),
        (f"GET /x?access_token={TOKEN.replace('/', '%2F')}", "GET /x?access_token=auth_tokens/token-1"),
        (f"GET /x?key={TOKEN}", "GET /x?key=auth_tokens/token-1"),
        ("GET /x?access_token=0123456789abcdef", "GET /x?access_token=token-1"),
        (f"GET /v1/{TOKEN}", "GET /v1/auth_tokens/token-1"),
        ("GET /x?key=", "GET /x?key="),
        (f"GET /x?a={REAL}", "GET /x?a=key-1"),
    ],
)
def test_a_request_line_has_no_secret(line: str, hidden: str) -> None:
    assert StandIns().request_line(line) == hidden


def test_a_secret_has_one_stand_in_wherever_it_comes() -> None:
    hide = StandIns()
    headers = (("x-goog-api-key", "my-own-long-key-1"), ("cookie", "c"), ("authorization", f"Token {TOKEN}"))
    assert hide.headers(headers) == (
        ("x-goog-api-key", "key-1"),
        ("authorization", "Token auth_tokens/token-1"),
    )
    assert hide.headers((("authorization", "Bearer ya29.secret"),)) == (("authorization", "Bearer key-2"),)
    assert hide.payload({"json": {"name": TOKEN, "my-own-long-key-1": ["it is my-own-long-key-1"]}}) == {
        "json": {"name": "auth_tokens/token-1", "key-1": ["it is key-1"]}
    }
    assert hide.payload({"json": {"sessionResumptionUpdate": {"newHandle": "abc"}, "handle": "abc"}}) == {
        "json": {"sessionResumptionUpdate": {"newHandle": "handle-1"}, "handle": "handle-1"}
    }
    assert hide.payload({"hex": f"\xff{TOKEN}".encode("latin-1").hex()}) == {
        "hex": b"\xffauth_tokens/token-1".hex()
    }
    assert hide.text(f"{TOKEN} and ya29.secret") == "auth_tokens/token-1 and ya29.secret"


def test_what_stands_in_is_hidden_as_itself() -> None:
    again = StandIns()
    line = "GET /x?key=key-1&access_token=auth_tokens/token-1"
    assert again.request_line(line) == line


# -- google/test-server -----------------------------------------------------------------------------------


def message(sign: str, text: str) -> bytes:
    """A message as that tool writes it: with one newline more, which it counts."""
    data = text.encode() + b"\n"
    return f"{sign}{len(data)} ".encode() + data


TURN = {"turns": [{"parts": [{"text": "größer > kleiner"}], "role": "user"}], "turnComplete": True}
GOOGLES = b"".join(
    [
        message(">", '{"setup":{"model":"models/gemini-live-2.5-flash-preview"}}'),
        message("<", '{\n  "setupComplete": {}\n}\n'),
        message(">", json.dumps({"clientContent": TURN}, ensure_ascii=False)),
        message("<", '{"serverContent": {"modelTurn": {"parts": [{"text": "ä <9 "}]}}}'),
        message("<", '{"serverContent": {"turnComplete": true}}'),
    ]
)  # fmt: skip


def test_a_recording_of_googles_test_server_is_played(
    tmp_path: Path, serve: Callable[..., MockServer], live: Callable[..., Any]
) -> None:
    path = tmp_path / "should_talk.websocket.log"
    path.write_bytes(GOOGLES)
    script = load(path)
    assert (script.name, script.about) == ("should_talk", "A recording: 1 session, 1 turn.")
    server = serve(script=path)
    one = live(server).setup("models/gemini-live-2.5-flash-preview").expect_ready()
    turn = {"role": "user", "parts": [{"text": "größer > kleiner"}]}
    one.send({"client_content": {"turn_complete": True, "turns": [turn]}})
    said = {"serverContent": {"modelTurn": {"parts": [{"text": "ä <9 "}]}}}
    assert one.expect_turn() == [said, {"serverContent": {"turnComplete": True}}]
    [told] = [entry.what for entry in server.journal if entry.kind == "problem"]
    assert "v1alpha" in told, "the file does not say which version was asked for"


def test_one_that_is_cut_is_played_as_far_as_it_goes() -> None:
    lines, told = googles.read(GOOGLES[:-5], "x")
    assert len(lines) == 2 + 4
    assert "is cut off, and left out" in told[0]
    with pytest.raises(ValueError, match="x: at byte 0 is 'nonsense', expected > or <"):
        googles.read(b"nonsense", "x")


@given(st.lists(st.tuples(st.sampled_from("<>"), st.text(max_size=20)), max_size=6))
def test_every_message_of_such_a_recording_is_read(messages: list[tuple[str, str]]) -> None:
    messages = [(sign, text.encode(errors="replace").decode()) for sign, text in messages]
    lines, told = googles.read(b"".join(message(sign, text) for sign, text in messages), "x")
    assert told == ()
    assert [line.by for line in lines[2:]] == [{">": "client", "<": "service"}[sign] for sign, _ in messages]


# -- commands ---------------------------------------------------------------------------------------------


def main(*words: str) -> int:
    """Run the command here."""
    from mockserver.__main__ import main as run

    return run(words)


def test_recordings_are_described(record: Callable[..., Any], tmp_path: Path, capsys: Any) -> None:
    path, _ = record(READY["close-1011"])
    (tmp_path / "cut.jsonl").write_bytes(path.read_bytes()[:-3])
    assert main("recordings", str(path), str(tmp_path / "cut.jsonl")) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert re.fullmatch(
        rf"{path}: a recording of http://\S+ on \S+Z: 1 request, 1 session, 1 close", lines[0]
    )
    assert lines[1] == "  http-1  POST /v1alpha/auth_tokens: 200"
    assert lines[2].endswith(
        "Constrained: 0 turns, 3 messages, closed by the service: 1011 closed by a script"
    )
    assert lines[5].endswith("still open")
    assert lines[6].endswith("the last line is cut off, and left out")
    assert main("validate", str(path)) == 0
    assert capsys.readouterr().out == f"{path}: recording, 1 request, 1 session, 1 close, no mistakes\n"


def test_mistakes_end_with_1_and_what_cannot_be_read_with_2(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "wrong.jsonl").write_text(f"{HEADER}\n{{}}\n")
    for words in (["recordings"], ["validate"]):
        assert main(*words, str(tmp_path / "wrong.jsonl")) == 1
        assert "wrong.jsonl:2: ms is missing" in capsys.readouterr().err
        assert main(*words, str(tmp_path / "nothing.jsonl")) == 2
        assert "nothing.jsonl" in capsys.readouterr().err
    for words, says in (
        (["recordings"], "the following arguments are required: FILE"),
        (["recordings", "convert"], "convert takes one recording, got 0"),
        (["recordings", "x.jsonl", "--output", "y"], "--output is for convert"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(*words)
        assert ended.value.code == 2
        assert says in capsys.readouterr().err


def test_a_recording_is_converted(tmp_path: Path, capsys: Any) -> None:
    path, ours = tmp_path / "talk.websocket.log", tmp_path / "ours.jsonl"
    path.write_bytes(GOOGLES)
    assert main("recordings", "convert", str(path)) == 0
    printed = capsys.readouterr().out
    assert main("recordings", "convert", str(path), "--output", str(ours)) == 0
    assert ours.read_text(encoding="utf-8") == printed
    assert read(ours).lines == read(path).lines
    assert main("recordings", "convert", str(path), "--output", str(ours)) == 2
    assert "cannot be written: File exists; name a new file" in capsys.readouterr().err


def test_the_schema_of_a_line_is_printed(capsys: Any) -> None:
    assert main("recordings", "schema") == 0
    Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_the_journal_of_a_mock_can_be_read_as_well(serve: Callable[..., MockServer]) -> None:
    server = serve(script=READY["drop-in-turn"])
    a_session(server.port)
    reader = Reader(StandIns())
    found = [line for entry in server.journal if (line := reader.line(entry)) is not None]
    assert [line.kind for line in found][:4] == ["request", "response", "handshake", "accepted"]
    assert (found[-1].by, found[-1].kind) == ("service", "drop")
