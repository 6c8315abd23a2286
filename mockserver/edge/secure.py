"""The transport of a connection over TLS whose socket a poller watches: by OpenSSL on the socket itself."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Final

from .poller import ERROR, IN, OUT
from .wires import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from .patience import Patience, Phase
    from .poller import Poller
    from .wires import Speaker

#: What OpenSSL is given at once: it takes all of it or nothing.
_AT_ONCE: Final = 64 * 1024


class HandshakeTimeout(OSError):
    """A client has taken too long over the handshake of TLS."""


class SecureWire(Wire):
    """A connection over TLS: by OpenSSL on the socket itself, so what it says goes out as it is made.

    Args:
        greet: makes what speaks on it, once it is secure.
        refused: called if it cannot be made secure.
        patience: how long its ends wait for the client.
    """

    __slots__ = ("_greet", "_is_broken", "_is_departing", "_is_secure", "_patience", "_refused", "phase")

    _socket: ssl.SSLSocket

    def __init__(
        self,
        poller: Poller,
        connected: ssl.SSLSocket,
        greet: Callable[[], Speaker],
        refused: Callable[[OSError], None],
        patience: Patience,
    ) -> None:
        super().__init__(poller, connected)
        self.phase: Phase | None = None
        self._greet = greet
        self._refused = refused
        self._patience = patience
        self._is_secure = False
        #: The poller told of an error.
        self._is_broken = False
        #: Our side has said goodbye, and waits for the other's.
        self._is_departing = False
        patience.wait(self, "tls")

    def ready(self, events: int) -> None:
        """Go on with the handshake, with the end, or with what is between them."""
        self._is_broken = bool(events & ERROR)
        if self._is_departing:
            self._leave()
        elif self._is_secure:
            super().ready(events)
        else:
            self._shake()

    def _shake(self) -> None:
        try:
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            self._watch(IN)
        except ssl.SSLWantWriteError:
            self._watch(OUT)
        except OSError as error:
            self._refuse(error)
        else:
            self._is_secure = True
            self._patience.wait(self, None)
            self._watch(IN)
            self.begin(self._greet())

    def _refuse(self, error: OSError) -> None:
        """It is not made secure: nobody speaks on it."""
        self.abort()
        self._refused(error)

    def give_up(self, phase: Phase) -> None:
        """The client has taken too long over the handshake, or over the end."""
        if phase == "tls":
            self._refuse(HandshakeTimeout())
        else:
            self.abort()

    def _read(self) -> None:
        super()._read()
        # Read from the socket already: the poller does not tell of it.
        while self._events & IN and not self._is_closing and self._socket.pending():
            super()._read()

    def _receive(self, buffer: memoryview) -> int:
        size = self._socket.recv_into(buffer)
        if not size and self._is_broken:
            raise ConnectionResetError("reset without the goodbye of TLS")  # OpenSSL knows it for an end
        return size

    def resume_reading(self) -> None:
        """Read on, first what OpenSSL has."""
        super().resume_reading()
        if not self._is_closing and self._socket.pending():
            self._poller.loop.call_soon(self._read_rest)

    def _read_rest(self) -> None:
        if self._events & IN and not self._is_closing and self._socket.pending():
            self._read()

    def _send(self, data: bytes | bytearray) -> int:
        # What it did not take has to be the beginning of what it is given next: the buffer only grows.
        return self._socket.send(memoryview(data)[:_AT_ONCE])

    def can_write_eof(self) -> bool:
        """It cannot be half-closed."""
        return False

    def write_eof(self) -> None:
        """Not over TLS.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError

    def _leave(self) -> None:
        """Say goodbye, as TLS has it, and wait for the client's goodbye."""
        try:
            self._socket.unwrap()
        except ssl.SSLWantReadError:
            if not self._is_departing:
                self._is_departing = True
                self._patience.wait(self, "closing")
                self._watch(IN)
        except ssl.SSLWantWriteError:
            self._watch(OUT)
        except (OSError, ValueError):  # the client is gone, or still sends
            self._lose(None)
        else:
            self._lose(None)

    def _end(self, error: Exception | None) -> None:
        self._patience.wait(self, None)
        super()._end(error)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What asyncio tells by these names of the socket and of TLS."""
        return self._socket if name == "ssl_object" else super().get_extra_info(name, default)
