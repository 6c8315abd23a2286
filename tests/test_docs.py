"""Examples on the pages run or at least parse, workflows call what there is, links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from mockserver import Options
from mockserver import command as mock_command
from mockserver.relay import command as relay_command
from mockserver.scripts.loading import check
from suite import commands as suite_command
from suite import environments, plan, reports, versions
from suite.environments import artefacts
from suite.environments.cache import cache_root, read_stamp
from suite.model import Subject

from .pages import (
    BLOCKS,
    FENCED,
    FIDELITY,
    PAGES,
    ROOT,
    Block,
    blocks,
    is_file,
    is_fragment,
    is_test,
    needs_sdk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLE: Final = "ci-example.yml"
WORKFLOWS: Final = (ROOT / "docs" / EXAMPLE, *sorted((ROOT / ".github/workflows").glob("*.yml")))
#: Examples take a second; one that takes this long hangs.
EXAMPLE_LIMIT_S: Final = 30

#: README's example tests a program of the reader; this one mints a token as theirs would.
BACKEND: Final = """
import builtins, os, urllib.request

class Backend:
    def start_session(self):
        url = os.environ["GOOGLE_GEMINI_BASE_URL"] + "/v1alpha/auth_tokens?key=any"
        urllib.request.urlopen(urllib.request.Request(url, b"{}")).close()

builtins.my_backend = Backend
"""
#: Programs that examples call and these tests do not: they install, or are called by other tests.
NOT_RUN: Final = (
    "python benchmarks/run.py",
    "python benchmarks/soak.py",
    "python -m tests.fuzz",
    "python -m pip",
    "python -m venv",
    ".",
    "ruff",
    "mypy",
    ".ci/run",
)


# -- what examples run against ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a shell next to a running ``python -m mockserver``, its lines pasted."""
    folder = tmp_path_factory.mktemp("cache")
    clean = {
        name: value
        for name, value in os.environ.items()
        if not re.match(r"GOOGLE_|GEMINI_|PYTEST_|PYTHONWARNINGS|\w+_proxy$", name, re.IGNORECASE)
    } | {"XDG_CACHE_HOME": str(folder)}
    command = [sys.executable, "-m", "mockserver", "--port", "0", "--ready-json", "--log", "none"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean) as server:
        assert server.stdout is not None
        yield clean | json.loads(server.stdout.readline())["env"]
        server.terminate()
    assert server.returncode == 0


def run(command: list[str], env: dict[str, str], folder: Path) -> str:
    """Run a program to its good end; its output."""
    done = subprocess.run(
        command, env=env, cwd=folder, capture_output=True, text=True, timeout=EXAMPLE_LIMIT_S, check=False
    )
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


# -- examples in programming languages --------------------------------------------------------------------


def test_every_example_is_of_a_kind_these_tests_know() -> None:
    unknown = {
        block.id
        for block in BLOCKS
        if not is_fragment(block)
        and block.language
        not in ("python", "js", "html", "console", "text", "json", "ini", "mermaid", "yaml")
    }
    assert not unknown
    fragments = [block for block in BLOCKS if is_fragment(block) and block.page.name != "languages.md"]
    assert 10 * len(fragments) < len(BLOCKS), "fragments are an exception"


@blocks(
    "python",
    where=lambda block: not (is_test(block) or is_file(block) or is_fragment(block) or needs_sdk(block)),
)
def test_python_example_runs(block: Block, mock: dict[str, str], tmp_path: Path) -> None:
    program = tmp_path / "example.py"
    program.write_text(block.text, "utf-8")
    run([sys.executable, "-W", "error", str(program)], mock, tmp_path)


def test_pytest_examples_pass(mock: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(BACKEND, "utf-8")
    examples = [
        block for block in BLOCKS if block.language == "python" and is_test(block) and not is_file(block)
    ]
    assert len(examples) >= 2
    for number, block in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(block.text, "utf-8")
    [settings] = [block for block in BLOCKS if block.language == "ini"]
    (tmp_path / "pytest.ini").write_text(settings.text, "utf-8")
    run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:asyncio"],
        mock,
        tmp_path,
    )


@blocks("python", "js", where=needs_sdk)
def test_sdk_example_runs(block: Block, mock: dict[str, str], tmp_path: Path) -> None:
    [subject] = versions.subjects([block.note.removeprefix("runs with: ")])
    root = cache_root()
    kind = "js" if subject.sdk == "js" else f"python-{sys.implementation.cache_tag}"
    node = environments.node.machine_node(os.environ.get("PATH", "")) or read_stamp(root / "node")
    if read_stamp(root / kind / subject.version) is None or node is None:
        pytest.skip(f"{subject} is not in the cache: the matrix puts it there")
    environment = environments.prepare(subject.sdk, subject.version, root=root)
    program = tmp_path / ("example.mjs" if subject.sdk == "js" else "example.py")
    program.write_text(block.text, "utf-8")
    if subject.sdk == "js":
        (tmp_path / "node_modules").symlink_to(environment.root / "node_modules")
    told = run([environment.command[0], str(program)], mock, tmp_path)
    assert re.search("answered with [1-9]|the turn is complete", told)


@blocks("yaml")
def test_script_example_has_no_mistakes(block: Block) -> None:
    script, mistakes = check(block.text)
    assert not mistakes
    assert script is not None


