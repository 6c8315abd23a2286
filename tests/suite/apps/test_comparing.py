"""Two runs side by side: what stops, what mends it, and what says nothing of its version."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from suite.apps import comparing, running, telling
from suite.apps.placing import placed
from suite.model import Configuration, Placement, Subject
from suite.prose import markdown, terminal
from suite.upgrade.exchanges import exchanges
from suite.upgrade.model import Direction, Own

from .conftest import CLIENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from suite.apps.comparing import Comparison
    from suite.apps.model import Run, Variant

    Make = Callable[..., Variant]

OLD: Final = Subject("js", "2.32.0")
NEW: Final = Subject("js", "3.1.0")
DEFAULTS: Final = {OLD.version: "v1beta", NEW.version: "v1"}


@pytest.fixture
def run(variant: Make) -> Callable[..., Run]:
    """Run the client as one SDK version."""

    def run_it(version: str, date: str = "latest", **more: str) -> Run:
        return running.run(variant(version, DEFAULTS[version], **more), CLIENT, service_date=date)

    return run_it


def compare(run: Callable[..., Run], **more: str) -> Comparison:
    return comparing.compare((OLD, NEW), "latest", (run(OLD.version, **more), run(NEW.version, **more)))


OWN: Final = Own(
    places=(("create", Placement(), "app.mjs:3"), ("connect", Placement(client="v1"), "x.mjs:1"))
)


def shown(found: Comparison) -> str:
    return terminal(telling.of(found, OWN))


def test_the_default_that_moves_is_found_with_the_two_lines(run: Callable[..., Run]) -> None:
    found = compare(run)
    assert (found.direction, found.exit_code) == (Direction.STOPS, 1)
    assert found.fix is not None
    assert [edit.step for edit in found.fix.edits] == ["create", "connect"]
    assert all("apiVersion: 'v1alpha'" in edit.after[0] for edit in found.fix.edits)
    assert (found.fix.in_both, found.fix.proven) == (True, False)
    said = shown(found)
    assert "it stops working (exit 0 → exit 1)" in said
    assert "API version auth_tokens.create: v1beta → v1" in said
    assert "HTTPError: HTTP Error 404" in said
    assert "@google/genai since 3.1.0: default version: v1 (googleapis" in said
    assert "TOK-004B" in said
    assert "app.mjs:3: the client that mints" in said
    assert "x.mjs" not in said, "it is set there already"
    assert said.count("+ const ai = ") == 2
    assert "as the tables say, not measured" in said


def test_the_fix_is_proven_with_both(run: Callable[..., Run]) -> None:
    found = compare(run)
    assert found.fix is not None
    version = comparing.version_of(found.fix)
    assert version == "v1alpha"
    proofs = tuple(
        running.run(placed(one.variant, "python", version), CLIENT, service_date="latest")
        for one in reversed(found.runs)
    )
    found = comparing.proven(found, proofs)
    assert found.fix is not None
    assert (found.fix.in_both, found.fix.proven) == (True, True)
    said = shown(found)
    assert "(measured; so write it before you upgrade)" in said
    assert "with 2.32.0, its clients changed so by a hook: exit 0" in said


def test_a_fix_that_does_not_help_is_not_called_measured(run: Callable[..., Run]) -> None:
    found = compare(run)
    found = comparing.proven(found, (found.runs[1], found.runs[0]))
    assert found.fix is not None
    assert (found.fix.in_both, found.fix.proven) == (False, False)
    assert "with 3.1.0, its clients changed so by a hook: exit 1" in shown(found)


def test_a_program_that_sets_the_version_goes_on(run: Callable[..., Run]) -> None:
    found = compare(run, CLIENT_SET="v1alpha")
    assert (found.direction, found.exit_code) == (Direction.SAME, 0)
    assert found.differences == ()
    assert "What crosses the wire is the same." in shown(found)


def test_an_error_that_is_swallowed_is_found_on_the_wire(run: Callable[..., Run]) -> None:
    found = compare(run, CLIENT_SWALLOWS="1")
    assert [one.label for one in found.runs] == ["exit 0", "exit 0"]
    assert (found.direction, found.exit_code) == (Direction.STOPS, 1)
    assert "though the command does not say so" in shown(found)


def test_what_works_with_neither_says_nothing_of_the_upgrade(run: Callable[..., Run]) -> None:
    runs = (run(OLD.version, "launch"), run(NEW.version, "launch"))
    found = comparing.compare((OLD, NEW), "launch", runs)
    assert (found.direction, found.exit_code) == (Direction.FAILS_OTHERWISE, 2)
    assert "it works with neither" in shown(found)


def test_what_starts_working_is_no_failure(run: Callable[..., Run]) -> None:
    found = comparing.compare((NEW, OLD), "latest", (run(NEW.version), run(OLD.version)))
    assert (found.direction, found.exit_code) == (Direction.STARTS, 0)


def test_requests_of_another_version_are_no_measurement(run: Callable[..., Run]) -> None:
    bundled = replace(run(OLD.version), variant=run(NEW.version).variant)
    found = comparing.compare((OLD, NEW), "latest", (run(OLD.version), bundled))
    assert (found.direction, found.exit_code) == (Direction.NOT_MEASURED, 2)
    assert "with 3.1.0 the requests came from 2.32.0" in " ".join(shown(found).split())


def test_requests_of_no_sdk_are_no_measurement(run: Callable[..., Run]) -> None:
    ran = run(NEW.version)
    raw = replace(ran, entries=tuple(replace(entry, client="curl/8") for entry in ran.entries))
    found = comparing.compare((OLD, NEW), "latest", (run(OLD.version), raw))
    assert found.exit_code == 2
    assert "with 3.1.0 none of 1 requests is of an SDK" in " ".join(shown(found).split())


def test_a_default_that_moves_is_no_reason_where_the_version_is_set(run: Callable[..., Run]) -> None:
    runs = (run(OLD.version, CLIENT_SET="v1beta"), run(NEW.version, CLIENT_SET="v1beta", CLIENT_FAILS="1"))
    found = comparing.compare((OLD, NEW), "latest", runs)
    assert found.direction is Direction.STOPS
    assert (found.fix, found.rows) == (None, ())
    assert "default version" not in shown(found)


def test_a_command_without_requests_is_no_measurement(run: Callable[..., Run]) -> None:
    silent = replace(run(NEW.version), entries=(), status=1, output="RuntimeError: no microphone\n")
    found = comparing.compare((OLD, NEW), "latest", (run(OLD.version), silent))
    assert found.exit_code == 2
    assert "nothing reached the mock" in shown(found)
    assert "no microphone" in shown(found)


def test_markdown_and_json_tell_the_same(run: Callable[..., Run]) -> None:
    found = compare(run)
    told = telling.of(found, OWN)
    assert "```diff" in markdown(told)
    data = json.loads(json.dumps(told.data))
    assert (data["exit_code"], data["before"]["ended"], data["after"]["ended"]) == (1, "exit 0", "exit 1")
    assert data["fix"]["edits"][0]["places"] == ["app.mjs:3"]
    assert data["refusals"][0]["fact"] == "TOK-004B"
    assert "auth_tokens/" not in json.dumps(told.data).replace("auth_tokens/…", "")


@pytest.mark.parametrize(
    ("version", "placement"), [("", Placement()), ("v1alpha", Placement(client="v1alpha"))]
)
def test_where_the_version_is_set_is_read_from_the_wire(
    run: Callable[..., Run], version: str, placement: Placement
) -> None:
    runs = (run(OLD.version, CLIENT_SET=version), run(NEW.version, CLIENT_SET=version))
    sides = (exchanges(runs[0].entries), exchanges(runs[1].entries))
    assert comparing.configuration((OLD, NEW), sides) == Configuration(placement, placement)
    assert comparing.configuration((OLD, NEW), ((), ())) is None
