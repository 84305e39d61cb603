"""CLOSE: end an item and create the items that follow, in one write."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stripe_flows.tasks.events import Created, NewEvent
from stripe_flows.tasks.hint import queue_of
from stripe_flows.tasks.item import CallItem, ExecutionItem, ItemKind

from .begin import Begun
from .keys import object_digest
from .record import seal_line
from .store import Store

CloseMode: TypeAlias = Literal["execution", "saved", "unsaved", "unknown"]
"""The reason to close, which decides who may. `execution` and `saved`: any worker. `unsaved` (a
refusal) and `unknown`: only the holder of the lease; `unsaved` only if no earlier attempt may have
been executed."""


@dataclass(frozen=True)
class Child:
    """An item that follows."""

    item_id: str
    payload: ExecutionItem | CallItem
    name: str
    line: int | None = None

    @property
    def kind(self) -> ItemKind:
        """Execution or call."""
        return "call" if isinstance(self.payload, CallItem) else "execution"

    @property
    def queue(self) -> str:
        """The queue that its hint is published to."""
        payload = self.payload
        worker_id = payload.call.worker_id if isinstance(payload, CallItem) else payload.worker_id
        return queue_of(worker_id)

    @property
    def context_id(self) -> str:
        """The context of its run."""
        payload = self.payload
        return payload.call.context_id if isinstance(payload, CallItem) else payload.context_id

    @property
    def created(self) -> Created:
        """The child as the record names it."""
        return Created(item=self.item_id, kind=self.kind, name=self.name, line=self.line)

    def stored(self, store: Store, run_id: str) -> tuple[str | bytes, ...]:
        """Return the arguments by which a script creates it: id, payload, kind, queue, name."""
        text = self.payload.model_dump_json(exclude_defaults=True)
        sealed = store.sealer.seal_json(run_id, self.item_id, self.kind, text)
        return self.item_id, sealed, self.kind, self.queue, self.name


@dataclass(frozen=True)
class Budget:
    """The number of calls that the run may make. An execution that exceeds it is closed as failed, with
    `event` as its record and without its calls."""

    calls: int
    event: NewEvent


@dataclass(frozen=True)
class Closing:
    """The end of an item, and the items that follow.

    `fails` marks the run as failed and keeps the step for a person's retry. `objects`: ids of Stripe
    objects by which the run can be found. `account`: the fingerprint of the Stripe key, where Stripe
    answered; calls that wait for this account are woken. `budget`: of an execution with calls.
    """

    mode: CloseMode
    event: NewEvent
    children: Sequence[Child] = ()
    fails: bool = False
    objects: Collection[str] = ()
    account: str = ""
    budget: Budget | None = None


@dataclass(frozen=True)
class Closed:
    """The result of CLOSE.

    `ok`: closed, and `children` were created at `at` (ms); none if the run was cancelled.
    `budget`: closed as failed, since the run had made too many calls. `closed`: another worker had
    closed it. `stale`: another worker has the lease. `unsure`: the refusal proves nothing, and the
    item stays open.
    """

    status: Literal["ok", "budget", "closed", "stale", "unsure"]
    at: int = 0
    children: tuple[Child, ...] = ()


def close(store: Store, begun: Begun[ExecutionItem] | Begun[CallItem], closing: Closing) -> Closed:
    """Close an item and create its children. Raises JournalUnavailable."""
    run_id, budget = begun.run_id, closing.budget
    args: list[str | bytes | int] = [
        begun.item_id,
        begun.token,
        closing.mode,
        seal_line(store, run_id, closing.event),
        budget.calls if budget else 0,
        seal_line(store, run_id, budget.event) if budget else "",
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        int(closing.fails),
        " ".join(map(object_digest, closing.objects)),
        closing.account,
    ]
    for child in closing.children:
        args += child.stored(store, run_id)
    reply = store.step("close", run_id, *args)
    status = reply[0].decode()
    if status not in ("ok", "budget"):
        return Closed(status)
    created = tuple(closing.children) if int(reply[3]) else ()
    return Closed(status, at=int(reply[1]), children=created)
