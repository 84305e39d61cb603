"""The state between two starts: objects, events, saved answers and effects, in SQLite.

All writes of a request are one transaction. With `synchronous=OFF` a killed simulator loses nothing
that it answered, but a crash of the machine can. No API key is ever stored.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeAlias

ObjectRow: TypeAlias = tuple[str, str, bytes]
"""Resource, id, JSON."""

AnswerRow: TypeAlias = tuple[str, float, bytes, str, str, int, bytes]
"""Scope and key, time of creation, digest of the parameters, endpoint, request id, status, body."""

EventRow: TypeAlias = tuple[str, str, int, bytes, bytes | None, str | None, str | None, str | None]
"""Id, type, created, object, object before, request id, idempotency key, account."""

EffectRow: TypeAlias = tuple[str | None, str, str | None]
"""Idempotency key, operation, id of the object."""

_TABLES = """
CREATE TABLE IF NOT EXISTS objects
    (place INTEGER PRIMARY KEY, resource TEXT, id TEXT, body BLOB, UNIQUE (resource, id));
CREATE TABLE IF NOT EXISTS answers
    (key TEXT PRIMARY KEY, made REAL, digest BLOB, endpoint TEXT, request_id TEXT, status INTEGER,
     body BLOB);
CREATE TABLE IF NOT EXISTS effects
    (n INTEGER PRIMARY KEY, key TEXT, operation TEXT, object TEXT);
CREATE TABLE IF NOT EXISTS events
    (n INTEGER PRIMARY KEY, id TEXT, type TEXT, created INTEGER, body BLOB, before BLOB,
     request_id TEXT, key TEXT, account TEXT);
"""
_PUT_OBJECT = (
    "INSERT INTO objects (resource, id, body) VALUES (?, ?, ?)"
    " ON CONFLICT (resource, id) DO UPDATE SET body = excluded.body"
)


class State(Protocol):
    """Storage for whatever must outlive the process."""

    def objects(self) -> Iterator[ObjectRow]: ...
    def answers(self) -> Iterator[AnswerRow]: ...
    def effects(self) -> Iterator[EffectRow]: ...
    def events(self) -> Iterator[EventRow]: ...
    def put_object(self, resource: str, object_id: str, body: bytes) -> None: ...
    def remove_object(self, resource: str, object_id: str) -> None: ...
    def put_answer(self, row: AnswerRow) -> None: ...
    def age_answers(self, seconds: float) -> None: ...
    def add_effect(self, row: EffectRow) -> None: ...
    def add_event(self, row: EventRow) -> None: ...
    def clear(self) -> None: ...
    def commit(self) -> None: ...
    def close(self) -> None: ...


class NoState:
    """Stores nothing."""

    def objects(self) -> Iterator[ObjectRow]:
        return iter(())

    def answers(self) -> Iterator[AnswerRow]:
        return iter(())

    def effects(self) -> Iterator[EffectRow]:
        return iter(())

    def events(self) -> Iterator[EventRow]:
        return iter(())

    def put_object(self, resource: str, object_id: str, body: bytes) -> None: ...
    def remove_object(self, resource: str, object_id: str) -> None: ...
    def put_answer(self, row: AnswerRow) -> None: ...
    def age_answers(self, seconds: float) -> None: ...
    def add_effect(self, row: EffectRow) -> None: ...
    def add_event(self, row: EventRow) -> None: ...
    def clear(self) -> None: ...
    def commit(self) -> None: ...
    def close(self) -> None: ...


class StateFile:
    """An SQLite file. Raises `sqlite3.Error` for another format, or if another simulator uses it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=0)
        # Two simulators on one file would each miss the other's writes.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(_TABLES)

    def objects(self) -> Iterator[ObjectRow]:
        yield from self._db.execute("SELECT resource, id, body FROM objects ORDER BY place")

    def answers(self) -> Iterator[AnswerRow]:
        yield from self._db.execute(
            "SELECT key, made, digest, endpoint, request_id, status, body FROM answers"
        )

    def effects(self) -> Iterator[EffectRow]:
        yield from self._db.execute("SELECT key, operation, object FROM effects ORDER BY n")

    def put_object(self, resource: str, object_id: str, body: bytes) -> None:
        self._db.execute(_PUT_OBJECT, (resource, object_id, body))

    def remove_object(self, resource: str, object_id: str) -> None:
        self._db.execute("DELETE FROM objects WHERE resource = ? AND id = ?", (resource, object_id))

    def put_answer(self, row: AnswerRow) -> None:
        self._db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def age_answers(self, seconds: float) -> None:
        self._db.execute("UPDATE answers SET made = made - ?", (seconds,))

    def add_effect(self, row: EffectRow) -> None:
        self._db.execute("INSERT INTO effects (key, operation, object) VALUES (?, ?, ?)", row)

    def events(self) -> Iterator[EventRow]:
        yield from self._db.execute(
            "SELECT id, type, created, body, before, request_id, key, account FROM events"
            " ORDER BY n"
        )

    def add_event(self, row: EventRow) -> None:
        self._db.execute(
            "INSERT INTO events (id, type, created, body, before, request_id, key, account)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    def clear(self) -> None:
        for table in ("objects", "answers", "effects", "events"):
            self._db.execute(f"DELETE FROM {table}")

    def commit(self) -> None:
        self._db.commit()

    def close(self) -> None:
        self._db.commit()
        self._db.close()
