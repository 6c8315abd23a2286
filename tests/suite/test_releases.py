"""The list of releases: how registries' answers are read, and how it is written anew."""

from __future__ import annotations

import io
import json
from http.client import IncompleteRead
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError

import pytest
from packaging.version import Version

from suite import releases
from suite.releases import Release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def artefact(day: str, *, yanked: bool = False) -> dict[str, Any]:
    return {"upload_time": f"{day}T12:00:00", "yanked": yanked}


PYPI: Final = {
    "releases": {
        "1.10.0": [artefact("2025-05-02"), artefact("2025-05-01")],
        "1.9.0": [artefact("2025-04-01")],
        "1.9.1": [artefact("2025-04-02", yanked=True), artefact("2025-04-02", yanked=True)],
        "1.9.2": [artefact("2025-04-03", yanked=True), artefact("2025-04-03")],
        "1.8.0": [],
        "not-a-version": [artefact("2025-01-01")],
    }
}
NPM: Final = {
    "versions": {"1.10.0": {}, "1.9.0": {}, "2.0.0-beta.1": {}, "nightly": {}},
    "time": {
        "created": "2024-01-01T00:00:00Z",
        "1.9.0": "2025-04-01T00:00:00Z",
        "1.10.0": "2025-05-01T00:00:00Z",
        "2.0.0-beta.1": "2025-06-01T00:00:00Z",
        "1.0.0": "2024-12-01T00:00:00Z",
    },
}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], Any]], None]:
    """Let registries answer with what a function gives for their address."""

    def answer_with(answer: Callable[[str], Any]) -> None:
        def urlopen(url: str, timeout: float) -> io.BytesIO:
            assert timeout
            content = answer(url)
            return io.BytesIO(content if isinstance(content, bytes) else json.dumps(content).encode())

        monkeypatch.setattr("urllib.request.urlopen", urlopen)

    return answer_with


def by_registry(url: str) -> Any:
    return PYPI if "pypi.org" in url else NPM


def test_refreshing_writes_what_the_registries_say(tmp_path: Path, answers: Any) -> None:
    answers(by_registry)
    path = tmp_path / "releases.json"
    assert releases.refresh(path) == {"python": 4, "js": 3}
    content = json.loads(path.read_text("utf-8"))
    assert content["about"]["command"] == "genai-live-compat releases --refresh"
    assert content["releases"]["python"] == [
        {"version": "1.9.0", "published": "2025-04-01"},
        {"version": "1.9.1", "published": "2025-04-02", "yanked": True},
        {"version": "1.9.2", "published": "2025-04-03"},  # one file of it is left
        {"version": "1.10.0", "published": "2025-05-01"},
    ]
    assert [row["version"] for row in content["releases"]["js"]] == ["1.9.0", "1.10.0", "2.0.0-beta.1"]


def test_what_is_written_is_what_is_read(tmp_path: Path, answers: Any) -> None:
    answers(by_registry)
    releases.refresh(tmp_path / "releases.json")
    rows = json.loads((tmp_path / "releases.json").read_text("utf-8"))["releases"]["python"]
    assert Release(**rows[1]) == Release("1.9.1", "2025-04-02", yanked=True)


@pytest.mark.parametrize(
    "error",
    [
        URLError(ConnectionRefusedError(111, "Connection refused")),
        HTTPError("https://pypi.org", 503, "Service Unavailable", None, None),  # type: ignore[arg-type]
        TimeoutError("timed out"),
        IncompleteRead(b"half"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_registry_that_cannot_be_reached_is_an_os_error_in_one_line(
    error: Exception, tmp_path: Path, answers: Any
) -> None:
    def fail(url: str) -> Any:
        raise error

    answers(fail)
    path = tmp_path / "releases.json"
    with pytest.raises(OSError, match=r"^no list of releases from https://pypi\.org/\S+: .+$") as caught:
        releases.refresh(path)
    assert "\n" not in str(caught.value)
    assert not path.exists()


def test_a_page_that_is_no_list_is_an_os_error_too(tmp_path: Path, answers: Any) -> None:
    answers(lambda url: b"<html>sign in to the network</html>")
    with pytest.raises(OSError, match="no list of releases from"):
        releases.refresh(tmp_path / "releases.json")


def test_a_list_that_cannot_be_written_is_an_os_error_with_its_name(tmp_path: Path, answers: Any) -> None:
    answers(by_registry)
    with pytest.raises(OSError, match="No such file or directory") as caught:
        releases.refresh(tmp_path / "missing" / "releases.json")
    assert caught.value.filename == str(tmp_path / "missing" / "releases.json")


@pytest.mark.parametrize("sdk", ["python", "js"])
def test_the_committed_list_is_sorted_and_has_every_version_once(sdk: str) -> None:
    listed = [Version(release.version) for release in releases.releases(sdk)]
    assert listed == sorted(set(listed))
    assert listed


def test_an_sdk_on_no_registry_has_no_releases() -> None:
    assert releases.releases("reference") == ()
