"""The whole service: HTTP answers, handshakes and sessions, from events and ``now`` to effects."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from . import cors, credentials, routes
from .compression import zipped
from .effects import Abort, Close, Effect, Reject, Respond, Send
from .errors import Refusal, answer, unimplemented
from .facts import fact
from .grants import Door, read_message
from .ids import Ids
from .journal import Journal, summary
from .options import Options
from .profiles import API_VERSIONS
from .schema import Checked, parse
from .script import ECHO, Performance, Refuse, Script
from .session import Session
from .tokens import Token, TokenStore, read_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .profiles import Method, Profile
    from .request import Request

#: Handles stay valid for two hours after they were given (PRO-018).
HANDLE_LIFETIME_S: Final = 2 * 60 * 60


@dataclass(slots=True)
class Connection:
    """One open socket."""

    name: str
    door_method: Method
    version: str
    placed: credentials.Placed
    owner: str | None
    #: What this socket shares with others; after a reset, with those that were open then.
    state: State
    session: Session | None = None
    #: When the agenda has it next.
    appointment: float = math.inf


@dataclass(slots=True)
class State:
    """All that a reset forgets."""

    store: TokenStore
    ids: Ids
    #: The script for everybody, and those for one API key alone.
    performance: Performance
    by_owner: dict[str, Performance]
    handles: dict[str, float] = field(default_factory=dict)


class Service:
    """One mock service. Every method takes ``now``, in Unix seconds on the mock's clock."""

    def __init__(self, options: Options | None = None, script: Script = ECHO) -> None:
        self.options = options or Options()
        self.journal = Journal(self.options.journal_entries)
        self._script = script
        self._scripts: dict[str, Script] = {}
        self._ids = Ids(self.options.seed)
        self._connections: dict[str, Connection] = {}
        self._agenda: list[tuple[float, str]] = []
        self._names = {"http": 0, "ws": 0}
        self.reset()

    def reset(self) -> None:
        """Forget tokens, handles, counts and the journal; open sockets stay, as strays."""
        # Names go on: a late client of the last test must not hold a token of the next one.
        store = TokenStore(self.options, self._ids)
        by_owner = {owner: Performance(script) for owner, script in self._scripts.items()}
        self._state = State(store, self._ids, Performance(self._script), by_owner)
        self.journal.clear()

    def play(self, script: Script | None, owner: str | None = None) -> None:
        """Play another script from now on, to everybody or to one API key alone; counts start anew.

        Without a script: to that key what everybody gets, to everybody the echo.
        """
        if owner is None:
            self._script = script or ECHO
            self._state.performance = Performance(self._script)
        elif script is None:
            self._scripts.pop(owner, None)
            self._state.by_owner.pop(owner, None)
        else:
            self._scripts[owner] = script
            self._state.by_owner[owner] = Performance(script)

    @property
    def performances(self) -> dict[str | None, Performance]:
        """What is played: to everybody (None), and to single API keys."""
        everybody: dict[str | None, Performance] = {None: self._state.performance}
        return everybody | self._state.by_owner

    def moved(self, ahead_s: float) -> None:
        """The mock's clock is now so far ahead of its clients'."""
        self._state.store.ahead_s = ahead_s

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All tokens minted since the last reset."""
        return tuple(self._state.store.by_name.values())

    @property
    def open_connections(self) -> int:
        """How many sockets are open."""
        return len(self._connections)

    # -- HTTP ---------------------------------------------------------------------------------------------

    def request(self, request: Request, now: float) -> Respond:
        """Answer a request that is no WebSocket handshake."""
        name = self._name("http")
        owner = self._owner(credentials.placed(request))
        self._note_request("request", name, owner, request, now)
        try:
            response = self._answer(request, name, now)
        except Refusal as raised:
            refusal = self._as_told(raised)
            self._note_refusal(refusal, name, owner, now)
            response = refusal.respond(now)
        response = cors.share(request, response)
        what = f"{response.status} {summary(response.body)}".rstrip()
        self.journal.add(
            at=now,
            connection=name,
            kind="response",
            owner=owner,
            what=what,
            status=response.status,
            payload=response.body,
        )
        return zipped(request, response)

    def _answer(self, request: Request, name: str, now: float) -> Respond:
        if request.method == "OPTIONS":
            return cors.preflight(request, now)
        version = routes.minting(request.path)
        if version and request.method != "POST":
            raise Refusal("TOK-006", {"version": version})
        if version in API_VERSIONS:
            return self._mint(request, version, now)
        if routes.not_played(request.path):
            credentials.api_key(credentials.placed(request), self.options.api_keys, socket=False)
            self._note_not_played(request, name, now)
            return unimplemented(f"{request.method} {request.path}", now)
        raise routes.unknown(request, "TOK-009")

    def _mint(self, request: Request, version: str, now: float) -> Respond:
        profile = self._serving("auth_tokens.create", version)
        placed = credentials.placed(request)
        for step in self._performance(self._owner(placed)).steps("mint") or ():
            if isinstance(step, Respond):
                return step
            if isinstance(step, Refuse):
                raise Refusal(step.fact, {"version": version})
        wanted = read_request(parse(request.body), profile)
        owner = credentials.api_key(placed, self.options.api_keys, socket=False)
        token = self._state.store.mint(wanted, owner, version, now)
        return answer(200, {"name": token.name}, now)

    def mint(self, request: dict[str, Any], owner: str, version: str | None, now: float) -> Token:
        """Mint a token without HTTP, as a test does; by default on the first version that has tokens.

        Raises:
            Refusal: the version has no tokens, or the request is not of the schema or out of range.
            ValueError: there is no such version.
        """
        if version is None:
            offering = self.options.profile(API_VERSIONS[0]).offering("auth_tokens.create")
            version = next(iter(offering), API_VERSIONS[0])
        if version not in API_VERSIONS:
            raise ValueError(f"{version!r} is no API version: expected one of {', '.join(API_VERSIONS)}")
        profile = self._serving("auth_tokens.create", version)
        wanted = read_request(Checked(request), profile)
        return self._state.store.mint(wanted, owner, profile.version, now)

    # -- sockets ------------------------------------------------------------------------------------------

    def handshake(self, request: Request, now: float) -> tuple[str, list[Effect]]:
        """Open a socket; its name, and a Reject if it is refused."""
        name = self._name("ws")
        placed = credentials.placed(request)
        owner = self._owner(placed)
        self._note_request("handshake", name, owner, request, now)
        try:
            method, version = self._find_method(request)
        except Refusal as raised:
            refusal = self._as_told(raised)
            self._note_refusal(refusal, name, owner, now)
            return name, self._rejected(refusal.respond(now), name, owner, now)
        for step in self._performance(owner).steps("handshake") or ():
            if isinstance(step, Reject):
                return name, self._rejected(step.response, name, owner, now)
            if isinstance(step, Abort):
                self.journal.add(at=now, connection=name, kind="lost", owner=owner, what="dropped by script")
                return name, [step]
        self._connections[name] = Connection(name, method, version, placed, owner, self._state)
        self.journal.add(at=now, connection=name, kind="open", owner=owner, what="101", status=101)
        return name, []

    def _rejected(self, response: Respond, name: str, owner: str | None, now: float) -> list[Effect]:
        self.journal.add(
            at=now,
            connection=name,
            kind="rejected",
            owner=owner,
            what=f"{response.status} {summary(response.body)}".rstrip(),
            status=response.status,
            payload=response.body,
        )
        return [Reject(response)]

    def _find_method(self, request: Request) -> tuple[Method, str]:
        found = routes.live(request.path)
        if found is None:
            raise routes.unknown(request, "WS-018")
        version, method = found
        self._serving(method, version)
        return method, version

    def _serving(self, method: Method, version: str) -> Profile:
        """What the version offers, if the method is part of it on this date."""
        profile = self.options.profile(version)
        served, because = profile.serves(method)
        if not served:
            offered = next(iter(profile.offering(method)), "")
            advice = "" if offered else "no API version has this method at this service date"
            raise Refusal(because, {"version": version, "offered": offered}, advice=advice)
        return profile

    def receive(self, name: str, payload: bytes, now: float) -> list[Effect]:
        """Take one whole frame from a client."""
        connection = self._connections.get(name)
        if connection is None:
            return []
        self.journal.add(
            at=now, connection=name, kind="in", owner=connection.owner, what=summary(payload), payload=payload
        )
        return self._carry_out(connection, self._take(connection, payload, now), now)

    def _take(self, connection: Connection, payload: bytes, now: float) -> Iterator[Effect]:
        kind, content = read_message(payload, self.options.profile(connection.version))
        if connection.session is not None:
            yield from connection.session.receive(kind, content, now)
            return
        if kind != "setup":
            raise Refusal("CLS-039" if connection.version in fact("CLS-039").versions else "CLS-040")
        grant = self._door(connection, now).grant(content, now)
        self._check_quota(grant.owner)
        connection.owner = grant.owner
        performance = self._performance(grant.owner)
        connection.session = Session(grant.take_up(), performance, self._state.ids, self.options, now)
        yield from connection.session.wake(now)

    def _check_quota(self, owner: str) -> None:
        limit = self.options.max_sessions
        busy = sum(1 for one in self._connections.values() if one.session is not None and one.owner == owner)
        if limit is not None and busy >= limit:
            raise Refusal("CLS-015")

    def _door(self, connection: Connection, now: float) -> Door:
        valid = frozenset(handle for handle, until in self._state.handles.items() if now < until)
        return Door(
            connection.door_method,
            connection.placed,
            self.options.profile(connection.version),
            self.options,
            self._state.store,
            valid,
        )

    def wake(self, now: float) -> list[tuple[str, list[Effect]]]:
        """Do all that is due on any socket."""
        done: list[tuple[str, list[Effect]]] = []
        while self._agenda and self._agenda[0][0] <= now:
            _, name = heapq.heappop(self._agenda)
            connection = self._connections.get(name)
            if connection is not None and connection.session is not None:
                connection.appointment = math.inf
                done.append((name, self._carry_out(connection, connection.session.wake(now), now)))
        return done

    @property
    def due(self) -> float | None:
        """When ``wake`` has next something to do, as far as is known."""
        return self._agenda[0][0] if self._agenda else None

    def lost(self, name: str, code: int, reason: str, now: float, *, by: str = "the client") -> None:
        """The client closed the socket, or the connection broke (code 1006), or the edge closed it."""
        connection = self._connections.pop(name, None)
        if connection is None:
            return
        if connection.session is not None:
            connection.session.end()
        what = f"by {by}: {code} {reason}".rstrip()
        self.journal.add(at=now, connection=name, kind="lost", owner=connection.owner, what=what, status=code)

    def _carry_out(self, connection: Connection, effects: Iterator[Effect], now: float) -> list[Effect]:
        """Collect effects, note them, turn a refusal into a close, and set the next appointment."""
        done: list[Effect] = []
        try:
            for effect in effects:
                done.append(effect)  # noqa: PERF402 - what came before a refusal must survive it
        except Refusal as raised:
            refusal = self._as_told(raised)
            self._note_refusal(refusal, connection.name, connection.owner, now)
            done.append(refusal.close())
        for effect in done:
            self._note_effect(effect, connection, now)
        session = connection.session
        if any(isinstance(effect, (Close, Abort)) for effect in done):
            self._connections.pop(connection.name, None)
            if session is not None:
                session.end()
        elif session is not None:
            for handle in session.handles:
                connection.state.handles[handle] = now + HANDLE_LIFETIME_S
            session.handles.clear()
            if session.due is not None and session.due < connection.appointment:
                connection.appointment = session.due
                heapq.heappush(self._agenda, (session.due, connection.name))
        return done

    # -- notes --------------------------------------------------------------------------------------------

    def _name(self, kind: str) -> str:
        self._names[kind] += 1
        return f"{kind}-{self._names[kind]}"

    def _performance(self, owner: str | None) -> Performance:
        """What is played to an API key."""
        return self._state.by_owner.get(owner or "", self._state.performance)

    def _owner(self, placed: credentials.Placed) -> str | None:
        """The API key behind a request: its own, or the one that minted its token."""
        by_name = self._state.store.by_name
        for name in (*placed.tokens, *placed.keys):
            token = by_name.get(name) or by_name.get(credentials.TOKEN_PREFIX + name)
            if token is not None:
                return token.owner
        return next(iter(placed.keys), None)

    def _note_request(self, kind: str, name: str, owner: str | None, request: Request, now: float) -> None:
        self.journal.add(
            at=now,
            connection=name,
            kind=kind,
            owner=owner,
            what=f"{request.method} {request.target}",
            client=request.header("x-goog-api-client") or request.header("user-agent") or "",
            placement=credentials.placed(request).where,
            secure=request.secure,
            headers=request.headers,
            payload=request.body,
        )

    def _note_not_played(self, request: Request, name: str, now: float) -> None:
        self.journal.add(
            at=now,
            connection=name,
            kind="refusal",
            owner=self._owner(credentials.placed(request)),
            what=f"{request.method} {request.path} is not played by this mock",
            fact="MOCK",
            hint="this mock plays tokens and Live sessions: send other calls to another mock, or stub them",
        )

    def _as_told(self, refusal: Refusal) -> Refusal:
        """The refusal with the answer of another fact, where the options say so."""
        other = self.options.instead.get(refusal.fact)
        return replace(refusal, shown_as=other, text="", violations=()) if other else refusal

    def _note_refusal(self, refusal: Refusal, name: str, owner: str | None, now: float) -> None:
        row = fact(refusal.fact)
        self.journal.add(
            at=now,
            connection=name,
            kind="refusal",
            owner=owner,
            what=refusal.message or row.condition,
            fact=refusal.fact,
            hint=refusal.hint,
            confidence=row.confidence,
        )

    def _note_effect(self, effect: Effect, connection: Connection, now: float) -> None:
        note = {"at": now, "connection": connection.name, "owner": connection.owner}
        match effect:
            case Send(payload):
                self.journal.add(**note, kind="out", what=summary(payload), payload=payload)
            case Close(code, reason):
                self.journal.add(**note, kind="close", what=f"{code} {reason}".rstrip(), status=code)
            case Abort():
                self.journal.add(**note, kind="lost", what="dropped by script")
