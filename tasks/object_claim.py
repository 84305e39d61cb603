"""A claim: a person named the object that a held call made; a worker has retrieved it and judges.

The held call stays held until the object was compared with what the call asked for. What fits closes
the call and its response flow goes on; what does not fit is recorded with the reason, and nothing
continues.
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
from stripe_flows.tasks.journal.begin import Begun
from stripe_flows.tasks.journal.claim import HeldCall, read_held, resolve
from stripe_flows.tasks.journal.close import Child, Closing, close
from stripe_flows.tasks.journal.makers import Maker, maker_of
from stripe_flows.tasks.journal.read import read_run
from stripe_flows.tasks.journal.store import Store

from .attempt_end import AttemptEnd, Done, Failed, Ignored
from .callbacks import answer_child, answer_line
from .events import Line
from .item import CallItem, ObjectClaim
from .publisher import hint_of
from .services import Services

SETTLED = "the call was settled before the object was compared"


def judge_claim(
    services: Services,
    begun: Begun[CallItem],
    claim: ObjectClaim,
    answer: Answer,
    seconds: float,
    *,
    account: str,
    live: bool | None,
) -> AttemptEnd:
    """Settle the held call with the object in `answer`, or refuse the object.

    `account`: the fingerprint of the Stripe key that it was retrieved with, `live` its mode.
    """
    call = begun.payload.parent
    held = read_held(services.store, begun.run_id, call)
    if held is None:
        return refuse_claim(services, begun, claim, answer, seconds, SETTLED, account=account)
    likeness = compare(_asked(held, live), answer.fields, claim.object_id)
    made, doubt = check_maker(services.store, held.payload, claim.object_id)
    doubts = [*likeness.doubts, *([doubt] if doubt else [])]
    left = [one for one in doubts if not (claim.accepts_all or one.name in claim.accepts)]
    if made or likeness.differences or left:
        reason = _why(services.store, made, likeness, left)
        names = [one.name for one in likeness.differences] + [one.name for one in left]
        public = ", ".join(dict.fromkeys([MAKER, *names] if made else names))
        return refuse_claim(
            services, begun, claim, answer, seconds, reason, public=public, account=account
        )
    return _settle(services, begun, claim, held, answer, seconds, likeness, doubts, account)


def refuse_claim(
    services: Services,
    begun: Begun[CallItem],
    claim: ObjectClaim,
    answer: Answer,
    seconds: float,
    reason: str | None = None,
    *,
    public: str | None = None,
    account: str = "",
) -> AttemptEnd:
    """Record that the object is not what the call made, or could not be retrieved.

    `reason` is for the record; `public`, without customers' data, for Celery and Flower.
    """
    if reason is None:
        public = f"it could not be retrieved: {answer.reason}"
        missing = answer.http_status == 404
        reason = f"Stripe has no {claim.object_id} for this key" if missing else public
    line = answer_line(begun, answer, "refused", seconds)
    line = line.model_copy(update={"object_id": claim.object_id, "error": reason})
    closed = close(services.store, begun, Closing(mode="saved", line=line, account=account))
    if closed.status != "ok":
        return Ignored(closed.status)
    return Failed(f"the object that was named is refused: {public or reason}")


def check_maker(store: Store, item: CallItem, object_id: str) -> tuple[str | None, Doubt | None]:
    """Return why the object is another call's, and what cannot be known about that.

    Only of a call that makes an object: what it changes was made by another call.
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
    """Return the doubts in one line for people."""
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
        # A retrieval of an earlier version: its path names the object, not what was asked.
        path=None if payload.continues else call.path,
        live=live,
        first=held.first,
        last=held.last,
        same_key=not rolled(call.secret, held.keys, fingerprints(os.environ)),
    )


def _settle(
    services: Services,
    begun: Begun[CallItem],
    claim: ObjectClaim,
    held: HeldCall,
    answer: Answer,
    seconds: float,
    likeness: Likeness,
    accepted: Sequence[Doubt],
    account: str,
) -> AttemptEnd:
    call, item = begun.payload.parent, held.payload
    child = _continuation(services, begun, held, answer)
    created = (child.created,) if child is not None else ()
    retrieved = answer_line(begun, answer, "response", seconds)
    made = Line(
        kind="call",
        status="response",
        item=call,
        parent=item.parent,
        flow=item.flow,
        operation=item.continues_as,
        attempt=held.attempts,
        object_id=claim.object_id,
        http_status=answer.http_status,
        request_id=answer.request_id,
        created=created,
        request=request_details(item.call, item.other_key),
        answer=answer_details(answer),
    )
    said = f"{claim.object_id}{_fits(likeness)}"
    if accepted:
        said += f"; accepted without comparison: {_doubted(services.store, accepted)}"
    if likeness.unseen:
        said += f"; not shown by it: {', '.join(likeness.unseen)}"
    decision = Line(kind="decision", status="resolved", item=call, error=said)
    done = resolve(
        services.store,
        begun,
        call,
        (retrieved, made, decision),
        child,
        objects=answer.object_ids,
        account=account,
    )
    if done.status == "settled":
        return refuse_claim(services, begun, claim, answer, seconds, SETTLED, account=account)
    if done.status == "closed":
        return Ignored("closed")
    if child is not None and done.follows:
        services.publisher.publish([hint_of(begun.run_id, child, done.at)])
    return Done()


def _continuation(
    services: Services, begun: Begun[CallItem], held: HeldCall, answer: Answer
) -> Child | None:
    item = held.payload
    set_id = item.flow_set or begun.flow_set or read_run(services.store, begun.run_id).flow_set
    flow = item.continuation(services.flows.flow_set(set_id), answer.kind)
    if flow is None:
        return None
    return answer_child(begun.payload.parent, item, flow, answer, attempts=held.attempts)


def _why(store: Store, made: str | None, likeness: Likeness, left: Sequence[Doubt]) -> str:
    """Return why the object is refused. A record that keeps no requests gets names, and no values."""
    said = [made] if made else []
    if likeness.differences and store.retention.details:
        said.append(likeness.reason)
    elif likeness.differences:
        differing = dict.fromkeys(one.name for one in likeness.differences)
        said.append(f"it differs in: {', '.join(differing)}")
    if left:
        said.append(f"could not be compared: {_doubted(store, left)}; --yes accepts it")
    return f"{'; '.join(said)}{_fits(likeness)}"


def _doubted(store: Store, doubts: Sequence[Doubt]) -> str:
    return listed(doubts) if store.retention.details else ", ".join(one.name for one in doubts)


def _fits(likeness: Likeness) -> str:
    return f"; it fits in: {', '.join(likeness.compared)}" if likeness.compared else ""
