"""Real SDKs: the application it is all about, what the page shows, and versions beside themselves."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
from typing import Final

import pytest

from suite import commands
from suite.environments import cache_root
from suite.model import Subject
from suite.plan import BOTH
from suite.upgrade import asking, measuring
from suite.upgrade.shifts import compare

from ...pages import BLOCKS, Block

OFFLINE: Final = "GENAI_LIVE_COMPAT_OFFLINE"
#: ``measured, exit status 1: upgrade js …``
MEASURED: Final = [
    (block, re.fullmatch(r"measured, exit status (\d): (.*)", block.note))
    for block in BLOCKS
    if block.note.startswith("measured, ")
]

pytestmark = [
    pytest.mark.network,
    pytest.mark.timeout(600),  # a cold cache waits for PyPI and npm
    pytest.mark.skipif(
        os.environ.get(OFFLINE) == "1", reason=f"{OFFLINE}=1: real SDKs come from PyPI and npm"
    ),
]


@pytest.mark.parametrize(("block", "note"), MEASURED, ids=[block.id for block, _ in MEASURED])
def test_what_the_page_shows_is_what_is_measured(
    block: Block, note: re.Match[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(shlex.split(note[2])) == int(note[1])
    assert capsys.readouterr().out == block.text


@pytest.mark.parametrize(
    "subject",
    [
        Subject("python", "1.30.0"),
        Subject("python", "3.4.0"),
        Subject("js", "1.10.0"),
        Subject("js", "2.32.0"),
        Subject("js", "3.1.0"),
    ],
    ids=str,
)
def test_a_version_does_not_differ_from_itself(subject: Subject) -> None:
    cells = asking.cells(subject, subject, BOTH, asking.cases())
    sides = asyncio.run(measuring.sides(subject, subject, cells, cache_root(), 1, lambda text: None))
    comparison = compare(subject, subject, sides)
    assert len(comparison.pairs) >= len(cells) / 2
    assert comparison.groups == ()
    assert [(block.where, block.differences) for block in comparison.blocks] == []
    assert comparison.exit_code == 0


def test_bisect_measures_a_few_of_many_versions(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["bisect", "js", "--from", "2.0.0", "--to", "3.1.0", "--behaviour", "setup:1011"]
    assert commands.main(given) == 0
    out, err = capsys.readouterr()
    assert "It changes in 2.11.0: refused 1011 → hangs. The last before it is 2.10.0" in out
    assert "@google/genai since 2.11.0: closed before setupComplete: hangs" in out
    assert "There are more changes between these ends" in out  # it raises from 3.1.0 on
    assert len([line for line in err.splitlines() if line.startswith("js==")]) <= 9


def test_what_js_2_11_and_3_1_change_in_live_connect(capsys: pytest.CaptureFixture[str]) -> None:
    waits = ["upgrade", "js", "2.10.0", "2.11.0", "--topic", "setup", "--topic", "api"]
    assert commands.main(waits) == 0
    told = capsys.readouterr().out
    assert "refused → hangs: 4 behaviours" in told
    assert "shows      setupComplete: nothing → shown" in told
    assert commands.main(["upgrade", "js", "2.32.0", "3.1.0", "--topic", "handshake"]) == 0
    told = capsys.readouterr().out
    assert "hangs → refused: 5 behaviours" in told
    assert (
        "Error “Live connection failed before setup completed: Unexpected server response: 404”"
        in " ".join(told.split())
    )
