"""The hooks for Node, with packages that say who they are in place of the SDK."""

# ruff: noqa: E501  (programs stay on one line)

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from suite.apps import node
from suite.apps.model import Variant
from suite.apps.placing import placed
from suite.apps.running import environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NODE: Final = shutil.which("node") or ""
pytestmark = pytest.mark.skipif(not NODE, reason="there is no Node on this machine")

LIMIT_S: Final = 60
#: The package as both kinds of module; it needs another one, and takes a third if that is there.
CJS: Final = """
exports.version = %(version)s;
exports.dependency = require('dependency');
exports.peer = () => { try { return require('peer'); } catch (error) { return error.code; } };
exports.GoogleGenAI = class GoogleGenAI { constructor(options) { this.options = options; } };
"""
MJS: Final = """
export const version = %(version)s;
import dependency from 'dependency';
export { dependency };
export const peer = () => import('peer').then((found) => found.default, (error) => error.code);
export class GoogleGenAI { constructor(options) { this.options = options; } }
"""
ABOUT: Final = {
    "name": "@google/genai",
    "exports": {
        ".": {"import": "./main.mjs", "require": "./main.cjs"},
        "./node": {"import": "./main.mjs", "require": "./main.cjs"},
        "./package.json": "./package.json",
    },
}


def package(folder: Path, version: str) -> None:
    """Install the package."""
    place = folder / "node_modules" / "@google" / "genai"
    place.mkdir(parents=True)
    for name, text in (("main.cjs", CJS), ("main.mjs", MJS)):
        (place / name).write_text(text % {"version": json.dumps(version)})
    (place / "package.json").write_text(json.dumps({**ABOUT, "version": version}))
    module(folder, "dependency", version)


def module(folder: Path, name: str, value: str) -> None:
    """Install a module that is a text."""
    place = folder / "node_modules" / name
    place.mkdir(parents=True)
    (place / "index.js").write_text(f"module.exports = {json.dumps(value)};\n")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A program's folder, with the old version and a peer."""
    folder = tmp_path / "a project"
    package(folder, "old")
    module(folder, "peer", "the project's")
    return folder


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """What gives it the new one."""
    package(tmp_path / "over lay", "new")
    return node.overlaid(tmp_path / "over lay")


