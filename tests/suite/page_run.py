"""A run with all that can be in a report: stories, findings, known deviations, what was not measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from suite import plan, story
from suite.calls import calls_of
from suite.judge import broken, judge
from suite.model import Observation, Outcome, Seen, Status, Verdict
from suite.predict import predict
from suite.reports.run import Run
from suite.versions import subjects

from .conftest import seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suite.model import Cell, Expected, Probe

#: Both sides of every change of the JavaScript SDK, and some versions of the Python one.
SPECS: Final = ("js", "python>=2.33,<3.5")
#: The case of the README.
README_CASE: Final = "create:call=v1alpha/connect:none"
HOSTILE: Final = "</script><img src=x onerror=alert(1)><!-- {{data}} & \u2028 \"'"


def told(cell: Cell, probe: Probe, expected: Expected, number: int) -> tuple[dict[str, Any], ...]:
    """What the mock and the worker would tell; ports, keys and tokens differ from cell to cell."""
    teller = story.Teller()
    for verb, parameters in calls_of(probe):
        asked = {**parameters, "api_key": f"cell.{cell.subject.sdk}.{cell.subject.version}.{number}"}
        if "client" in asked:
            asked["client"] = {**asked["client"], "base_url": f"http://127.0.0.1:{40000 + number}"}
        teller.asks(verb, asked)
    lines = [*teller.told]
    for wire in expected.wire:
        path = f"/{wire.version}/{wire.method}?access_token=auth_tokens/{number:04x}…"
        lines.append({"who": "client", "what": f"GET {path}", "kind": "handshake"})
        if wire.status == 404:
            lines.append({"who": "mock", "what": "not served", "fact": "WS-015", "hint": "set v1alpha"})
        lines.append({"who": "server", "what": f"HTTP {wire.status}", "kind": "open"})
    lines.append({"who": "event", "what": "onclose: {}"})
    ending = {Verdict.WORKS: "returned", Verdict.HANGS: "never returns"}.get(expected.verdict, "raised Error")
    return (*lines, {"who": "sdk", "what": ending})


def step_seen(cell: Cell, probe: Probe, expected: Expected, number: int) -> Seen:
    """What one step shows where all is as predicted, as the engine tells it."""
    plain = seen(expected)
    if expected.verdict is Verdict.NOT_REACHED:
        return plain
    client = f"google-genai-sdk/{cell.subject.version} gl-node/v20"
    requests = tuple({"method": "GET", "path": "/x", **w.json(), "client": client} for w in expected.wire)
    return replace(
        plain, story=told(cell, probe, expected, number), requests=requests, seconds=number % 7 / 100
    )


def outcomes(cells: Sequence[Cell]) -> tuple[Outcome, ...]:
    """All as predicted; a side of a placement is one observation, as in a real run."""
    known: dict[Any, Seen] = {}
    found = []
    for number, cell in enumerate(cells):
        prediction = predict(cell)
        steps = []
        for probe, (step, expected) in zip(cell.probes, prediction.steps, strict=True):
            key = (cell.subject, probe)
            if expected.verdict is Verdict.NOT_REACHED:
                steps.append((step, seen(expected)))
                continue
            if key not in known:
                known[key] = step_seen(cell, probe, expected, number)
            steps.append((step, known[key]))
        found.append(judge(cell, prediction, Observation(tuple(steps)), 0.01))
    return tuple(found)


def spoiled(found: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The same with a finding, a known deviation, and a version that could not be measured."""
    result = []
    for outcome in found:
        subject, slug = str(outcome.cell.subject), outcome.cell.case.slug
        if subject == "python==3.0.0":
            outcome = broken(outcome.cell, outcome.prediction, f"install google-genai 3.0.0: {HOSTILE}")
        elif subject == "python==3.4.0" and slug == "handshake:404":
            outcome = replace(
                outcome,
                status=Status.FAIL,
                reason=f"connect: predicted refused, measured {HOSTILE}",
                differences=(f"connect: predicted refused, measured {HOSTILE}",),
            )
        elif subject == "python==3.4.0" and slug == "turn:1011":
            outcome = replace(outcome, status=Status.KNOWN, reason="recorded: python-genai#1")
        result.append(outcome)
    return tuple(result)


def page_run() -> Run:
    """Placements at both dates and some behaviours."""
    cells = plan.cells(
        subjects(SPECS), plan.dates("both"), ("/create:", "handshake:", "turn:1011", "token:uses")
    )
    return Run(spoiled(outcomes(cells)), plan.about(cells, ["genai-live-compat", "matrix"]), 12.5)
