"""How much room the cache takes, and how it is given back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from suite.environments.usage import clear, usage

if TYPE_CHECKING:
    from pathlib import Path

#: More than any file system's smallest piece, and nothing that could be compressed.
CONTENT = os.urandom(100_000)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache with two kinds of environments, as ``built`` leaves them."""
    for name in ("js/1.0.0", "js/2.0.0", "web/1.0.0"):
        (tmp_path / name / "node_modules").mkdir(parents=True)
        (tmp_path / name / "node_modules" / "file").write_bytes(CONTENT)
        (tmp_path / name).with_name(f"{(tmp_path / name).name}.lock").touch()
    (tmp_path / "web.lock").touch()
    return tmp_path


def names(root: Path) -> set[str]:
    """The environments that are there."""
    return {
        f"{kind.name}/{one.name}"
        for kind in root.iterdir()
        if kind.is_dir()
        for one in kind.iterdir()
        if one.is_dir()
    }


def test_each_kind_is_told_with_its_environments_and_their_size(cache: Path) -> None:
    js, web = usage(cache)
    assert (js.kind, js.count) == ("js", 2)
    assert (web.kind, web.count) == ("web", 1)
    assert 2 * len(CONTENT) <= js.bytes < 3 * len(CONTENT)
    assert len(CONTENT) <= web.bytes < 2 * len(CONTENT)


def test_a_file_that_environments_share_is_counted_once(cache: Path) -> None:
    before = sum(entry.bytes for entry in usage(cache))
    os.link(cache / "js/1.0.0/node_modules/file", cache / "web/1.0.0/node_modules/same")
    assert sum(entry.bytes for entry in usage(cache)) == before


def test_a_link_is_not_followed(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "large").write_bytes(os.urandom(1_000_000))
    (cache / "web" / "1.0.0" / "link").symlink_to(elsewhere)
    assert sum(entry.bytes for entry in usage(cache)) < 1_000_000
    clear(cache, [])
    assert (elsewhere / "large").exists()


def test_a_cache_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert usage(tmp_path / "nowhere") == []
    assert clear(tmp_path / "nowhere", []) == []
    assert usage(tmp_path) == []


def test_one_kind_is_cleared_and_the_others_stay(cache: Path) -> None:
    assert clear(cache, ["js"]) == []
    assert names(cache) == {"web/1.0.0"}
    assert not (cache / "js").exists()


def test_everything_is_cleared_where_no_kind_is_named(cache: Path) -> None:
    assert clear(cache, []) == []
    assert names(cache) == set()
    assert usage(cache) == []


def test_an_environment_in_the_building_is_left_alone_and_told_of(cache: Path) -> None:
    with FileLock(cache / "js" / "2.0.0.lock"):
        assert clear(cache, ["js"]) == ["js/2.0.0"]
    assert names(cache) == {"js/2.0.0", "web/1.0.0"}
    assert clear(cache, ["js"]) == []


def test_an_unknown_kind_is_refused_with_those_there_are_and_nothing_goes(cache: Path) -> None:
    with pytest.raises(ValueError, match=r"nothing named 'ruby' in .*: it has js, web$"):
        clear(cache, ["js", "ruby"])
    assert len(names(cache)) == 3


def test_nothing_is_named_where_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"it has nothing$"):
        clear(tmp_path, ["js"])


def test_state_files_of_runs_are_counted_and_one_that_is_written_is_left_alone(cache: Path) -> None:
    runs = cache / "runs"
    runs.mkdir()
    for name in ("one.jsonl", "two.jsonl"):
        (runs / name).write_bytes(CONTENT)
    assert {entry.kind: entry.count for entry in usage(cache)} == {"js": 2, "runs": 2, "web": 1}
    with FileLock(runs / "one.jsonl.lock"):
        assert clear(cache, ["runs"]) == ["runs/one.jsonl"]
    assert (runs / "one.jsonl").is_file()
    assert not (runs / "two.jsonl").exists()
    assert clear(cache, ["runs"]) == []
    assert not runs.exists()
