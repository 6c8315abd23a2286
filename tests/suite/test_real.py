"""The case it all started from, with the real SDKs: what the application sees, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.model import Status, Verdict
from suite.reports import jsonfile

from .conftest import cells

if TYPE_CHECKING:
    from suite.model import Outcome, Seen, Step

ROOT: Final = Path(__file__).parents[2]
OFFLINE: Final = "GENAI_LIVE_COMPAT_OFFLINE"

pytestmark = [
    pytest.mark.network,
    pytest.mark.timeout(600),  # a cold cache waits for PyPI and npm
    pytest.mark.skipif(
        os.environ.get(OFFLINE) == "1", reason=f"{OFFLINE}=1: real SDKs come from PyPI and npm"
    ),
]

SUBJECTS: Final = ("python==3.4.0", "js==3.1.0", "js==1.10.0")
#: The error of ``authTokens.create`` on a version without tokens.
EMPTY_404: Final = '{"error":{"message":"","code":404,"status":"Not Found"}}'
PYTHON_404: Final = "404 Not Found. {'message': '', 'status': 'Not Found'}"
CONSTRAINED: Final = "BidiGenerateContentConstrained"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """The outcomes of one run of the command, by id."""
    path = tmp_path_factory.mktemp("real") / "report.json"
    specs = [text for spec in SUBJECTS for text in ("--sdk", spec)]
    done = subprocess.run(
        [sys.executable, "-m", "suite", "matrix", *specs, "--report", f"json={path}"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == f"matrix: {len(cells(*SUBJECTS))} passed, 0 failed"
    return {outcome.cell.id: outcome for outcome in jsonfile.read(path.read_text("utf-8")).outcomes}


def cell(report: dict[str, Outcome], subject: str, create: str, connect: str) -> Outcome:
    """One configuration at launch."""
    return report[f"{subject}/launch/create:{create}/connect:{connect}"]


def seen(outcome: Outcome, step: Step) -> Seen:
    """What one step showed."""
    assert outcome.observation is not None
    return outcome.observation.step(step)


def error(outcome: Outcome, step: Step) -> tuple[str, str]:
    """Class and text of the error of a step."""
    told = seen(outcome, step).error
    assert told is not None
    return told["class"], told["message"]


def test_a_token_of_v1alpha_and_a_session_on_the_default_version_hangs(report: Any) -> None:
    row = cell(report, "js==1.10.0", "call=v1alpha", "none")
    assert (row.label, seen(row, "create").verdict) == ("hangs", Verdict.WORKS)
    connect = seen(row, "connect")
    (request,) = connect.requests
    assert request["path"] == f"//ws/google.ai.generativelanguage.v1beta.GenerativeService.{CONSTRAINED}"
    assert (request["status"], request["credentials"]) == (404, ["?access_token="])
    assert [event for event in connect.events if event.get("name") == "onerror"]
    assert row.reason.endswith("HTTP 404: the call never settles")
    assert row.fix.endswith("new GoogleGenAI({apiKey: token.name, httpOptions: {apiVersion: 'v1alpha'}})")


def test_since_js_3_1_the_same_is_an_error_that_can_be_caught(report: Any) -> None:
    row = cell(report, "js==3.1.0", "call=v1alpha", "none")
    assert row.label == "refused 404"
    assert [request["api_version"] for request in seen(row, "connect").requests] == ["v1"]
    assert error(row, "connect")[0] == "Error"


@pytest.mark.parametrize("subject", ["js==1.10.0", "js==3.1.0"])
def test_a_token_asked_for_on_v1beta_is_the_error_of_the_first_report(report: Any, subject: str) -> None:
    row = cell(report, subject, "call=v1beta", "none")
    assert error(row, "create") == ("ApiError", EMPTY_404)
    assert seen(row, "connect").verdict is Verdict.NOT_REACHED


def test_in_python_both_are_errors_with_a_warning(report: Any) -> None:
    assert error(cell(report, "python==3.4.0", "call=v1beta", "none"), "create") == (
        "ClientError",
        PYTHON_404,
    )
    row = cell(report, "python==3.4.0", "call=v1alpha", "none")
    assert row.label == "refused 404"
    assert error(row, "connect")[0] == "InvalidStatus"
    assert any("v1alpha only" in text for text in seen(row, "connect").warnings)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_with_v1alpha_on_both_sides_it_works(report: Any, subject: str) -> None:
    row = cell(report, subject, "call=v1alpha", "client=v1alpha")
    assert (row.label, row.status, row.fix) == ("works", Status.PASS, "")


def test_a_refused_handshake_ends_a_short_program_and_tells_its_caller_or_not(report: Any) -> None:
    label = "exit:a refused handshake"
    assert {subject: report[f"{subject}/launch/{label}"].label for subject in SUBJECTS} == {
        "python==3.4.0": "crashes, exit 1",
        "js==3.1.0": "crashes, exit 1",
        "js==1.10.0": "silent, exit 0",
    }
