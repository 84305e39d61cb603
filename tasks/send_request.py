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
from stripe_flows.engine.errors import SealError
from stripe_flows.engine.stripe.outcomes import Again, Answered, Hold, Outcome, Refused, judge
from stripe_flows.tasks.callbacks import (
    answer_line,
    continuation,
    on_failure,
    on_success,
    on_unknown,
)
from stripe_flows.tasks.ends import Done, Drop, End, Failed, PutOff
from stripe_flows.tasks.items import CallItem
from stripe_flows.tasks.journal.begin import Begun, Dropped, Unreadable, begin_call
from stripe_flows.tasks.journal.close import Closed
from stripe_flows.tasks.journal.defer import defer, hold
from stripe_flows.tasks.parts import Parts
from stripe_flows.tasks.secrets import (
    KeyMissing,
    LiveKeyRefused,
    fingerprints,
    open_secret,
    rolled,
)
from stripe_flows.tasks.stuck import stuck

MAX_DELAY = 900.0
"""Seconds: the longest time between two attempts."""


def send_request(parts: Parts, run: str, item: str, at: int, queue: str) -> End:
    """Does one attempt at the hinted call, if it is still to be done. Raises JournalUnavailable."""
    settings = parts.settings
    keys = fingerprints(os.environ)
    began = time.monotonic()
    begun = begin_call(
        parts.store,
        run,
        item,
        at=at,
        queue=queue,
        lease_ms=int(settings.lease * 1000),
        keys=keys,
    )
    if isinstance(begun, Dropped):
        return Drop(begun.why)
    if isinstance(begun, Unreadable):
        return stuck(parts.store, begun, "call", begun.why)
    attempt = _Attempt(parts, begun, began)
    call, effect = begun.payload.call, begun.payload.effect
    if begun.old and effect:
        return attempt.give_up(_unknown("key_too_old", "23 hours after the first sending"))
    if rolled(call.secret, begun.keys, keys) and effect:
        return attempt.give_up(_unknown("key_rolled", "another key than at the first"))

    def open_key() -> str:
        return open_secret(call.secret, parts.sealer, os.environ, allow_live=settings.allow_live)

    until = began + settings.lease
    if time.monotonic() > until:
        return Drop("late")  # the lease is over: the sweeper has it, or will
    try:
        reply = parts.client.send(call, idempotency_key(begun), open_key, until)
    except (KeyMissing, LiveKeyRefused, SealError) as error:
        return stuck(parts.store, begun, "call", str(error), call.operation)
    return attempt.conclude(judge(reply, effect=effect))


def idempotency_key(begun: Begun[CallItem]) -> str:
    """The `Idempotency-Key`: the call's id, unless the caller or a person's retry set another."""
    return begun.payload.key or begun.payload.call.idempotency_key or begun.item


@dataclass(frozen=True)
class _Attempt:
    """One attempt, and what may follow from it."""

    parts: Parts
    begun: Begun[CallItem]
    began: float

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def conclude(self, outcome: Outcome) -> End:
        """Commits what follows from the outcome."""
        begun, item = self.begun, self.begun.payload
        if isinstance(outcome, Answered):
            if outcome.answer.kind == "response":
                return self._end(on_success(self.parts, begun, outcome.answer, self.seconds))
            return self._refused(outcome.answer, proven=True)
        if isinstance(outcome, Refused):
            return self._refused(outcome.answer, proven=False)
        if isinstance(outcome, Hold):
            return self.give_up(outcome.answer)
        if not self._is_last(outcome):
            return self._again(outcome)
        if not item.effect:
            return self._refused(outcome.last, proven=True)
        if not (begun.unsure or outcome.unsure):
            return self._refused(outcome.last, proven=False)
        return self._held_but_asked(outcome)

    def give_up(self, answer: Answer) -> End:
        """Nothing more can be learned by asking: the flow for it decides, else it is held."""
        begun = self.begun
        unknown = answer.model_copy(update={"kind": "unknown"})
        decided = self._decided_by_a_flow(unknown)
        if decided is not None:
            return decided
        line = answer_line(begun, unknown, "held", self.seconds)
        if not hold(self.parts.store, begun, line):
            return Drop("stale")
        return PutOff(f"held: {unknown.reason}")

    def _is_last(self, outcome: Again) -> bool:
        return self.begun.burned + outcome.burns >= self.parts.settings.max_attempts

    def _held_but_asked(self, outcome: Again) -> End:
        decided = self._decided_by_a_flow(outcome.last.model_copy(update={"kind": "unknown"}))
        return decided or self._again(outcome, counts_held=True)

    def _decided_by_a_flow(self, unknown: Answer) -> End | None:
        """Hands the unknown outcome to the flow that is written for it; None without one."""
        begun = self.begun
        if begun.payload.resolves or continuation(self.parts, begun, unknown) is None:
            return None
        return self._end(on_unknown(self.parts, begun, unknown, self.seconds))

    def _refused(self, answer: Answer, *, proven: bool) -> End:
        if self.begun.payload.resolves:
            # The object that a person named could not be retrieved; the held call stays open.
            return self.give_up(answer)
        closed = on_failure(self.parts, self.begun, answer, self.seconds, proven=proven)
        if closed.status == "unsure":
            # It proves nothing about an earlier attempt, which may have been executed.
            again = _as_again(answer)
            return self._held_but_asked(again) if self._is_last(again) else self._again(again)
        if closed.status != "ok":
            return Drop(closed.status)
        return Failed(answer.reason)

    def _again(self, outcome: Again, *, counts_held: bool = False) -> End:
        begun = self.begun
        delay = backoff(self.parts.settings.retry_base, begun.attempt)
        if outcome.retry_after is not None:
            delay = max(delay, outcome.retry_after)
        line = answer_line(begun, outcome.last, "put_off", self.seconds)
        done = defer(
            self.parts.store,
            begun,
            line.model_copy(update={"error": outcome.reason}),
            delay_ms=int(delay * 1000),
            unsure=outcome.unsure,
            burns=outcome.burns,
            counts_held=counts_held,
        )
        if not done:
            return Drop("stale")
        return PutOff(f"again in {delay:.1f} s: {outcome.reason}")

    def _end(self, closed: Closed) -> End:
        return Done() if closed.status == "ok" else Drop(closed.status)


def backoff(base: float, attempt: int) -> float:
    """Seconds until the next attempt: exponential, with full jitter, 15 minutes at most."""
    return random.uniform(0, min(MAX_DELAY, base * 2.0 ** min(attempt, 20)))


def _unknown(code: str, message: str) -> Answer:
    return Answer(kind="unknown", body=error_body("unknown", message, code), saved=False)


def _as_again(answer: Answer) -> Again:
    reason = f"refused, but an earlier attempt may have been executed: {answer.reason}"
    return Again(reason, unsure=True, burns=True, last=answer)
