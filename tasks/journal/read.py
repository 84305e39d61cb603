"""Read the state of a run and its open items, and list runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias, cast

from stripe_flows.engine.errors import RunNotFound
from stripe_flows.tasks.input_digests import RunMeta
from stripe_flows.tasks.item import CallItem, ExecutionItem, ItemKind

from . import run_fields
from .item_state import ItemState, StoredState, read_state
from .keys import (
    DUE,
    FAILED,
    HELD,
    RUNS,
    context_key,
    done_key,
    object_key,
    record_key,
    run_key,
)
from .run_fields import (
    CALLS,
    CANCELLED,
    ENDED,
    FLOW_SET,
    META,
    OPEN,
    RUN_FIELDS,
    STARTED,
    kept_field,
    kept_state_field,
    state_field,
)
from .start import open_meta
from .store import Store

RunStatus: TypeAlias = Literal["running", "held", "cancelled", "failed", "succeeded"]
"""The status of a run."""

Index: TypeAlias = Literal["runs", "held", "failed"]


@dataclass(frozen=True)
class OpenItem:
    """An item that is not done."""

    item: str
    """The id of the item."""
    kind: ItemKind
    """An execution of a flow, or a call of an operation."""
    name: str
    """The flow or the operation."""
    state: ItemState
    """Waiting for a worker, begun by one, put off until `due`, or held."""
    held: bool
    """True if it counts as held: the state is `held`, or the outcome is unknown after many attempts."""
    attempts: int
    """The number of attempts so far."""
    queue: str
    """The queue of the workers that carry it."""
    due: datetime | None
    """When its delay or its worker's lease ends."""


@dataclass(frozen=True)
class RunState:
    """The state of a run."""

    run_id: str
    """The id of the run."""
    meta: RunMeta
    """The flow, the worker_id and the context_id that it was started with."""
    status: RunStatus
    """`running`, `held`, `cancelled`, `failed` or `succeeded`."""
    started: datetime
    """The time of the start, in UTC."""
    ended: datetime | None
    """The time of the end, in UTC; None before it."""
    open: int
    """The number of items that are not done."""
    held: int
    """The number of open items that count as held."""
    calls: int
    """The number of calls that were made."""
    flow_set: str
    """The id of the flow set that the run keeps; empty before its first step."""
    cancelled: bool = False
    """True if the run was cancelled."""
    failed: int = 0
    """The number of steps that failed and that nothing handled."""


def read_run(store: Store, run_id: str) -> RunState:
    """Return the state of the run. Raises RunNotFound."""
    (found,) = read_runs(store, [run_id])
    if found is None:
        raise RunNotFound(f"there is no run {run_id!r}: it was never started, or has expired")
    return found


def read_runs(store: Store, run_ids: Sequence[str]) -> list[RunState | None]:
    """Return the state of each run, in one round trip; None for a run that does not exist."""
    with store.reaching():
        pipe = store.redis.pipeline(transaction=False)
        for run_id in run_ids:
            pipe.hmget(run_key(run_id), RUN_FIELDS)
            pipe.lindex(record_key(run_id), 0)
        replies = pipe.execute()
    return [
        _run_state(store, run_id, dict(zip(RUN_FIELDS, values, strict=True)), first_line)
        for run_id, values, first_line in zip(run_ids, replies[::2], replies[1::2], strict=True)
    ]


def read_open_items(store: Store, run_id: str) -> tuple[OpenItem, ...]:
    """Return the run's open items."""
    return read_many_open_items(store, [run_id])[0]


def read_many_open_items(
    store: Store, run_ids: Sequence[str], limit: int | None = None
) -> list[tuple[OpenItem, ...]]:
    """Return the open items of each run, at most `limit` per run, in two round trips."""
    with store.reaching():
        pipe = store.redis.pipeline(transaction=False)
        for run_id in run_ids:
            pipe.hkeys(run_key(run_id))
        fields = [_states(names)[:limit] for names in pipe.execute()]
        pipe = store.redis.pipeline(transaction=False)
        for run_id, names in zip(run_ids, fields, strict=True):
            if names:
                pipe.hmget(run_key(run_id), names)
                pipe.zmscore(DUE, [f"{run_id} {name[:-1]}" for name in names])
        replies = iter(pipe.execute())
    return [
        tuple(
            _open_item(name[:-1], read_state(state), due)
            for name, state, due in zip(names, next(replies), next(replies), strict=True)
            if state is not None  # closed since
        )
        if names
        else ()
        for names in fields
    ]


