"""The machine and the versions that figures are of."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sysconfig
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks.servers import HERE

#: The options of a build that make the interpreter faster.
_OPTIMISED: Final = {"PGO": "--enable-optimizations", "LTO": "--with-lto"}


def about() -> dict[str, str]:
    """The machine and the versions."""

    def first_line(command: list[str]) -> str:
        if shutil.which(command[0]) is None:
            return "none"
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return (done.stdout or done.stderr).splitlines()[0]

    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    packages = {name: metadata.version(name) for name in ("httptools", "websockets")}
    if find_spec("pybase64") is not None:
        packages["pybase64"] = metadata.version("pybase64")
    return {
        "processor": f"{model}, {os.cpu_count()} cores",
        "load by other work": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.release()}",
        "Python": python(),
        **packages,
        "Node": first_line(["node", "--version"]),
        "peer": "@copilotkit/aimock "
        + json.loads((HERE / "peer/package.json").read_text("utf-8"))["dependencies"]["@copilotkit/aimock"],
        "nginx": first_line(["nginx", "-v"]).rpartition("/")[2],
    }


def python() -> str:
    """The version of this Python, and how it was built."""
    return f"{platform.python_version()}, {build()}"


def python_of(program: str) -> str:
    """The same of another one.

    Raises:
        ValueError: it does not run, or has not what this mock needs.
    """
    ask = "import mockserver.server; from benchmarks import machine; print(machine.python())"
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    try:
        done = subprocess.run(
            [program, "-c", ask], capture_output=True, text=True, check=True, env=environment
        )
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", "").strip() or str(error)
        raise ValueError(
            f"{program} does not serve: {told.splitlines()[-1]}; expected a Python that has what this "
            "project needs"
        ) from error
    return done.stdout.strip()


def build() -> str:
    """How this Python was built: with an optimised one all figures of the mock are half as good again."""
    told = sysconfig.get_config_var("CONFIG_ARGS")
    if told is None:
        return "built it does not say how"
    made = [name for name, option in _OPTIMISED.items() if option in told]
    # Debian builds with both, and takes the options out of what its Python says (Debian bug 934771).
    if not made and "deb_system" in sysconfig.get_scheme_names():
        made = list(_OPTIMISED)
    return f"built with {' and '.join(made)}" if made else "built without optimisation"
