"""What a person decides about a run: resolve a held call, retry a step, cancel the run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from stripe_flows.engine.answer import Answer, error_body
from stripe_flows.engine.errors import InputError, NotOpen
from stripe_flows.engine.identity import child_id
from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.engine.stripe.likeness import Doubt, foresee, id_fault, kind_fault
from stripe_flows.engine.stripe.retrieval import retrieval_of, retrieval_path
from stripe_flows.tasks.callbacks import answer_child
from stripe_flows.tasks.events import Line
from stripe_flows.tasks.item import CallItem, ExecutionItem, ObjectClaim
from stripe_flows.tasks.journal.claim import claim
from stripe_flows.tasks.journal.close import Child
from stripe_flows.tasks.journal.decide import DecideMode, cancel, decide, revive
from stripe_flows.tasks.journal.read import list_run_ids, read_open_items, read_payload, read_run
from stripe_flows.tasks.journal.record import read_record
from stripe_flows.tasks.object_claim import check_maker
from stripe_flows.tasks.publisher import hint_of
from stripe_flows.tasks.services import Services

_OBJECT = re.compile(r"[A-Za-z0-9_]{3,255}")


@dataclass(frozen=True)
class Decided:
    """What follows from a decision: the run it belongs to, and the item that was created, if any."""

    run: str
    item: str | None


def doubts_about(
    services: Services, call: str, object_id: str, run: str | None = None
) -> list[Doubt]:
    """Return what will not be comparable of an object with which a held call shall be resolved.

    Raises InputError for an object that cannot be the call's, NotOpen where the call is not held.
    """
    run, item = _held(services, call, run)
    operation = stripe_catalog().operations[item.continues_as]
    if not _OBJECT.fullmatch(object_id):
        raise InputError(f"{object_id!r} is not the id of a Stripe object (pi_…, cus_…)")
    path = item.call.path if item.continues is None else ""
    made, doubt = check_maker(services.store, item, object_id)
    fault = kind_fault(operation, object_id) or id_fault(operation, path, object_id) or made
    if fault:
        raise InputError(f"{fault}; the call stays held")
    return [*foresee(operation, item.call.request), *([doubt] if doubt else [])]


def resolve_as_response(
    services: Services,
    call: str,
    object_id: str,
    run: str | None = None,
    *,
    accepts: Iterable[Doubt] = (),
    accepts_all: bool = False,
) -> Decided:
    """State that the held call succeeded and made `object_id` (`pi_…`).

    A worker retrieves the object under the call's own key and compares it with what was asked. If
    it fits, the call is closed and its response flow goes on; if not, the call stays held. The
    returned item is the retrieval. `accepts`: what the person accepts without comparison;
    `accepts_all`: whatever cannot be compared. Raises NotOpen (not held), InputError.
    """
    run, item = _held(services, call, run)
    doubts_about(services, call, object_id, run)
    retrieval = retrieval_of(stripe_catalog().operations[item.continues_as])
    if retrieval is None:
        raise InputError(
            f"what {item.continues_as} answers with cannot be retrieved, so its response flow cannot "
            "go on with it; `stripe-flows retry CALL --same` asks Stripe for its saved answer"
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
        parent=call,
        resolves=ObjectClaim(object_id=object_id, accepts=names, accepts_all=accepts_all),
    )
    earlier = sum(event.item == call for event in read_record(services.store, run))
    child = Child(
        item_id=child_id(call, f"resolution {object_id}", earlier),
        payload=payload,
        name=retrieval.name,
    )
    note = object_id
    if accepts_all:
        note += "; whatever cannot be compared is accepted"
    elif names:
        note += f"; accepted without comparison: {', '.join(names)}"
    at = claim(services.store, run, call, _line(call, "named", note, child), child)
    services.publisher.publish([hint_of(run, child, at)])
    return Decided(run, child.item_id)


def resolve_as_error(services: Services, call: str, run: str | None = None) -> Decided:
    """States that nothing came of the held call; its error flow goes on, or the run has failed.

    Raises NotOpen.
    """
    run, item = _held(services, call, run)
    body = error_body("api_error", "a person stated that nothing came of it", "resolved_as_error")
    answer = Answer(kind="error", body=body)
    set_id = item.flow_set or read_run(services.store, run).flow_set
    flow = item.continuation(services.flows.flow_set(set_id), "error")
    child = None if flow is None else answer_child(call, item, flow, answer, attempts=0)
    note = "a person stated an error"
    return _decide(services, run, call, child, "resolved", note, fails=child is None)


def retry(
    services: Services, item: str, how: Literal["same", "new_key"], run: str | None = None
) -> Decided:
    """Tries a step again, as a new item whose parent is the old one.

    A held call with the same key (`same`): Stripe answers as it did, or does it now; nothing is
    charged twice, and past the key's 23 hours it is held again. With a new key (`new_key`): a new
    charge, whatever came of the first. A call that was refused and failed its run, either way. An
    execution that failed its run: it and what follows from it, with the flows that the worker which
    begins it has at that moment; the run's other branches keep theirs.

    Raises NotOpen.
    """
    run = run or find_run(services, item)
    payload = read_payload(services.store, run, item)
    if payload is None:
        raise NotOpen(f"step {item} of run {run!r} is neither held nor did it fail the run")
    if isinstance(payload, ExecutionItem):
        return _rerun(services, run, item, payload)
    # The key of the old call goes on, or the id of the new one becomes it.
    key = (payload.key or payload.call.idempotency_key or item) if how == "same" else None
    call = payload.call
    if how == "new_key":
        call = call.model_copy(update={"idempotency_key": None})
    again = payload.model_copy(update={"call": call, "parent": item, "key": key})
    child = Child(item_id=child_id(item, f"retry-{how}", 0), payload=again, name=call.operation)
    note = "with the same key" if how == "same" else "with a new key"
    held = any(found.item == item for found in read_open_items(services.store, run))
    if held:
        return _decide(services, run, item, child, "retried", note, mode=how)
    line = _line(item, "retried", note, child)
    at = revive(services.store, run, item, line, child)
    services.publisher.publish([hint_of(run, child, at)])
    return Decided(run, child.item_id)


def cancel_run(services: Services, run: str) -> int:
    """Cancels a run: what has not begun never does, what has is waited for, and nothing follows.

    Gives how many steps were closed. Raises RunNotFound, NotOpen (it has ended).
    """
    read_run(services.store, run)
    return cancel(services.store, run, Line(kind="cancel", status="cancelled", item=""))


def _rerun(services: Services, run: str, item: str, payload: ExecutionItem) -> Decided:
    again = payload.model_copy(update={"parent": item, "flow_set": None, "flows_of_now": True})
    child = Child(item_id=child_id(item, "retry", 0), payload=again, name=payload.flow)
    line = _line(item, "retried", "with the flows that its worker has when it begins", child)
    at = revive(services.store, run, item, line, child)
    services.publisher.publish([hint_of(run, child, at)])
    return Decided(run, child.item_id)


def _decide(
    services: Services,
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
    settled = decide(services.store, run, call, line, child, mode, fails=fails)
    if child is None or not settled.follows:
        return Decided(run, None)
    services.publisher.publish([hint_of(run, child, settled.at)])
    return Decided(run, child.item_id)


def _line(
    item: str, status: Literal["named", "resolved", "retried"], note: str, child: Child | None
) -> Line:
    created = (child.created,) if child is not None else ()
    return Line(kind="decision", status=status, item=item, error=note, created=created)


def _held(services: Services, call: str, run: str | None) -> tuple[str, CallItem]:
    run = run or find_run(services, call)
    payload = read_payload(services.store, run, call)
    if not isinstance(payload, CallItem):
        raise NotOpen(f"call {call} of run {run!r} is settled already")
    return run, payload


def find_run(services: Services, item: str) -> str:
    """The run that a held or failed step belongs to. Raises NotOpen."""
    for index in ("held", "failed"):
        for run in list_run_ids(services.store, index, limit=10_000):
            if read_payload(services.store, run, item) is not None:
                return run
    raise NotOpen(
        f"no held or failed run has a step {item!r}; `stripe-flows list --held` shows them"
    )
