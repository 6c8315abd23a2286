"""Wheel and sdist hold what git tracks, all and only that, and are the same bytes wherever they are made."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from .building import EPOCH, PACKAGES, build, copy_tree, digest, names, tracked, unpack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .building import Kind

#: Built and installed with what PyPI has.
pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]
METADATA = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}


def shipped(wheel: Path) -> frozenset[str]:
    """The files of a wheel without those that say what it is; those are as they must be."""
    about = {name for name in names(wheel) if name.partition("/")[0].endswith(".dist-info")}
    assert {name.partition("/")[2] for name in about} == METADATA
    return names(wheel) - about


def ours(*folders: str) -> set[str]:
    """What git tracks in some folders."""
    return {path for path in tracked() if path.partition("/")[0] in folders}


def test_the_wheel_has_both_packages_whole_and_nothing_else(wheel: Path) -> None:
    assert shipped(wheel) == ours(*PACKAGES)
    for needed in (
        "mockserver/py.typed", "suite/py.typed", "suite/releases.json", "mockserver/admin/page/live.html",
        "suite/drivers/js/worker.mjs", "suite/drivers/python/worker.py", "suite/test_matrix.py",
    ):  # fmt: skip
        assert needed in shipped(wheel), needed


def test_the_sdist_has_all_that_git_tracks(sdist: Path) -> None:
    assert names(sdist) - {"PKG-INFO"} == set(tracked())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tree: (tree / "suite" / "notes.orig").write_text("mine"),
        lambda tree: (tree / "suite" / "releases.json").unlink(),
    ],
    ids=["a stray file", "a file that is missing"],
)
def test_a_wheel_with_other_files_is_found_out(spoil: Callable[[Path], object], tmp_path: Path) -> None:
    tree = copy_tree(tmp_path / "tree")
    spoil(tree)
    assert shipped(build(tree, "wheel", tmp_path / "dist")) != ours(*PACKAGES)


def test_what_lies_about_in_the_tree_is_in_no_sdist(sdist: Path, tmp_path: Path) -> None:
    tree = copy_tree(tmp_path / "tree")
    for stray in ("key.txt", "earlier/.gitignore", "earlier/tests/test_mine.py", "earlier/LICENSE"):
        (tree / stray).parent.mkdir(parents=True, exist_ok=True)
        (tree / stray).write_text("mine")
    assert digest(build(tree, "sdist", tmp_path / "dist")) == digest(sdist)


def test_the_sdist_makes_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    again = build(unpack(sdist, tmp_path / "unpacked"), "wheel", tmp_path / "dist")
    assert digest(again) == digest(wheel)


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_another_folder_umask_and_time_give_the_same_bytes(
    kind: Kind, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    tree = copy_tree(tmp_path / "with spaces" / "and" / "deeper", umask=0o077)
    long_ago = time.time() - 400 * 24 * 3600
    for path in tree.rglob("*"):
        os.utime(path, (long_ago, long_ago))
    again = build(tree, kind, tmp_path / "dist", umask=0o077)
    assert digest(again) == digest(request.getfixturevalue(kind))


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_the_time_in_an_artefact_is_the_one_that_is_asked_for(
    kind: Kind, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    tree = copy_tree(tmp_path / "tree")
    later = build(tree, kind, tmp_path / "later", epoch=EPOCH + 86_400)
    assert digest(later) != digest(request.getfixturevalue(kind))
    none = [build(tree, kind, tmp_path / name, epoch=None) for name in ("one", "two")]
    assert digest(none[0]) == digest(none[1]), "without a time it has a fixed one, not the time of the build"
