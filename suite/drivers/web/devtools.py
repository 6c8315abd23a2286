"""What only a browser's devtools show, as events of the worker protocol, told once for each thing.

A page hears of a failed WebSocket that it failed and no more; why stands in the log of devtools. Some
failures are told twice, in the log and as an event of the network; some only as the latter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]


class Devtools:
    """Follows the log and the network of one page; `handlers` are those of a CDP session."""

    def __init__(self, happen: Callable[[Record], None], forget: Callable[[Record], None]) -> None:
        self._happen = happen
        self._forget = forget
        self._urls: dict[str, str] = {}
        self._failures: list[Record] = []  # of the network, told, which the log may yet tell better
        self._logged: list[tuple[str, str | None]] = []
        self.handlers: dict[str, Callable[[Record], None]] = {
            "Log.entryAdded": self._on_log,
            "Network.requestWillBeSent": lambda it: self._on_request(it["requestId"], it["request"]["url"]),
            "Network.webSocketCreated": lambda it: self._on_request(it["requestId"], it["url"]),
            "Network.webSocketFrameError": lambda it: self._on_failure(it["requestId"], it["errorMessage"]),
            "Network.loadingFailed": self._on_loading_failed,
        }

    def settled(self) -> None:
        """A record was written: what comes from now on is another thing."""
        self._failures.clear()
        self._logged.clear()

    def _on_log(self, told: Record) -> None:
        entry = told["entry"]
        text: str = entry["text"]
        # A WebSocket's entry tells its address in the text only, and that of the script beside it.
        url = self._urls.get(entry.get("networkRequestId", ""))
        for failure in [one for one in self._failures if _tells(text, url, one)]:
            self._failures.remove(failure)
            self._forget(failure)
            url = url or failure["url"]
        self._logged.append((text, url))
        self._happen(_event(entry["source"], entry["level"], url, text))

    def _on_request(self, request: str, url: str) -> None:
        self._urls[request] = url

    def _on_loading_failed(self, told: Record) -> None:
        if not told.get("canceled"):  # else the page did it itself, and knows
            self._on_failure(told["requestId"], told["errorText"])

    def _on_failure(self, request: str, text: str) -> None:
        failure = _event("network", "error", self._urls.get(request), text)
        if not any(_tells(logged, url, failure) for logged, url in self._logged):
            self._failures.append(failure)
            self._happen(failure)


def _event(source: str, level: str, url: str | None, message: str) -> Record:
    return {"kind": "devtools", "source": source, "level": level, "url": url, "message": message}


def _tells(text: str, url: str | None, failure: Record) -> bool:
    """Whether an entry of the log tells all that a failure does."""
    same_place = failure["url"] is None or failure["url"] == url or failure["url"] in text
    return same_place and failure["message"] in text
