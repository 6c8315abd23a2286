"""The whole service: HTTP answers, handshakes and sessions, from events and ``now`` to effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from . import choosing, credentials, frames, routes
from .appointments import Appointments
from .attempts import Attempt, Contract
from .effects import Abort, Accept, Close, Effect, Reject, Respond
from .errors import Refusal
from .facts import fact
from .grants import Porter, read_message
from .ids import Ids
from .journal import Journal
from .notes import TELLERS, Notes
from .options import Options
from .profiles import API_VERSIONS
from .prompting import Prompter
from .replaying import Replay
from .rest import Rest
from .script import ECHO, Script
from .session import Session
from .store import Memory, Store, StoreLost
from .tokens import Mint, Token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .agenda import Stretch
    from .profiles import Method, Profile
    from .request import Request
    from .script import Performance
    from .takes import Take

#: Handles stay valid for two hours after they were given (PRO-018).
HANDLE_LIFETIME_S: Final = 2 * 60 * 60


@dataclass(slots=True)
class Connection:
    """One open socket."""

    name: str
    method: Method
    profile: Profile
    placed: credentials.Placed
    owner: str | None
    #: How many resets there had been when it was opened: one that is older gives out no handles.
    era: int = 0
    session: Session | Replay | None = None


class Service:
    """One mock service. Every method takes ``now``, in Unix seconds on the mock's clock.

    Args:
        store: where tokens are kept, if others are to know them too.
        worker: which of how many servers that share their port this one is: numbers of requests and sockets
            are its own.
    """

    def __init__(
        self,
        options: Options | None = None,
        script: Script = ECHO,
        ready: Mapping[str, Script] = choosing.NOTHING,
        *,
        store: Store | None = None,
        worker: tuple[int, int] = (1, 1),
    ) -> None:
        self.options = options or Options()
        self.journal = Journal(self.options.journal_entries, self.options.journal_bytes, TELLERS)
        self._notes = Notes(self.journal, self.options)
        self._stage = choosing.Stage(script, ready)
        self._prompter = Prompter(self._stage, self._notes, self.options.pace)
        self._store: Store = Memory(self.options) if store is None else store
        self._ids = Ids(self.options.seed, self._store.count)
        self._mint = Mint(self._store, self._ids)
        self._porter = Porter(self.options, self._store)
        self._rest = Rest(self.options, self._mint, self._stage, self._notes)
        self._era = 0
        self._connections: dict[str, Connection] = {}
        #: Requests and handshakes that a rule answers, with the API key behind each.
        self._attempts: dict[str, tuple[Attempt, str | None]] = {}
        self._appointments = Appointments()
        first, self._stride = worker
        self._names = {"http": first - self._stride, "ws": first - self._stride}

    def reset(self) -> None:
        """Forget tokens, handles, counts and the journal; open sockets stay, as strays."""
        self._era += 1
        self._store.reset()
        self._mint.ahead_s = 0.0
        self._stage.reset()
        self._prompter.forget()
        self.journal.clear()

    def play(self, script: Script | None, owner: str | None = None) -> None:
        """Play another script from now on: to one API key, to whom the script says, or to everybody.

        Without a script: to that key what everybody gets, to everybody the echo.
        """
        self._stage.play(script, owner)

    @property
    def _script(self) -> Script:
        """What is played to everybody."""
        return self._stage.script

    @property
    def performances(self) -> dict[str | None, Performance]:
        """What is played: to everybody (None), and to single API keys."""
        return self._stage.performances

    def moved(self, ahead_s: float) -> None:
        """The mock's clock is now so far ahead of its clients'."""
        self._mint.ahead_s = ahead_s

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All tokens minted since the last reset."""
        return self._store.tokens()

    @property
    def open_connections(self) -> int:
        """How many sockets are open."""
        return len(self._connections)

    # -- HTTP ---------------------------------------------------------------------------------------------

    def request(self, request: Request, now: float) -> Respond:
        """Answer a request that no rule holds back."""
        _, effects = self.exchange(request, now)
        return next(effect for effect in effects if isinstance(effect, Respond))

    def exchange(self, request: Request, now: float) -> tuple[str, list[Effect]]:
        """Take a request that is no WebSocket handshake; its name, and what is to be done at once.

        Without a Respond or an Abort among it, the answer comes later, by ``wake``, or never.
        """
        placed = credentials.placed(request)
        name, owner = self._name("http"), self._owner(placed)
        one = self._rest.begin(name, request, placed, owner)
        self._notes.request("request", name, owner, request, now)
        cue = None
        if one.profile is not None:
            cue = self._stage.cue("mint", owner, one.version, request.body)
        cue = cue or self._prompter.answer(request, name, owner, now)
        if cue is None:
            return name, [self._rest.dressed(self._rest.judged(one, now), one, now)]
        contract = Contract(
            lambda now: self._rest.judged(one, now),
            lambda refusal, now: self._notes.refused(refusal, name, owner, now),
            lambda response, now: self._rest.dressed(response, one, now),
        )
        values = {"version": one.version if one.profile is not None else ""}
        self._attempts[name] = (Attempt(cue, contract, values, now), owner)
        return name, self._continue(name, now)

    def mint(self, request: dict[str, Any], owner: str, version: str | None, now: float) -> Token:
        """Mint a token without HTTP, as a test does; by default on the first version that has tokens.

        Raises:
            Refusal: the version has no tokens, or the request is not of the schema or out of range.
            ValueError: there is no such version.
        """
        return self._rest.mint(request, owner, version, now)

    # -- sockets ------------------------------------------------------------------------------------------

    def handshake(self, request: Request, now: float) -> tuple[str, list[Effect]]:
        """Take a handshake; its name, and what is to be done at once: as a rule, an Accept or a Reject."""
        name = self._name("ws")
        placed = credentials.placed(request)
        owner = self._owner(placed)
        self._notes.request("handshake", name, owner, request, now)
        take = self._prompter.take("handshake", request, name, owner, now)
        try:
            method, profile = self._find_method(request, judges=take is None)
        except Refusal as refusal:
            response = self._notes.refused(refusal, name, owner, now)
            return name, [Reject(self._notes.rejected(response, name, owner, now))]
        connection = Connection(name, method, profile, placed, owner)
        cue = self._stage.cue("handshake", owner, profile.version)
        if cue is None and take is not None:
            cue = self._prompter.cue(take, owner)
        if cue is None:
            return name, [self._open(connection, request, take, now)]
        contract = Contract(
            lambda now: self._open(connection, request, take, now),
            lambda refusal, now: self._notes.refused(refusal, name, owner, now),
            lambda response, now: self._notes.rejected(response, name, owner, now),
        )
        self._attempts[name] = (Attempt(cue, contract, {"version": profile.version}, now), owner)
        return name, self._continue(name, now)

    def _open(self, connection: Connection, request: Request, take: Take | None, now: float) -> Accept:
        """Open a socket; with a take, play what was recorded of one."""
        connection.era = self._era
        self._connections[connection.name] = connection
        self._notes.opened(connection.name, connection.owner, now)
        protocol = self._begin(connection, take, now) if take is not None else ""
        return Accept(frames.switching(request.header("sec-websocket-key") or "", protocol))

    def _begin(self, connection: Connection, take: Take, now: float) -> str:
        """Play a recorded socket on this one from now on; the subprotocol that was chosen."""
        connection.session = self._prompter.session(take, connection.owner, now)
        self._appointments.make(connection.name, now)
        headers = take.answer.headers if take.answer is not None else ()
        return dict(headers).get("sec-websocket-protocol", "")

    def _continue(self, name: str, now: float) -> list[Effect]:
        """Do what is due of a request or handshake that a rule answers."""
        attempt, owner = self._attempts[name]
        done = self._noted(list(attempt.wake(now)), name, owner, now)
        if any(isinstance(effect, (Close, Abort)) for effect in done):
            self._end(name)
        if attempt.due is not None:
            self._appointments.make(name, attempt.due)
        elif any(isinstance(effect, (Respond, Reject, Accept, Abort)) for effect in done):
            del self._attempts[name]  # what is never answered stays until the client goes
        return done

    def _end(self, name: str) -> None:
        """A socket is closed, by a rule or by the contract."""
        self._appointments.cancel(name)
        connection = self._connections.pop(name, None)
        if connection is not None and connection.session is not None:
            connection.session.end()

    def _find_method(self, request: Request, *, judges: bool) -> tuple[Method, Profile]:
        found = routes.live(request.path)
        if not judges:
            version, method = found or (API_VERSIONS[0], "BidiGenerateContent")
            return method, self.options.profile(version)
        if found is None:
            raise routes.unknown(request, "WS-018")
        version, method = found
        return method, routes.serving(self.options, method, version)

    def receive(self, name: str, payload: bytes, now: float, *, text: bool = False) -> list[Effect]:
        """Take one whole message from a client."""
        connection = self._connections.get(name)
        if connection is None:
            return []
        self._notes.received(payload, name, connection.owner, now, text=text)
        session = connection.session
        changes = session.overhear(payload, now) if isinstance(session, Session) else None
        if changes is None:
            return self._carry_out(connection, payload, now)
        return self._carry_out(connection, None, now) if changes else []

    def _take(self, connection: Connection, payload: bytes | None, now: float) -> Iterable[Stretch]:
        """Take a message; None: nothing came, but something is due. What comes of it, step by step."""
        session = connection.session
        if payload is None:
            return session.wake(now) if session is not None else ()
        if isinstance(session, Replay):
            return session.hear(payload, now)
        kind, content = read_message(payload, connection.profile)
        if session is not None:
            return self._hear(session, payload, kind, content, now)
        if kind != "setup":
            worded = connection.profile.version in fact("CLS-039").versions
            raise Refusal("CLS-039" if worded else "CLS-040")
        connection.session = self._set_up(connection, payload, content, now)
        return connection.session.wake(now)

    def _hear(
        self, session: Session, payload: bytes, kind: str, content: dict[str, Any], now: float
    ) -> Iterator[Stretch]:
        yield from session.receive(kind, content, now)
        session.heed(payload, kind, content)

    def _set_up(self, connection: Connection, payload: bytes, offered: dict[str, Any], now: float) -> Session:
        """Begin a session by the setup that was offered, if nothing is against it."""
        profile = connection.profile
        grant = self._porter.grant(connection.method, connection.placed, profile, payload, offered, now)
        model = grant.setup.get("model", "")
        if named := choosing.by_key(grant.owner):
            self._stage.check(named, "CLS-001")
        if named := choosing.by_model(model):
            unknown = "CLS-030" if grant.token is None else "CLS-032"
            self._stage.check(named, unknown, model=model, version=profile.version)
        self._check_quota(grant.owner)
        connection.owner = grant.owner
        performance = self._stage.performance(grant.owner, model)
        return Session(grant.take_up(self._store), performance, self._ids, self.options, now, profile.version)

    def _check_quota(self, owner: str) -> None:
        limit = self.options.max_sessions
        if limit is None:
            return
        busy = sum(1 for one in self._connections.values() if one.session is not None and one.owner == owner)
        if busy >= limit:
            raise Refusal("CLS-015")

    def wake(self, now: float) -> list[tuple[str, list[Effect]]]:
        """Do all that is due on any socket, and on any request whose answer is held back."""
        done: list[tuple[str, list[Effect]]] = []
        while (name := self._appointments.take(now)) is not None:
            attempt, _ = self._attempts.get(name, (None, None))
            if attempt is not None and attempt.due is not None:
                if attempt.due <= now:
                    done.append((name, self._continue(name, now)))
                else:
                    self._appointments.make(name, attempt.due)
            connection = self._connections.get(name)
            if connection is not None and connection.session is not None:
                done.append((name, self._carry_out(connection, None, now)))
        return done

    @property
    def due(self) -> float | None:
        """When ``wake`` has next something to do, as far as is known."""
        return self._appointments.next

    def lost(self, name: str, code: int, reason: str, now: float, *, by: str = "the client") -> None:
        """The client closed the socket, or the connection broke (code 1006), or the edge closed it."""
        connection, attempted = self._connections.get(name), self._attempts.pop(name, None)
        if attempted is not None:
            attempted[0].end()
        if connection is not None:
            owner = connection.owner
        elif attempted is not None:
            owner = attempted[1]
        else:
            return
        self._end(name)
        self._notes.lost(code, reason, name, owner, now, by=by)

    def _carry_out(self, connection: Connection, payload: bytes | None, now: float) -> list[Effect]:
        """Take what came, note what comes of it, turn a refusal into a close, make the next appointment."""
        found: list[Stretch] = []
        try:
            for stretch in self._take(connection, payload, now):
                found.append(stretch)  # noqa: PERF402 - what came before a refusal must survive it
            self._keep(connection, now)
        except (Refusal, StoreLost) as error:
            done = self._noted(found, connection.name, connection.owner, now)
            close = self._notes.closed(error, connection.name, connection.owner, now)
            done += self._noted([[close]], connection.name, connection.owner, now)
        else:
            done = self._noted(found, connection.name, connection.owner, now)
        session = connection.session
        if done and isinstance(done[-1], (Close, Abort)):
            self._end(connection.name)
            self._attempts.pop(connection.name, None)
        elif session is not None and (due := session.due) is not None:
            self._appointments.make(connection.name, due)
        return done

    def _keep(self, connection: Connection, now: float) -> None:
        """Let the handles that a session gave out be valid; a stray's are forgotten with its time."""
        session = connection.session
        if session is None or not session.handles:
            return
        if connection.era == self._era:
            for handle in session.handles:
                self._store.keep(handle, now, now + HANDLE_LIFETIME_S)
        session.handles.clear()

    def _noted(self, found: list[Stretch], name: str, owner: str | None, now: float) -> list[Effect]:
        """Write down what happens; what the edge is to do."""
        done: list[Effect] = []
        for stretch in found:
            done += self._notes.effects(stretch, name, owner, now)
        return done

    def _name(self, kind: str) -> str:
        self._names[kind] += self._stride
        return f"{kind}-{self._names[kind]}"

    def _owner(self, placed: credentials.Placed) -> str | None:
        """The API key behind a request: its own, or the one that minted its token."""
        if placed.names_no_token and not self._prompter.knows_owners:
            return placed.keys[0] if placed.keys else None
        for name in (*placed.tokens, *placed.keys):
            full_name = credentials.full_name(name)
            token = self._store.find(full_name) if full_name is not None else None
            if token is not None:
                return token.owner
            asked_with = self._prompter.owner(name)
            if asked_with is not None:
                return asked_with
        return placed.keys[0] if placed.keys else None
