"""An answer and its continuation: the only way back from Stripe to a script.

`on_success` and `on_failure` create and publish the execution that continues an answer. The call's
task calls them in its body, around the one commit that counts: Celery's own callbacks swallow
exceptions.
"""

from __future__ import annotations

from stripe_flows.engine.answer import Answer
from stripe_flows.engine.continuation import answered
from stripe_flows.engine.details import answer_details, request_details
from stripe_flows.engine.identity import child_id
from stripe_flows.tasks.journal.close import Child, Closed, CloseMode, Closing, close

from .alerts import warn_failed
from .call_attempt import CallAttempt
from .events import EventStatus, NewEvent
from .item import CallItem, ExecutionItem
from .services import Services


def on_success(services: Services, attempt: CallAttempt, answer: Answer) -> Closed:
    """Commit a response with its response flow. Without one, the branch ends."""
    return _commit(services, attempt, answer, "saved", account=attempt.account)


def on_failure(services: Services, attempt: CallAttempt, answer: Answer, *, proven: bool) -> Closed:
    """Commit a refusal with its error flow. Without one, the run fails.

    `proven`: Stripe keeps the refusal under the key, or the request could not change anything. Then
    any worker may close the call with it, otherwise only the holder of the lease.
    """
    mode: CloseMode = "saved" if proven else "unsaved"
    return _commit(services, attempt, answer, mode, account=attempt.account)


def on_unknown(services: Services, attempt: CallAttempt, answer: Answer) -> Closed:
    """Commit an unknown outcome with the flow that decides about it. See `continuation`."""
    return _commit(services, attempt, answer, "unknown")


def continuation(services: Services, attempt: CallAttempt, answer: Answer) -> str | None:
    """Return the flow that continues the answer, of the run's own flow set; None if it has none."""
    item = attempt.item
    flows = services.flows.flow_set(item.flow_set or attempt.begun.flow_set)
    return item.continuation(flows, answer.kind)


def answer_child(
    call_id: str, item: CallItem, flow: str, answer: Answer, *, attempts: int
) -> Child:
    """Return the execution that continues the call `call_id` with `answer`."""
    call = item.call
    payload = ExecutionItem(
        flow=flow,
        worker_id=call.worker_id,
        context_id=call.context_id,
        params=call.params,
        secret=call.secret,
        depth=item.depth,
        parent=call_id,
        flow_set=item.flow_set,
        answered=answered(call, call_id, answer, attempts=attempts, operation=item.continues_as),
    )
    return Child(item_id=child_id(call_id, "continuation", 0), payload=payload, name=flow)


def answer_event(
    attempt: CallAttempt, answer: Answer, status: EventStatus, child: Child | None = None
) -> NewEvent:
    """Return the event of an answer, which created `child`.

    Only the first event of a call and the one that settles it have the request: while the call is
    open, the journal has it.
    """
    begun, item = attempt.begun, attempt.item
    with_request = status not in ("put_off", "stuck") or begun.attempt == 1
    return NewEvent(
        kind="call",
        status=status,
        item=begun.item_id,
        parent=item.parent,
        flow=item.flow,
        operation=item.call.operation,
        attempt=begun.attempt,
        seconds=round(attempt.seconds, 4),
        object_id=answer.object_id if answer.kind == "response" else None,
        http_status=answer.http_status,
        request_id=answer.request_id,
        error=None if answer.kind == "response" else answer.reason,
        created=(child.created,) if child is not None else (),
        request=request_details(item.call, item.other_key) if with_request else None,
        answer=answer_details(answer),
    )


def _commit(
    services: Services,
    attempt: CallAttempt,
    answer: Answer,
    mode: CloseMode,
    *,
    account: str = "",
) -> Closed:
    begun, child = attempt.begun, None
    flow = continuation(services, attempt, answer)
    if flow is not None:
        child = answer_child(begun.item_id, attempt.item, flow, answer, attempts=begun.attempt)
    fails = answer.kind == "error" and flow is None
    closing = Closing(
        mode=mode,
        event=answer_event(attempt, answer, answer.kind, child),
        children=() if child is None else (child,),
        fails=fails,
        objects=answer.object_ids,
        account=account if _account_works(answer) else "",
    )
    # The one commit that counts: the call is closed and its continuation exists, or neither. A worker
    # that dies after it loses only the hint, which a sweeper publishes again.
    closed = close(services.store, begun, closing)
    if fails and closed.status == "ok":
        warn_failed(services.store, begun, answer.reason)
    services.publisher.publish_children(begun.run_id, closed)
    return closed


def _account_works(answer: Answer) -> bool:
    """Return whether Stripe serves the account: it is not limited, and neither is in trouble."""
    status = answer.http_status
    return status is not None and status < 500 and status not in (401, 429)
