"""Reference on the pages is complete and true: options, names, routes, keys of reports, facts and figures."""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import json
import re
import shlex
import string
from pathlib import Path
from typing import Any, Final

import pytest

import mockserver
from mockserver import API_VERSIONS, FACTS, Entry, Options, Profile, service_date
from mockserver import command as mock_command
from mockserver.admin.routes import ROUTES
from mockserver.core import credentials, forms, options
from mockserver.core.forms import LINE
from mockserver.core.limits import Limits
from mockserver.core.matching import ASKABLE
from mockserver.core.steps import EVENTS, GARBLES
from mockserver.relay import command as relay_command
from suite import answers, column, history, program, wire
from suite import commands as suite_command
from suite.cases import BEHAVIOURS
from suite.commands import program as program_command
from suite.doctor.checks import CHECKS
from suite.doctor.findings import FAILING, Severity
from suite.environments import artefacts
from suite.explain.finding import Sure

from .pages import (
    BLOCKS,
    DOCTOR,
    EXPLAIN,
    MATRIX,
    MOCK,
    PAGES,
    PROGRAM,
    README,
    RELAY,
    ROOT,
    SCRIPTS,
    UPGRADE,
    Block,
    blocks,
    quoted,
    table,
)

#: Options of other programs that the pages name.
FOREIGN: Final = {
    "--all", "--build-constraints", "--cacert", "--dist", "--format", "--inputs", "--max-time", "--minutes",
    "--python", "--quick", "--require-hashes", "--rm", "--sessions", "--strict", "--test", "--watch",
    "--write",
}  # fmt: skip


# -- options and names ------------------------------------------------------------------------------------


def option_strings(parser: argparse.ArgumentParser) -> set[str]:
    """Every option of a parser and of its commands."""
    found: set[str] = set()
    for action in parser._actions:
        found |= set(action.option_strings)
        if isinstance(action, argparse._SubParsersAction):
            found |= {name for command in action.choices.values() for name in option_strings(command)}
    return found - {"-h", "--help"}


MOCK_OPTIONS: Final = option_strings(mock_command._parser()) | {"--json"}  # of its facts
RELAY_OPTIONS: Final = option_strings(relay_command._parser())
SUITE_OPTIONS: Final = option_strings(suite_command.parser())


def options_of(command: str) -> set[str]:
    """The options of one command of the suite."""
    commands = suite_command.parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    return option_strings(commands[command])  # type: ignore[index]


EXPLAIN_OPTIONS: Final = options_of("explain")
DOCTOR_OPTIONS: Final = options_of("doctor")
UPGRADE_OPTIONS: Final = options_of("upgrade") | options_of("bisect")
#: Options of commands with a page of their own.
ELSEWHERE: Final = (EXPLAIN_OPTIONS | DOCTOR_OPTIONS | UPGRADE_OPTIONS) - options_of("matrix")
PYTEST_OPTIONS: Final = set(re.findall(r'"(--[\w-]+)"', (ROOT / "suite/plugin.py").read_text("utf-8")))
PLUGIN_OPTIONS: Final = {"--mock-gemini-block-network"}


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (MOCK, MOCK_OPTIONS),
        (RELAY, RELAY_OPTIONS),
        (MATRIX, (SUITE_OPTIONS - ELSEWHERE) | PYTEST_OPTIONS),
        (EXPLAIN, EXPLAIN_OPTIONS),
        (DOCTOR, DOCTOR_OPTIONS),
        (UPGRADE, UPGRADE_OPTIONS - set(program_command.OPTIONS)),
        (PROGRAM, set(program_command.OPTIONS)),
    ],
    ids=lambda value: value.stem if isinstance(value, Path) else "",
)
def test_every_option_is_described(page: Path, names: set[str]) -> None:
    said = {word for code in quoted(page.read_text("utf-8")) for word in re.split(r"[ =\[]", code)}
    assert names - said == set()


def test_pages_name_no_option_that_does_not_exist() -> None:
    known = (
        MOCK_OPTIONS
        | RELAY_OPTIONS
        | {"--output"}
        | SUITE_OPTIONS
        | PYTEST_OPTIONS
        | PLUGIN_OPTIONS
        | FOREIGN
    )
    for page in PAGES:
        said = set(re.findall(r"(?<=[\s`'\"])--[a-z][a-z-]+", page.read_text("utf-8")))
        assert said - known == set(), page.name


def test_every_public_name_of_the_mock_is_described() -> None:
    said = set(re.findall(r"\w+", MOCK.read_text("utf-8")))
    members = {name for name in vars(mockserver.MockServer) if not name.startswith("_")}
    settings = {field.name for field in dataclasses.fields(Options)} - {"api_keys"}  # --api-key stands for it
    settings -= {field.name for field in dataclasses.fields(Limits)}  # they have a page of their own
    assert (
        set(mockserver.__all__) | members | settings | {f.name for f in dataclasses.fields(Entry)}
    ) - said == set()


