"""What a person decides about a run: resolve a held call, retry a step, cancel the run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from stripe_flows.engine.answer import Answer, error_body
from stripe_flows.engine.errors import InputError, NotOpen
from stripe_flows.engine.identity import child_id
from stripe_flows.engine.stripe.catalog import Operation, stripe_catalog
from stripe_flows.tasks.callbacks import answer_child
from stripe_flows.tasks.events import Line
from stripe_flows.tasks.hints import hint_of
from stripe_flows.tasks.items import CallItem, ExecutionItem
from stripe_flows.tasks.journal.close import Child
from stripe_flows.tasks.journal.decide import DecideMode, cancel, decide, revive
from stripe_flows.tasks.journal.read import list_run_ids, read_open_items, read_payload, read_run
from stripe_flows.tasks.parts import Parts

_OBJECT = re.compile(r"[A-Za-z0-9_]{3,255}")


@dataclass(frozen=True)
class Decided:
    """What follows from a decision: the run it belongs to, and the item that was created, if any."""

    run: str
    item: str | None


def resolve_as_response(parts: Parts, call: str, object_id: str, run: str | None = None) -> Decided:
    """States that the held call succeeded and made `object_id` (`pi_…`).

    The object is retrieved from Stripe under the call's own key, by a worker, and the call's
    response flow goes on with it. If Stripe does not have it, that retrieval is held in its turn.
    Raises NotOpen (not held), InputError.
    """
    run, item = _held(parts, call, run)
    if not _OBJECT.fullmatch(object_id):
        raise InputError(f"{object_id!r} is not the id of a Stripe object (pi_…, cus_…)")
    retrieve = _retrieval(item.continues_as)
    path = _path_of(retrieve, item.call.path, object_id)
    request = item.call.model_copy(
        update={
            "operation": retrieve.name,
            "method": "GET",
            "path": path,
            "body": "",
            "idempotency_key": None,
        }
    )
    payload = item.model_copy(
        update={
            "call": request,
            "continues": item.continues_as,
            "resolves": True,
            "parent": call,
            "key": None,
        }
    )
    child = Child(
        item=child_id(call, f"resolution {object_id}", 0), payload=payload, name=retrieve.name
    )
    return _decide(parts, run, call, child, "resolved", f"a person named {object_id}")


def _retrieval(operation: str) -> Operation:
    """The operation that retrieves what `operation` answers with."""
    operations = stripe_catalog().operations
    held = operations[operation]
    for resource in (held.resource, held.answers.replace(".", "_")):
        retrieve = operations.get(f"retrieve_{resource}")
        if retrieve is not None:
            return retrieve
    raise InputError(
        f"a {held.resource} cannot be retrieved, so its response flow cannot go on with it; "
        "`stripe-flows retry CALL --same` asks Stripe for its saved answer"
    )


def _path_of(retrieve: Operation, path: str, object_id: str) -> str:
    """The path that retrieves the object: its last id is the object's, those before are the held
    call's own (`/v1/customers/cus_1/tax_ids/…`)."""
    known = path.split("/")
    parts = retrieve.path.split("/")
    places = [index for index, part in enumerate(parts) if part.startswith("{")]
    for index in places[:-1]:
        if known[:index] != parts[:index]:
            raise InputError(
                f"{retrieve.path} needs more than one id, which the call does not name"
            )
        parts[index] = known[index]
    for index in places[-1:]:
        parts[index] = quote(object_id, safe="")
    return "/".join(parts)


def resolve_as_error(parts: Parts, call: str, run: str | None = None) -> Decided:
    """States that nothing came of the held call; its error flow goes on, or the run has failed.

    Raises NotOpen.
    """
    run, item = _held(parts, call, run)
    body = error_body("api_error", "a person stated that nothing came of it", "resolved_as_error")
    answer = Answer(kind="error", body=body, saved=False)
    set_id = item.flow_set or read_run(parts.store, run).flow_set
    flow = parts.flows.flow_set(set_id).continuation(
        item.continues_as, item.call.then, "error", on_error=item.call.on_error
    )
    child = None if flow is None else answer_child(call, item, flow, answer, attempts=0)
    note = "a person stated an error"
    return _decide(parts, run, call, child, "resolved", note, fails=child is None)


