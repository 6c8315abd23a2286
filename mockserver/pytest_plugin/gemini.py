"""``mock_gemini``: the mock server with what a test says of its client."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..core.credentials import STANDS_FOR
from ..core.journal import text
from ..server import MockServer
from ..traffic import Traffic, read
from . import matching
from .matching import CLOSES, FRAMES, MINTS, SOCKETS, criteria

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..core.journal import Entry
    from ..traffic import Call, Frame, Socket

T = TypeVar("T")

#: How often an assertion that waits looks again.
_LOOK_S: Final = 0.01
#: What a test that moves the clock asks for.
_OF_TIME: Final = frozenset({"CLS-008", "CLS-009", "CLS-010", "CLS-067", "CON-009", "CLS-049", "CLS-049B"})
#: Of no request and no socket: what was not even one.
_NO_NAME: Final = frozenset({"http", "tls"})


class MockGemini(MockServer):
    """The mock server in a test.

    Every ``assert_…`` says in its message what came nearest, and shows the journal. ``times`` is an exact
    count, without it once is enough. ``within_s`` waits so many seconds for a client in another thread or
    process; in a coroutine await ``eventually`` instead. What is compared may be a value, a part of an object
    or list, or a function.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._expected: set[str] = set()
        self._seen: set[int] = set()
        self._moved = False

    def begin(self) -> None:
        """Forget all of the test before, its scripts included."""
        for key in self._service.performances:
            self.stop_playing(key)
        self.reset()
        self._expected, self._seen, self._moved = set(), set(), False

    def advance(self, seconds: float) -> None:
        """Move the mock's clock forward; what becomes due happens before this returns."""
        self._moved = True
        super().advance(seconds)

    def advance_to_due(self) -> float:
        """Move the clock up to the next thing that a session does by itself; how far, in seconds."""
        self._moved = True
        return super().advance_to_due()

    @property
    def traffic(self) -> Traffic:
        """The journal as requests and sockets."""
        return read(self.recorded)

    @property
    def recorded(self) -> tuple[Entry, ...]:
        """The journal, also of a server that has stopped."""
        return tuple(self._service.journal)

    # -- what a test says ---------------------------------------------------------------------------------

    def assert_connected(
        self,
        times: int | None = None,
        *,
        version: Any = None,
        model: Any = None,
        setup: Any = None,
        api_key: Any = None,
        client: Any = None,
        token: bool | None = None,
        resumed: bool | None = None,
        within_s: float = 0,
    ) -> list[Socket]:
        """Sockets were opened: on an API version, for a model, with a setup, with a token or not …"""
        __tracebackhide__ = True
        wanted = criteria(
            version=version, model=model, setup=setup, api_key=api_key, client=client, token=token,
            resumed=resumed,
        )  # fmt: skip
        return self._check(SOCKETS, lambda: _opened(self.traffic), times, wanted, within_s)

    def assert_minted(
        self,
        times: int | None = None,
        *,
        version: Any = None,
        uses: Any = None,
        locked: bool | None = None,
        model: Any = None,
        request: Any = None,
        api_key: Any = None,
        client: Any = None,
        within_s: float = 0,
    ) -> list[Call]:
        """The client minted tokens: with so many uses, locked to a model or not, by a request like …"""
        __tracebackhide__ = True
        wanted = criteria(
            version=version, uses=uses, locked=locked, model=model, request=request, api_key=api_key,
            client=client,
        )  # fmt: skip
        return self._check(
            MINTS, lambda: [call for call in self.traffic.mints if call.token], times, wanted, within_s
        )

    def assert_received(
        self,
        message: str | Mapping[str, Any] | Callable[[Any], bool] | None = None,
        times: int | None = None,
        *,
        text: Any = None,
        on: str | None = None,
        within_s: float = 0,
    ) -> list[Frame]:
        """The client sent messages: of a kind such as ``realtimeInput``, or with these fields, or saying …"""
        __tracebackhide__ = True
        kind, fields = (message, None) if isinstance(message, str) else (None, message)
        wanted = criteria(kind=kind, message=fields, text=text, on=on)
        return self._check(
            FRAMES,
            lambda: [frame for socket in self.traffic.sockets for frame in socket.received],
            times,
            wanted,
            within_s,
        )

    def assert_closed(
        self,
        code: int | Callable[[Any], bool] | None = None,
        times: int | None = None,
        *,
        reason: Any = None,
        by: str | None = None,
        within_s: float = 0,
    ) -> list[Socket]:
        """Sockets were closed: with a code (1006: dropped), a reason, by ``client`` or ``server``."""
        __tracebackhide__ = True
        wanted = criteria(code=code, reason=reason, by=by)
        found = self._check(
            CLOSES, lambda: [one for one in _opened(self.traffic) if one.end], times, wanted, within_s
        )
        self._note(entry for socket in found for entry in socket.entries)
        return found

    def assert_refused(
        self, fact: str | None = None, times: int | None = None, *, within_s: float = 0
    ) -> list[Entry]:
        """The mock refused, for the reason a fact names; such refusals are expected from now on."""
        __tracebackhide__ = True
        self.expect_refusal(*([fact] if fact else []))
        wanted = f"a refusal{f' by {fact}' if fact else ''}"

        def find() -> tuple[list[Entry], list[str]]:
            found = [entry for entry in self._refusals() if fact in (None, entry.fact)]
            return found, [entry.line().strip() for entry in self._refusals() if entry not in found]

        found = self._await(find, times, wanted if times is None else f"{wanted}, {times} times", within_s)
        self._note(found)
        return found

    def assert_no_refusals(self) -> None:
        """The mock refused nothing."""
        __tracebackhide__ = True
        found = self._refusals()
        if found:
            said = f"expected no refusal, got {len(found)}:\n{text(found)}"
            raise AssertionError(matching.failure(said, [], self.recorded))

    def assert_well_behaved(self, *, ignore: Sequence[str] = ()) -> None:
        """The verdict finds nothing bad in what the client did; ``ignore`` names findings that may be."""
        __tracebackhide__ = True
        bad = [finding for finding in self.verdict().of("bad") if finding.id not in ignore]
        if bad:
            said = "expected a client that does nothing bad, got:\n" + "\n".join(map(str, bad))
            raise AssertionError(matching.failure(said, [], self.recorded))

    def expect_refusal(self, *facts: str) -> None:
        """This test is about such refusals, whenever they come; without a name, about any."""
        self._expected |= set(facts) or {"any"}

    async def eventually(
        self, assertion: Callable[..., T], *args: Any, within_s: float = 5.0, **given: Any
    ) -> T:
        """Await an assertion that may need a while, and leave the event loop to the client meanwhile."""
        __tracebackhide__ = True
        until = time.monotonic() + within_s
        while True:
            try:
                return assertion(*args, **given)
            except AssertionError:
                if time.monotonic() >= until:
                    raise
            await _sleep(_LOOK_S)

    # -- how it is found out ------------------------------------------------------------------------------

    def _check(
        self,
        sought: matching.Sought[T],
        things: Callable[[], list[T]],
        times: int | None,
        wanted: dict[str, Any],
        within_s: float,
    ) -> list[T]:
        __tracebackhide__ = True
        return self._await(
            lambda: sought.find(things(), wanted), times, sought.wanted(times, wanted), within_s
        )

    def _await(
        self, find: Callable[[], tuple[list[T], list[str]]], times: int | None, wanted: str, within_s: float
    ) -> list[T]:
        __tracebackhide__ = True
        if within_s and _in_a_coroutine():
            raise RuntimeError(
                "within_s would stop the event loop that the client runs in: expected "
                "await mock_gemini.eventually(mock_gemini.assert_…, …, within_s=…)"
            )
        until = time.monotonic() + within_s
        while True:
            found, near = find()
            if bool(found) if times is None else len(found) == times:
                return found
            if time.monotonic() >= until:
                waited = f" within {within_s:g} s" if within_s else ""
                raise AssertionError(
                    matching.failure(
                        f"expected {wanted}{waited}, got {len(found) or 'none'}", near, self.recorded
                    )
                )
            time.sleep(_LOOK_S)

    def _note(self, entries: Any) -> None:
        """What an assertion has spoken of is expected."""
        self._seen |= {entry.number for entry in entries}

    def _refusals(self) -> list[Entry]:
        """Refusals of requests and sockets of this test: not of clients that outlived another one."""
        own = {one.entries[0].connection for one in (*self.traffic.calls, *self.traffic.sockets)} | _NO_NAME
        return [entry for entry in self.recorded if entry.kind == "refusal" and entry.connection in own]

    # -- what a test does not say -------------------------------------------------------------------------

    def unexpected(self) -> list[Entry]:
        """Refusals that the test neither spoke of nor brought about, by its script, its clock or its key."""
        if "any" in self._expected:
            return []
        excused = self._expected | (_OF_TIME if self._moved else frozenset())
        return [
            entry
            for entry in self._refusals()
            if entry.fact not in excused
            and not entry.script
            and entry.number not in self._seen
            and not STANDS_FOR.search(entry.owner or "")
        ]

    def left_open(self) -> list[Socket]:
        """Sockets of this test that are open now."""
        return [socket for socket in self.traffic.sockets if socket.is_open]


def _opened(traffic: Traffic) -> list[Socket]:
    return [socket for socket in traffic.sockets if socket.first("open") is not None]


def _in_a_coroutine() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def _sleep(seconds: float) -> None:
    """Sleep in whichever event loop runs."""
    if _in_a_coroutine():
        await asyncio.sleep(seconds)
    else:
        await sys.modules["trio"].sleep(seconds)
