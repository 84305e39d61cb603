"""All that a Redis server holds, as bytes: for tests that look for what must not be there."""

from __future__ import annotations

from typing import Any, cast

import redis


def everything_in(server: redis.Redis) -> bytes:
    """Every key, field, member and value, plainly."""
    parts: list[Any] = []
    for key in cast(list[bytes], server.keys("*")):
        parts.append(key)
        kind = cast(bytes, server.type(key)).decode()
        if kind == "string":
            parts.append(server.get(key))
        elif kind == "hash":
            parts.append(server.hgetall(key))
        elif kind == "list":
            parts.append(server.lrange(key, 0, -1))
        elif kind == "set":
            parts.append(server.smembers(key))
        elif kind == "zset":
            parts.append(server.zrange(key, 0, -1))
        else:
            raise AssertionError(f"{key!r} is a {kind}")
    # repr escapes what is not ASCII, so a text looked for must be ASCII; it stands as it is.
    return repr(parts).encode()
