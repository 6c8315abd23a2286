"""Texts of scripts: YAML and JSON, each mistake at its line, and nothing that does harm."""

from __future__ import annotations

import builtins
import io
import json
import wave
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import READY, Audio, Script, load
from mockserver.scripts.loading import check
from mockserver.scripts.reading import MAX_BYTES, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
# A bad day for a client.
name: a bad day
for: {api_key: "team-*"}
rules:
  - on: handshake
    nth: 1
    then:
      - reject: {status: 503, headers: {Retry-After: 1}}
  - on: turn
    match:
      text: weather
    then:
      - call:
          name: get_weather
          args: &paris {city: Paris}
          expect: *paris
      - say: It is {response}
"""
BAD = """\
name: bad
rules:
  - on: turn
    thn:
      - say: hello
  - on: handshake
    then:
      - reject: {status: 700}
      - clos: 1011
    on: mint
"""


@pytest.fixture
def no_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without PyYAML."""
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "yaml":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)


def problems(text: str) -> list[str]:
    """What is wrong with a text."""
    return check(text)[1]


def test_yaml_is_read_and_the_word_on_is_a_word() -> None:
    script = load(GOOD)
    assert [rule.on for rule in script.rules] == ["handshake", "turn"]
    assert script.whom is not None
    assert script.whom.api_key == "team-*"
    assert load(script.data()) == script


def test_json_is_read_like_yaml() -> None:
    assert load(json.dumps(load(GOOD).data())) == load(GOOD)
    assert load(json.dumps(load(GOOD).data(), indent=4)) == load(GOOD)


def test_each_mistake_has_its_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(BAD)
    found = [line.removeprefix(f"{file}:") for line in check(file)[1]]
    assert [line.partition(": ")[0] for line in found] == ["10:5", "4:5", "8:18", "9:9"]
    assert "'on' stands twice" in found[0]
    assert found[1].endswith("did you mean then or nth?")
    assert found[3].endswith("did you mean close?")


def test_a_mistake_in_a_step_is_told_at_the_step() -> None:
    text = "name: x\nrules:\n  - on: setup\n    then:\n      - pause: 1\n      - say: too early\n"
    assert problems(text) == ["script:6:9: Say needs an open session: put Proceed before it"]


def test_files_names_and_mappings(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load(file) == load(str(file)) == load(GOOD) == load(load(GOOD).data())
    assert load("greeting") is READY["greeting"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("gretting", "no such file, and no ready-made script; did you mean greeting?"),
        ("a: [\n", "script:2:1: this is no YAML"),
        ("{", "this is no YAML"),
        ("name: !!python/object/apply:os.system x\n", "tag !!python/object/apply:os.system is not taken"),
        ("name: !!binary aGk=\n", "tag !!binary is not taken"),
        (f"name: {'9' * 5_000}\n", "is no number"),
        ("name: !!python/name:os.system\n", "tag !!python/name:os.system is not taken, expected plain data"),
        ("name: !mine x\n", "tag !mine is not taken"),
        ("? [a]\n: b\n", "a key is a word"),
        ("&a [*a]\n", "nested too deeply"),
        ("name: x\n---\nname: y\n", "but found another document"),
        ("[" * 2_000 + "\n", "this is no YAML"),
        ("x" * (MAX_BYTES + 1) + "\n", "more than 1000000 bytes"),
    ],
)
def test_what_cannot_be_read(source: str, why: str) -> None:
    with pytest.raises(Unreadable) as caught:
        load(source)
    assert why in str(caught.value)


def test_a_billion_laughs_are_none() -> None:
    lines = ['a: &a ["x", "x", "x", "x", "x", "x", "x", "x", "x"]']
    for one, other in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{other}: &{other} [{', '.join([f'*{one}'] * 9)}]")
    with pytest.raises(Unreadable, match="more than 50000 values: aliases"):
        load("\n".join(lines) + "\n")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"name: \xff")
    with pytest.raises(Unreadable, match="expected UTF-8, got other bytes at offset 6"):
        load(file)


@pytest.mark.usefixtures("no_yaml")
class TestWithoutPyYAML:
    """JSON is enough; ready-made scripts need nothing."""

    def test_json(self) -> None:
        assert load(json.dumps({"name": "x"})) == Script("x")
        assert load("drop-in-turn").rules

    def test_yaml_says_what_to_install(self) -> None:
        with pytest.raises(Unreadable, match=r"pip install 'genai-live-compat\[yaml\]'"):
            load("name: x\n")

    def test_mistakes(self) -> None:
        assert problems('{"name": 1}') == ["script:1:1: expected a text, got 1"]
        assert problems('{"name": "x", "name": "y"}') == ["script:1:1: 'name' stands twice: take one away"]
        with pytest.raises(Unreadable, match="script:2:1: this is no JSON"):
            load('{"name":\n}')
        with pytest.raises(Unreadable, match="nested too deeply"):
            load('{"a":' * 100_000)


def wav(channels: int = 1) -> bytes:
    """A short recording."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(16_000)
        writer.writeframes(b"\1\0" * channels)
    return file.getvalue()


def test_a_recording_lies_beside_its_script(tmp_path: Path) -> None:
    (tmp_path / "hello.wav").write_bytes(wav())
    file = tmp_path / "script.yaml"
    file.write_text("name: x\nrules:\n- on: turn\n  then:\n  - audio: {file: hello.wav, text: Hello}\n")
    script = load(file)
    assert script.rules[0].then == (Audio(b"\1\0", 16_000, "Hello", "hello.wav"),)
    assert script.data()["rules"][0]["then"] == [{"audio": {"file": "hello.wav", "text": "Hello"}}]


def test_a_recording_of_another_kind_is_told_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "stereo.wav").write_bytes(wav(2))
    file = tmp_path / "script.yaml"
    file.write_text("name: x\nrules:\n- on: turn\n  then:\n  - audio: stereo.wav\n  - audio: none.wav\n")
    [stereo, missing] = check(file)[1]
    assert stereo.startswith(f"{file}:5:5: stereo.wav holds 16-bit PCM, 2 channels, 16000 Hz, expected")
    assert "ffmpeg -i stereo.wav" in stereo
    assert missing == f"{file}:6:5: cannot read {tmp_path / 'none.wav'}: No such file or directory"
