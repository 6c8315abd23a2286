"""What happens beside the answers: warnings, logs and exceptions nobody caught, kept for the next record."""

import asyncio
import logging
import sys
import threading
import warnings
from typing import Any

Record = dict[str, Any]


class Events:
    """Everything the SDK says beside its answers, in order."""

    def __init__(self) -> None:
        self._happened: list[Record] = []

    def drain(self) -> list[Record]:
        happened, self._happened = self._happened, []
        return happened

    def watch(self) -> None:
        # `catch_warnings` is per thread of control, calls here overlap: one hook for all of the process.
        # "always", because a worker lives for many cells and the second must be warned like the first.
        warnings.simplefilter("always")
        # These come when the collector runs, which is not the same twice.
        warnings.simplefilter("ignore", ResourceWarning)
        self._shown_before, warnings.showwarning = warnings.showwarning, self._on_warning
        self._handler = logging.Handler(logging.WARNING)
        self._handler.emit = self._on_log
        logging.getLogger().addHandler(self._handler)
        sys.excepthook = lambda _, error, __: self._on_unhandled(error)
        sys.unraisablehook = lambda args: self._on_unhandled(args.exc_value)
        threading.excepthook = lambda args: self._on_unhandled(args.exc_value)

    def unwatch(self) -> None:
        """Leave the process as it was: what happens in it from now on is its own."""
        warnings.resetwarnings()
        warnings.showwarning = self._shown_before
        logging.getLogger().removeHandler(self._handler)
        sys.excepthook = sys.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        threading.excepthook = threading.__excepthook__

    def on_loop_error(self, _: asyncio.AbstractEventLoop, context: Record) -> None:
        error = context.get("exception")
        if error is None:
            self._happen(kind="unhandled", **{"class": "asyncio", "message": context["message"]})
        else:
            self._on_unhandled(error)

    def _happen(self, **event: Any) -> None:
        self._happened.append(event)

    def _on_warning(self, message: Any, category: type, *_: Any) -> None:
        self._happen(kind="warning", category=category.__name__, message=str(message))

    def _on_log(self, record: logging.LogRecord) -> None:
        self._happen(kind="log", level=record.levelname, logger=record.name, message=record.getMessage())

    def _on_unhandled(self, error: BaseException | None) -> None:
        self._happen(kind="unhandled", **{"class": type(error).__name__, "message": str(error)})


def warned_again(method: Any) -> Any:
    """Make the SDK forget that it has warned: it warns once a process, and a worker lives for many cells."""
    function = getattr(method, "__func__", method)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if name == "warning_done":
            cell.cell_contents = False
    return method


def forget_warnings(module: Any) -> None:
    """Do the same for what a module notes in its own variables."""
    for name, value in vars(module).items():
        if name.endswith("_warned") and value is True:
            setattr(module, name, False)
