"""The running mock, for sync and async programs alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from . import admin, hooks
from .admin import playing
from .core import profiles
from .core.options import Options
from .core.script import ECHO, Rule, Script
from .core.service import Service
from .edge.host import Host
from .edge.listener import Listener
from .environment import of_child
from .running import Running, in_url
from .scripts import READY

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import date
    from pathlib import Path

    from . import tls
    from .core.journal import Entry
    from .core.tokens import Token
    from .verdict import Verdict


async def serve(
    service: Service,
    listening: socket.socket,
    certificates: tls.Certificates,
    control: admin.Control,
    ready: Callable[[Host], None],
    stop: Callable[[], Awaitable[Any]],
) -> None:
    """Serve in the running loop until ``stop()`` returns."""
    host = Host(service, control)
    listener = Listener(host, listening, certificates.context())
    ready(host)
    try:
        await stop()
    finally:
        await listener.close()
        await host.close()


class MockServer(Running[Host]):
    """A mock Generative Language server.

    Use it as a context manager, in sync or async code; several run side by side in one process::

        with MockServer(service_date="launch") as server:
            client = genai.Client(api_key="any", http_options={"base_url": server.url})

    Args:
        service_date: ``launch``, ``latest``, an ISO date or a ``datetime.date``.
        api_keys: keys that are accepted; none: every key is.
        host, port: where to listen; port 0 takes a free one.
        tls_dir: where the throwaway certificate is kept.
        script: what the model does: a ``Script``, the name of a ready-made one, the path of a file, or JSON;
            the default says back what it was told.
        control_token: what the control API asks for; made up where others can reach the server.
        names: more names by which clients reach it, for its certificate and its control API.
        redirect: hosts from which a child process with ``environment()`` is led here, ``SERVICE_HOST`` for
            instance: for clients that have no base URL option, or a host fixed in code.
        options: the other fields of ``Options``, for instance ``pace=0``.

    Raises:
        ValueError: an option has a value no server can have.
        OSError: the address is in use, or the certificate folder cannot be written.
    """

    def __init__(
        self,
        *,
        service_date: str | date = "launch",
        api_keys: tuple[str, ...] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        tls_dir: Path | str | None = None,
        script: Script | str | Path | Mapping[str, Any] = ECHO,
        control_token: str = "",
        names: tuple[str, ...] = (),
        redirect: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        day = profiles.service_date(service_date) if isinstance(service_date, str) else service_date
        self.options = Options(service_date=day, api_keys=tuple(api_keys), **options)
        self._service = Service(self.options, playing.read(script), READY)
        self._redirect = tuple(redirect)
        super().__init__(host, port, tls_dir, (*names, *self._redirect))
        self._gate = admin.Gate.of(host, control_token, tuple(names))

    async def _serve(
        self, listening: socket.socket, ready: Callable[[Host], None], stop: Callable[[], Awaitable[Any]]
    ) -> None:
        self._control = admin.Control(self._gate, self._certificates.ca_file)
        await serve(self._service, listening, self._certificates, self._control, ready, stop)

    # -- where it is --------------------------------------------------------------------------------------

    @property
    def env(self) -> dict[str, str]:
        """The environment variables with which a client process reaches this server and trusts it."""
        token = {admin.TOKEN_VARIABLE: self.control_token} if self.control_token else {}
        return {**super().env, **token}

    def environment(self, before: Mapping[str, str] | None = None, api_key: str = "") -> dict[str, str]:
        """The whole environment of a child process that is to reach this server and trust it.

        Args:
            before: what it is made of; None: this process's own. Authorities that it names stay trusted.
            api_key: its key; without one, the key in ``before``, or one that is made up.
        """
        own = os.environ if before is None else before
        address = f"{in_url(self._address[0])}:{self.port}"
        led = hooks.redirecting(own, self._redirect, address) if self._redirect else {}
        return of_child(own, {**self.env, **self._certificates.trusted(own), **led}, api_key)

    @property
    def control_token(self) -> str:
        """What the control API asks for; empty where it asks for nothing."""
        return self._gate.token

    @property
    def live_page(self) -> str:
        """The page that shows what happens, for a browser."""
        return self._control.live_page(self.url)

    # -- what a test does with it -------------------------------------------------------------------------

    @property
    def journal(self) -> tuple[Entry, ...]:
        """Everything that crossed the boundary since the last reset, in order."""
        return self._call(lambda host: tuple(host.service.journal))

    @property
    def loss(self) -> str:
        """What the journal has dropped since the last reset, in a sentence; empty: nothing."""
        return self._service.journal.loss

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All tokens minted since the last reset."""
        return self._call(lambda host: host.service.tokens)

    @property
    def open_connections(self) -> int:
        """How many Live sockets are open."""
        return self._call(lambda host: host.service.open_connections)

    def of(self, owner: str) -> list[Entry]:
        """The journal of one API key, the sockets opened with its tokens included."""
        return self._call(lambda host: host.service.journal.of(owner))

    def advance(self, seconds: float) -> None:
        """Move the mock's clock forward; what becomes due happens before this returns."""
        self._call(lambda host: self._control.advance(host, seconds))

    def advance_to_due(self) -> float:
        """Move the clock up to the next thing that a session does by itself; how far, in seconds."""
        return self._call(lambda host: self._control.advance_to_due(host))

    def play(self, script: Script | str | Path | Mapping[str, Any], api_key: str | None = None) -> None:
        """Play another script from now on, to every client or to those of one API key and its tokens.

        Raises:
            ValueError: it is no script, and no name or path of one.
        """
        wanted = playing.read(script)
        self._call(lambda host: self._control.play(host, wanted, api_key))

    def stop_playing(self, api_key: str | None = None) -> None:
        """Play the default again; for one API key, what everybody gets."""
        self._call(lambda host: self._control.play(host, None, api_key))

    def inject(self, rule: Rule | Mapping[str, Any], api_key: str | None = None) -> None:
        """Put a rule in front of what is played, until the next script or reset; ``nth`` counts from now.

        Open sockets get it too, unless it is for one API key that so far was played what everybody is.
        """
        wanted = rule if isinstance(rule, Rule) else playing.rule_of(rule)
        self._call(lambda host: self._control.inject(host, wanted, api_key))

    def mint(self, api_key: str = "minted-by-test", version: str | None = None, **request: Any) -> str:
        """Mint a token as a backend would; ``request`` holds wire fields (``uses``, ``expireTime`` …).

        Raises:
            Refusal: the service would refuse, with the fact and the hint.
        """
        return self._call(lambda host: self._control.mint(host, request, api_key, version))

    def verdict(self, api_key: str | None = None) -> Verdict:
        """What clients did well and badly since the last reset, all or those of one API key."""
        # Imported here: most tests ask for none.
        from .verdict import judge

        entries, tokens = (self.journal if api_key is None else self.of(api_key)), self.tokens
        return judge(entries, [token for token in tokens if api_key in (None, token.owner)])

    def reset(self) -> None:
        """Forget tokens, handles, counts and the journal; the clock goes back to real time."""
        self._call(lambda host: self._control.reset(host))

    def watch(self, listener: Callable[[Entry], None]) -> None:
        """Have each journal entry handed to ``listener`` as it happens, in the server's thread."""
        self._service.journal.watchers.append(listener)