def test_every_argument_and_member_of_the_relay_is_described() -> None:
    said = set(re.findall(r"\w+", RELAY.read_text("utf-8")))
    members = {name for name in dir(mockserver.Relay) if not name.startswith("_")}
    assert (members | set(inspect.signature(mockserver.Relay).parameters)) - said == set()


def test_table_of_keys_of_a_recording_is_the_code() -> None:
    assert [quoted(key)[0] for key, _ in table(RELAY, "table of keys of a recording")] == list(LINE.kinds)


def test_table_of_dates_is_what_the_profiles_offer() -> None:
    for day, minted, opened in table(MOCK, "table of dates"):
        name, *_ = [*quoted(day), day]
        profile = Profile(API_VERSIONS[0], service_date(name))
        assert service_date(name).isoformat() in day
        assert tuple(quoted(minted)) == profile.offering("auth_tokens.create")
        assert tuple(quoted(opened)) == profile.offering("BidiGenerateContentConstrained")


def test_keys_that_stand_for_a_condition_are_told() -> None:
    said = set(re.findall(r"`mock-(\w+)`", MOCK.read_text("utf-8")))
    assert said == set(credentials.CONDITIONS) - {"none", "bearer"}


def test_table_of_guesses_names_the_facts() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([A-Z]+-\w+) \|$", MOCK.read_text("utf-8"), re.MULTILINE)
    evidence = {name: about["fact"] for name, about in options.settings().items() if "fact" in about}
    assert dict(rows) == evidence


def test_table_of_steps_is_the_grammar_of_scripts() -> None:
    rows = [quoted(row[0])[0].partition(":")[0] for row in table(SCRIPTS, "table of steps")]
    assert rows == list(forms.NAMES)


def test_every_event_of_a_script_and_all_that_can_be_asked_is_told() -> None:
    said = set(quoted(SCRIPTS.read_text("utf-8")))
    assert {*EVENTS, *GARBLES, *(name for names in ASKABLE.values() for name in names)} <= said


def test_table_of_routes_is_the_control_api() -> None:
    rows = [quoted(row[0])[0] for row in table(MOCK, "table of routes")]
    assert rows == [f"{route.method} {route.full_path}" for route in ROUTES]
    for route, row in zip(ROUTES, table(MOCK, "table of routes"), strict=True):
        assert {one.name for one in route.takes} <= set(quoted(row[1])) or row[1] == "the same", row
        assert [route.python] == (quoted(row[3]) or [""]), row


# -- reports ----------------------------------------------------------------------------------------------

