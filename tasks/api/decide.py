"""Decide about a run: resolve a held call, retry a step, cancel the run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from stripe_flows.engine.answer import Answer, error_body
from stripe_flows.engine.errors import InputError, NotOpen
from stripe_flows.engine.identity import child_id
from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.engine.stripe.likeness import Doubt, foresee, id_fault, kind_fault
from stripe_flows.engine.stripe.retrieval import retrieval_of, retrieval_path
from stripe_flows.tasks.callbacks import answer_child
from stripe_flows.tasks.events import NewEvent
from stripe_flows.tasks.item import CallItem, ExecutionItem, ObjectClaim
from stripe_flows.tasks.journal.claim import claim
from stripe_flows.tasks.journal.close import Child
from stripe_flows.tasks.journal.decide import DecideMode, cancel, decide, revive
from stripe_flows.tasks.journal.read import read_open_items, read_payload, read_run
from stripe_flows.tasks.journal.record import read_record
from stripe_flows.tasks.object_claim import check_maker
from stripe_flows.tasks.publisher import hint_of
from stripe_flows.tasks.services import Services

_OBJECT = re.compile(r"[A-Za-z0-9_]{3,255}")


def doubts_about(services: Services, run_id: str, call_id: str, object_id: str) -> list[Doubt]:
    """Return what cannot be compared if the held call is resolved with the object.

    Raises InputError for an object that cannot be the call's, NotOpen if the call is not held.
    """
    return _doubts(services, _held(services, run_id, call_id), object_id)


def resolve_as_response(
    services: Services,
    run_id: str,
    call_id: str,
    object_id: str,
    *,
    accepts: Iterable[Doubt] = (),
    accepts_all: bool = False,
) -> str:
    """State that the held call succeeded and made `object_id` (`pi_…`).

    A worker retrieves the object under the call's own key and compares it with the call's request.
    If it fits, the call is closed and its response flow runs; if not, the call stays held. `accepts`
    are the doubts that the person accepts without comparison; `accepts_all` accepts every doubt.

    Return the item_id of the retrieval. Raises NotOpen if the call is not held, InputError.
    """
    item = _held(services, run_id, call_id)
    _doubts(services, item, object_id)
    retrieval = retrieval_of(stripe_catalog().operations[item.continues_as])
    if retrieval is None:
        raise InputError(
            f"the answer of {item.continues_as} cannot be retrieved, so its response flow cannot run "
            "with it; `stripe-flows retry CALL --same` asks Stripe for its saved answer"
        )
    names = tuple(doubt.name for doubt in accepts)
    request = item.call.model_copy(
        update={
            "operation": retrieval.name,
            "method": "GET",
            "path": retrieval_path(retrieval, item.call.path, object_id),
            "body": "",
            "request": {},
            "params": {},
            "then": None,
            "idempotency_key": None,
        }
    )
    payload = CallItem(
        call=request,
        flow=item.flow,
        depth=item.depth,
        parent=call_id,
        resolves=ObjectClaim(object_id=object_id, accepts=names, accepts_all=accepts_all),
    )
    # Each attempt to resolve the call has an id of its own, also with the same object.
    earlier = sum(event.item == call_id for event in read_record(services.store, run_id))
    child = Child(
        item_id=child_id(call_id, f"resolution {object_id}", earlier),
        payload=payload,
        name=retrieval.name,
    )
    note = object_id
    if accepts_all:
        note += "; whatever cannot be compared is accepted"
    elif names:
        note += f"; accepted without comparison: {', '.join(names)}"
    at = claim(services.store, run_id, call_id, _decision(call_id, "named", note, child), child)
    services.publisher.publish([hint_of(run_id, child, at)])
    return child.item_id


def resolve_as_error(services: Services, run_id: str, call_id: str) -> str | None:
    """State that the held call had no effect: its error flow runs, or the run fails.

    Return the item_id of the error flow's execution, if there is one. Raises NotOpen if the call is
    not held.
    """
    item = _held(services, run_id, call_id)
    body = error_body("api_error", "a person stated that nothing came of it", "resolved_as_error")
    answer = Answer(kind="error", body=body)
    set_id = item.flow_set or read_run(services.store, run_id).flow_set
    flow = item.continuation(services.flows.flow_set(set_id), "error")
    child = None if flow is None else answer_child(call_id, item, flow, answer, attempts=0)
    note = "a person stated an error"
    return _decide(services, run_id, call_id, child, "resolved", note, fails=child is None)


def retry(services: Services, run_id: str, item_id: str, how: Literal["same", "new_key"]) -> str:
    """Try a step again as a new item, whose parent is the old one.

    A held call can be retried with the same key (`same`): Stripe returns its saved answer, or does
    the call now; nothing is charged twice, and after the key's 23 hours the call is held again. With
    a new key (`new_key`), Stripe carries the request out again, whatever came of the first one. A
    refused call that failed its run can be retried either way. For an execution that failed its run
    `how` makes no difference: it runs with the flows that its worker has at that moment; the run's
    other branches keep theirs.

    Return the new item's id. Raises NotOpen if the step is neither held nor failed its run.
    """
    payload = read_payload(services.store, run_id, item_id)
    if payload is None:
        why = f"step {item_id} of run {run_id!r} is neither held nor did it fail the run"
        raise _not_open(services, run_id, item_id, why)
    if isinstance(payload, ExecutionItem):
        return _rerun(services, run_id, item_id, payload)
    # The key of the old call goes on, or the id of the new one becomes it.
    key = (payload.key or payload.call.idempotency_key or item_id) if how == "same" else None
    call = payload.call
    if how == "new_key":
        call = call.model_copy(update={"idempotency_key": None})
    again = payload.model_copy(update={"call": call, "parent": item_id, "key": key})
    child = Child(item_id=child_id(item_id, f"retry-{how}", 0), payload=again, name=call.operation)
    note = "with the same key" if how == "same" else "with a new key"
    held = any(found.item == item_id for found in read_open_items(services.store, run_id))
    if held:
        _decide(services, run_id, item_id, child, "retried", note, mode=how)
        return child.item_id
    return _revive(services, run_id, item_id, child, note)


def cancel_run(services: Services, run_id: str) -> int:
    """Cancel a run: close the steps that have not begun; what has begun ends, and nothing follows it.

    Return how many steps were closed. Raises RunNotFound, NotOpen if the run has ended.
    """
    read_run(services.store, run_id)
    return cancel(services.store, run_id, NewEvent(kind="cancel", status="cancelled", item=""))


def _doubts(services: Services, item: CallItem, object_id: str) -> list[Doubt]:
    operation = stripe_catalog().operations[item.continues_as]
    if not _OBJECT.fullmatch(object_id):
        raise InputError(f"{object_id!r} is not the id of a Stripe object (pi_…, cus_…)")
    path = item.call.path if item.continues is None else ""
    made, doubt = check_maker(services.store, item, object_id)
    fault = kind_fault(operation, object_id) or id_fault(operation, path, object_id) or made
    if fault:
        raise InputError(f"{fault}; the call stays held")
    return [*foresee(operation, item.call.request), *([doubt] if doubt else [])]


def _rerun(services: Services, run_id: str, item_id: str, payload: ExecutionItem) -> str:
    again = payload.model_copy(update={"parent": item_id, "flow_set": None, "flows_of_now": True})
    child = Child(item_id=child_id(item_id, "retry", 0), payload=again, name=payload.flow)
    note = "with the flows that its worker has when it begins"
    return _revive(services, run_id, item_id, child, note)


def _revive(services: Services, run_id: str, item_id: str, child: Child, note: str) -> str:
    event = _decision(item_id, "retried", note, child)
    at = revive(services.store, run_id, item_id, event, child)
    services.publisher.publish([hint_of(run_id, child, at)])
    return child.item_id


def _decide(
    services: Services,
    run_id: str,
    call_id: str,
    child: Child | None,
    status: Literal["resolved", "retried"],
    note: str,
    *,
    mode: DecideMode = "resolve",
    fails: bool = False,
) -> str | None:
    event = _decision(call_id, status, note, child)
    settled = decide(services.store, run_id, call_id, event, child, mode, fails=fails)
    if child is None or not settled.follows:
        return None
    services.publisher.publish([hint_of(run_id, child, settled.at)])
    return child.item_id


def _decision(
    item_id: str, status: Literal["named", "resolved", "retried"], note: str, child: Child | None
) -> NewEvent:
    created = (child.created,) if child is not None else ()
    return NewEvent(kind="decision", status=status, item=item_id, error=note, created=created)


def _held(services: Services, run_id: str, call_id: str) -> CallItem:
    payload = read_payload(services.store, run_id, call_id)
    if payload is None:
        raise _not_open(
            services, run_id, call_id, f"call {call_id} of run {run_id!r} is settled already"
        )
    if isinstance(payload, ExecutionItem):
        raise NotOpen(f"step {call_id} of run {run_id!r} is an execution, not a call")
    return payload


def _not_open(services: Services, run_id: str, item_id: str, why: str) -> NotOpen:
    """Return the error for a step with nothing to decide. Raises RunNotFound."""
    read_run(services.store, run_id)
    known = any(event.item == item_id for event in read_record(services.store, run_id))
    return NotOpen(why if known else f"run {run_id!r} has no step {item_id!r}")
