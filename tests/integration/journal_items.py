"""Short ways to make the journal's items, for its tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import redis

from stripe_flows.engine.call import Call, SecretSource
from stripe_flows.engine.flow import FlowSet
from stripe_flows.engine.identity import child_id, root_id
from stripe_flows.tasks.events import NewEvent
from stripe_flows.tasks.input_digests import StartedAs
from stripe_flows.tasks.item import CallItem, ExecutionItem
from stripe_flows.tasks.journal.begin import (
    Begun,
    Delivery,
    Dropped,
    Unreadable,
    begin_call,
    begin_execution,
)
from stripe_flows.tasks.journal.close import Budget, Child, Closed, CloseMode, Closing, close
from stripe_flows.tasks.journal.defer import hold
from stripe_flows.tasks.journal.flows import store_flows
from stripe_flows.tasks.journal.item_state import StoredState
from stripe_flows.tasks.journal.keys import DUE, run_key
from stripe_flows.tasks.journal.run_fields import state_field
from stripe_flows.tasks.journal.start import Started, start
from stripe_flows.tasks.journal.store import Store

RUN = "order-42"
ROOT = root_id("default", RUN)
QUEUE = "flows.default"
SECRET = SecretSource(kind="reference", value="STRIPE_SECRET_KEY")
LEASE_MS = 30_000
FLOWS = FlowSet({"main": "0" * 64})


def execution(flow: str = "main", depth: int = 0) -> ExecutionItem:
    return ExecutionItem(
        flow=flow,
        worker_id="default",
        context_id="context-1",
        params={"email": "jenny@example.com"},
        secret=SECRET,
        depth=depth,
    )


def call(parent: str = ROOT) -> CallItem:
    made = Call(
        operation="create_payment_intent",
        method="POST",
        path="/v1/payment_intents",
        body="amount=2000&currency=usd",
        request={"amount": 2000, "currency": "usd"},
        stripe_version="2026-10-28.endive",
        secret=SECRET,
        worker_id="default",
        context_id="context-1",
        params={},
    )
    return CallItem(call=made, flow="main", depth=1, parent=parent)


def call_child(index: int = 0, parent: str = ROOT) -> Child:
    name = "create_payment_intent"
    return Child(item_id=child_id(parent, "call", index), payload=call(parent), name=name)


def flow_child(parent: str, flow: str = "after") -> Child:
    return Child(item_id=child_id(parent, "continuation", 0), payload=execution(flow, 1), name=flow)


def event(item_id: str, status: str = "succeeded", kind: str = "execution") -> NewEvent:
    return NewEvent.model_validate({"kind": kind, "status": status, "item": item_id})


@dataclass(frozen=True)
class Journal:
    """The journal's steps, with defaults for what most tests do not vary."""

    store: Store
    run_id: str = RUN

    @property
    def root(self) -> str:
        return root_id("default", self.run_id)

    def start(self, flow: str = "main", digest: str = "same") -> Started:
        store_flows(self.store, FLOWS, {"0" * 64: "print(1)"})
        meta = StartedAs(flow=flow, worker_id="default", context_id="context-1", input=digest)
        return start(self.store, self.run_id, self.root, execution(flow), meta)

    def begin(
        self, at: int = 1, lease_ms: int = LEASE_MS
    ) -> Begun[ExecutionItem] | Unreadable | Dropped:
        return self.begin_flow(self.root, at=at, lease_ms=lease_ms)

    def begin_flow(
        self, item_id: str, *, at: int = 1, lease_ms: int = LEASE_MS, flow_set: str = FLOWS.id
    ) -> Begun[ExecutionItem] | Unreadable | Dropped:
        hint = Delivery(self.run_id, item_id, at, QUEUE)
        return begin_execution(self.store, hint, lease_ms=lease_ms, flow_set=flow_set)

    def begin_call(
        self,
        item_id: str,
        *,
        at: int = 1,
        lease_ms: int = LEASE_MS,
        keys: str = "",
        operation: str = "create_payment_intent",
    ) -> Begun[CallItem] | Unreadable | Dropped:
        hint = Delivery(self.run_id, item_id, at, QUEUE)
        return begin_call(self.store, hint, lease_ms=lease_ms, keys=keys, operation=operation)

    def started_root(self) -> Begun[ExecutionItem]:
        self.start()
        begun = self.begin()
        assert isinstance(begun, Begun)
        return begun

    def open_call(self, index: int = 0, lease_ms: int = LEASE_MS) -> Begun[CallItem]:
        """Start a run whose first execution makes one call, and begin the call."""
        child = call_child(index, self.root)
        self.close(self.started_root(), [child])
        begun = self.begin_call(child.item_id, lease_ms=lease_ms)
        assert isinstance(begun, Begun)
        return begun

    def close(
        self, begun: Begun[ExecutionItem], children: list[Child] | None = None, budget: int = 1000
    ) -> Closed:
        closing = Closing(
            mode="execution",
            event=event(begun.item_id),
            children=children or [],
            budget=Budget(budget, event(begun.item_id, "failed")),
        )
        return close(self.store, begun, closing)


def dropped(found: object) -> str:
    assert isinstance(found, Dropped)
    return found.why


def pass_time(server: redis.Redis, member: str, ms: int = 10**7) -> None:
    """Move the item's due time forward by `ms`."""
    assert server.zincrby(DUE, -ms, member)


def answer(begun: Begun[CallItem], mode: CloseMode, store: Store, *, fails: bool = False) -> Closed:
    children = [] if fails else [flow_child(begun.item_id)]
    ending = event(begun.item_id, "error", "call")
    return close(store, begun, Closing(mode=mode, event=ending, children=children, fails=fails))


def held_call(journal: Journal) -> Begun[CallItem]:
    begun = journal.open_call()
    hold(journal.store, begun, event(begun.item_id, "held", "call"))
    return begun


def age(
    server: redis.Redis,
    item_id: str,
    *,
    hours: float,
    part: Literal["first_ms", "made_ms"] = "first_ms",
) -> None:
    """Make the item look first sent, or created, so many hours ago."""
    change_part(server, RUN, item_id, part, lambda ms: str(int(ms) - int(hours * 3_600_000)))


def change_part(
    server: redis.Redis, run_id: str, item_id: str, part: str, change: Callable[[str], str]
) -> None:
    """Change one part of an item's state as it is stored."""
    field = state_field(item_id)
    raw = server.hget(run_key(run_id), field)
    assert isinstance(raw, bytes)
    parts = raw.decode().split("|")
    index = StoredState._fields.index(part)
    parts[index] = change(parts[index])
    server.hset(run_key(run_id), field, "|".join(parts))


def move_to_another_server(server: redis.Redis, item_id: str) -> None:
    """Make the item look written on a server that is gone."""
    own = str(server.info("server")["run_id"])

    def another(server_id: str) -> str:
        assert server_id == own
        return "a" * 40

    change_part(server, RUN, item_id, "server", another)
