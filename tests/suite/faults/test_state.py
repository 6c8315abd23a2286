"""The state file: what is kept is kept whole, and taken only where it fits."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite import environments, state
from suite.model import Seen, Subject, Verdict, Wire
from suite.seen import as_json, read
from suite.state import Busy, State

from ..conftest import REFERENCE, cells, measure, reference

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from suite.environments import Environment
    from suite.model import Probe

CELL: Final = REFERENCE[0]
PROBE: Final = CELL.probes[0]
SEEN: Final = Seen(
    Verdict.REFUSED,
    (Wire("auth_tokens.create", "v1beta", ("x-goog-api-key",), 404),),
    {"class": "ApiError", "message": "half a pair: \ud800"},
    warnings=("a warning",),
    ends_in="create_token",
    shows=(("token", "yes"),),
    requests=(
        {
            "rpc": "auth_tokens.create",
            "api_version": "v1beta",
            "credentials": ["x-goog-api-key"],
            "status": 404,
        },
    ),
)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return reference("reference", "1.0.0", root=tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.jsonl"


def keep(path: Path, environment: Environment, probe: Probe = PROBE, subject: Subject = CELL.subject) -> None:
    """A run that measured one probe and was ended then, as by SIGKILL: nothing was closed in order."""
    run = State(path)
    run.open()
    run.kept(subject, environment).put(probe, SEEN)
    run.close(done=False)


def taken(
    path: Path, environment: Environment, *, resume: bool = True, subject: Subject = CELL.subject
) -> tuple[Seen | None, list[str]]:
    """What a run takes of it, and what it says."""
    said: list[str] = []
    run = State(path, resume=resume, note=said.append)
    run.open()
    try:
        return run.kept(subject, environment).get(PROBE), said
    finally:
        run.close(done=False)


def test_what_was_measured_is_taken_as_it_was(path: Path, environment: Environment) -> None:
    keep(path, environment)
    assert taken(path, environment) == (SEEN, [])


def test_every_measurement_of_the_reference_client_comes_back_as_it_was(tmp_path: Path) -> None:
    for outcome in measure(REFERENCE, root=tmp_path).values():
        assert outcome.observation is not None
        for _, seen in outcome.observation.steps:
            again = read(json.loads(json.dumps(as_json(seen))))
            assert replace(again, seconds=0) == replace(seen, seconds=0)


def test_it_is_there_before_anything_is_closed(path: Path, environment: Environment) -> None:
    run = State(path)
    run.open()
    run.kept(CELL.subject, environment).put(PROBE, SEEN)
    assert len(path.read_bytes().splitlines()) == 2
    run.close(done=False)


def test_without_resume_nothing_is_taken_and_nothing_is_lost(path: Path, environment: Environment) -> None:
    keep(path, environment)
    seen, (said,) = taken(path, environment, resume=False)
    assert seen is None
    assert said == f"{path} has 1 measurements of an earlier run; --resume takes them"
    assert taken(path, environment)[0] == SEEN


def test_where_all_is_done_nothing_is_left(path: Path, environment: Environment) -> None:
    keep(path, environment)
    run = State(path, resume=True)
    run.open()
    run.close(done=True)
    assert list(path.parent.iterdir()) == []


def torn(path: Path) -> None:
    """As a run that was ended in the middle of a line leaves it."""
    path.write_bytes(path.read_bytes() + b'{"subject": "refer')


def spoilt(path: Path) -> None:
    """As a bad disk leaves it."""
    head, line = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + b"\0\0\0\n" + b'{"seen": 1}\n' + b"[]\n" + line)


@pytest.mark.parametrize("harm", [torn, spoilt])
def test_a_line_that_is_not_whole_is_left_out_and_all_others_count(
    harm: Callable[[Path], None], path: Path, environment: Environment
) -> None:
    keep(path, environment)
    harm(path)
    assert taken(path, environment) == (SEEN, [])
    keep(path, environment, CELL.probes[1])
    assert taken(path, environment) == (SEEN, [])
    assert json.loads(path.read_bytes().splitlines()[-1])["probe"].endswith(CELL.probes[1].slug)


def test_a_line_that_means_nothing_is_measured_again(path: Path, environment: Environment) -> None:
    keep(path, environment)
    head, line = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + line.replace(b'"verdict":"refused"', b'"verdict":"purple"'))
    assert taken(path, environment)[0] is None


# What a measurement depends on


def other_packages(environment: Environment) -> Environment:
    return replace(environment, packages=("websockets==1.0",))


def other_runtime(environment: Environment) -> Environment:
    return replace(environment, runtime="Node 99.0.0")


def other_artefact(environment: Environment) -> Environment:
    return replace(environment, root=environment.root / "local-0123456789ab")


@pytest.mark.parametrize("change", [other_packages, other_runtime, other_artefact])
def test_of_another_installation_nothing_is_taken(
    change: Callable[[Environment], Environment], path: Path, environment: Environment
) -> None:
    keep(path, environment)
    assert taken(path, change(environment)) == (None, [])


def test_of_another_version_nothing_is_taken(path: Path, environment: Environment) -> None:
    keep(path, environment)
    assert taken(path, environment, subject=Subject("reference", "1.0.1"))[0] is None


def test_what_a_named_service_date_stands_for_counts(
    path: Path, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(path, environment)
    monkeypatch.setattr("mockserver.service_date", lambda text: date(2031, 1, 1))
    assert taken(path, environment)[0] is None


def test_of_another_code_nothing_is_taken_and_that_is_said(
    path: Path, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(path, environment)
    monkeypatch.setattr(state, "code", lambda: "another")
    assert taken(path, environment) == (
        None,
        [f"{path} is of another version of this tool or its tables: nothing of it is taken"],
    )


def test_the_code_is_told_by_every_file_of_both_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mockserver/__init__.py", "suite/state.py", "suite/drivers/js/worker.mjs"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.setattr("mockserver.__file__", str(tmp_path / "mockserver" / "__init__.py"))
    monkeypatch.setattr(state, "__file__", str(tmp_path / "suite" / "state.py"))
    before = state.code()
    (tmp_path / "suite" / "state.pyc").write_text("as Python leaves it")
    assert state.code() == before
    (tmp_path / "suite" / "drivers" / "js" / "worker.mjs").write_text("// other")
    assert state.code() != before


def test_what_is_installed_beside_us_may_change_and_is_not_kept(path: Path, environment: Environment) -> None:
    subject = Subject("python", "3.4.0", environments.artefacts.INSTALLED)
    keep(path, environment, subject=subject)
    assert taken(path, environment, subject=subject)[0] is None


# Trouble


def test_a_second_run_does_not_write_into_the_same_file(path: Path, environment: Environment) -> None:
    first = State(path)
    first.open()
    with pytest.raises(Busy, match="another run keeps its state there; wait for it, or name another file"):
        State(path).open()
    first.kept(CELL.subject, environment).put(PROBE, SEEN)
    first.close(done=False)
    assert taken(path, environment)[0] == SEEN


class Full:
    """A file on a disk that is full."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, line: bytes) -> int:
        self._file.write(line[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        self._file.close()
        raise OSError(errno.ENOSPC, "No space left on device")


def test_on_a_full_disk_the_run_goes_on_and_says_once_that_it_is_not_kept(
    path: Path, environment: Environment
) -> None:
    said: list[str] = []
    keep(path, environment)
    run = State(path, resume=True, note=said.append)
    run.open()
    run._file = Full(run._file)  # type: ignore[assignment]
    kept = run.kept(CELL.subject, environment)
    kept.put(CELL.probes[1], SEEN)
    kept.put(PROBE, SEEN)
    run.close(done=False)
    (line,) = said
    assert line.startswith(f"{path}: No space left on device: what is measured from now on is not kept")
    assert taken(path, environment) == (SEEN, [])


def test_the_same_cells_have_the_same_file_and_others_another(tmp_path: Path) -> None:
    few = cells("reference", date="launch")
    assert state.default_path(tmp_path, REFERENCE) == state.default_path(tmp_path, REFERENCE)
    assert state.default_path(tmp_path, REFERENCE) != state.default_path(tmp_path, few)
