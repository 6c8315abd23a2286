"""Hooks that lead a child process to a server of ours where it asks for another host.

Python reads ``python/sitecustomize.py`` at its start, Node ``node/redirect.cjs``, in every process below the
one that is started with these variables. Their own code stays as it is.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HERE: Final = Path(__file__).parent
#: What the hooks read: the hosts that are led elsewhere, and where to, as ``127.0.0.1:8089``.
HOSTS_VARIABLE: Final = "MOCKSERVER_REDIRECT"
ADDRESS_VARIABLE: Final = "MOCKSERVER_ADDRESS"


def redirecting(before: Mapping[str, str], hosts: Sequence[str], address: str) -> dict[str, str]:
    """The variables with which a process reaches ``address`` where it asks for one of the hosts.

    Args:
        before: its environment so far; paths and options that stand there stay.
        hosts: names, without a port: every port of theirs is led there.
        address: host and port, as ``127.0.0.1:8089`` or ``[::1]:8089``.
    """
    return {
        HOSTS_VARIABLE: ",".join(hosts),
        ADDRESS_VARIABLE: address,
        "PYTHONPATH": in_path(before.get("PYTHONPATH", ""), _HERE / "python"),
        "NODE_OPTIONS": with_option(before.get("NODE_OPTIONS", ""), "--require", _HERE / "node/redirect.cjs"),
    }


def redirected(environment: Mapping[str, str]) -> frozenset[str]:
    """The hosts that a process with this environment is led away from."""
    return frozenset(name.lower() for name in environment.get(HOSTS_VARIABLE, "").split(",") if name)


def in_path(before: str, folder: Path) -> str:
    """A search path with a folder in front."""
    others = [part for part in before.split(os.pathsep) if part and part != str(folder)]
    return os.pathsep.join([str(folder), *others])


def with_option(before: str, option: str, path: Path) -> str:
    """``NODE_OPTIONS`` with one more file; Node reads quotes, and a backslash as an escape within them."""
    quoted = str(path).replace("\\", "\\\\").replace('"', '\\"')
    added = f'{option}="{quoted}"'
    return before if added in before else f"{before} {added}".strip()