#: Below these a report's keys are data, or another page describes them.
DATA: Final = re.compile(
    r"about\.(sdks|service_dates|counts)|cells\[\]\.(configuration|steps|predicted\.steps)"
    r"|(observations|predictions)\[\]\.(error|shows|events|story|requests)"
)
#: Where reports were merged, or a real service was asked.
SOMETIMES: Final = {"about.merged", "about.target"}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A JSON report of a real run."""
    path = tmp_path_factory.mktemp("report") / "matrix.json"
    arguments = ["matrix", "--sdk", "reference", "--service-date", "launch", "--report", f"json={path}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(path.parent))
        assert suite_command.main(arguments) == 0
    return json.loads(path.read_text("utf-8"))


def paths(value: Any, prefix: str = "") -> set[str]:
    """Every key below a value, as ``about.tool`` or ``cells[].cell``."""
    if DATA.fullmatch(prefix):
        return {prefix}
    if isinstance(value, list):
        return {prefix}.union(*(paths(part, f"{prefix}[]") for part in value))
    if isinstance(value, dict):
        return {prefix}.union(*(paths(part, f"{prefix}.{key}".lstrip(".")) for key, part in value.items()))
    return {prefix}


def test_table_of_keys_is_the_report(report: dict[str, Any]) -> None:
    said = {name for row in table(MATRIX, "table of keys") for name in quoted(row[0])}
    groups = {"", "about", "cells", "cells[].predicted", "observations", "predictions", "advice"}
    real = {path for path in paths(report) if not path.endswith("[]")}
    assert said - SOMETIMES == real - groups


def test_example_of_a_cell_has_the_keys_of_a_cell(report: dict[str, Any]) -> None:
    [block] = [block for block in BLOCKS if block.note.startswith("cell:")]
    refused = next(cell for cell in report["cells"] if cell["configuration"] and cell["verdict"] == "refused")
    example = json.loads(block.text)
    assert paths({"cells": [example]}) == paths({"cells": [refused]})
    assert list(example) == list(refused)


def test_table_of_request_keys_is_complete() -> None:
    about = {"number": 1, "at": 0.0, "connection": "ws-1"}
    path = "/ws/google.ai.generativelanguage.v1.GenerativeService.BidiGenerateContent?key=any"
    [row] = wire.requests(
        [
            Entry(**about, kind="handshake", what=f"GET {path}", client="a client"),
            Entry(**about, kind="open", status=101),
            Entry(**about, kind="refusal", what="no", fact="CLS-001", hint="do otherwise"),
            Entry(**about, kind="close", what="1007 no", status=1007),
        ]
    )
    assert {name for line in table(MATRIX, "table of request keys") for name in quoted(line[0])} == set(row)


@blocks("json")
def test_json_example_is_json(block: Block) -> None:
    json.loads(block.text)


# -- facts and figures ------------------------------------------------------------------------------------


def test_pages_name_facts_that_exist() -> None:
    for page in PAGES:
        named = set(re.findall(r"\b(?:[A-Z]{3}|WS)-\d{3}[A-Z]?\b", page.read_text("utf-8")))
        assert named - set(FACTS) == set(), page.name


def test_table_of_refusals_is_what_the_facts_say() -> None:
    for id, code, text, _ in table(MOCK, "table of refusals"):
        seen = mockserver.fact(id).seen
        status, message = (getattr(seen, "http", None), getattr(seen, "message", None))
        if status is None:
            status, message = seen.code, seen.reason  # type: ignore[union-attr]
        assert int(code) == status, id
        assert message.startswith(text[:-1]) if text.endswith("…") else message == text, id


@blocks("text")
def test_quoted_log_gives_the_hints_of_the_facts(block: Block) -> None:
    for id, hint in re.findall(r"\[([A-Z]+-\w+)(?:, a guess)?\]\n +→ (.*)", block.text):
        literals = [literal for literal, *_ in string.Formatter().parse(mockserver.fact(id).hint)]
        assert re.fullmatch(".*".join(map(re.escape, literals)) + ".*", hint), id


def test_readme_counts_the_facts() -> None:
    assert f"[{len(FACTS)} facts]" in README.read_text("utf-8")


def test_time_limits_are_those_of_the_code() -> None:
    text = MATRIX.read_text("utf-8")
    assert f"{column.GRACE_S:g} seconds later" in text
    assert f"{column.NOTHING_S:g} seconds" in text
    assert f"{column.SILENT_S:g} seconds after the last message" in text
    assert f"after {program.LIMIT_S:g} seconds does not end" in " ".join(text.split())


# -- cases and the history --------------------------------------------------------------------------------

ASKED: Final = {behaviour.asks for behaviour in BEHAVIOURS}


def test_table_of_topics_is_what_is_asked() -> None:
    topics: dict[str, list[str]] = {}
    for behaviour in BEHAVIOURS:
        topics.setdefault(behaviour.topic, []).append(behaviour.slug.partition(":")[2])
    said = {quoted(topic)[0]: quoted(slugs) for topic, _, slugs in table(MATRIX, "table of topics")}
    assert {topic: sorted(slugs) for topic, slugs in said.items()} == {
        topic: sorted(slugs) for topic, slugs in topics.items()
    }


def test_table_of_questions_has_what_no_behaviour_names() -> None:
    said = {row[0] for row in table(MATRIX, "table of questions")}
    answered = {row.question for row in history.CHANGES}
    assert answered - ASKED <= said <= answered


def test_table_of_endings_is_the_grammar_of_answers() -> None:
    said = {quoted(ending)[0] for ending, _ in table(MATRIX, "table of endings")}
    assert {answers.read(ending.replace("CLASS", "E")).word for ending in said} == set(answers.ENDINGS)


def test_examples_of_answers_are_read() -> None:
    text = MATRIX.read_text("utf-8")
    for ending in re.findall(r"`((?:raises|returns|hangs)[^`]* \| [^`]*)`", text):
        assert answers.read(ending).parts


def test_kinds_of_artefacts_are_those_that_are_read() -> None:
    said = {spec for specs, _ in table(MATRIX, "table of artefacts") for spec in quoted(specs)}
    wanted = {f"{sdk}@PATH{end}" for sdk, (_, ends) in artefacts.FILES.items() for end in ends}
    assert said == wanted | {f"{sdk}@{artefacts.INSTALLED}" for sdk in artefacts.FILES}


# -- explain and doctor -----------------------------------------------------------------------------------


def test_table_of_sureness_is_complete() -> None:
    assert [quoted(word)[0] for word, _ in table(EXPLAIN, "table of sureness")] == [one.value for one in Sure]


def test_output_of_explain_is_what_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    shown = [block for block in BLOCKS if block.note.startswith("output of: ")]
    assert shown
    for block in shown:
        assert suite_command.main(shlex.split(block.note.removeprefix("output of: "))) == 0
        assert capsys.readouterr().out == block.text


def test_tables_of_the_doctor_are_its_checks_and_severities() -> None:
    rows = [tuple(row) for row in table(DOCTOR, "table of checks")]
    assert rows == [(str(check.number), check.name, check.looks_at) for check in CHECKS]
    severities = [(quoted(word)[0], status) for word, _, status in table(DOCTOR, "table of severities")]
    assert severities == [(one.value, str(int(one in FAILING))) for one in Severity]