def read_payload(store: Store, run_id: str, item_id: str) -> ExecutionItem | CallItem | None:
    """Return the payload of an item that is open or failed the run; None for any other."""
    fields = (item_id, state_field(item_id), kept_field(item_id), kept_state_field(item_id))
    with store.reaching():
        open_payload, open_state, kept, kept_state = cast(
            list[bytes | None],
            store.redis.hmget(run_key(run_id), fields),
        )
    payload, state = (open_payload, open_state) if open_payload else (kept, kept_state)
    if payload is None or state is None:
        return None
    kind = read_state(state).kind
    found = store.sealer.open(run_id, item_id, kind, payload)
    return (CallItem if kind == "call" else ExecutionItem).model_validate(found)


def list_run_ids(
    store: Store,
    index: Index = "runs",
    *,
    context_id: str | None = None,
    object_id: str | None = None,
    since: datetime | None = None,
    offset: int = 0,
    limit: int = 50,
) -> list[str]:
    """Return run ids, newest first: of an index, of a context, or of a Stripe object.

    `since`: skip runs that were listed there earlier. `offset`: skip the first so many.
    """
    if context_id is not None:
        key = context_key(context_id)
    elif object_id is not None:
        key = object_key(object_id)
    else:
        key = {"runs": RUNS, "held": HELD, "failed": FAILED}[index]
    with store.reaching():
        lowest = "-inf" if since is None else int(since.timestamp() * 1000)
        found = cast(
            list[bytes],
            store.redis.zrevrangebyscore(key, "+inf", lowest, start=offset, num=limit),
        )
    return [raw.decode() for raw in found]


def wait_done(store: Store, run_id: str, seconds: float) -> bool:
    """Block until the run is idle. Return False on timeout.

    Any number of waiters may wait: the one element is moved onto its own list, not removed.
    """
    key = done_key(run_id)
    slice_ = min(seconds, 2.0)  # shorter than the socket's time-out
    with store.reaching():
        if slice_ <= 0:
            return bool(store.redis.llen(key))
        return store.redis.blmove(key, key, slice_, "LEFT", "LEFT") is not None  # type: ignore[arg-type]


def _run_state(
    store: Store, run_id: str, found: Mapping[str, bytes | None], first_line: bytes | None
) -> RunState | None:
    started, ended = found[STARTED], found[ENDED]
    if started is None or not (found[META] or first_line):
        return None
    return RunState(
        run_id=run_id,
        meta=open_meta(store, run_id, found[META] or b"", first_line or b""),
        status=_status(found),
        started=_time(started),
        ended=_time(ended) if ended else None,
        open=int(found[OPEN] or 0),
        held=int(found[run_fields.HELD] or 0),
        calls=int(found[CALLS] or 0),
        flow_set=(found[FLOW_SET] or b"").decode(),
        cancelled=found[CANCELLED] is not None,
        failed=int(found[run_fields.FAILED] or 0),
    )


def _states(names: Sequence[bytes]) -> list[str]:
    """Return those fields of a run's hash that hold the state of an open item."""
    return [name.decode() for name in names if name.endswith(b"!") and not name.endswith(b"~!")]


def _open_item(item_id: str, state: StoredState, due: float | None) -> OpenItem:
    return OpenItem(
        item=item_id,
        kind=state.kind,
        name=state.name,
        state=state.state,
        held=state.held,
        attempts=state.attempts,
        queue=state.queue,
        due=_time(str(int(due)).encode()) if due is not None else None,
    )


def _status(found: Mapping[str, bytes | None]) -> RunStatus:
    held = int(found[run_fields.HELD] or 0)
    if int(found[OPEN] or 0) > held:
        return "running"
    if held:
        return "held"
    if found[CANCELLED]:
        return "cancelled"
    return "failed" if int(found[run_fields.FAILED] or 0) else "succeeded"


def _time(ms: bytes) -> datetime:
    return datetime.fromtimestamp(int(ms) / 1000, UTC)
