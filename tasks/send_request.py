"""The tasks `stripe_flows.<operation>`: one attempt at a call.

Begin (which journals the first sending before a socket is touched), send, look the answer up in the
table of outcomes, and commit what follows from it: a continuation, another attempt, or held.
"""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass

from stripe_flows.engine.answer import Answer, error_body
from stripe_flows.engine.call import SecretSource
from stripe_flows.engine.cause import Cause
from stripe_flows.engine.errors import SealError
from stripe_flows.engine.stripe.keys import is_live
from stripe_flows.engine.stripe.outcomes import (
    MAX_DELAY,
    Again,
    Hold,
    Outcome,
    Refused,
    Settled,
    outcome_of,
)
from stripe_flows.tasks.http.secrets import (
    KeyMissing,
    LiveKeyRefused,
    fingerprint,
    fingerprints,
    open_secret,
    rolled,
)
from stripe_flows.tasks.journal.begin import (
    OLD_MS,
    Begun,
    Delivery,
    Dropped,
    Unreadable,
    begin_call,
)
from stripe_flows.tasks.journal.close import Closed
from stripe_flows.tasks.journal.defer import Waits, defer, hold, try_key
from stripe_flows.tasks.worker.services import WorkerServices

from .alerts import warn_held, warn_stuck
from .attempt_end import AttemptEnd, Done, Failed, Ignored, PutOff
from .callbacks import (
    answer_line,
    continuation,
    on_failure,
    on_success,
    on_unknown,
)
from .defer_stuck import defer_stuck, is_recorded
from .events import Line
from .item import CallItem
from .object_claim import judge_claim, refuse_claim

SHORT_DELAY = 10.0
"""Seconds: the longest delay where Stripe is well and nothing is wrong with the call."""

PROBE_SECONDS = 60.0
"""Seconds between two tries of a key that Stripe does not accept."""


def send_request(services: WorkerServices, hint: Delivery, operation: str) -> AttemptEnd:
    """Make one attempt at the hinted call, if it is still open. Raises JournalUnavailable.

    `operation`: the one that the hint's task is named after.
    """
    settings = services.settings
    keys = fingerprints(os.environ)
    began = time.monotonic()
    begun = begin_call(
        services.store,
        hint,
        lease_ms=int(settings.lease * 1000),
        keys=keys,
        operation=operation,
    )
    if isinstance(begun, Dropped):
        return Ignored(begun.why)
    if isinstance(begun, Unreadable):
        return defer_stuck(services.store, begun, "call", begun.why)
    attempt = _Attempt(services, begun, began)
    call, effect = begun.payload.call, begun.payload.effect
    if begun.old and effect:
        return attempt.give_up(_unknown("key_too_old", "23 hours after the first sending"))
    if rolled(call.secret, begun.keys, keys) and effect:
        return attempt.give_up(_unknown("key_rolled", "another key than at the first"))
    if begun.lost >= settings.max_begins:
        return attempt.lost_too_often()

    def open_key() -> str:
        return open_secret(call.secret, services.sealer, os.environ, allow_live=settings.allow_live)

    until = began + settings.lease
    if time.monotonic() > until:
        return Ignored("late")  # the lease is over: the sweeper has it, or will
    try:
        if begun.refused:
            attempt.account = fingerprint(open_key())
            if not attempt.may_try_key():
                return attempt.wait_for_key()

        def open_on_sending() -> str:
            key = open_key()
            attempt.account, attempt.live = fingerprint(key), is_live(key)
            return key

        reply = services.client.send(call, idempotency_key(begun), open_on_sending, until)
    except (KeyMissing, LiveKeyRefused, SealError) as error:
        return defer_stuck(services.store, begun, "call", str(error), call.operation)
    return attempt.conclude(outcome_of(reply, effect=effect))


def idempotency_key(begun: Begun[CallItem]) -> str:
    """The `Idempotency-Key`: the call's id, unless the caller or a person's retry set another."""
    return begun.payload.other_key or begun.item_id


