"""What a person names is read: versions, files, topics, behaviours; and what has to be measured for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suite import versions
from suite.explain.cells import configuration
from suite.model import Behaviour, Cell, Configuration, Subject
from suite.upgrade import asking

from ..test_artefacts import packed

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = Subject("js", "2.32.0"), Subject("js", "3.1.0")
OWN = configuration("none", "none")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.32.0", "2.32.0"),
        (" 3.1.0 ", "3.1.0"),
        ("latest", versions.published("js")[-1]),
        ("1.30", "1.30.0"),
    ],
)
def test_a_version_is_read(text: str, version: str) -> None:
    assert asking.subject("js", text) == Subject("js", version)


def test_the_beginning_of_a_version_is_its_newest() -> None:
    newest = [version for version in versions.published("js") if version.startswith("2.")][-1]
    assert asking.subject("js", "2") == Subject("js", newest)


def test_a_file_is_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = packed(tmp_path / "genai.tgz")
    assert asking.subject("js", source) == Subject("js", "9.1.0", source)
    monkeypatch.chdir(tmp_path)
    assert asking.subject("js", "genai.tgz") == Subject("js", "9.1.0", "genai.tgz")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2.99.0", "2.99.0 is not published: near are"),
        ("99", "no published version of @google/genai is ==99"),
        ("newest", "newest"),
        ("gone.tgz", "gone.tgz: no such file"),
        ("installed", "no node_modules/@google/genai"),
    ],
)
def test_what_is_no_version_is_refused(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=said):
        asking.subject("js", text)


def test_topics_choose_cases() -> None:
    assert {case.topic for case in asking.cases(["handshake", "setup"])} == {"handshake", "setup"}
    assert set(asking.cases()) >= set(asking.cases(["placement"]))
    with pytest.raises(ValueError, match=r"no topic 'handshakes', did you mean handshake\?"):
        asking.cases(["handshakes"])


def test_an_own_configuration_stands_in_the_place_of_all() -> None:
    placed = [case for case in asking.cases((), [OWN]) if isinstance(case, Configuration)]
    assert placed == [OWN]
    assert asking.cases(["placement"], [OWN]) == (OWN,)
    assert all(isinstance(case, Behaviour) for case in asking.cases(["handshake"], [OWN]))


def test_what_proves_a_fix_is_measured_as_well() -> None:
    cells = asking.cells(OLD, NEW, ("latest",), [OWN])
    mended = configuration("client=v1alpha", "client=v1alpha")
    halves = [configuration("client=v1alpha", "none"), configuration("none", "client=v1alpha")]
    assert set(cells) == {
        *(Cell(subject, "latest", case) for subject in (OLD, NEW) for case in (OWN, mended)),
        *(Cell(NEW, "latest", half) for half in halves),
    }


def test_a_behaviour_is_found_by_its_slug() -> None:
    assert asking.named("handshake:404").slug == "handshake:404"
    with pytest.raises(ValueError, match="no behaviour 'handshake:405': near are handshake:40"):
        asking.named("handshake:405")
