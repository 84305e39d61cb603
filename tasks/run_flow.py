"""The task `stripe_flows.run_flow`: one execution of one script.

Begin, run the script, commit its end and its calls in one write, publish their hints. Whatever happens
in between, the execution is done with all its calls, or not at all.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

from stripe_flows.engine.cause import Cause
from stripe_flows.engine.errors import (
    FlowNotFound,
    InputError,
    JournalError,
    JournalUnavailable,
    SandboxBusy,
    SandboxCrashed,
    ScriptError,
    ScriptFailed,
    SealError,
)
from stripe_flows.engine.execution import Execution, Scope
from stripe_flows.engine.identity import child_id, root_id
from stripe_flows.engine.nearest import nearest
from stripe_flows.tasks.http.secrets import seal_literal
from stripe_flows.tasks.journal.begin import (
    Begun,
    Delivery,
    Dropped,
    Unreadable,
    begin_execution,
)
from stripe_flows.tasks.journal.close import Budget, Child, Closing, close
from stripe_flows.tasks.journal.defer import defer
from stripe_flows.tasks.journal.flows import store_flows
from stripe_flows.tasks.worker.services import WorkerServices

from .alerts import warn_failed
from .attempt_end import AttemptEnd, Done, Failed, Ignored, PutOff
from .defer_stuck import defer_stuck
from .events import NewEvent
from .item import CallItem, ExecutionItem

AGAIN_MS = 1000
"""The delay before a script whose process died, or that found no free one, runs again (ms)."""


def run_flow(services: WorkerServices, hint: Delivery) -> AttemptEnd:
    """Run the hinted execution, if it is still open. Raises JournalUnavailable, InputError."""
    store, lease_ms = services.store, int(services.settings.lease * 1000)
    # A run's first execution pins the run to the flows that the folder has now. So does an execution
    # that a person retried; BEGIN answers "unpinned" then, and the flows are stored first.
    is_root = hint.item_id == root_id(services.settings.namespace, hint.run_id)
    flow_set = services.folder.read()[0].id if is_root else ""
    begun = begin_execution(store, hint, lease_ms=lease_ms, flow_set=flow_set)
    if isinstance(begun, Dropped) and begun.why == "unpinned":
        flow_set = _store_folder(services)
        begun = begin_execution(store, hint, lease_ms=lease_ms, flow_set=flow_set)
    if isinstance(begun, Dropped):
        return Ignored(begun.why)
    if isinstance(begun, Unreadable):
        return defer_stuck(services.store, begun, "execution", begun.why)
    began = time.monotonic()
    limit = services.settings.max_begins
    try:
        if begun.lost + begun.counted >= limit:
            raise ScriptFailed(
                f"it was begun {limit} times and never ended; it does not run again",
                flow=begun.payload.flow,
            )
        execution = _execute(services, begun)
        children = _children(services, begun, execution)
    except SandboxBusy as error:
        return _again(services, begun, str(error), Cause.BUSY)
    except SandboxCrashed as error:
        return _again(services, begun, str(error), Cause.CRASHED)
    except ScriptError as error:
        return _failed(services, begun, error, time.monotonic() - began)
    except JournalUnavailable:
        raise
    except (JournalError, SealError) as error:  # this worker cannot read the run's flows
        return defer_stuck(services.store, begun, "execution", str(error), begun.payload.flow)
    return _commit(services, begun, execution, children, time.monotonic() - began)


def _store_folder(services: WorkerServices) -> str:
    """Store the flows of this worker's folder in the journal. Return their set's id."""
    flow_set, sources = services.folder.read()
    store_flows(services.store, flow_set, sources)
    return flow_set.id


def _execute(services: WorkerServices, begun: Begun[ExecutionItem]) -> Execution:
    payload = begun.payload
    flows = services.flows.flow_set(_branch(begun) or begun.flow_set)
    if payload.script is not None:
        source = payload.script
    elif payload.flow in flows:
        source = services.flows.source(flows[payload.flow])
    else:
        where = " in the folder of the worker that began it" if payload.flows_of_now else ""
        missing = FlowNotFound(f"there is no such flow{where}{nearest(payload.flow, flows)}")
        raise ScriptFailed(str(missing), flow=payload.flow)
    scope = Scope(
        worker_id=payload.worker_id,
        context_id=payload.context_id,
        params=payload.params,
        answered=payload.answered,
    )
    return services.engine.execute(
        payload.flow,
        source,
        scope,
        # The first begin and the id stay the same when the script runs again, on any worker. So its
        # clock and its random numbers do too, and it makes the same calls.
        clock=datetime.fromtimestamp(begun.first_ms / 1000, UTC),
        seed=begun.item_id,
        flow_names=flows,
    )


def _branch(begun: Begun[ExecutionItem]) -> str | None:
    """Return the flow set of the branch; None if it is the run's."""
    return begun.flow_set if begun.payload.flows_of_now else begun.payload.flow_set


