"""Object claims: a person named the object that a held call made, and a worker compares it.

The worker has retrieved the object. The held call stays held until the object was compared with the
call's request. If it fits, the call is closed and its response flow goes on. If not, the record says
why, and nothing continues.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from stripe_flows.engine.answer import Answer
from stripe_flows.engine.details import answer_details, request_details
from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.engine.stripe.likeness import MAKER, Asked, Doubt, Likeness, compare
from stripe_flows.engine.stripe.retrieval import makes
from stripe_flows.tasks.http.secrets import fingerprints, rolled
from stripe_flows.tasks.journal.claim import HeldCall, read_held, resolve
from stripe_flows.tasks.journal.close import Child, Closing, close
from stripe_flows.tasks.journal.makers import Maker, maker_of
from stripe_flows.tasks.journal.read import read_run
from stripe_flows.tasks.journal.store import Store

from .attempt_end import AttemptEnd, Done, Failed, Ignored
from .call_attempt import CallAttempt
from .callbacks import answer_child, answer_event
from .events import NewEvent
from .item import CallItem, ObjectClaim
from .publisher import hint_of
from .services import Services

SETTLED = "the call was settled before the object was compared"


def judge_claim(
    services: Services, attempt: CallAttempt, claim: ObjectClaim, answer: Answer
) -> AttemptEnd:
    """Settle the held call with the object in `answer`, or refuse the object.

    `attempt`: at the retrieval of the object.
    """
    held = read_held(services.store, attempt.begun.run_id, attempt.item.parent)
    if held is None:
        return refuse_claim(services, attempt, claim, answer, SETTLED)
    likeness = compare(_asked(held, attempt.live), answer.fields, claim.object_id)
    made, doubt = check_maker(services.store, held.payload, claim.object_id)
    doubts = [*likeness.doubts, *([doubt] if doubt else [])]
    left = [one for one in doubts if not (claim.accepts_all or one.name in claim.accepts)]
    if made or likeness.differences or left:
        reason = _why(services.store, made, likeness, left)
        names = [one.name for one in likeness.differences] + [one.name for one in left]
        public = ", ".join(dict.fromkeys([MAKER, *names] if made else names))
        return refuse_claim(services, attempt, claim, answer, reason, public=public)
    return _settle(services, attempt, claim, held, answer, likeness, doubts)


def refuse_claim(
    services: Services,
    attempt: CallAttempt,
    claim: ObjectClaim,
    answer: Answer,
    reason: str | None = None,
    *,
    public: str | None = None,
) -> AttemptEnd:
    """Record that the call did not make the object, or that the object could not be retrieved.

    `reason` is for the record; `public`, without customers' data, for Celery and Flower. Without a
    `reason`, the object could not be retrieved.
    """
    if reason is None:
        public = f"it could not be retrieved: {answer.reason}"
        missing = answer.http_status == 404
        reason = f"Stripe has no {claim.object_id} for this key" if missing else public
        account = ""
    else:
        account = attempt.account
    event = answer_event(attempt, answer, "refused")
    event = event.model_copy(update={"object_id": claim.object_id, "error": reason})
    closing = Closing(mode="saved", event=event, account=account)
    closed = close(services.store, attempt.begun, closing)
    if closed.status != "ok":
        return Ignored(closed.status)
    return Failed(f"the object that was named is refused: {public or reason}")


def check_maker(store: Store, item: CallItem, object_id: str) -> tuple[str | None, Doubt | None]:
    """Return why another call made the object, or the doubt if that cannot be known.

    Return neither for a call that only changes an object: another call made it.
    """
    if not makes(stripe_catalog().operations[item.continues_as]):
        return None, None
    makers = maker_of(store, object_id)
    if makers.found is not None:
        return _made_by(makers.found, object_id), None
    if makers.whole:
        return None, None
    why = f"too many runs name {object_id} to look through all of their records"
    return None, Doubt(MAKER, why)


def listed(doubts: Sequence[Doubt]) -> str:
    """Return the doubts as one line for people."""
    return "; ".join(map(str, doubts))


def _made_by(maker: Maker, object_id: str) -> str:
    return (
        f"{object_id} was made by call {maker.call_id} ({maker.operation}) of run {maker.run_id!r}"
    )


def _asked(held: HeldCall, live: bool | None) -> Asked:
    payload = held.payload
    call = payload.call
    return Asked(
        operation=stripe_catalog().operations[payload.continues_as],
        request=call.request,
        # An earlier version: the item is a retrieval, whose path is not that of the request.
        path=None if payload.continues else call.path,
        live=live,
        first=held.first,
        last=held.last,
        same_key=not rolled(call.secret, held.keys, fingerprints(os.environ)),
    )


def _settle(
    services: Services,
    attempt: CallAttempt,
    claim: ObjectClaim,
    held: HeldCall,
    answer: Answer,
    likeness: Likeness,
    accepted: Sequence[Doubt],
) -> AttemptEnd:
    call_id, item, run_id = attempt.item.parent, held.payload, attempt.begun.run_id
    child = _continuation(services, attempt, held, answer)
    retrieved = answer_event(attempt, answer, "response")
    made = NewEvent(
        kind="call",
        status="response",
        item=call_id,
        parent=item.parent,
        flow=item.flow,
        operation=item.continues_as,
        attempt=held.attempts,
        object_id=claim.object_id,
        http_status=answer.http_status,
        request_id=answer.request_id,
        created=(child.created,) if child is not None else (),
        request=request_details(item.call, item.other_key),
        answer=answer_details(answer),
    )
    note = f"{claim.object_id}{_fits(likeness)}"
    if accepted:
        note += f"; accepted without comparison: {_doubted(services.store, accepted)}"
    if likeness.unseen:
        note += f"; not shown by it: {', '.join(likeness.unseen)}"
    decision = NewEvent(kind="decision", status="resolved", item=call_id, error=note)
    resolved = resolve(
        services.store,
        attempt.begun,
        call_id,
        (retrieved, made, decision),
        child,
        objects=answer.object_ids,
        account=attempt.account,
    )
    if resolved.status == "settled":
        return refuse_claim(services, attempt, claim, answer, SETTLED)
    if resolved.status == "closed":
        return Ignored("closed")
    if child is not None and resolved.follows:
        services.publisher.publish([hint_of(run_id, child, resolved.at)])
    return Done()


def _continuation(
    services: Services, attempt: CallAttempt, held: HeldCall, answer: Answer
) -> Child | None:
    """Return the execution that continues the held call with the object."""
    begun, item = attempt.begun, held.payload
    set_id = item.flow_set or begun.flow_set or read_run(services.store, begun.run_id).flow_set
    flow = item.continuation(services.flows.flow_set(set_id), answer.kind)
    if flow is None:
        return None
    return answer_child(attempt.item.parent, item, flow, answer, attempts=held.attempts)


def _why(store: Store, made: str | None, likeness: Likeness, left: Sequence[Doubt]) -> str:
    """Return why the object is refused. A record without requests gets names and no values."""
    reasons = [made] if made else []
    if likeness.differences and store.retention.details:
        reasons.append(likeness.reason)
    elif likeness.differences:
        differing = dict.fromkeys(one.name for one in likeness.differences)
        reasons.append(f"it differs in: {', '.join(differing)}")
    if left:
        reasons.append(f"could not be compared: {_doubted(store, left)}; --yes accepts it")
    return f"{'; '.join(reasons)}{_fits(likeness)}"


def _doubted(store: Store, doubts: Sequence[Doubt]) -> str:
    return listed(doubts) if store.retention.details else ", ".join(one.name for one in doubts)


def _fits(likeness: Likeness) -> str:
    return f"; it fits in: {', '.join(likeness.compared)}" if likeness.compared else ""
