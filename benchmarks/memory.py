"""Memory of sessions that are open and silent."""

from __future__ import annotations

import gc
import resource
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from benchmarks.measures import opened
from benchmarks.processes import resident_bytes

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from benchmarks.servers import Server

#: After so long a server has done what it does behind a setup.
SETTLED_S = 0.5
#: Sessions that are opened and closed before, so that what is made once is not counted.
BEFORE = 200


def allow_files() -> int:
    """Raise our limit of open files, which children inherit, as far as it may be; the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def idle_sessions(
    server: Server, counts: Iterable[int], tls: ssl.SSLContext | None = None
) -> dict[int, float]:
    """Bytes for each idle session, at so many open ones: what memory the server has more than before."""
    for _ in range(BEFORE):
        opened(server, tls).close()
    time.sleep(SETTLED_S)
    before, used = resident_bytes(server.pid), {}
    with ExitStack() as stack:
        wires = 0
        for count in sorted(counts):
            while wires < count:
                stack.enter_context(closing(opened(server, tls)))
                wires += 1
            time.sleep(SETTLED_S)
            used[count] = (resident_bytes(server.pid) - before) / count
    gc.collect()
    return used