@dataclass
class _Attempt:
    """One attempt, and what may follow from it.

    `account`: the fingerprint of the Stripe key, once opened; `live`: its mode.
    """

    services: WorkerServices
    begun: Begun[CallItem]
    began: float
    account: str = ""
    live: bool | None = None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def conclude(self, outcome: Outcome) -> AttemptEnd:
        """Commit what follows from the outcome."""
        begun, item = self.begun, self.begun.payload
        if isinstance(outcome, Settled):
            if outcome.answer.kind == "response":
                if item.claim is not None:
                    return judge_claim(
                        self.services,
                        begun,
                        item.claim,
                        outcome.answer,
                        self.seconds,
                        account=self.account,
                        live=self.live,
                    )
                closed = on_success(
                    self.services, begun, outcome.answer, self.seconds, self.account
                )
                return self._end(closed)
            return self._refused(outcome.answer, proven=True)
        if isinstance(outcome, Refused):
            return self._refused(outcome.answer, proven=False)
        if isinstance(outcome, Hold):
            return self.give_up(outcome.answer)
        if outcome.cause is Cause.KEY_REFUSED:
            return self._key_refused(outcome)
        if not self._is_last(outcome):
            return self._again(outcome)
        if not item.effect:
            return self._refused(outcome.last, proven=True)
        if not (begun.unsure or outcome.cause.meaning.unsure):
            return self._refused(outcome.last, proven=False)
        return self._held_but_asked(outcome)

    def may_try_key(self) -> bool:
        """Whether this attempt may be sent: its key is accepted, or it is the one try of a minute."""
        left = self.begun.refused.get(self.account)
        if left is None:
            return True
        return left <= 0 and try_key(self.services.store, self.account, int(PROBE_SECONDS * 1000))

    def wait_for_key(self) -> AttemptEnd:
        """Put the call off without sending it, since Stripe does not accept its key."""
        left = max(self.begun.refused.get(self.account, 0), 0) / 1000
        delay_ms = int((left + random.uniform(1, SHORT_DELAY)) * 1000)
        why = _key_is_refused(self.begun.payload.call.secret)
        line = Line(
            kind="call",
            status="stuck",
            item=self.begun.item_id,
            operation=self.begun.payload.call.operation,
            attempt=self.begun.attempt,
            error=why,
        )
        delay = defer(
            self.services.store,
            self.begun,
            line if is_recorded(self.begun.attempt) else None,
            Cause.STUCK,
            delay_ms=delay_ms,
            waits=Waits("key", self.account),
        )
        return Ignored("stale") if delay is None else self._stuck(why)

    def lost_too_often(self) -> AttemptEnd:
        """Stop sending a call whose worker dies each time."""
        times = self.begun.lost
        answer = _unknown("worker_lost", f"{times} workers ended while they were sending it")
        if self.begun.payload.effect:
            return self.give_up(answer)
        return self._refused(answer.model_copy(update={"kind": "error"}), proven=True)

    def give_up(self, answer: Answer) -> AttemptEnd:
        """Nothing more can be learned by asking: the flow for it decides, else it is held."""
        begun = self.begun
        claim = begun.payload.claim
        if claim is not None:
            return refuse_claim(self.services, begun, claim, answer, self.seconds)
        unknown = answer.model_copy(update={"kind": "unknown"})
        decided = self._decided_by_a_flow(unknown)
        if decided is not None:
            return decided
        line = answer_line(begun, unknown, "held", self.seconds)
        if not hold(self.services.store, begun, line):
            return Ignored("stale")
        warn_held(self.services.store, begun, unknown.reason)
        return PutOff(f"held: {unknown.reason}")

    def _is_last(self, outcome: Again) -> bool:
        if outcome.cause.meaning.counts:
            return self.begun.counted + 1 >= self.services.settings.max_attempts
        # What costs only time ends with the call's first 23 hours.
        return outcome.cause in _ONLY_TIME and self.begun.age_ms > OLD_MS

    def _key_refused(self, outcome: Again) -> AttemptEnd:
        begun = self.begun
        why = _key_is_refused(begun.payload.call.secret)
        line = answer_line(begun, outcome.last, "stuck", self.seconds)
        delay = defer(
            self.services.store,
            begun,
            # It is tried for a day perhaps: the record says so now and then.
            line.model_copy(update={"error": why}) if is_recorded(begun.attempt) else None,
            Cause.KEY_REFUSED,
            delay_ms=int((PROBE_SECONDS + random.uniform(0, SHORT_DELAY)) * 1000),
            waits=Waits("refused", self.account),
        )
        return Ignored("stale") if delay is None else self._stuck(why)

    def _stuck(self, why: str) -> AttemptEnd:
        warn_stuck(self.services.store, self.begun, "call", why, self.begun.payload.call.operation)
        return PutOff(f"stuck: {why}")

    def _held_but_asked(self, outcome: Again) -> AttemptEnd:
        decided = self._decided_by_a_flow(outcome.last.model_copy(update={"kind": "unknown"}))
        return decided or self._again(outcome, counts_held=True)

    def _decided_by_a_flow(self, unknown: Answer) -> AttemptEnd | None:
        """Hands the unknown outcome to the flow that is written for it; None without one."""
        begun = self.begun
        if begun.payload.resolves or continuation(self.services, begun, unknown) is None:
            return None
        return self._end(on_unknown(self.services, begun, unknown, self.seconds))

    def _refused(self, answer: Answer, *, proven: bool) -> AttemptEnd:
        if self.begun.payload.resolves:
            # The object that a person named could not be retrieved; no error flow runs for it.
            return self.give_up(answer)
        closed = on_failure(
            self.services, self.begun, answer, self.seconds, self.account, proven=proven
        )
        if closed.status == "unsure":
            # It proves nothing about an earlier attempt, which may have been executed.
            again = _as_again(answer)
            return self._held_but_asked(again) if self._is_last(again) else self._again(again)
        if closed.status != "ok":
            return Ignored(closed.status)
        return Failed(answer.reason)

    def _again(self, outcome: Again, *, counts_held: bool = False) -> AttemptEnd:
        begun, base = self.begun, self.services.settings.retry_base
        delay = backoff(outcome.cause, base, counted=begun.counted, attempt=begun.attempt)
        waits = None
        if outcome.retry_after is not None:
            delay = max(delay, outcome.retry_after)
        most = patience(begun.counted - self.services.settings.max_attempts)
        if outcome.cause is Cause.REFUSED:
            delay = min(delay, most)
        elif outcome.cause in (Cause.FAILED, Cause.NEVER_LEFT) and outcome.retry_after is None:
            waits = Waits("answer", self.account, most_ms=int(most * 1000))
        line = answer_line(begun, outcome.last, "put_off", self.seconds)
        delay_ms = defer(
            self.services.store,
            begun,
            line.model_copy(update={"error": outcome.reason}),
            outcome.cause,
            delay_ms=int(delay * 1000),
            counts_held=counts_held,
            waits=waits,
        )
        if delay_ms is None:
            return Ignored("stale")
        if counts_held:
            warn_held(self.services.store, begun, f"{outcome.reason}; it is asked again")
        return PutOff(f"again in {delay_ms / 1000:.1f} s: {outcome.reason}")

    def _end(self, closed: Closed) -> AttemptEnd:
        return Done() if closed.status == "ok" else Ignored(closed.status)


