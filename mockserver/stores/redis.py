"""A store in Redis, or in Valkey, which speaks the same; servers on several machines share it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ..core.store import StoreLost
from . import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..core.limits import Limits
    from ..core.tokens import Token

#: The braces keep all in one slot of a cluster.
_PREFIX: Final = "{mockserver}:"
#: By the name of a token: its record; the uses that are left, where there is a limit. All names, in order.
_TOKENS, _USES, _ORDER = (_PREFIX + name for name in ("tokens", "uses", "order"))
#: Until when each handle is valid; the next number of each kind.
_HANDLES, _COUNTS = (_PREFIX + name for name in ("handles", "counts"))
#: A server answers in well under a millisecond, or does not.
TIMEOUT_S: Final = 5.0
#: A script runs by itself, so nobody comes between the look and the taking. Here: name, record, uses, limit.
_ADD: Final = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('RPUSH', KEYS[3], ARGV[1])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], ARGV[1], ARGV[3]) end
while redis.call('LLEN', KEYS[3]) > tonumber(ARGV[4]) do
    local oldest = redis.call('LPOP', KEYS[3])
    redis.call('HDEL', KEYS[1], oldest)
    redis.call('HDEL', KEYS[2], oldest)
end
"""
_SPEND: Final = """
local left = redis.call('HGET', KEYS[1], ARGV[1])
if not left then return redis.call('HEXISTS', KEYS[2], ARGV[1]) end
if tonumber(left) < 1 then return 0 end
redis.call('HINCRBY', KEYS[1], ARGV[1], -1)
return 1
"""


class RedisStore:
    """Tokens under keys that begin with ``{mockserver}:``."""

    def __init__(self, client: Any, where: str, limits: Limits) -> None:
        self._client = client
        self._where = where
        self._limits = limits
        self._add = client.register_script(_ADD)
        self._spend = client.register_script(_SPEND)
        with self._asking():
            client.ping()

    def count(self, kind: str) -> int:
        """The next number of a kind."""
        with self._asking():
            return int(self._client.hincrby(_COUNTS, kind, 1))

    def add(self, token: Token) -> None:
        """Keep a new token."""
        uses = "" if token.uses_left is None else token.uses_left
        with self._asking():
            self._add(
                keys=[_TOKENS, _USES, _ORDER],
                args=[token.name, records.write(token), uses, self._limits.tokens],
            )

    def find(self, name: str) -> Token | None:
        """The token of that name."""
        with self._asking(), self._client.pipeline() as together:
            record, left = together.hget(_TOKENS, name).hget(_USES, name).execute()
        return None if record is None else records.read(record, None if left is None else int(left))

    def spend(self, name: str) -> bool:
        """Take one use, if there is one."""
        with self._asking():
            return bool(self._spend(keys=[_USES, _TOKENS], args=[name]))

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, in order."""
        with self._asking(), self._client.pipeline() as together:
            order, found, left = together.lrange(_ORDER, 0, -1).hgetall(_TOKENS).hgetall(_USES).execute()
        return tuple(records.read(found[name], int(left[name]) if name in left else None) for name in order)

    def keep(self, handle: str, now: float, until: float) -> None:
        """Keep a handle, and let go of those whose time is over."""
        with self._asking(), self._client.pipeline() as together:
            together.zremrangebyscore(_HANDLES, "-inf", now).zadd(_HANDLES, {handle: until})
            together.zremrangebyrank(_HANDLES, 0, -self._limits.handles - 1).execute()

    def is_valid(self, handle: str, now: float) -> bool:
        """Whether a handle is valid."""
        with self._asking():
            until = self._client.zscore(_HANDLES, handle)
        return until is not None and now < until

    def reset(self) -> None:
        """Forget tokens and handles."""
        with self._asking():
            self._client.delete(_TOKENS, _USES, _ORDER, _HANDLES)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        from redis import RedisError

        try:
            yield
        except RedisError as error:
            raise StoreLost(
                f"the store {self._where} failed: {error}", "look whether a Redis or Valkey answers there"
            ) from error


def open_store(url: str, limits: Limits) -> RedisStore:
    """Open ``redis://``, ``rediss://`` (TLS) or ``unix://``, as redis-py reads them.

    Raises:
        ValueError: redis-py is not installed, or cannot read the URL.
        StoreLost: no server answers there.
    """
    try:
        from redis import Redis
    except ImportError:
        raise ValueError(
            "a store in Redis needs redis-py: python -m pip install 'genai-live-compat[redis]'"
        ) from None
    client = Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
    parts = urlsplit(url)
    # Without a name and password.
    where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return RedisStore(client, where, limits)
