"""Reading: how a run stands, and which runs there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias, cast

from stripe_flows.engine.errors import RunNotFound
from stripe_flows.tasks.payload import CallItem, ExecutionItem, ItemKind
from stripe_flows.tasks.started_as import RunMeta

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
from .start import open_meta
from .store import Store

Status: TypeAlias = Literal["running", "held", "cancelled", "failed", "succeeded"]
ItemState: TypeAlias = Literal["published", "begun", "put_off", "held"]
Index: TypeAlias = Literal["runs", "held", "failed"]

_STATES: dict[str, ItemState] = {"R": "published", "B": "begun", "D": "put_off", "H": "held"}
_NAMES = ("m", "o", "h", "n", "fc", "b", "e", "x", "f")


@dataclass(frozen=True)
class OpenItem:
    """An item that is not closed. `held`: it counts as held. `due`: when it is looked at again."""

    item: str
    kind: ItemKind
    name: str
    state: ItemState
    held: bool
    attempts: int
    queue: str
    due: datetime | None


@dataclass(frozen=True)
class RunState:
    """How a run stands. `failed`: steps that failed and that nothing handled."""

    run_id: str
    meta: RunMeta
    status: Status
    started: datetime
    ended: datetime | None
    open: int
    held: int
    calls: int
    flow_set: str
    cancelled: bool = False
    failed: int = 0


def read_run(store: Store, run: str) -> RunState:
    """How the run stands. Raises RunNotFound."""
    (found,) = read_runs(store, [run])
    if found is None:
        raise RunNotFound(f"there is no run {run!r}: it was never started, or has expired")
    return found


def read_runs(store: Store, runs: Sequence[str]) -> list[RunState | None]:
    """How the runs stand, in one round trip; None for a run that is not there."""
    with store.reaching():
        pipe = store.redis.pipeline(transaction=False)
        for run in runs:
            pipe.hmget(run_key(run), _NAMES)
            pipe.lindex(record_key(run), 0)
        replies = pipe.execute()
    return [
        _run_state(store, run, dict(zip(_NAMES, values, strict=True)), first_line)
        for run, values, first_line in zip(runs, replies[::2], replies[1::2], strict=True)
    ]


def read_open_items(store: Store, run: str) -> tuple[OpenItem, ...]:
    """The run's open items."""
    return read_many_open_items(store, [run])[0]


def read_many_open_items(
    store: Store, runs: Sequence[str], limit: int | None = None
) -> list[tuple[OpenItem, ...]]:
    """The open items of each run, `limit` of a run at most, in three round trips."""
    with store.reaching():
        pipe = store.redis.pipeline(transaction=False)
        for run in runs:
            pipe.hkeys(run_key(run))
        fields = [_states(names)[:limit] for names in pipe.execute()]
        pipe = store.redis.pipeline(transaction=False)
        for run, names in zip(runs, fields, strict=True):
            if names:
                pipe.hmget(run_key(run), names)
                pipe.zmscore(DUE, [f"{run} {name[:-1]}" for name in names])
        replies = iter(pipe.execute())
    return [
        tuple(
            _open_item(name[:-1], state.decode().split("|"), due)
            for name, state, due in zip(names, next(replies), next(replies), strict=True)
            if state is not None  # closed since
        )
        if names
        else ()
        for names in fields
    ]


def read_payload(store: Store, run: str, item: str) -> ExecutionItem | CallItem | None:
    """The payload of an item that is open, or was kept because it failed the run; else None."""
    with store.reaching():
        open_payload, open_state, kept, kept_state = cast(
            list[bytes | None],
            store.redis.hmget(run_key(run), (item, f"{item}!", f"{item}~", f"{item}~!")),
        )
    payload, state = (open_payload, open_state) if open_payload else (kept, kept_state)
    if payload is None or state is None:
        return None
    kind = state.decode().split("|")[1]
    found = store.sealer.open(run, item, kind, payload)
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
    """Run ids, newest first: of an index, of a context, or of a Stripe object.

    `since` leaves out runs that came there before; `offset` those that stand in front.
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


def wait_done(store: Store, run: str, seconds: float) -> bool:
    """Waits until nothing of the run runs. False where the time was up.

    Any number of waiters may wait: the one element is moved onto its own list, not taken.
    """
    key = done_key(run)
    slice_ = min(seconds, 2.0)  # shorter than the socket's time-out
    with store.reaching():
        if slice_ <= 0:
            return bool(store.redis.llen(key))
        return store.redis.blmove(key, key, slice_, "LEFT", "LEFT") is not None  # type: ignore[arg-type]


def _run_state(
    store: Store, run: str, found: Mapping[str, bytes | None], first_line: bytes | None
) -> RunState | None:
    if found["b"] is None or not (found["m"] or first_line):
        return None
    return RunState(
        run_id=run,
        meta=open_meta(store, run, found["m"] or b"", first_line or b""),
        status=_status(found),
        started=_time(found["b"]),
        ended=_time(found["e"]) if found["e"] else None,
        open=int(found["o"] or 0),
        held=int(found["h"] or 0),
        calls=int(found["n"] or 0),
        flow_set=(found["f"] or b"").decode(),
        cancelled=found["x"] is not None,
        failed=int(found["fc"] or 0),
    )


def _states(names: Sequence[bytes]) -> list[str]:
    """Of the fields of a run's hash those that hold an open item's state."""
    return [name.decode() for name in names if name.endswith(b"!") and not name.endswith(b"~!")]


def _open_item(item: str, parts: Sequence[str], due: float | None) -> OpenItem:
    return OpenItem(
        item=item,
        kind=cast(ItemKind, parts[1]),
        name=parts[12],
        state=_STATES[parts[2]],
        held=parts[10] == "1",
        attempts=int(parts[3]),
        queue=parts[8],
        due=_time(str(int(due)).encode()) if due is not None else None,
    )


def _status(found: Mapping[str, bytes | None]) -> Status:
    number = {name: int(found[name] or 0) for name in ("o", "h", "fc")}
    if number["o"] > number["h"]:
        return "running"
    if number["h"]:
        return "held"
    if found["x"]:
        return "cancelled"
    return "failed" if number["fc"] else "succeeded"


def _time(ms: bytes) -> datetime:
    return datetime.fromtimestamp(int(ms) / 1000, UTC)
