"""The connection to the journal: one Redis, its scripts, and the seal.

Each atomic step is a Lua script in a file of its own; `lib.lua` is put in front of each. Every
script may run twice: if a connection breaks, the client tries once more without knowing whether the
first try was carried out.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import redis
from redis.backoff import ExponentialBackoff
from redis.commands.core import Script
from redis.retry import Retry

from stripe_flows.engine.errors import JournalError, JournalUnavailable
from stripe_flows.tasks.sealing import Sealer

from .keys import run_key

Reply: TypeAlias = list[Any]
"""The reply of a script: bytes and integers, in the order that its Lua file says."""

SOCKET_TIMEOUT = 5.0
"""Seconds for one round trip. Only a dead connection takes this long; no script does."""

TO_DISK_MS = 2000
"""Longest time that a decision waits for the disk (ms). Redis writes its file once a second."""

STEPS = (
    "start",
    "begin",
    "close",
    "defer",
    "hold",
    "sweep",
    "lapse",
    "lost",
    "audit",
    "decide",
    "revive",
    "cancel",
    "alert",
    "revoke",
    "claim",
    "resolve",
)


@dataclass(frozen=True)
class Retention:
    """The times for which an ended run is kept, and its run_id reserved; both in milliseconds.

    `details`: the record keeps requests and answers.
    """

    keep_ms: int
    tombstone_ms: int
    details: bool = True


class Store:
    """One Redis as the journal. Safe to share between threads."""

    def __init__(self, url: str, sealer: Sealer, retention: Retention) -> None:
        self.sealer = sealer
        self.retention = retention
        self.url = url
        self.redis: redis.Redis = redis.Redis.from_url(
            url,
            socket_timeout=SOCKET_TIMEOUT,
            socket_connect_timeout=2.0,
            health_check_interval=30,
            retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=1),
        )
        self._scripts: dict[str, Script] = {
            step: self.redis.register_script(_source(step)) for step in STEPS
        }

    def step(self, name: str, run_id: str, *args: str | bytes | int) -> Reply:
        """Run the script of a step on one run: KEYS[1] is its key, ARGV[1] its id.

        Raises JournalUnavailable, JournalError.
        """
        with self.reaching():
            return cast(Reply, self._scripts[name]([run_key(run_id)], (run_id, *args)))

    def script(self, name: str, keys: list[str], *args: str | bytes | int) -> Reply:
        """Run a script that is about many runs. Raises JournalUnavailable, JournalError."""
        with self.reaching():
            return cast(Reply, self._scripts[name](keys, args))

    @contextmanager
    def reaching(self) -> Iterator[None]:
        """Convert redis-py's errors into the journal's own, without any argument in their text."""
        try:
            yield
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise JournalUnavailable(
                f"the journal at {self.address} does not answer ({type(error).__name__})"
            ) from None
        except redis.RedisError as error:
            raise JournalError(f"the journal at {self.address} refused: {error}") from None

    @property
    def address(self) -> str:
        """Host and port, or the path of a socket; without a password."""
        found = self.redis.connection_pool.connection_kwargs
        return str(found.get("path") or f"{found.get('host')}:{found.get('port')}")

    def check_server(self) -> None:
        """Refuse a Redis that may evict runs. Raises JournalError, JournalUnavailable."""
        with self.reaching():
            memory = self.redis.info("memory")
        policy = memory.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            raise JournalError(
                f"the journal at {self.address} has maxmemory-policy {policy}: it may evict runs. "
                "Set it to noeviction (`CONFIG SET maxmemory-policy noeviction`)"
            )

    def disk_fault(self) -> str | None:
        """Return why a crash of the server may lose what was written; None if it loses nothing.

        Uses INFO, which managed services allow even if they forbid CONFIG. Raises JournalError,
        JournalUnavailable.
        """
        with self.reaching():
            found = self.redis.info("persistence")
        enabled, written = found.get("aof_enabled"), found.get("aof_last_write_status", "ok")
        if enabled is None:
            return (
                f"the journal at {self.address} does not say whether it keeps an append-only file"
            )
        if not enabled:
            return (
                f"the journal at {self.address} keeps no append-only file: if that server ends, runs "
                "are lost, and a run that is started again may charge again. Turn it on "
                "(`CONFIG SET appendonly yes`, and in its configuration `appendonly yes`)"
            )
        if written != "ok":
            return (
                f"the journal at {self.address} could not write its append-only file (its "
                f"aof_last_write_status is {written}): look at that server's disk and log"
            )
        return None

    def to_disk(self) -> None:
        """Block until the append-only file has what was written, if the server supports WAITAOF.

        For a person's decision: if the journal forgot it, the call would be sent again.
        """
        with suppress(
            redis.RedisError
        ):  # without such a file or WAITAOF the decision counts all the same
            self.redis.waitaof(1, 0, TO_DISK_MS)

    def close(self) -> None:
        """Close the connections."""
        self.redis.close()


@functools.cache
def _source(step: str) -> str:
    folder = importlib.resources.files(__package__)
    lib = folder.joinpath("lib.lua").read_text()
    return lib + "\n" + folder.joinpath(f"{step}.lua").read_text()
