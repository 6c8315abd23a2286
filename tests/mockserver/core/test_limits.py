"""The limits are a table: each a setting, with a value that fits, and words."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from mockserver import FACTS, Options
from mockserver.core import options
from mockserver.core.limits import Limits

ROWS = fields(Limits)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_says_what_is_limited_and_what_is_answered(row: Any) -> None:
    about = options.settings()[row.name]
    assert about["help"]
    assert about["answer"]
    assert row.name.endswith({"bytes": "_bytes", "seconds": "_s"}.get(about["unit"], ""))
    if "fact" in about:
        assert about["fact"] in FACTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("value", [0, -1, "many", True, float("inf"), float("nan")])
def test_what_is_no_limit_is_refused(row: Any, value: Any) -> None:
    whole = "a number of seconds over 0" if row.metadata["unit"] == "seconds" else "a whole number from 1 up"
    with pytest.raises(ValueError, match=f"^{row.name} is .*: expected {whole}$"):
        Options(**{row.name: value})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_limit_may_be_set(row: Any) -> None:
    assert getattr(Options(**{row.name: 7}), row.name) == 7


def test_only_where_there_is_no_limit_none_is_one() -> None:
    assert Options(max_sessions=None).max_sessions is None
    with pytest.raises(ValueError, match="journal_bytes is None"):
        Options(journal_bytes=None)  # type: ignore[arg-type]