def run(project: Path, variables: Mapping[str, str], name: str, code: str) -> Any:
    """What a program of the project prints, as JSON."""
    (project / name).write_text(code)
    env = environment(os.environ, Variant("new", "new", project, variables))
    done = subprocess.run(
        [NODE, name], cwd=project, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


IMPORTS: Final = (
    "import { version, dependency, peer } from '@google/genai';\n"
    "console.log(JSON.stringify([version, dependency, await peer()]));\n"
)
REQUIRES: Final = (
    "const { version, dependency, peer } = require('@google/genai');\n"
    "console.log(JSON.stringify([version, dependency, peer()]));\n"
)
#: Each way to ask for the package.
ASKING: Final = {
    "import": ("a.mjs", IMPORTS),
    "require": ("a.cjs", REQUIRES),
    "import a path in it": ("a.mjs", IMPORTS.replace("'@google/genai'", "'@google/genai/node'")),
    "require a path in it": ("a.cjs", REQUIRES.replace("'@google/genai'", "'@google/genai/node'")),
    "import by a file": ("a.mjs", IMPORTS.replace("'@google", "'./node_modules/@google").replace("genai'", "genai/main.mjs'")),
    "require by a file": ("a.cjs", REQUIRES.replace("'@google", "'./node_modules/@google").replace("genai'", "genai/main.cjs'")),
    "require in a module": ("a.mjs", "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n" + REQUIRES),
    "import in a script": ("a.cjs", "import('@google/genai').then(async (found) => console.log(JSON.stringify([found.version, found.dependency, await found.peer()])));\n"),
}  # fmt: skip


@pytest.mark.parametrize("way", ASKING)
def test_whoever_asks_gets_the_other_version(project: Path, variables: dict[str, str], way: str) -> None:
    assert run(project, variables, *ASKING[way]) == ["new", "new", "the project's"]


@pytest.mark.parametrize("way", ASKING)
def test_without_the_hook_it_is_the_projects(project: Path, way: str) -> None:
    assert run(project, {}, *ASKING[way]) == ["old", "old", "the project's"]


def test_a_thread_and_a_child_get_it_too(project: Path, variables: dict[str, str]) -> None:
    (project / "inner.mjs").write_text(
        "import { version } from '@google/genai';\nimport { parentPort } from 'node:worker_threads';\n"
        "if (parentPort) parentPort.postMessage(version); else console.log(version);\n"
    )
    code = (
        "import { execFileSync } from 'node:child_process';\nimport { Worker } from 'node:worker_threads';\n"
        "const said = await new Promise((ok) => new Worker('./inner.mjs').once('message', ok));\n"
        "const child = String(execFileSync(process.execPath, ['inner.mjs'])).trim();\n"
        "console.log(JSON.stringify([said, child]));\n"
    )
    assert run(project, variables, "a.mjs", code) == ["new", "new"]


def test_other_packages_are_the_projects(project: Path, variables: dict[str, str]) -> None:
    code = "console.log(JSON.stringify([require('dependency'), require('peer')]));\n"
    assert run(project, variables, "a.cjs", code) == ["old", "the project's"]


def test_what_is_nowhere_is_told_as_ever(project: Path, variables: dict[str, str]) -> None:
    code = "const said = (error) => error.code;\ntry { require('nowhere'); } catch (error) { console.log(JSON.stringify(said(error))); }\n"
    assert run(project, variables, "a.cjs", code) == "MODULE_NOT_FOUND"
    code = "console.log(JSON.stringify(await import('nowhere').catch((error) => error.code)));\n"
    assert run(project, variables, "a.mjs", code) == "ERR_MODULE_NOT_FOUND"


def test_nothing_is_written_to_the_project(project: Path, variables: dict[str, str]) -> None:
    before = sorted(project.rglob("*"))
    for way in ASKING:
        run(project, variables, *ASKING[way])
    assert [path for path in sorted(project.rglob("*")) if path.name not in ("a.mjs", "a.cjs")] == before


# -- the proof of a fix -----------------------------------------------------------------------------------

MADE: Final = "console.log(JSON.stringify([version, new GoogleGenAI({apiKey: 'k'}).options, new GoogleGenAI({httpOptions: {apiVersion: 'own', timeout: 1}}).options]));\n"
PLACED: Final = {
    "import": ("a.mjs", f"import {{ GoogleGenAI, version }} from '@google/genai';\n{MADE}"),
    "require": ("a.cjs", f"const {{ GoogleGenAI, version }} = require('@google/genai');\n{MADE}"),
    "import by a file": ("a.mjs", f"import {{ GoogleGenAI, version }} from './node_modules/@google/genai/main.mjs';\n{MADE}"),
}  # fmt: skip


@pytest.mark.parametrize("way", PLACED)
def test_a_client_gets_the_api_version_where_the_program_sets_none(
    project: Path, variables: dict[str, str], way: str
) -> None:
    variant = placed(Variant("new", "new", project, variables), "js", "v9")
    version, bare, own = run(project, variant.variables, *PLACED[way])
    assert version == "new"
    assert bare == {"apiKey": "k", "httpOptions": {"apiVersion": "v9"}}
    assert own == {"httpOptions": {"apiVersion": "own", "timeout": 1}}


@pytest.mark.parametrize("way", PLACED)
def test_so_does_one_with_the_version_that_it_has(project: Path, way: str) -> None:
    variant = placed(Variant("old", "old", project), "js", "v9")
    version, bare, _ = run(project, variant.variables, *PLACED[way])
    assert (version, bare["httpOptions"]) == ("old", {"apiVersion": "v9"})


#: Each way in which the hooks could be wrong, and who then gets the wrong version.
WRONG: Final = {
    "no require": ("overlay.cjs", "  leadRequire();\n", "", {"require", "require a path in it", "require by a file", "require in a module"}),
    "no import": ("overlay.cjs", "  Module.register('./resolving.mjs', pathToFileURL(__filename));\n", "", {"import", "import a path in it", "import by a file", "import in a script"}),
    "no files": ("packages.cjs", "if (at < 0 || isInside(file)) return file;", "return file;", {"import by a file", "require by a file"}),
}  # fmt: skip


@pytest.mark.parametrize("way", WRONG)
def test_a_wrong_hook_is_found_out(
    project: Path, variables: dict[str, str], tmp_path: Path, way: str
) -> None:
    file, before, after, failing = WRONG[way]
    hooks = tmp_path / "hooks"
    shutil.copytree(node.HOOKS, hooks)
    text = (hooks / file).read_text("utf-8")
    assert text.count(before) == 1
    (hooks / file).write_text(text.replace(before, after), "utf-8")
    wrong = {**variables, "NODE_OPTIONS": f"--require={hooks / 'overlay.cjs'}"}
    got = {way: run(project, wrong, *ASKING[way]) for way in ASKING}
    assert {way for way, said in got.items() if said[0] != "new"} == failing