# -- commands ---------------------------------------------------------------------------------------------


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console example: as it is written, and as a list of words."""
    for line in text.replace("\\\n", " ").splitlines():
        for command in line.split(" && "):
            if command.strip() and not command.startswith("#"):
                yield command, shlex.split(command)


def subjects_of(arguments: list[str]) -> set[str]:
    """Check a ``genai-live-compat`` command as far as one can without running it; the SDKs it would run."""
    given = suite_command.parser().parse_args(arguments)
    if arguments[0] != "matrix":
        return set()
    named = versions.of_factor(given.tox_env) if given.tox_env else None
    chosen = (named,) if named else chosen_by(given.sdk, given.versions or "edges")
    assert plan.cells(chosen, plan.dates(given.service_date or "both"), given.select)
    assert all(reports.read(text) for text in given.report)
    return {subject.sdk for subject in chosen}


def chosen_by(specs: list[str], which: str) -> tuple[Subject, ...]:
    """The versions that a command names; nobody has the files that an example speaks of."""
    published = [spec for spec in specs if "@" not in spec]
    files = [Subject(sdk, "3.0.0", path) for sdk, at, path in (spec.partition("@") for spec in specs) if at]
    for one in files:
        endings = artefacts.FILES[one.sdk][1]
        assert one.source == artefacts.INSTALLED or one.source.endswith(endings), one
    return (*files, *(versions.subjects(published, which) if published or not files else ()))


def check_tox(words: list[str]) -> None:
    """Check a tox command: the environment exists, and what is behind ``--`` fits what it runs."""
    own, _, given = " ".join(words).partition(" -- ")
    found = re.fullmatch(r"run -e (\S+)", own)
    assert found, f"tox {own} is not of the usual form"
    settings = (ROOT / "tox.ini").read_text("utf-8")
    for name in found[1].split(","):
        arguments = shlex.split(given) if not given else words[words.index("--") + 1 :]
        if name == "matrix":
            subjects_of(["matrix", *arguments])
        elif "genai" in name:
            assert re.match(r"py3\d*-", name), f"{name} needs a Python factor in front"
            assert subjects_of(["matrix", "--tox-env", name, *arguments])
        else:
            assert f"[testenv:{name}]" in settings or re.fullmatch(r"py3(10|11|12|13|14|15)", name), name


@blocks("console", where=lambda block: not is_fragment(block))
def test_console_example_is_right_and_runs_where_it_is_quick(
    block: Block, mock: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", mock["XDG_CACHE_HOME"])
    for file in BLOCKS:
        if file.note.startswith("file: "):
            (tmp_path / file.note.removeprefix("file: ")).write_text(file.text, "utf-8")
    for line, words in commands(block.text):
        match words:
            case ["genai-live-compat", *arguments] | ["python", "-m", "suite", *arguments]:
                runs = arguments == ["releases"] or arguments[0] == "explain"
                if subjects_of(arguments) == {"reference"} or runs:
                    assert suite_command.main(arguments) == 0
            case [
                "python",
                "-m",
                "mockserver",
                ("facts" | "scripts" | "schema" | "validate" | "recordings") as command,
                *arguments,
            ]:
                assert mock_command.run([command, *arguments]) == 0
            case ["python", "-m", "mockserver", "relay", *arguments]:
                relay_command._parser().parse_args(arguments)
            case ["python", "-m", "mockserver", *arguments]:
                arguments, _ = mock_command._split(arguments)
                given = mock_command._parser().parse_args(arguments)
                Options(**mock_command._settings(given.set, pytest.fail))
            case ["tox", *arguments] | ["python", "-m", "tox", *arguments]:
                check_tox(arguments)
            case ["pytest", "suite", *arguments]:
                if "reference" in arguments:
                    run([sys.executable, "-m", "pytest", str(ROOT / "suite"), *arguments], mock, ROOT)
            case ["python", "-c", code]:
                run([sys.executable, "-c", code], mock, ROOT)
            case ["pytest", "--mock-gemini-block-network"]:
                pass  # the tests of the plugin do
            case ["curl", *_]:
                if shutil.which("curl"):
                    assert run(["bash", "-c", line], mock, tmp_path)
            case _:
                assert line == "pytest" or line.startswith(NOT_RUN), f"nobody checks {line!r}"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_calls_what_there_is(workflow: Path) -> None:
    text = workflow.read_text("utf-8")
    used = re.findall(r"uses: ([^\n]*)", text)
    pinned = r"\S+@v\d+" if workflow.name == EXAMPLE else r"\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+( # zizmor: .*)?"
    assert all(re.fullmatch(pinned, one) for one in used), "ours by hash, the example by major"
    listed = re.search(r"env: \[(.*)\]", text)
    names = listed[1].split(", ") if listed else re.findall(r"env: ([\w-]+)", text)
    for line in re.findall(r"run: (?:python -m )?tox (run .*)", text):
        assert names or "matrix.env" not in line
        for name in names or [""]:
            check_tox(shlex.split(line.replace("${{ matrix.env }}", name)))


# -- links ------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = FENCED.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCED.sub("", page.read_text("utf-8"))
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(#[^)\s]*)?\)", text):
        if re.match(r"https?:", target):
            continue
        there = (page.parent / target).resolve() if target else page
        if there == FIDELITY:
            continue
        assert there.exists(), target
        assert not anchor or anchor[1:] in anchors(there), f"{target}{anchor}"
