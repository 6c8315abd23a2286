"""The case it all started from, with the real SDKs: what the application sees, byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
OFFLINE: Final = "GENAI_LIVE_COMPAT_OFFLINE"

pytestmark = [
    pytest.mark.network,
    pytest.mark.timeout(600),  # a cold cache waits for PyPI and npm
    pytest.mark.skipif(
        os.environ.get(OFFLINE) == "1", reason=f"{OFFLINE}=1: real SDKs come from PyPI and npm"
    ),
]

#: The error of ``authTokens.create`` on a version without tokens.
EMPTY_404: Final = '{"error":{"message":"","code":404,"status":"Not Found"}}'
PYTHON_404: Final = "404 Not Found. {'message': '', 'status': 'Not Found'}"
CONSTRAINED: Final = "BidiGenerateContentConstrained"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The cells of one run of the command, by id."""
    path = tmp_path_factory.mktemp("real") / "report.json"
    specs = [text for spec in ("python==3.4.0", "js==3.1.0", "js==1.10.0") for text in ("--sdk", spec)]
    done = subprocess.run(
        [sys.executable, "-m", "suite", "matrix", *specs, "--report", f"json={path}"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "matrix: 336 passed, 0 failed"
    return {row["cell"]: row for row in json.loads(path.read_text("utf-8"))["cells"]}


def cell(report: dict[str, dict[str, Any]], subject: str, create: str, connect: str) -> dict[str, Any]:
    """One cell at launch."""
    return report[f"{subject}/launch/create:{create}/connect:{connect}"]


def test_a_token_of_v1alpha_and_a_session_on_the_default_version_hangs(report: Any) -> None:
    row = cell(report, "js==1.10.0", "call=v1alpha", "none")
    assert (row["verdict"], row["create"]["verdict"]) == ("hangs", "works")
    (request,) = row["connect"]["requests"]
    assert request["path"] == f"//ws/google.ai.generativelanguage.v1beta.GenerativeService.{CONSTRAINED}"
    assert (request["status"], request["credentials"]) == (404, ["?access_token="])
    errors = [event for event in row["connect"]["events"] if event.get("name") == "onerror"]
    assert errors
    assert row["reason"].endswith("HTTP 404: the call never settles")
    assert row["fix"].endswith("new GoogleGenAI({apiKey: token.name, httpOptions: {apiVersion: 'v1alpha'}})")


def test_since_js_3_1_the_same_is_an_error_that_can_be_caught(report: Any) -> None:
    row = cell(report, "js==3.1.0", "call=v1alpha", "none")
    assert (row["verdict"], row["label"]) == ("refused", "refused 404")
    assert [request["api_version"] for request in row["connect"]["requests"]] == ["v1"]
    assert row["connect"]["error"]["class"] == "Error"


@pytest.mark.parametrize("subject", ["js==1.10.0", "js==3.1.0"])
def test_a_token_asked_for_on_v1beta_is_the_error_of_the_first_report(report: Any, subject: str) -> None:
    row = cell(report, subject, "call=v1beta", "none")
    assert (row["create"]["error"]["class"], row["create"]["error"]["message"]) == ("ApiError", EMPTY_404)
    assert row["connect"]["verdict"] == "not reached"


def test_in_python_both_are_errors_with_a_warning(report: Any) -> None:
    minted = cell(report, "python==3.4.0", "call=v1beta", "none")["create"]
    assert (minted["error"]["class"], minted["error"]["message"]) == ("ClientError", PYTHON_404)
    row = cell(report, "python==3.4.0", "call=v1alpha", "none")
    assert row["label"] == "refused 404"
    assert row["connect"]["error"]["class"] == "InvalidStatus"
    warnings = [str(event.get("message")) for event in row["connect"]["events"]]
    assert any("v1alpha only" in text for text in warnings)


@pytest.mark.parametrize("subject", ["js==1.10.0", "js==3.1.0", "python==3.4.0"])
def test_with_v1alpha_on_both_sides_it_works(report: Any, subject: str) -> None:
    row = cell(report, subject, "call=v1alpha", "client=v1alpha")
    assert (row["verdict"], row["status"], row["fix"]) == ("works", "PASS", "")
