"""CLOSE: an item is done, and these items follow, in one write."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stripe_flows.tasks.events import Created, Line
from stripe_flows.tasks.payload import CallItem, ExecutionItem, ItemKind, queue_of

from .begin import Begun
from .keys import object_digest
from .record import seal_line
from .store import Store

CloseMode: TypeAlias = Literal["execution", "saved", "unsaved", "unknown"]
"""Who may close: an execution and a saved answer anybody; an unsaved refusal and an unknown outcome
only the holder of the lease, a refusal moreover only if no earlier attempt may have been executed."""


@dataclass(frozen=True)
class Child:
    """An item that follows."""

    item: str
    payload: ExecutionItem | CallItem
    name: str
    line: int | None = None

    @property
    def kind(self) -> ItemKind:
        return "call" if isinstance(self.payload, CallItem) else "execution"

    @property
    def queue(self) -> str:
        payload = self.payload
        worker_id = payload.call.worker_id if isinstance(payload, CallItem) else payload.worker_id
        return queue_of(worker_id)

    @property
    def context_id(self) -> str:
        payload = self.payload
        return payload.call.context_id if isinstance(payload, CallItem) else payload.context_id

    @property
    def created(self) -> Created:
        """How the record names it."""
        return Created(item=self.item, kind=self.kind, name=self.name, line=self.line)

    def stored(self, store: Store, run: str) -> tuple[str | bytes, ...]:
        """Return it as the scripts of the journal accept it: id, payload, kind, queue, name."""
        return self.item, self.sealed(store, run), self.kind, self.queue, self.name

    def sealed(self, store: Store, run: str) -> bytes:
        """Its payload as it is stored."""
        text = self.payload.model_dump_json(exclude_defaults=True)
        return store.sealer.seal_json(run, self.item, self.kind, text)


@dataclass(frozen=True)
class Closed:
    """What CLOSE did.

    `ok`: closed, and `children` were created at `at` (ms); none where the run was cancelled.
    `budget`: closed as failed, since the run had made too many calls. `closed`: somebody else had
    done it. `stale`: the lease is another's. `unsure`: the refusal proves nothing, the item is open.
    """

    status: Literal["ok", "budget", "closed", "stale", "unsure"]
    at: int = 0
    children: tuple[Child, ...] = ()


def close(
    store: Store,
    begun: Begun[ExecutionItem] | Begun[CallItem],
    mode: CloseMode,
    line: Line,
    children: Sequence[Child] = (),
    *,
    fails: bool = False,
    objects: Collection[str] = (),
    account: str = "",
    budget: int = 0,
    budget_line: Line | None = None,
) -> Closed:
    """Closes an item. `fails` marks the run as failed and keeps the step for a person's retry.
    `objects`: ids of Stripe objects by which the run shall be found. `account`: the fingerprint of
    the Stripe key, where Stripe answered; what waits for the account is woken.

    `budget`: how many calls the run may make; past it the execution is closed as failed, with
    `budget_line` as its record and none of its calls.
    """
    run = begun.run
    args: list[str | bytes | int] = [
        run,
        begun.item,
        begun.token,
        mode,
        seal_line(store, run, line),
        budget,
        seal_line(store, run, budget_line) if budget_line else "",
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        int(fails),
        " ".join(map(object_digest, objects)),
        account,
    ]
    for child in children:
        args += child.stored(store, run)
    reply = store.run("close", run, *args)
    status = reply[0].decode()
    if status not in ("ok", "budget"):
        return Closed(status)
    created = tuple(children) if int(reply[3]) else ()
    return Closed(status, at=int(reply[1]), children=created)
