"""Runs the package tools and finds the line that matters in what they say."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from suite import platforms
from suite.environments.cache import NETWORK, EnvironmentBroken, advice
from suite.environments.preparation import AWAY, preparation

if TYPE_CHECKING:
    from collections.abc import Sequence

# The longest install seen took 10 s. A tool that hangs on a dead network gives up by itself after minutes;
# this only bounds the tool that never does.
TOOL_LIMIT_S = 600.0

LEASH = Path(__file__).with_name("leash.py")

# These configure a Python or Node of the caller, not the one to be built.
UNWANTED_VARIABLES = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "NODE_OPTIONS")

FIRST_ERROR_LINE = re.compile(r"(npm )?(error|ERR!)|\s*\N{MULTIPLICATION SIGN}")
# Old versions of uv draw their causes as a tree.
PREFIX = re.compile(r"^\s*(npm (error|ERR!)\s*(notarget|network)?|error:|cause:|[^\x00-\x7f]+)\s*")
NOISE = re.compile(
    r"(npm )?warn|code \w+$|(syscall|errno|path|dest) |at |\w+: .*,$|\w+: '\.'$|[{}]*$"
    r"|a complete log|in most cases|if you are behind",
    re.IGNORECASE,
)


class ToolFailed(Exception):
    """A package tool ended badly; `stderr` is all that it said."""

    def __init__(self, command: Sequence[str], stderr: str) -> None:
        super().__init__(gist(stderr))
        self.command = shlex.join(command)
        self.stderr = stderr

    def broken(self, tried: str) -> EnvironmentBroken:
        """Say it to the user of the suite."""
        return EnvironmentBroken.from_tool(tried, str(self), self.command)


def run(command: Sequence[str], *, cwd: Path, stdin: str = "", downloads: str = "never") -> str:
    """Run a tool in a folder and return its stdout; ``downloads`` says whether uv may bring an interpreter.

    Raises:
        ToolFailed: it ended with another exit code than 0, or not within ten minutes, or with the run.
        OSError: there is no such tool.
    """
    going, tool_name = preparation(), Path(command[0]).stem
    if away := going.away(tool_name):
        raise ToolFailed(command, f"not tried, the network was away {AWAY} times: {away}")
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    end, hold = os.pipe()
    os.write(hold, json.dumps(stdin).encode() + b"\n")
    with going.holding(hold):
        try:
            tool = _started(command, cwd, environment(downloads), end)
        finally:
            os.close(end)
        try:
            out, err = tool.communicate(timeout=TOOL_LIMIT_S)
        except subprocess.TimeoutExpired:
            late = True
        else:
            late = False
    if late:
        tool.communicate()
        raise ToolFailed(command, f"timed out after {TOOL_LIMIT_S:g} s")
    if tool.returncode != 0:
        failed = ToolFailed(command, err or out)
        if advice(str(failed)) == NETWORK:
            going.missed(tool_name, str(failed))
        raise failed
    if "install" in command:
        going.reached(tool_name)
    return out


def _started(command: Sequence[str], cwd: Path, env: dict[str, str], stdin: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(LEASH), *command],
        cwd=cwd,  # never the user's project, whose settings are not meant for this
        env=env,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        **platforms.apart(),
    )


def environment(downloads: str = "never") -> dict[str, str]:
    """Return the tools' environment: the caller's settings of uv and npm count, its interpreters do not."""
    inherited = {name: value for name, value in os.environ.items() if name not in UNWANTED_VARIABLES}
    # A Node of ours knows its own roots only; the system's may have one more that everything goes through.
    return {"UV_PYTHON_DOWNLOADS": downloads, "NODE_USE_SYSTEM_CA": "1", **inherited}


def gist(stderr: str) -> str:
    """Return what a tool's complaint begins and ends with, on one line.

    uv tells the plain fact first and the root cause last; npm's last lines are about its own log.
    """
    lines = stderr.splitlines()
    start = next((index for index, line in enumerate(lines) if FIRST_ERROR_LINE.match(line)), 0)
    plain = [PREFIX.sub("", line).strip() for line in lines[start:]]
    telling = [line.rstrip(":") for line in plain if line and not NOISE.match(line)]
    return ": ".join(dict.fromkeys(telling[:1] + telling[-1:])) or "no reason given"
