"""What goes wrong: the SDK's exceptions as the protocol shows them, and the two that are the worker's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Record = dict[str, Any]


class Absent(Exception):
    """This SDK has no such feature; the message names what was looked for."""


class SdkRaised(Exception):
    """The SDK raised; its exception is the cause. Everything else that is raised here is our fault."""


@contextmanager
def sdk() -> Iterator[None]:
    """Mark what is raised inside as the SDK's doing."""
    try:
        yield
    except Absent:
        raise
    except Exception as error:
        raise SdkRaised from error


def describe(error: BaseException) -> Record:
    """Describe an exception and its causes as the protocol says."""
    return {**describe_one(error), "cause": [describe_one(cause) for cause in causes(error)]}


def describe_one(error: BaseException) -> Record:
    kind = type(error)
    code, status, reason = code_status_reason(error)
    return {
        "class": kind.__name__,
        "qualified": f"{kind.__module__}.{kind.__qualname__}",
        "message": str(error),
        "code": code,
        "status": status,
        "reason": reason,
    }


def code_status_reason(error: BaseException) -> tuple[int | None, str | None, str | None]:
    if hasattr(error, "rcvd") and hasattr(error, "sent"):  # a closed WebSocket; its own `code` is deprecated
        close = error.rcvd
        return (close.code, None, close.reason) if close else (None, None, None)
    response = look(error, "response")
    code = first(int, look(error, "code"), look(response, "status_code"), look(error, "status_code"))
    return code, first(str, look(error, "status")), first(str, look(error, "reason"), look(error, "details"))


def look(thing: Any, name: str) -> Any:
    try:
        return getattr(thing, name, None)
    except Exception:  # a property may refuse, as `request` of httpx's errors does
        return None


def first(kind: type, *values: Any) -> Any:
    return next((value for value in values if isinstance(value, kind)), None)


def causes(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    while True:
        following = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if following is None or id(following) in seen:
            return
        seen.add(id(following))
        error = following
        yield error
