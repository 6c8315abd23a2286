"""An application's placements are read from its source, and each fix says where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from suite import commands
from suite.explain.cells import configuration
from suite.model import Placement
from suite.upgrade import measuring
from suite.upgrade.project import own

from . import predicted

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE: Final = '{"dependencies": {"@google/genai": "2.32.0"}}'
TOKEN: Final = """import {GoogleGenAI} from '@google/genai';

const ai = new GoogleGenAI({apiKey: process.env.GEMINI_API_KEY%s});
export const token = await ai.authTokens.create({config: {uses: 1}});
"""
LIVE: Final = """import {GoogleGenAI} from '@google/genai';
import {token} from './token.mjs';

const ai = new GoogleGenAI({apiKey: token.name%s});
await ai.live.connect({model: 'gemini-2.5-flash-native-audio-preview-12-2025', callbacks: {}});
"""
ALPHA: Final = ", httpOptions: {apiVersion: 'v1alpha'}"


@pytest.fixture(autouse=True)
def _by_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "measure", predicted.measure)
    for name in ("GOOGLE_GENAI_API_VERSION", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def project(root: Path, **files: str) -> Path:
    """A project of some modules."""
    (root / "package.json").write_text(PACKAGE, "utf-8")
    for name, text in files.items():
        (root / f"{name}.mjs").write_text(text, "utf-8")
    return root


def test_both_sides_and_the_version_are_read(tmp_path: Path) -> None:
    found = own(project(tmp_path, token=TOKEN % "", live=LIVE % ALPHA), "js", {})
    assert found.configurations == (configuration("none", "client=v1alpha"),)
    assert (found.version, found.unseen, found.assumed) == ("2.32.0", (), ())
    assert found.at("create", Placement()) == ("token.mjs:3",)
    assert found.at("connect", Placement(client="v1alpha")) == ("live.mjs:4",)


def test_each_line_says_where_it_belongs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path, token=TOKEN % "", live=LIVE % "")
    given = ["upgrade", "js", "--to", "3.1.0", "--project", str(root), "--topic", "placement"]
    assert commands.main(given) == 1
    told = capsys.readouterr().out
    assert "@google/genai in Node: 2.32.0 → 3.1.0" in told
    assert "// token.mjs:3: the client that mints" in told
    assert "// live.mjs:4: the client that connects" in told


def test_a_project_that_is_mended_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path, token=TOKEN % ALPHA, live=LIVE % ALPHA)
    assert commands.main(["upgrade", "js", "--to", "3.1.0", "--project", str(root)]) == 0
    assert "Your placement goes on working." in capsys.readouterr().out


def test_a_side_in_another_program_is_taken_as_one_that_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path, live=LIVE % "")
    found = own(root, "js", {})
    assert (found.configurations, found.assumed) == ((configuration("client=v1alpha", "none"),), ("create",))
    assert (
        commands.main(["upgrade", "js", "--to", "3.1.0", "--project", str(root), "--topic", "placement"]) == 1
    )
    assert "no call that mints a token was seen in the source" in capsys.readouterr().out


def test_several_placements_are_all_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path, token=TOKEN % "", live=LIVE % "", other=LIVE % ALPHA)
    assert len(own(root, "js", {}).configurations) == 2
    assert (
        commands.main(["upgrade", "js", "--to", "3.1.0", "--project", str(root), "--topic", "placement"]) == 1
    )
    told = " ".join(capsys.readouterr().out.split())
    assert "Your placement (create none; connect none) stops working" in told
    assert "Your placement (create none; connect client=v1alpha) stops working" in told


def test_what_cannot_be_seen_is_named_and_not_green(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = LIVE % ", httpOptions: {apiVersion: chosen()}"
    root = project(tmp_path, token=TOKEN % ALPHA, live=hidden)
    found = own(root, "js", {})
    assert (len(found.unseen), found.assumed) == (1, ())
    assert found.unseen[0].startswith("live.mjs:5: ")
    assert (
        commands.main(["upgrade", "js", "--to", "3.1.0", "--project", str(root), "--topic", "placement"]) == 2
    )
    told = capsys.readouterr().out
    assert "1 call of your source could not be read" in told
    assert "live.mjs:5" in told


def test_the_variable_for_the_api_version_counts_where_the_sdk_reads_it(tmp_path: Path) -> None:
    root = project(tmp_path, token=TOKEN % "", live=LIVE % "")
    (root / "package.json").write_text(PACKAGE.replace("2.32.0", "3.1.0"), "utf-8")
    found = own(root, "js", {"GOOGLE_GENAI_API_VERSION": "v1alpha"})
    assert found.configurations == (configuration("client=v1alpha", "client=v1alpha"),)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--project", "nowhere"], "expected the folder of a project"),
        (["--project", ".", "--create", "none"], "expected no --create and --connect"),
        (["--project", "."], "no call of @google/genai was seen"),
    ],
)
def test_bad_input_is_said(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(project(tmp_path))
    assert commands.main(["upgrade", "js", *arguments]) == 2
    assert said in capsys.readouterr().err
