"""Snippets: a worker's verb and its parameters as a person would write them, in both languages."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from suite import advice, snippets
from suite.calls import calls_of
from suite.cases import CASES
from suite.model import Cell, Subject
from suite.predict import predict
from suite.spelling import JS, PYTHON, WIDTH

from .conftest import cells

V1ALPHA = {"api_version": "v1alpha"}
PROBES = [probe for case in CASES for probe in Cell(Subject("js", "3.3.0"), "launch", case).probes]


@pytest.mark.parametrize(
    ("verb", "asked", "python", "js"),
    [
        (
            "create_token",
            {"api_key": "{key}", "config": {"uses": 3}, "client": V1ALPHA},
            "client = genai.Client(api_key=KEY, http_options={'api_version': 'v1alpha'})\n"
            "token = client.auth_tokens.create(config={'uses': 3})",
            "const ai = new GoogleGenAI({apiKey: KEY, httpOptions: {apiVersion: 'v1alpha'}})\n"
            "const token = await ai.authTokens.create({config: {uses: 3}})",
        ),
        (
            "create_token",
            {"api_key": "cell.js.1", "config": {}, "call": V1ALPHA, "async": True},
            "client = genai.Client(api_key=KEY)\n"
            "token = await client.aio.auth_tokens.create(\n"
            "    config={'http_options': {'api_version': 'v1alpha'}},\n"
            ")",
            "const ai = new GoogleGenAI({apiKey: KEY})\n"
            "const token = await ai.authTokens.create({\n"
            "  config: {httpOptions: {apiVersion: 'v1alpha'}},\n"
            "})",
        ),
        (
            "connect",
            {"api_key": "auth_tokens/ab…", "model": "m", "session": V1ALPHA},
            "client = genai.Client(api_key=token.name)\n"
            "async with client.aio.live.connect(\n"
            "    model=MODEL,\n"
            "    config={'http_options': {'api_version': 'v1alpha'}},\n"
            ") as session:",
            "const ai = new GoogleGenAI({apiKey: token.name})\n"
            "const session = await ai.live.connect({\n"
            "  model: MODEL,\n"
            "  config: {httpOptions: {apiVersion: 'v1alpha'}},\n"
            "  callbacks,\n"
            "})",
        ),
        (
            "send",
            {"realtime": {"audio_stream_end": True}},
            "    await session.send_realtime_input(audio_stream_end=True)",
            "session.sendRealtimeInput({audioStreamEnd: true})",
        ),
        (
            "rest",
            {"api_key": "{token}", "method": "models.list"},
            "client = genai.Client(api_key=token.name)\nclient.models.list()",
            "const ai = new GoogleGenAI({apiKey: token.name})\nawait ai.models.list()",
        ),
        ("dance", {"text": "it's"}, "# dance {'text': 'it\\'s'}", "// dance {text: 'it\\'s'}"),
    ],
)
def test_a_call_is_written_as_its_language_does(
    verb: str, asked: dict[str, Any], python: str, js: str
) -> None:
    assert snippets.code("python", verb, asked) == python
    assert snippets.code("js", verb, asked) == js


def test_python_of_every_case_is_python() -> None:
    for probe in PROBES:
        text = snippets.program("python", calls_of(probe))
        compile(text, probe.slug, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        # What is within a block may stand further to the right, and an expression is one piece.
        assert max(map(len, text.splitlines())) <= WIDTH + 2 * len(PYTHON.indent), probe.slug


def test_javascript_of_every_case_closes_what_it_opens() -> None:
    for probe in PROBES:
        text = snippets.program("js", calls_of(probe))
        for opening, closing in ("()", "{}", "[]"):
            assert text.count(opening) == text.count(closing), probe.slug
        assert "None" not in text
        assert "True" not in text


def test_long_values_are_cut_and_nothing_is_written_twice() -> None:
    audio = snippets.code(
        "js", "send", {"realtime": {"audio": {"data": "A" * 4000, "mime_type": "audio/pcm"}}}
    )
    assert (
        audio
        == "session.sendRealtimeInput({\n  audio: {data: 'AAAAAAAAAAAAAAAA…', mimeType: 'audio/pcm'},\n})"
    )


def test_variables_that_are_unset_are_not_told() -> None:
    asked = {"env": {"GEMINI_API_KEY": "{key}", "GOOGLE_GEMINI_BASE_URL": None}, "client": {"base_url": ""}}
    assert snippets.code("python", "connect", asked).startswith(
        "# GEMINI_API_KEY is set in the environment\nclient = genai.Client()\n"
    )


def test_constants_are_those_of_the_language() -> None:
    value = {"a-b": None, "c": [True, 0.5], "d": "x\ny"}
    assert PYTHON.value(value) == "{'a-b': None, 'c': [True, 0.5], 'd': 'x\\ny'}"
    assert JS.value(value) == "{'a-b': null, c: [true, 0.5], d: 'x\\ny'}"


@pytest.mark.parametrize(
    ("fix", "parts"),
    [
        ("", ("", "", "")),
        ("upgrade to google-genai 1.16.1 or newer", ("upgrade to google-genai 1.16.1 or newer", "", "")),
        (
            "set it: genai.Client(a={'b': f(1)}), or upgrade",
            ("set it", "genai.Client(a={'b': f(1)})", "or upgrade"),
        ),
        ("until then: await x(c.y().z(), t=1)", ("until then", "await x(c.y().z(), t=1)", "")),
        ("open it with genai.live_connect", ("open it with", "genai.live_connect", "")),
    ],
)
def test_code_is_found_in_a_fix(fix: str, parts: tuple[str, str, str]) -> None:
    assert snippets.code_in(fix) == parts


@pytest.mark.parametrize(("language", "step", "place"), advice._CODE)
def test_every_line_that_advice_gives_is_found_whole(language: str, step: str, place: str) -> None:
    line = advice._CODE[language, step, place].format(version="v1alpha")
    fix = f"set the API version there: {line} (v1alpha or v1beta work on this date)"
    assert snippets.code_in(fix)[1] == line


def test_no_fix_loses_a_word() -> None:
    for fix in {predict(cell).advice.fix for cell in cells()}:
        parts = snippets.code_in(fix)
        assert all(part in fix for part in parts), fix
        assert len("".join(parts)) >= len(fix) - len(": , "), fix


@pytest.mark.parametrize(
    ("verb", "asked", "python", "js"),
    [
        ("connect", {}, "client.aio.live.connect(…)", "ai.live.connect(…)"),
        ("send", {"text": "a"}, "session.send_client_content(…)", "session.sendClientContent(…)"),
        ("send", {"text": "a", "through": "send"}, "session.send(…)", "session.send(…)"),
        ("send", {"realtime": {}}, "session.send_realtime_input(…)", "session.sendRealtimeInput(…)"),
        ("receive", {}, "session.receive()", "waits for onmessage"),
        ("rest", {"method": "models.list"}, "client.models.list(…)", "ai.models.list(…)"),
        ("program", {}, "program", "program"),
    ],
)
def test_a_call_has_a_short_name(verb: str, asked: dict[str, Any], python: str, js: str) -> None:
    assert snippets.name("python", verb, asked) == python
    assert snippets.name("js", verb, asked) == js