_ONLY_TIME = (Cause.LIMITED, Cause.OBJECT_LIMITED, Cause.LOCKED)


def backoff(cause: Cause, base: float, *, counted: int, attempt: int) -> float:
    """Return the delay before the next attempt, in seconds: exponential, with full jitter.

    `counted`: the earlier attempts that count, `attempt`: the number of this one. What says nothing
    against the call or Stripe is asked again within 10 s; an object that is limited at growing
    delays from 5 s on; a failure at growing delays from `base` on, 15 min at most.
    """
    if cause is Cause.OBJECT_LIMITED:
        return min(MAX_DELAY, 5.0 * 2.0 ** min(attempt - 1, 20))
    if cause in (Cause.FAILED, Cause.NEVER_LEFT, Cause.REFUSED):
        return random.uniform(0, min(MAX_DELAY, base * 2.0 ** min(counted + 1, 20)))
    return random.uniform(0, min(SHORT_DELAY, base * 2.0 ** min(attempt, 20)))


def patience(beyond: int) -> float:
    """Return the longest delay of a call that fails while others are answered, in seconds.

    `beyond`: how many attempts it is past MAX_ATTEMPTS. Until then 10 s, then doubling to 15 min.
    """
    return min(MAX_DELAY, SHORT_DELAY * 2.0 ** max(0, min(beyond, 20)))


def _key_is_refused(secret: SecretSource) -> str:
    if secret.kind == "reference":
        return (
            f"Stripe does not accept the key in {secret.value} (HTTP 401): give the workers a valid "
            "one; the call goes on automatically"
        )
    return (
        "Stripe does not accept the key that the call was made with (HTTP 401); it is tried again "
        "once a minute. Cancel the run, or make the key valid again"
    )


def _unknown(code: str, message: str) -> Answer:
    return Answer(kind="unknown", body=error_body("unknown", message, code))


def _as_again(answer: Answer) -> Again:
    reason = f"refused, but an earlier attempt may have been executed: {answer.reason}"
    return Again(reason, Cause.REFUSED, last=answer)