def retry(
    parts: Parts, item: str, how: Literal["same", "new_key"], run: str | None = None
) -> Decided:
    """Tries a step again, as a new item whose parent is the old one.

    A held call with the same key (`same`): Stripe answers as it did, or does it now; nothing is
    charged twice, and past the key's 23 hours it is held again. With a new key (`new_key`): a new
    charge, whatever came of the first. A call that was refused and failed its run, either way. An
    execution that failed its run: it and what follows from it, with the flows that the worker which
    begins it has at that moment; the run's other branches keep theirs.

    Raises NotOpen.
    """
    run = run or find_run(parts, item)
    payload = read_payload(parts.store, run, item)
    if payload is None:
        raise NotOpen(f"step {item} of run {run!r} is neither held nor did it fail the run")
    if isinstance(payload, ExecutionItem):
        return _rerun(parts, run, item, payload)
    # The key of the old call goes on, or the id of the new one becomes it.
    key = (payload.key or payload.call.idempotency_key or item) if how == "same" else None
    call = payload.call
    if how == "new_key":
        call = call.model_copy(update={"idempotency_key": None})
    again = payload.model_copy(update={"call": call, "parent": item, "key": key})
    child = Child(item=child_id(item, f"retry-{how}", 0), payload=again, name=call.operation)
    note = "with the same key" if how == "same" else "with a new key"
    held = any(found.item == item for found in read_open_items(parts.store, run))
    if held:
        return _decide(parts, run, item, child, "retried", note, mode=how)
    line = _line(item, "retried", note, child)
    at = revive(parts.store, run, item, line, child)
    parts.publisher.publish([hint_of(run, child, at)])
    return Decided(run, child.item)


def cancel_run(parts: Parts, run: str) -> int:
    """Cancels a run: what has not begun never does, what has is waited for, and nothing follows.

    Gives how many steps were closed. Raises RunNotFound, NotOpen (it has ended).
    """
    read_run(parts.store, run)
    return cancel(parts.store, run, Line(kind="cancel", status="cancelled", item=""))


def _rerun(parts: Parts, run: str, item: str, payload: ExecutionItem) -> Decided:
    again = payload.model_copy(update={"parent": item, "flow_set": None, "flows_of_now": True})
    child = Child(item=child_id(item, "retry", 0), payload=again, name=payload.flow)
    line = _line(item, "retried", "with the flows that its worker has when it begins", child)
    at = revive(parts.store, run, item, line, child)
    parts.publisher.publish([hint_of(run, child, at)])
    return Decided(run, child.item)


def _decide(
    parts: Parts,
    run: str,
    call: str,
    child: Child | None,
    status: Literal["resolved", "retried"],
    note: str,
    *,
    mode: DecideMode = "resolve",
    fails: bool = False,
) -> Decided:
    line = _line(call, status, note, child)
    settled = decide(parts.store, run, call, line, child, mode, fails=fails)
    if child is None or not settled.follows:
        return Decided(run, None)
    parts.publisher.publish([hint_of(run, child, settled.at)])
    return Decided(run, child.item)


def _line(
    item: str, status: Literal["resolved", "retried"], note: str, child: Child | None
) -> Line:
    created = (child.created,) if child is not None else ()
    return Line(kind="decision", status=status, item=item, error=note, created=created)


def _held(parts: Parts, call: str, run: str | None) -> tuple[str, CallItem]:
    run = run or find_run(parts, call)
    payload = read_payload(parts.store, run, call)
    if not isinstance(payload, CallItem):
        raise NotOpen(f"call {call} of run {run!r} is settled already")
    return run, payload


def find_run(parts: Parts, item: str) -> str:
    """The run that a held or failed step belongs to. Raises NotOpen."""
    for index in ("held", "failed"):
        for run in list_run_ids(parts.store, index, limit=10_000):
            if read_payload(parts.store, run, item) is not None:
                return run
    raise NotOpen(
        f"no held or failed run has a step {item!r}; `stripe-flows list --held` shows them"
    )
