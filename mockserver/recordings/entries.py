"""From an entry of the journal to a line of a recording: of the mock, and of the relay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..core.effects import NO_CODE
from ..core.takes import Line, recorded

if TYPE_CHECKING:
    from ..core.journal import Entry
    from .stand_ins import StandIns

#: What a broken connection is to the client.
_DROPPED: Final = 1006
_BY_CLIENT: Final = "by the client: "


class Reader:
    """Reads the entries of one journal, in order."""

    def __init__(self, stand_ins: StandIns) -> None:
        self._stand_ins = stand_ins
        self._began: float | None = None
        #: Where the relay answers in the place of the service.
        self._relayed: set[str] = set()

    def line(self, entry: Entry) -> Line | None:
        """What a recording says of an entry; None where it says nothing."""
        if self._began is None:
            self._began = entry.at
        said = self._said(entry)
        ms = max(0, round((entry.at - self._began) * 1000))
        return None if said is None else Line(ms, entry.connection, **said)

    def _said(self, entry: Entry) -> dict[str, Any] | None:
        hide = self._stand_ins
        match entry.kind:
            case "request" | "handshake":
                said = {"what": hide.request_line(entry.what), "headers": hide.headers(entry.headers)}
                return {"by": "client", "kind": entry.kind, **said, "payload": self._payload(entry)}
            case "response" | "rejected":
                by = "relay" if entry.connection in self._relayed else "service"
                about = {"by": by, "kind": entry.kind, "status": entry.status}
                return {**about, "headers": hide.headers(entry.headers), "payload": self._payload(entry)}
            case "open":
                return {"by": "service", "kind": "accepted", "headers": hide.headers(entry.headers)}
            case "in" | "out":
                by, kind = "client" if entry.kind == "in" else "service", "text" if entry.text else "binary"
                return {"by": by, "kind": kind, "payload": self._payload(entry) or ""}
            case "refusal" | "problem":
                if entry.fact == "RELAY":
                    self._relayed.add(entry.connection)
                return {"by": "relay", "kind": "note", "what": hide.text(entry.what)}
            case "close" | "lost":
                return self._end(entry)
            case _:
                return None

    def _end(self, entry: Entry) -> dict[str, Any]:
        by_client = entry.what.startswith(_BY_CLIENT)
        about = {"by": "client" if by_client else "service"}
        if entry.kind == "lost" and (not by_client or entry.status == _DROPPED):
            return {**about, "kind": "drop", "reset": entry.what.endswith("by a reset")}
        if entry.status == NO_CODE:
            return {**about, "kind": "close"}
        reason = entry.what.removeprefix(_BY_CLIENT).partition(" ")[2]
        return {**about, "kind": "close", "status": entry.status, "reason": self._stand_ins.text(reason)}

    def _payload(self, entry: Entry) -> Any:
        return self._stand_ins.payload(recorded(entry.payload)) if entry.payload else None