def _children(
    services: WorkerServices, begun: Begun[ExecutionItem], execution: Execution
) -> list[Child]:
    payload, settings = begun.payload, services.settings
    deeper = payload.depth + 1
    # The next page of a list counts as the same step: a run may read hundreds of pages.
    first = next((call for call in execution.calls if not call.next_page), None)
    if first is not None and deeper > settings.max_depth:
        raise ScriptFailed(
            f"its calls would be {deeper} steps deep; the limit is {settings.max_depth} "
            "(STRIPE_FLOWS_MAX_DEPTH)",
            flow=payload.flow,
            line=first.line,
            output=execution.output,
        )
    children = []
    for index, call in enumerate(execution.calls):
        secret = call.secret
        if secret.kind == "own":
            secret = payload.secret
        elif secret.kind == "literal":
            try:
                secret = seal_literal(secret.value, services.sealer, allow_live=settings.allow_live)
            except InputError as error:
                raise ScriptFailed(
                    str(error), flow=payload.flow, line=call.line, output=execution.output
                ) from None
        item = CallItem(
            call=call.model_copy(update={"secret": secret}),
            flow=payload.flow,
            depth=payload.depth if call.next_page else deeper,
            parent=begun.item_id,
            flow_set=_branch(begun),
        )
        call_id = child_id(begun.item_id, "call", index)
        children.append(Child(item_id=call_id, payload=item, name=call.operation, line=call.line))
    return children


def _commit(
    services: WorkerServices,
    begun: Begun[ExecutionItem],
    execution: Execution,
    children: list[Child],
    seconds: float,
) -> AttemptEnd:
    created = tuple(child.created for child in children)
    event = _event(begun, seconds, execution.output).model_copy(update={"created": created})
    budget = services.settings.max_calls
    over = (
        f"flows/{begun.payload.flow}.py: its {len(children)} calls would exceed the limit of the run, "
        f"{budget} (STRIPE_FLOWS_MAX_CALLS); none of them was made"
    )
    budget_event = _event(begun, seconds, execution.output).model_copy(
        update={"status": "failed", "error": over}
    )
    closing = Closing(
        mode="execution",
        event=event,
        children=children,
        budget=Budget(budget, budget_event) if children else None,
    )
    closed = close(services.store, begun, closing)
    if closed.status == "closed":
        return Ignored("closed")
    if closed.status == "budget":
        spent = f"the run's budget of {budget} calls is spent"
        warn_failed(services.store, begun, spent)
        return Failed(spent)
    services.publisher.publish_children(begun.run_id, closed)
    return Done()


def _failed(
    services: WorkerServices, begun: Begun[ExecutionItem], error: ScriptError, seconds: float
) -> AttemptEnd:
    event = _event(begun, seconds, error.output).model_copy(
        update={"status": "failed", "error": str(error)}
    )
    closed = close(services.store, begun, Closing(mode="execution", event=event, fails=True))
    if closed.status == "closed":
        return Ignored("closed")
    where = f"flows/{begun.payload.flow}.py" + (f":{error.line}" if error.line else "")
    warn_failed(services.store, begun, f"{where}: {public_reason(error)}")
    return Failed(public_reason(error), error.line)


def _again(
    services: WorkerServices, begun: Begun[ExecutionItem], reason: str, cause: Cause
) -> AttemptEnd:
    event = _event(begun, 0.0, "").model_copy(update={"status": "put_off", "error": reason})
    # A busy sandbox is not an event of the run.
    recorded = event if cause is Cause.CRASHED else None
    delay = defer(services.store, begun, recorded, cause, delay_ms=AGAIN_MS)
    return Ignored("stale") if delay is None else PutOff(reason)


def _event(begun: Begun[ExecutionItem], seconds: float, output: str) -> NewEvent:
    return NewEvent(
        kind="execution",
        status="succeeded",
        item=begun.item_id,
        parent=begun.payload.parent,
        flow=begun.payload.flow,
        attempt=begun.attempt,
        seconds=round(seconds, 4),
        output=output,
    )


def public_reason(error: ScriptError) -> str:
    """Return what logs, Flower and Celery may show of a failed script: the kind of error.

    Not its text, which may quote a customer. The record has the text, sealed.
    """
    kind = re.match(r"[A-Z]\w*(?:Error|Exception|Exit|Interrupt)\b", error.reason)
    return kind[0] if kind else type(error).__name__
