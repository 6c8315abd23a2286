"""The JSON report: everything that is known of every cell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from suite.reports import RENDERERS

from .test_reports import RUN

# The form of this report is being changed on a branch of its own, which replaces this module.
pytestmark = pytest.mark.skip(reason="the JSON report is being changed, with these tests")


def test_json_has_the_run_and_every_cell() -> None:
    document: dict[str, Any] = json.loads(RENDERERS["json"](RUN))
    assert document["about"]["counts"] == {"PASS": 4, "FAIL": 2, "KNOWN": 1, "BROKEN": 1}
    assert [row["cell"] for row in document["cells"]] == [outcome.cell.id for outcome in RUN.outcomes]
