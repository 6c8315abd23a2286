"""Real measurements: a version does not differ from itself, and a wrong one shows as what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from suite import column
from suite.model import Status
from suite.upgrade.model import Direction

from ..conftest import cells
from .measured import beside, measured

if TYPE_CHECKING:
    from pathlib import Path

    from suite.model import Cell
    from suite.upgrade.model import Comparison, Difference

EVERY: Final = {cell.id.split("/", 1)[1]: cell for cell in cells("reference")}


def some(*beginnings: str) -> list[Cell]:
    """The cells whose date and slug begin so."""
    found = [cell for text, cell in EVERY.items() if text.startswith(beginnings)]
    assert found
    return found


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference client that has done nothing for so long never will, on a busy machine either."""
    monkeypatch.setattr(column, "NOTHING_S", 3.0)


def test_a_version_does_not_differ_from_itself(tmp_path: Path) -> None:
    comparison = beside(list(EVERY.values()), tmp_path)
    assert len(comparison.pairs) == len(EVERY)
    assert (comparison.groups, comparison.blocks, comparison.exit_code) == ((), (), 0)
    assert comparison.of(Direction.SAME) == comparison.pairs


def otherwise(comparison: Comparison) -> list[Difference]:
    """What is otherwise where the verdict stays."""
    return [difference for block in comparison.blocks for difference in block.differences]


#: Wrong in one way, what is asked, and all that is told of the wire: aspect, kind, name, before, after.
ON_THE_WIRE: Final = {
    "snake-case-lock": (
        "launch/token:nested",
        ("body", "spelled", "slidingWindow", "slidingWindow", "sliding_window"),
    ),
    "drops-uses": ("launch/token:uses", ("body", "removed", "uses", "3", "")),
    "coarse-mask": ("launch/token:lock-nested", ("body", "changed", "fieldMask", "slidingWindow", "")),
    "key-in-header": (
        "launch/credential:key",
        ("credential", "changed", "BidiGenerateContent", "?key=", "x-goog-api-key"),
    ),
    "insists-on-tls": ("launch/base-url:plain", ("scheme", "changed", "BidiGenerateContent", "ws", "wss")),
    "ignores-client-headers": ("launch/credential:header", ("header", "removed", "x-compat", "mine", "")),
    "loses-realtime": ("launch/api:audio", ("message", "removed", "realtimeInput", "data", "")),
}


@pytest.mark.parametrize("wrong", ON_THE_WIRE)
def test_what_a_wrong_client_sends_shows_as_what_it_is(wrong: str, tmp_path: Path) -> None:
    asked, (aspect, kind, name, before, after) = ON_THE_WIRE[wrong]
    comparison = beside(some(asked), tmp_path, wrong)
    found = [one for one in otherwise(comparison) if one.aspect not in ("shows", "answer")]
    assert any(
        (one.aspect, one.kind) == (aspect, kind)
        and name in one.name
        and before in one.before
        and after in one.after
        for one in found
    ), found
    assert {one.aspect for one in found} == {aspect}


#: Wrong in one way, what is asked, what becomes of it, and the labels before and after.
VERDICTS: Final = {
    "hangs": ("launch/create:none/connect:none", Direction.STOPS, ("works", "hangs")),
    "crashes": ("launch/create:none/connect:none", Direction.STOPS, ("works", "crashes")),
    "default-v1beta": ("launch/create:none/connect:none", Direction.STOPS, ("works", "refused 404")),
    "token-as-key": ("launch/create:none/connect:none", Direction.STOPS, ("works", "refused 1007")),
    "lacks-client-content": ("launch/api:send_client", Direction.STOPS, ("works", "absent")),
    "exits-1": ("launch/exit:a turn", Direction.STOPS, ("works", "crashes, exit 1")),
    "takes-small-frames": ("launch/frame:large", Direction.STOPS, ("works", "refused")),
    "reads-snake-case": ("launch/frame:snake-case", Direction.SAME, ("works", "works")),
    "drops-times": ("launch/token:time-aware", Direction.STOPS, ("works", "refused 400")),
    "swallows-errors": ("launch/handshake:404", Direction.STARTS, ("refused 404", "works")),
    "swallows-close": ("launch/turn:1011", Direction.FAILS_OTHERWISE, ("refused 1011", "hangs")),
    "skips-bad-frames": ("launch/frame:not-json/", Direction.STARTS, ("refused", "works")),
}


@pytest.mark.parametrize("wrong", VERDICTS)
def test_what_becomes_of_a_wrong_client_shows_as_what_it_is(wrong: str, tmp_path: Path) -> None:
    asked, direction, labels = VERDICTS[wrong]
    comparison = beside(
        [cell for text, cell in EVERY.items() if f"{text}/".startswith(asked)], tmp_path, wrong
    )
    assert {pair.direction for pair in comparison.pairs} == {direction}
    assert {pair.labels for pair in comparison.pairs} == {labels}
    assert comparison.exit_code == (1 if direction is Direction.STOPS else 0)


def test_what_an_application_reads_of_an_error_counts(tmp_path: Path) -> None:
    comparison = beside(some("launch/turn:1007"), tmp_path, "other-close-code")
    assert [(one.aspect, one.name, one.after) for one in otherwise(comparison)] == [
        ("text", "", "closed with 1006: API key not valid. Please pass a valid API key."),
        ("exception", "code", "1006"),
    ]


def test_what_the_tables_do_not_know_has_no_reason_among_them(tmp_path: Path) -> None:
    comparison = beside(some("launch/create:none/connect:none"), tmp_path, "default-v1beta")
    [group] = comparison.groups
    assert (group.rows, group.fix) == ((), None)
    [pair] = group.pairs
    assert pair.after is not None
    assert pair.after.status is Status.FAIL


def test_what_crosses_the_wire_is_kept_only_where_that_is_asked_for(tmp_path: Path) -> None:
    [cell] = some("launch/token:plain")
    [kept] = measured([cell], tmp_path).values()
    assert kept.observation is not None
    assert [entry.kind for entry in kept.observation.deciding.journal] == ["request", "response"]
