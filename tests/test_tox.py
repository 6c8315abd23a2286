"""``tox.ini`` and ``.ci/run``: the two commands, any SDK version by name, and no list of versions."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from suite.releases import releases
from suite.sdks import SDKS
from suite.versions import of_factor

ROOT: Final = Path(__file__).parent.parent
TOX_INI: Final = ROOT / "tox.ini"
CI: Final = ROOT / ".ci/run"
#: Reading its settings takes tox two seconds.
TOX_LIMIT_S: Final = 60


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> configparser.ConfigParser:
    """What tox makes of two names that stand nowhere."""
    if find_spec("tox") is None:
        pytest.skip("tox is not in this environment")
    # Inside a tox environment its variables would be taken for options.
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOX_")}
    work = tmp_path_factory.mktemp("tox")
    names = "py311-genai-2.34,py3-genaijs-2.11"
    command = [sys.executable, "-m", "tox", "config", "--workdir", str(work), "-e", names]
    done = subprocess.run(
        [*command, "-k", "commands", "base_python"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=TOX_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    settings = configparser.ConfigParser(interpolation=None)
    settings.read_string(done.stdout)
    return settings


@pytest.mark.parametrize(
    ("name", "python", "subject"),
    [
        ("py311-genai-2.34", "python3.11", "python==2.34.0"),
        ("py3-genaijs-2.11", "python3", "js==2.11.0"),
    ],
)
def test_an_sdk_factor_runs_that_version(
    name: str, python: str, subject: str, resolved: configparser.ConfigParser
) -> None:
    section = resolved[f"testenv:{name}"]
    assert shlex.split(section["commands"]) == ["genai-live-compat", "matrix", "--tox-env", name]
    assert section["base_python"] == python
    assert str(of_factor(name)) == subject


def test_tox_keeps_no_list_of_sdk_versions() -> None:
    text = "\n".join(line for line in TOX_INI.read_text("utf-8").splitlines() if not line.startswith("#"))
    known = {release.version for sdk in SDKS for release in releases(sdk)}
    assert known
    assert not [version for version in known if version in text]
    assert not re.search(r"genai(js)?-\{|genai(js)?-\d", text)


def test_the_oldest_releases_are_those_of_every_extra_that_users_have() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    section = project.partition("[project.optional-dependencies]\n")[2].partition("\n[")[0]
    extras = set(re.findall(r"^(\w+) = \[$", section, re.MULTILINE)) - {"dev"}
    oldest = TOX_INI.read_text("utf-8").partition("[testenv:oldest]\n")[2].partition("\n[")[0]
    assert set(re.findall(r"--extra (\w+)", oldest)) == extras
    assert set(re.findall(r"--editable \.\[(.*)\]", oldest)[0].split(",")) == extras


def test_ci_script_can_be_run() -> None:
    assert os.access(CI, os.X_OK)
    done = subprocess.run(["bash", "-n", str(CI)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["tests", "matrix"])
def test_ci_script_runs_what_the_readme_tells(name: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"python -m pip install tox && python -m tox run -e {name}\n" in readme
    run = re.findall(r"tox run -e (\S+)", CI.read_text("utf-8"))
    assert name in [one for names in run for one in names.split(",")]
    assert f"[testenv:{name}]" in TOX_INI.read_text("utf-8")
