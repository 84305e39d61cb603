"""An answer and its continuation: the only way back from Stripe to a script.

`on_success` and `on_failure` enqueue the script execution that an answer triggers. They are called
in the body of the call's task, around the one commit that counts: Celery's own callbacks swallow
their exceptions.
"""

from __future__ import annotations

from stripe_flows.engine.answer import Answer
from stripe_flows.engine.details import answer_details, request_details
from stripe_flows.engine.identity import child_id
from stripe_flows.engine.scope import Answered, CallFacts
from stripe_flows.tasks.journal.begin import Begun
from stripe_flows.tasks.journal.close import Child, Closed, CloseMode, Closing, close

from .alerts import warn_failed
from .events import EventStatus, Line
from .item import CallItem, ExecutionItem
from .services import Services


def on_success(
    services: Services, begun: Begun[CallItem], answer: Answer, seconds: float, account: str
) -> Closed:
    """A response: commits it with its response flow, or ends the branch quietly without one."""
    return _commit(services, begun, answer, seconds, mode="saved", account=account)


def on_failure(
    services: Services,
    begun: Begun[CallItem],
    answer: Answer,
    seconds: float,
    account: str,
    *,
    proven: bool,
) -> Closed:
    """A refusal: commits it with its error flow; without one the run fails.

    `proven`: Stripe keeps the refusal under the key (or the request could change nothing), so it
    closes the call whoever brings it. Otherwise it does so only for the holder of the lease.
    """
    mode: CloseMode = "saved" if proven else "unsaved"
    return _commit(services, begun, answer, seconds, mode=mode, account=account)


def on_unknown(
    services: Services, begun: Begun[CallItem], answer: Answer, seconds: float
) -> Closed:
    """An unknown outcome whose flow set has a flow for it: that flow decides instead of a person."""
    return _commit(services, begun, answer, seconds, mode="unknown")


def continuation(services: Services, begun: Begun[CallItem], answer: Answer) -> str | None:
    """The flow that the answer continues in, from the run's own flow set; None without one."""
    item = begun.payload
    flows = services.flows.flow_set(item.flow_set or begun.flow_set)
    return item.continuation(flows, answer.kind)


def answer_child(
    call_id: str, item: CallItem, flow: str, answer: Answer, *, attempts: int
) -> Child:
    """The execution that continues the call `call_id` with `answer`."""
    call = item.call
    facts = CallFacts(
        id=call_id,
        operation=item.continues_as,
        request=call.request,
        attempts=attempts,
        http_status=answer.http_status,
        request_id=answer.request_id,
        path=call.path,
        then=call.then,
        on_error=call.on_error,
        stripe_account=call.stripe_account,
    )
    payload = ExecutionItem(
        flow=flow,
        worker_id=call.worker_id,
        context_id=call.context_id,
        params=call.params,
        secret=call.secret,
        depth=item.depth,
        parent=call_id,
        flow_set=item.flow_set,
        answered=Answered(kind=answer.kind, body=answer.body, call=facts),
    )
    return Child(item_id=child_id(call_id, "continuation", 0), payload=payload, name=flow)


def answer_line(
    begun: Begun[CallItem], answer: Answer, status: EventStatus, seconds: float, *children: Child
) -> Line:
    """How the record tells of an answer.

    The request stands in the first line of a call and in the one that settles it: as long as the
    call is open, the journal has it.
    """
    item = begun.payload
    asked = status not in ("put_off", "stuck") or begun.attempt == 1
    return Line(
        kind="call",
        status=status,
        item=begun.item_id,
        parent=item.parent,
        flow=item.flow,
        operation=item.call.operation,
        attempt=begun.attempt,
        seconds=round(seconds, 4),
        object_id=answer.object_id if answer.kind == "response" else None,
        http_status=answer.http_status,
        request_id=answer.request_id,
        error=None if answer.kind == "response" else answer.reason,
        created=tuple(child.created for child in children),
        request=request_details(item.call, item.other_key) if asked else None,
        answer=answer_details(answer),
    )


def _commit(
    services: Services,
    begun: Begun[CallItem],
    answer: Answer,
    seconds: float,
    *,
    mode: CloseMode,
    account: str = "",
) -> Closed:
    flow = continuation(services, begun, answer)
    children = []
    if flow is not None:
        child = answer_child(begun.item_id, begun.payload, flow, answer, attempts=begun.attempt)
        children.append(child)
    line = answer_line(begun, answer, answer.kind, seconds, *children)
    fails = answer.kind == "error" and flow is None
    closing = Closing(
        mode=mode,
        line=line,
        children=children,
        fails=fails,
        objects=answer.object_ids,
        account=account if _was_well(answer) else "",
    )
    closed = close(services.store, begun, closing)
    if fails and closed.status == "ok":
        warn_failed(services.store, begun, answer.reason)
    services.publisher.publish_children(begun.run_id, closed)
    return closed


def _was_well(answer: Answer) -> bool:
    """Whether Stripe answers this account: not where it had no answer, limits, or is in trouble."""
    status = answer.http_status
    return status is not None and status < 500 and status not in (401, 429)
