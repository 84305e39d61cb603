"""The tasks `stripe_flows.<operation>`: one attempt at a call.

Begin (which journals the first sending before a socket is opened), send, look the reply up in the
table of outcomes, and commit what follows: a continuation, another attempt, or held.
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
from stripe_flows.tasks.journal.begin import OLD_MS, Delivery, Dropped, Unreadable, begin_call
from stripe_flows.tasks.journal.close import Closed
from stripe_flows.tasks.journal.defer import Waits, defer, hold, try_key
from stripe_flows.tasks.worker.services import WorkerServices

from .alerts import warn_held, warn_stuck
from .attempt_end import AttemptEnd, Done, Failed, Ignored, PutOff
from .call_attempt import CallAttempt
from .callbacks import answer_event, continuation, on_failure, on_success, on_unknown
from .defer_stuck import defer_stuck, is_recorded
from .events import NewEvent
from .object_claim import judge_claim, refuse_claim

SHORT_DELAY = 10.0
"""The longest delay if neither Stripe nor the call is at fault, in seconds."""

PROBE_SECONDS = 60.0
"""The delay between two tries of a key that Stripe does not accept."""


def send_request(services: WorkerServices, hint: Delivery, operation: str) -> AttemptEnd:
    """Make one attempt at the hinted call, if it is still open. Raises JournalUnavailable.

    `operation`: the one that the hint's task is named after.
    """
    settings = services.settings
    keys = fingerprints(os.environ)
    began = time.monotonic()
    lease_ms = int(settings.lease * 1000)
    begun = begin_call(services.store, hint, lease_ms=lease_ms, keys=keys, operation=operation)
    if isinstance(begun, Dropped):
        return Ignored(begun.why)
    if isinstance(begun, Unreadable):
        return defer_stuck(services.store, begun, "call", begun.why)
    attempt = CallAttempt(begun, began)
    follow_up = _FollowUp(services, attempt)
    call, effect = begun.payload.call, begun.payload.effect

    # An earlier attempt may have been executed. With a key that Stripe may have forgotten, or that may
    # be another account's, a request that has an effect would have it twice.
    if begun.old and effect:
        return follow_up.give_up(_unknown("key_too_old", "the first sending was 23 hours ago"))
    if rolled(call.secret, begun.keys, keys) and effect:
        return follow_up.give_up(
            _unknown("key_rolled", "the key is another one than at the first sending")
        )
    if begun.lost >= settings.max_begins:
        return follow_up.lost_too_often()

    def open_key() -> str:
        return open_secret(call.secret, services.sealer, os.environ, allow_live=settings.allow_live)

    def open_key_on_sending() -> str:
        key = open_key()
        attempt.account, attempt.live = fingerprint(key), is_live(key)
        return key

    until = began + settings.lease
    if time.monotonic() > until:
        return Ignored("late")  # the lease is over: the sweeper has freed the call, or will
    try:
        if begun.refused:
            # Stripe refuses some keys at present. One call a minute tries each of them.
            attempt.account = fingerprint(open_key())
            if not follow_up.may_try_key():
                return follow_up.wait_for_key()
        reply = services.client.send(call, attempt.idempotency_key, open_key_on_sending, until)
    except (KeyMissing, LiveKeyRefused, SealError) as error:
        return defer_stuck(services.store, begun, "call", str(error), call.operation)
    return follow_up.commit(outcome_of(reply, effect=effect))


@dataclass
class _FollowUp:
    """Commits what follows an attempt; each public method returns how the attempt ended."""

    services: WorkerServices
    attempt: CallAttempt

    def commit(self, outcome: Outcome) -> AttemptEnd:
        """Commit what follows from the outcome."""
        item = self.attempt.item
        if isinstance(outcome, Settled):
            if outcome.answer.kind == "response":
                return self._succeeded(outcome.answer)
            return self._refused(outcome.answer, proven=True)
        if isinstance(outcome, Refused):
            return self._refused(outcome.answer, proven=False)
        if isinstance(outcome, Hold):
            return self.give_up(outcome.answer)
        if outcome.cause is Cause.KEY_REFUSED:
            return self._key_refused(outcome)
        if not self._is_last(outcome):
            return self._again(outcome)
        # The last attempt. If no attempt can have been executed, its failure is the answer. Otherwise
        # the outcome is unknown, and the call is sent again until Stripe's key is too old.
        if not item.effect:
            return self._refused(outcome.last, proven=True)
        if not (self.attempt.begun.unsure or outcome.cause.meaning.unsure):
            return self._refused(outcome.last, proven=False)
        return self._held_and_sent_again(outcome)

    def may_try_key(self) -> bool:
        """Return whether to send: Stripe accepts the key, or this is the one try of a minute."""
        attempt = self.attempt
        left_ms = attempt.begun.refused.get(attempt.account)
        if left_ms is None:
            return True
        every_ms = int(PROBE_SECONDS * 1000)
        return left_ms <= 0 and try_key(self.services.store, attempt.account, every_ms)

    def wait_for_key(self) -> AttemptEnd:
        """Put the call off without sending it, since Stripe does not accept its key."""
        begun, operation = self.attempt.begun, self.attempt.item.call.operation
        left = max(begun.refused.get(self.attempt.account, 0), 0) / 1000
        why = _key_is_refused(self.attempt.item.call.secret)
        event = NewEvent(
            kind="call",
            status="stuck",
            item=begun.item_id,
            operation=operation,
            attempt=begun.attempt,
            error=why,
        )
        delay_ms = defer(
            self.services.store,
            begun,
            event if is_recorded(begun.attempt) else None,
            Cause.STUCK,
            delay_ms=int((left + random.uniform(1, SHORT_DELAY)) * 1000),
            waits=Waits("key", self.attempt.account),
        )
        return Ignored("stale") if delay_ms is None else self._stuck(why)

    def lost_too_often(self) -> AttemptEnd:
        """Stop sending a call whose worker dies each time."""
        times = self.attempt.begun.lost
        answer = _unknown("worker_lost", f"{times} workers ended while they were sending it")
        if self.attempt.item.effect:
            return self.give_up(answer)
        return self._refused(answer.model_copy(update={"kind": "error"}), proven=True)

    def give_up(self, answer: Answer) -> AttemptEnd:
        """Stop sending: run the `_unknown` flow if there is one, else hold the call."""
        begun, claim = self.attempt.begun, self.attempt.item.claim
        if claim is not None:
            return refuse_claim(self.services, self.attempt, claim, answer)
        unknown = answer.model_copy(update={"kind": "unknown"})
        decided = self._decided_by_a_flow(unknown)
        if decided is not None:
            return decided
        if not hold(self.services.store, begun, answer_event(self.attempt, unknown, "held")):
            return Ignored("stale")
        warn_held(self.services.store, begun, unknown.reason)
        return PutOff(f"held: {unknown.reason}")

    def _succeeded(self, answer: Answer) -> AttemptEnd:
        claim = self.attempt.item.claim
        if claim is not None:
            return judge_claim(self.services, self.attempt, claim, answer)
        return _end(on_success(self.services, self.attempt, answer))

    def _is_last(self, outcome: Again) -> bool:
        """Return whether no further attempt counts as a normal one."""
        begun = self.attempt.begun
        if outcome.cause.meaning.counts:
            return begun.counted + 1 >= self.services.settings.max_attempts
        # Causes that cost no attempt, only time, end 23 hours after the call was created.
        return outcome.cause in _ONLY_TIME and begun.age_ms > OLD_MS

    def _key_refused(self, outcome: Again) -> AttemptEnd:
        begun = self.attempt.begun
        why = _key_is_refused(self.attempt.item.call.secret)
        event = answer_event(self.attempt, outcome.last, "stuck")
        delay_ms = defer(
            self.services.store,
            begun,
            # The key may be tried for a day: the record has only some of these attempts.
            event.model_copy(update={"error": why}) if is_recorded(begun.attempt) else None,
            Cause.KEY_REFUSED,
            delay_ms=int((PROBE_SECONDS + random.uniform(0, SHORT_DELAY)) * 1000),
            waits=Waits("refused", self.attempt.account),
        )
        return Ignored("stale") if delay_ms is None else self._stuck(why)

    def _stuck(self, why: str) -> AttemptEnd:
        operation = self.attempt.item.call.operation
        warn_stuck(self.services.store, self.attempt.begun, "call", why, operation)
        return PutOff(f"stuck: {why}")

    def _held_and_sent_again(self, outcome: Again) -> AttemptEnd:
        """Let the `_unknown` flow decide; without one, show the call as held and send it again."""
        decided = self._decided_by_a_flow(outcome.last.model_copy(update={"kind": "unknown"}))
        return decided or self._again(outcome, counts_held=True)

    def _decided_by_a_flow(self, unknown: Answer) -> AttemptEnd | None:
        """Continue with the flow for an unknown outcome. Return None if there is none."""
        retrieves = self.attempt.item.resolves
        if retrieves or continuation(self.services, self.attempt, unknown) is None:
            return None
        return _end(on_unknown(self.services, self.attempt, unknown))

    def _refused(self, answer: Answer, *, proven: bool) -> AttemptEnd:
        if self.attempt.item.resolves:
            # The object that a person named could not be retrieved; no error flow runs for it.
            return self.give_up(answer)
        closed = on_failure(self.services, self.attempt, answer, proven=proven)
        if closed.status == "unsure":
            # It proves nothing about an earlier attempt, which may have been executed.
            again = _as_again(answer)
            return self._held_and_sent_again(again) if self._is_last(again) else self._again(again)
        if closed.status != "ok":
            return Ignored(closed.status)
        return Failed(answer.reason)

    def _again(self, outcome: Again, *, counts_held: bool = False) -> AttemptEnd:
        """Put the call off until the next attempt."""
        begun, settings = self.attempt.begun, self.services.settings
        delay = backoff(
            outcome.cause, settings.retry_base, counted=begun.counted, attempt=begun.attempt
        )
        if outcome.retry_after is not None:
            delay = max(delay, outcome.retry_after)
        longest = patience(begun.counted - settings.max_attempts)
        waits = None
        if outcome.cause is Cause.REFUSED:
            delay = min(delay, longest)
        elif outcome.cause in (Cause.FAILED, Cause.NEVER_LEFT) and outcome.retry_after is None:
            # The next answer for the account ends the delay: Stripe is reachable again.
            waits = Waits("answer", self.attempt.account, most_ms=int(longest * 1000))
        event = answer_event(self.attempt, outcome.last, "put_off")
        delay_ms = defer(
            self.services.store,
            begun,
            event.model_copy(update={"error": outcome.reason}),
            outcome.cause,
            delay_ms=int(delay * 1000),
            counts_held=counts_held,
            waits=waits,
        )
        if delay_ms is None:
            return Ignored("stale")
        if counts_held:
            warn_held(self.services.store, begun, f"{outcome.reason}; it is sent again")
        return PutOff(f"again in {delay_ms / 1000:.1f} s: {outcome.reason}")


def _end(closed: Closed) -> AttemptEnd:
    return Done() if closed.status == "ok" else Ignored(closed.status)


_ONLY_TIME = (Cause.LIMITED, Cause.OBJECT_LIMITED, Cause.LOCKED)
"""Causes that do not count as an attempt and may last: only the call's age ends it."""


def backoff(cause: Cause, base: float, *, counted: int, attempt: int) -> float:
    """Return the delay before the next attempt, in seconds: exponential, with full jitter.

    `counted`: the earlier attempts that count. `attempt`: the number of this one. A failure is sent
    again at growing delays from `base` on, a call for an object that is limited at growing delays from
    5 s on; both up to 15 min. If neither Stripe nor the call is at fault, the limit is 10 s.
    """
    if cause is Cause.OBJECT_LIMITED:
        return min(MAX_DELAY, 5.0 * 2.0 ** min(attempt - 1, 20))
    if cause in (Cause.FAILED, Cause.NEVER_LEFT, Cause.REFUSED):
        return random.uniform(0, min(MAX_DELAY, base * 2.0 ** min(counted + 1, 20)))
    return random.uniform(0, min(SHORT_DELAY, base * 2.0 ** min(attempt, 20)))


def patience(beyond: int) -> float:
    """Return the longest delay of a call that fails while others are answered, in seconds.

    `beyond`: how many attempts it is past MAX_ATTEMPTS. Up to then 10 s, then doubling to 15 min.
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
