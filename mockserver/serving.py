"""Serving until somebody ends it: by this process, or by workers that it starts."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import garbage, running, stores
from .admin import Control, Gate
from .child import NoSuchProgram
from .core.pages import Pages
from .core.service import Service
from .core.store import StoreLost
from .edge.clock import offset_s
from .scripts import READY
from .server import serve
from .terminal import fail, log, show
from .workers import WorkerLost

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

    from .core.journal import Journal
    from .core.options import Options
    from .core.script import Script
    from .core.tokens import Token
    from .tls import Certificates


@dataclass(frozen=True)
class Plan:
    """What is served, and until when.

    Attributes:
        store: the URL of a store; empty: in memory, or for workers in a file of their own.
        log: what is printed of what happens.
        tells: at the end, what was seen is wanted.
        ready: called once connections are accepted.
        stopping: called before that; what comes back waits for the end.
    """

    settings: Options
    script: Script
    store: str
    gate: Gate
    certificates: Certificates
    log: str
    tells: bool
    ready: Callable[[], None]
    stopping: Callable[[], Callable[[], Awaitable[Any]]]


def run(plan: Plan, listening: list[socket.socket]) -> int:
    """Serve, by as many processes as there are sockets; exit status."""
    try:
        seen, tokens = _alone(plan, *listening) if len(listening) == 1 else _together(plan, listening)
    except (NoSuchProgram, ValueError) as error:
        return fail(str(error))
    except StoreLost as error:
        return fail(f"{error}; {error.hint}")
    except WorkerLost as error:
        fail(str(error))
        return 1
    if plan.tells:
        # Imported here: who wants to be told nothing need not wait for what could tell it.
        from .verdict import judge

        if seen.loss:
            show(seen.loss)
        show(str(judge(seen, tokens)))
    return 0


def _alone(plan: Plan, listening: socket.socket) -> tuple[Journal | Pages, tuple[Token, ...]]:
    """Serve in this process; the journal and the tokens at the end.

    Raises:
        ValueError, StoreLost: the store cannot be opened.
    """
    with contextlib.ExitStack() as held:
        store = held.enter_context(stores.opened(plan.store, plan.settings)) if plan.store else None
        service = Service(plan.settings, plan.script, READY, store=store)
        log(service.journal.watchers.append, plan.log)
        control = Control(plan.gate, plan.certificates.ca_file)

        async def main() -> None:
            stop = plan.stopping()
            await serve(service, listening, plan.certificates, control, lambda host: plan.ready(), stop)

        with garbage.seldom():
            running.run(main())
        return service.journal, service.tokens if plan.tells else ()


def _together(plan: Plan, listening: list[socket.socket]) -> tuple[Journal | Pages, tuple[Token, ...]]:
    """Serve with a worker for each socket; the journals as one, and the tokens, at the end.

    Raises:
        ValueError, StoreLost: the store cannot be opened.
        WorkerLost: a worker could not start, or is gone.
    """
    # Imported here: a server that is alone needs none of it.
    from .workers import crew
    from .workers.worker import Job

    with contextlib.ExitStack() as held:
        url, folder = (plan.store, None) if plan.store else held.enter_context(stores.temporary())
        # Opened here too: what is wrong with it is told once, before there are workers.
        store = held.enter_context(stores.opened(url, plan.settings))
        about = (plan.settings, plan.script, url, folder, plan.gate, plan.certificates, plan.log, offset_s())
        jobs = [Job((number, len(listening)), *about) for number in range(1, len(listening) + 1)]

        async def main() -> Pages | None:
            return await crew.run(jobs, listening, plan.ready, plan.stopping(), tells=plan.tells)

        seen = running.run(main())
        return (seen, store.tokens()) if seen is not None else (Pages((), 0, 0, 0), ())
