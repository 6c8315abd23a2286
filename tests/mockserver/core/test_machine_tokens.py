"""Tokens under any sequence of events: what opens, what closes and how, against ``token_rules.py``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from .conftest import (
    AUDIO_MODEL,
    EXPIRED,
    EXPIRED_IN_SESSION,
    KEY,
    SPENT,
    TOO_LATE,
    UNRESOLVABLE,
    Backend,
    Client,
    error_of,
)
from .token_rules import (
    ABORTED,
    CONSTRAINED,
    DAYS,
    HOUR_S,
    LOCKS,
    METHODS,
    PLAIN,
    UNKNOWN_TOKEN,
    VERSIONS,
    WAYS,
    Lock,
    Outcome,
    StartsWith,
    placed,
    rfc3339,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Minted:
    """A token, as the model sees it."""

    name: str
    lock: Lock
    uses_left: int | None
    expires_at: float
    new_session_until: float


@dataclass(eq=False)
class Socket:
    """One open socket; ``until`` is when its session ends by itself, by what."""

    client: Client
    method: str
    token: str | None = None
    asks: bool = False
    until: float | None = None
    ends: set[tuple[int, str]] = field(default_factory=set)
    #: A reset has come since it was opened: its handles are good for nothing.
    stray: bool = False


class Tokens(RuleBasedStateMachine):
    """Mint, connect, resume, wait, close, forget."""

    #: What is tested: a service by itself, and elsewhere several that share a store.
    make_backend: Callable[..., Backend] = Backend

    @initialize(
        day=st.sampled_from(sorted(DAYS)),
        unknown=st.sampled_from(sorted(UNKNOWN_TOKEN)),
        refused_setup_costs=st.booleans(),
    )
    def start(self, day: str, unknown: str, refused_setup_costs: bool) -> None:
        self.backend = type(self).make_backend(
            day, instead={"CLS-006": unknown}, rejected_setup_spends_use=refused_setup_costs
        )
        self.day = DAYS[day]
        self.unknown = UNKNOWN_TOKEN[unknown]
        self.refused_setup_costs = refused_setup_costs
        self.tokens: dict[str, Minted] = {}
        self.forgotten: set[str] = set()
        self.handles: dict[str, float] = {}
        self.sockets: list[Socket] = []
        self.waiting: list[Socket] = []
        self.last_number = 0
        self.begin_with_a_handle()

    def begin_with_a_handle(self) -> None:
        """What a resumption needs is there from the start: a token for a day, spent, and a handle."""
        until = self.backend.now + 71_000
        soon = self.backend.now + HOUR_S
        body = {"expireTime": rfc3339(until), "newSessionExpireTime": rfc3339(soon)}
        name = self.backend.mint(**body)
        self.tokens[name] = Minted(name, LOCKS[0], 1, until, soon)
        socket = Socket(self.backend.connect(CONSTRAINED, query=f"access_token={name}"), CONSTRAINED, name)
        self.send_setup(socket, AUDIO_MODEL, "", wishes=True)
        self.take_turn(socket)

    # -- minting ------------------------------------------------------------------------------------------

    @rule(
        data=st.data(),
        lock=st.sampled_from(LOCKS),
        uses=st.sampled_from([None, 1, 1, 2, 3, 0]),
        lives=st.sampled_from([None, 0.5, 90.0, 2_000.0, 71_999.75, 71_999.75]),
        starts=st.sampled_from([None, 0.25, 45.0, 3_000.0, 71_999.75, 71_999.75]),
    )
    def mint(
        self, data: st.DataObject, lock: Lock, uses: int | None, lives: float | None, starts: float | None
    ) -> None:
        now = self.backend.now
        body = dict(lock.body) if uses is None else {**lock.body, "uses": uses}
        if lives is not None:
            body["expireTime"] = rfc3339(now + lives)
        if starts is not None:
            body["new_session_expire_time"] = rfc3339(now + starts)
        answer = self.backend.post_token(body, data.draw(st.sampled_from(self.day["mint"]), "version"))
        assert answer.status == 200, answer.body
        name = json.loads(answer.body)["name"]
        assert name not in self.tokens, "no name is given twice"
        lives, starts = 1_800.0 if lives is None else lives, 60.0 if starts is None else starts
        left = 1 if uses is None else uses or None
        self.tokens[name] = Minted(name, lock, left, now + lives, now + starts)
        self.forgotten.discard(name)

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), what=st.sampled_from(["mint", "mint", "path", "path", "reset"]))
    def go_wrong(self, data: st.DataObject, what: str) -> None:
        """What no token is the better or worse for, and, not too often, a reset."""
        if what == "mint":
            self.mint_out_of_range(data)
        elif what == "path":
            self.ask_where_nobody_answers(data)
        elif data.draw(st.booleans(), "really"):
            self.forget()

    def mint_out_of_range(self, data: st.DataObject) -> None:
        uses, seconds = data.draw(st.sampled_from([-1, 1])), st.sampled_from([-5.0, 0.0, 60.0, 72_000.25])
        body: dict[str, Any] = {"uses": uses}
        wrong = {"uses must be non-negative"} if uses < 0 else set()
        for name in ("expire_time", "new_session_expire_time"):
            ahead = data.draw(seconds, name)
            body[name] = rfc3339(self.backend.now + ahead)
            if ahead <= 0:
                wrong.add(f"{name} must be in the future")
            elif ahead > 20 * HOUR_S:
                wrong.add(f"{name} is too far in the future. Maximum lifetime is 20h")
        if wrong:
            code, status, message = error_of(self.backend.post_token(body))
            assert (code, status) == (400, "INVALID_ARGUMENT")
            assert message in wrong

    def ask_where_nobody_answers(self, data: st.DataObject) -> None:
        method = data.draw(
            st.sampled_from([name for name in METHODS if self.day[name] != VERSIONS]), "method"
        )
        version = data.draw(st.sampled_from(VERSIONS[len(self.day[method]) :]), "version")
        if method == "mint":
            answer = self.backend.post_token({}, version)
        else:
            client = self.backend.connect(method, version, f"key={KEY}")
            assert client.rejection is not None
            answer = client.rejection
        assert (answer.status, answer.body) == (404, b"")

    def forget(self) -> None:
        """A reset: open sessions go on, with what they were granted."""
        self.backend.service.reset()
        assert not list(self.backend.service.journal)
        self.forgotten |= set(self.tokens)
        self.tokens.clear()
        self.handles.clear()
        for socket in [*self.sockets, *self.waiting]:
            socket.stray = True

    # -- connecting ---------------------------------------------------------------------------------------

    def open(self, data: st.DataObject, method: str, query: str = "", **headers: str) -> Socket:
        """A socket that waits for its setup."""
        version = data.draw(st.sampled_from(self.day[method]), "version")
        client = self.backend.connect(method, version, query, **headers)
        assert client.effects == [], "no credential is looked at before setup"
        return Socket(client, method)

    @rule(data=st.data(), way=st.sampled_from(WAYS), at_once=st.booleans())
    def connect(self, data: st.DataObject, way: str, at_once: bool) -> None:
        unknown = ["auth_tokens/" + "0" * 64, *sorted(self.forgotten)]
        known = list(self.tokens) if way != "unknown token" else []
        name = data.draw(st.sampled_from(known or unknown), "token")
        method, query, headers, refused = placed(name, way)
        socket = self.open(data, method, query, **headers)
        socket.token = name
        socket.ends = {refused} if refused else set()
        self.waiting.append(socket)
        if at_once:
            self.send_setup(socket, AUDIO_MODEL, "", wishes=True)
            if socket in self.sockets:
                self.take_turn(socket)

    @precondition(lambda self: self.waiting)
    @rule(
        data=st.data(),
        model=st.sampled_from([AUDIO_MODEL] * 5 + ["models/nobody-knows-it", ""]),
        wish=st.sampled_from(["asks", "asks", "none", "invented", "malformed"]),
    )
    def set_up(self, data: st.DataObject, model: str, wish: str) -> None:
        handle = {"invented": "9f" * 18, "malformed": "not a handle!"}.get(wish, "")
        socket = data.draw(st.sampled_from(self.waiting), "socket")
        self.send_setup(socket, model, handle, wishes=wish != "none")

    @precondition(lambda self: self.tokens and self.handles)
    @rule(data=st.data(), by=st.sampled_from(["token", "token", "key"]))
    def resume(self, data: st.DataObject, by: str) -> None:
        """With a handle that was given out, under whichever token or a key, now or when something ends."""
        spent = [name for name, token in self.tokens.items() if token.uses_left == 0]
        name = data.draw(st.sampled_from(spent or list(self.tokens)), "token")
        handle = data.draw(st.sampled_from(sorted(self.handles)), "handle")
        ends = (self.handles[handle], self.tokens[name].new_session_until, self.tokens[name].expires_at)
        moments = [end - before for end in ends for before in (0.25, 0.0) if end - before > self.backend.now]
        self.let_pass(data.draw(st.sampled_from([self.backend.now, *moments]), "at") - self.backend.now)
        method, query = (PLAIN, f"key={KEY}") if by == "key" else (CONSTRAINED, f"access_token={name}")
        socket = self.open(data, method, query)
        socket.token = name
        self.send_setup(socket, AUDIO_MODEL, handle, wishes=True)

    def send_setup(self, socket: Socket, model: str, handle: str, *, wishes: bool) -> None:
        self.waiting = [one for one in self.waiting if one is not socket]
        offered: dict[str, Any] = {"model": model} if model else {}
        if wishes:
            offered["sessionResumption"] = {"handle": handle} if handle else {}
        expected = self.expect(socket, model, handle)
        socket.client.send({"setup": offered})
        assert socket.client.close == expected
        if expected is None:
            socket.client.expect_ready()
            self.admit(socket, wishes, handle)

    def expect(self, socket: Socket, model: str, handle: str) -> Outcome:
        """What a setup must get; takes the use it costs."""
        if socket.ends:
            return next(iter(socket.ends))
        if socket.method == PLAIN:
            return self.expect_model(model, handle, locked=None)
        token = self.tokens.get(socket.token or "")
        if token is None:
            return self.unknown
        now = self.backend.now
        handle = handle if token.lock.keeps_handle else ""
        resumes = self.handles.get(handle, 0) > now
        costs = not (resumes and self.day["free"])
        if now >= token.expires_at:
            return 1011, EXPIRED
        if now >= token.new_session_until:
            return 1011, TOO_LATE
        if costs and token.uses_left == 0:
            return 1011, SPENT
        outcome = self.expect_model(model, handle, locked=token.lock)
        if costs and token.uses_left is not None and (outcome is None or self.refused_setup_costs):
            token.uses_left -= 1
        return outcome

    def expect_model(self, model: str, handle: str, *, locked: Lock | None) -> Outcome:
        """The rules that come after the credential."""
        if locked is not None and locked.model is not None:
            model = locked.model
        if model != AUDIO_MODEL:
            # The rest of that text names the version, and is proven elsewhere.
            not_found = StartsWith(1008, f"{model} is not found for API version ")
            return (1007, UNRESOLVABLE) if locked else not_found
        if handle and self.handles.get(handle, 0) <= self.backend.now:
            shaped = all(char.isalnum() or char == "-" for char in handle)
            lost = (1008, "BidiGenerateContent session not found")
            return lost if shaped else (1007, "Invalid session handle")
        return None

    def admit(self, socket: Socket, wishes: bool, handle: str) -> None:
        now = self.backend.now
        socket.until, socket.ends = now + 590, {(1008, ABORTED)}
        socket.asks = wishes
        if socket.method == CONSTRAINED:
            token = self.tokens[socket.token or ""]
            if token.lock.asks is not None:
                socket.asks = token.lock.asks or bool(handle and token.lock.keeps_handle)
            if token.expires_at == socket.until:
                socket.ends.add((1011, EXPIRED_IN_SESSION))
            elif token.expires_at < socket.until:
                socket.until, socket.ends = token.expires_at, {(1011, EXPIRED_IN_SESSION)}
        self.sockets.append(socket)

    # -- in sessions --------------------------------------------------------------------------------------

    @precondition(lambda self: self.sockets)
    @rule(data=st.data())
    def talk(self, data: st.DataObject) -> None:
        self.take_turn(data.draw(st.sampled_from(self.sockets), "socket"))

    def take_turn(self, socket: Socket) -> None:
        """A turn; whoever asked for resumption gets a handle after it."""
        before = len(socket.client.messages)
        socket.client.say("hi")
        said = socket.client.messages[before:]
        assert any(message.get("serverContent", {}).get("turnComplete") for message in said)
        updates = [m["sessionResumptionUpdate"] for m in said if "sessionResumptionUpdate" in m]
        assert len(updates) == socket.asks
        for update in updates if not socket.stray else ():
            self.handles[update["newHandle"]] = self.backend.now + 2 * HOUR_S

    @precondition(lambda self: self.sockets or self.waiting)
    @rule(data=st.data())
    def hang_up(self, data: st.DataObject) -> None:
        socket = data.draw(st.sampled_from([*self.sockets, *self.waiting]), "socket")
        self.backend.service.lost(socket.client.name, 1000, "", self.backend.now)
        self.drop(socket)
        assert socket.client.send({"setup": {"model": AUDIO_MODEL}}) == []

    def drop(self, socket: Socket) -> None:
        self.sockets = [one for one in self.sockets if one is not socket]
        self.waiting = [one for one in self.waiting if one is not socket]

    @rule(data=st.data(), seconds=st.sampled_from([0.25, 0.5, 44.0, 590.0]))
    def wait(self, data: st.DataObject, seconds: float) -> None:
        """A while, or to the moment at which something ends, or just before it."""
        now = self.backend.now
        ends = {
            until for token in self.tokens.values() for until in (token.expires_at, token.new_session_until)
        }
        ends |= {*self.handles.values(), *(socket.until for socket in self.sockets if socket.until)}
        later = sorted(until - now for until in ends if until - now > 0.25)
        if later and data.draw(st.booleans(), "to an end"):
            seconds = data.draw(st.sampled_from(later), "until")
            seconds -= data.draw(st.sampled_from([0.0, 0.25]), "before it")
        self.let_pass(seconds)

    def let_pass(self, seconds: float) -> None:
        self.backend.advance(seconds)
        for socket in list(self.sockets):
            assert socket.until is not None
            if socket.until <= self.backend.now:
                assert socket.client.close in socket.ends
                self.drop(socket)
            else:
                assert socket.client.close is None

    # -- always -------------------------------------------------------------------------------------------

    @invariant()
    def tokens_are_as_they_should_be(self) -> None:
        assert {
            token.name: (token.uses_left, token.expires_at, token.new_session_expires_at)
            for token in self.backend.service.tokens
        } == {
            token.name: (token.uses_left, token.expires_at, token.new_session_until)
            for token in self.tokens.values()
        }
        assert all(token.uses_left is None or token.uses_left >= 0 for token in self.tokens.values())

    @invariant()
    def sockets_are_open_that_should_be(self) -> None:
        assert self.backend.service.open_connections == len(self.sockets) + len(self.waiting)

    @invariant()
    def journal_numbers_grow_by_one_and_time_never_goes_back(self) -> None:
        fresh = [entry for entry in self.backend.service.journal if entry.number > self.last_number]
        numbers = [entry.number for entry in fresh]
        assert numbers == list(range(self.last_number + 1, self.last_number + 1 + len(numbers)))
        assert [entry.at for entry in fresh] == sorted(entry.at for entry in fresh)
        self.last_number += len(numbers)

    @invariant()
    def nothing_is_due_in_the_past(self) -> None:
        due = self.backend.service.due
        assert due is None or due > self.backend.now


@pytest.mark.timeout(400)  # a failure is made small before it is told
def test_tokens_open_what_the_documented_rules_let_them_open() -> None:
    run_state_machine_as_test(Tokens, settings=settings(max_examples=200, stateful_step_count=40))
